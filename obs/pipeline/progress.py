"""Show the steps of a long run."""

from collections.abc import Callable

__all__ = ["Progress"]

Progress = Callable[[str], None]
