"""Describe a fault that a check found: the file, the place in it, what is wrong."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Fault"]


@dataclass(frozen=True, order=True)
class Fault:
    """One thing to put right before publishing.

    Parameters
    ----------
    file : str
        Name of the file, relative to what was checked.
    place : str
        Cell, row, element; empty for the whole file.
    message : str
        What is wrong and, where it can be said, what to do.

    Examples
    --------
    >>> from obs.report.checks.faults import Fault
    >>> print(Fault("focus.ipynb", "cell 3", "holds a typed figure '12 %'"))
    focus.ipynb: cell 3: holds a typed figure '12 %'
    """

    file: str
    place: str
    message: str

    def __str__(self) -> str:
        return ": ".join(part for part in (self.file, self.place, self.message) if part)
