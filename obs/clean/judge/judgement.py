"""Hold what a judge of distinct texts returns."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Judgement"]


@dataclass(frozen=True)
class Judgement:
    """What each distinct text becomes: columns of the same length, and the broken rule."""

    values: dict[str, list[object]]
    faults: list[str | None]
