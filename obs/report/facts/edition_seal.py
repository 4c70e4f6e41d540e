"""Hold what a note may show to the edition that is being built.

During a build, the kernel of a note is closed: it takes the `Released` of that edition alone, known
by its seal, and its words by stricter rules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from obs.errors import DisclosureError

if TYPE_CHECKING:
    from obs.disclosure import Released

__all__ = ["close", "is_closed", "need_own"]

_SEAL: list[str] = []


def close(seal: str) -> None:
    """Take the tables of one release alone, for as long as the process lasts."""
    _SEAL[:] = [seal]


def is_closed() -> bool:
    """Tell whether this process renders an edition."""
    return bool(_SEAL)


def need_own(released: Released, *, who: str) -> None:
    """Refuse a release that is not that of the edition, while one is built."""
    if _SEAL and released.seal != _SEAL[0]:
        raise DisclosureError(
            f"{who}: these tables are of another release than the edition that is being built. A note "
            "shows the tables of obs.open_note alone, declared in its TOML and released together."
        )
