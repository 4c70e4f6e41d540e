"""How a long run tells its steps."""

from collections.abc import Callable

__all__ = ["Progress"]

Progress = Callable[[str], None]
