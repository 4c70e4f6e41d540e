"""Compare an edition with the same built again: files, figures, and the inputs that differ."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from obs.catalogue import get_indicator
from obs.errors import CatalogueError
from obs.report.edition.manifest import read_manifest
from obs.schemas import BREAKDOWNS

__all__ = ["Verified", "compare_editions"]

_FIGURE = ("indicator", "territory", "period", "base", "column", "published", "rebuilt")
_KEY = ("indicator", "territory", "period", "base")
_NUMBERS = (
    *("status", "value", "change", "numerator", "base_numerator", "denominator", "low", "high"),
    *("n", "points", "verdict", "p_value"),
)
_ROWS = ("read", "kept", "merged", "rejected")
_SEVERAL = 20  # figures that are printed


@dataclass(frozen=True)
class Verified:
    """What a rebuilt edition has in common with the published one.

    Attributes
    ----------
    edition : str
        Which one.
    files : int
        Number of files compared.
    differing : tuple of str
        Files that differ, are missing or are new.
    inputs : tuple of str
        Deliveries, packages and settings that are no longer those of the edition, in words.
    figures : DataFrame
        Figures that differ: `indicator`, `territory`, `period`, `base`, `column`, `published`,
        `rebuilt`.
    """

    edition: str
    files: int
    differing: tuple[str, ...]
    inputs: tuple[str, ...]
    figures: pd.DataFrame

    @property
    def identical(self) -> bool:
        """Whether every file has the same bytes."""
        return not self.differing

    def lines(self) -> Iterator[str]:
        """Say it for a person."""
        if self.identical:
            yield f"edition {self.edition}: identical, {self.files} files"
        else:
            yield f"edition {self.edition}: {len(self.differing)} of {self.files} files differ"
        yield from (f"input: {one}" for one in self.inputs)
        for row in self.figures.head(_SEVERAL).itertuples(index=False):
            base = f" from {row.base}" if row.base else ""
            yield (
                f"figure: {row.indicator} {row.territory} {row.period}{base}, {row.column}: "
                f"{row.published or 'nothing'} -> {row.rebuilt or 'nothing'}"
            )
        if len(self.figures) > _SEVERAL:
            yield f"and {len(self.figures) - _SEVERAL} more figures"
        if len(self.figures):
            yield f"indicators: {', '.join(sorted(set(self.figures['indicator'])))}"
        elif self.differing:
            yield f"no figure differs; files: {', '.join(self.differing[:_SEVERAL])}"


def compare_editions(
    published: Path,
    rebuilt: Path,
    *,
    accounts: Mapping[str, Any],
    accounts_now: Mapping[str, Any],
) -> Verified:
    """Compare two folders of one edition, and the accounts of what they were made from."""
    before, now = read_manifest(published), read_manifest(rebuilt)
    files, files_now = before["files"], now["files"]
    names = sorted({*files, *files_now})
    differing = [
        n for n in names if files.get(n, {}).get("sha256") != files_now.get(n, {}).get("sha256")
    ]
    figures = [
        row for name in _tables_of(differing) for row in _changed(published / name, rebuilt / name)
    ]
    table = pd.DataFrame([*dict.fromkeys(figures)], columns=list(_FIGURE), dtype="str")
    inputs = [*_changed_deliveries(accounts, accounts_now, set(table["indicator"]))]
    inputs += _changed_settings(before, now)
    if (accounts.get("ledger") or {}) != (accounts_now.get("ledger") or {}):
        inputs.append("the figures known before: it was solved again, against more of them")
    return Verified(str(before["edition"]), len(names), tuple(differing), tuple(inputs), table)


def _tables_of(names: list[str]) -> list[str]:
    """Keep the data files: the open data, else those of the notes."""
    tables = [n for n in names if n.endswith(".csv") and n.count("/")]
    opened = [n for n in tables if n.startswith("open_data/csv/")]
    return opened or [n for n in tables if n.startswith("data/")]


def _changed(before: Path, now: Path) -> Iterator[tuple[str, ...]]:
    """Give each number of two data files that differs, with its key."""
    old, new = _cells_of(before), _cells_of(now)
    for key in dict.fromkeys([*old, *new]):
        was, is_now = old.get(key, ""), new.get(key, "")
        if was != is_now:
            *where, _, column = key
            yield (*where, column, was, is_now)


def _cells_of(path: Path) -> dict[tuple[str, ...], str]:
    if not path.is_file():
        return {}
    found = {}
    for row in csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))):
        key = tuple(row.get(c) or "" for c in _KEY)
        other = "|".join(row.get(c) or "" for c in ("point", *BREAKDOWNS))
        for column in _NUMBERS:
            if row.get(column):
                found[(*key, other, column)] = row[column]
    return found


def _changed_deliveries(
    before: Mapping[str, Any], now: Mapping[str, Any], indicators: set[str]
) -> Iterator[str]:
    """Name each delivery that is another, absent or new, with what becomes of its rows."""
    old = {(s["source"], s["file"]): s for s in before.get("sources", ())}
    new = {(s["source"], s["file"]): s for s in now.get("sources", ())}
    for key in dict.fromkeys([*old, *new]):
        was, is_now = old.get(key), new.get(key)
        if was is not None and is_now is not None and was["sha256"] == is_now["sha256"]:
            continue
        source, file = key
        touched = sorted(i for i in indicators if _source_of(i) == source)
        why = f"; its indicators that differ: {', '.join(touched)}" if touched else ""
        yield f"delivery '{file}' ({source}) {_difference(was, is_now)}{why}"


def _difference(was: Mapping[str, Any] | None, is_now: Mapping[str, Any] | None) -> str:
    if was is None:
        return "is new"
    if is_now is None:
        return "is absent"
    rows = [f"{n} {was[n]} -> {is_now[n]}" for n in _ROWS if was.get(n) != is_now.get(n)]
    return f"is another file ({', '.join(rows) or 'as many rows of each fate'})"


def _source_of(indicator: str) -> str:
    try:
        return str(get_indicator(indicator).source)
    except CatalogueError:
        return ""


def _changed_settings(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Name the packages and the commit that are no longer those of the edition."""
    said = []
    old, new = before.get("versions", {}), now.get("versions", {})
    for name in sorted({*old, *new}):
        if old.get(name) != new.get(name):
            said.append(f"{name} {old.get(name, 'absent')} -> {new.get(name, 'absent')}")
    commits = [(m.get("commit") or {}).get("id", "unknown") for m in (before, now)]
    if commits[0] != commits[1]:
        said.append(f"the code: commit {commits[0][:12]} -> {commits[1][:12]}")
    for name in ("rules", "languages"):
        if before.get(name) != now.get(name):
            said.append(f"{name}: {before.get(name)} -> {now.get(name)}")
    return said
