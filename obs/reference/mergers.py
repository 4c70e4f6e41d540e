"""Load mergers of units: which units of before are the parts of which unit of today.

A merged unit is followed back in time by summing its parts. Belgian communes are packaged; an
observatory declares others (communes nouvelles, police zones) in a file `mergers.toml` beside its
`observatory.toml`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from obs.declare import Named, Table, Text, each, load

__all__ = ["Merger", "MergersFile", "load_mergers"]

_PACKAGED = Path(__file__).with_name("unit_mergers.toml")
_LEAST = 2  # parts of a merger


@dataclass(frozen=True)
class Merger(Table):
    """One unit made of several.

    Attributes
    ----------
    new : str
        Code of the unit since then; it may be that of one of its parts.
    name : str
        Its name.
    date : date
        Its first day.
    parts : mapping
        Code of each unit of before = its name.
    source : str
        Where it is known from.
    """

    new: Text
    name: Text
    date: dt.date
    parts: Named[str]
    source: Text

    def former(self, code: str) -> str:
        """Give the code of a part as a unit of before, apart from that of the new unit."""
        return f"{code}_{self.date.year - 1}" if code == self.new else code


@dataclass(frozen=True)
class MergersFile(Table):
    """A register of mergers.

    Attributes
    ----------
    mergers : tuple of Merger
        In any order.
    """

    mergers: tuple[Merger, ...] = ()


def load_mergers(
    file: Path | None = None, *, packaged: str | None = "belgium"
) -> tuple[Merger, ...]:
    """Load the packaged mergers, and those that an observatory declares.

    Parameters
    ----------
    file : Path, optional
        The register of an observatory; its entry on a unit stands for the packaged one.
    packaged : str or None
        "belgium", or none: codes of one country may be those of other units elsewhere.

    Returns
    -------
    tuple of Merger
        By date, then by code.

    Raises
    ------
    CatalogueError
        If a register is faulty: all faults are listed.

    Examples
    --------
    >>> mergers = {one.name: one for one in load_mergers()}
    >>> mergers["Deinze"].new, dict(mergers["Deinze"].parts)
    ('44083', {'44011': 'Deinze', '44049': 'Nevele'})
    """
    own = _register(file) if file is not None else ()
    declared = {(one.new, one.date) for one in own}
    known = _register(_PACKAGED) if packaged else ()
    others = [one for one in known if (one.new, one.date) not in declared]
    return tuple(sorted([*others, *own], key=lambda one: (one.date, one.new)))


@cache
def _register(file: Path) -> tuple[Merger, ...]:
    return load(file, MergersFile, rules=(_rules,), called=f"register {file.name}").mergers


def _rules(register: MergersFile) -> Iterator[str]:
    yield from each("mergers", register.mergers, _enough_parts)
    whole = [one.new for one in register.mergers]
    for code in sorted({code for code in whole if whole.count(code) > 1}):
        yield f"mergers: '{code}' is made twice; write one entry with all its parts"
    parts = [code for one in register.mergers for code in one.parts]
    for code in sorted({code for code in parts if parts.count(code) > 1}):
        yield f"mergers: '{code}' is a part of two units; a unit that was split is no merger"


def _enough_parts(one: Merger) -> Iterator[str]:
    if len(one.parts) < _LEAST:
        yield f"parts: a merger has at least {_LEAST} units of before"
