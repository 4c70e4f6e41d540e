"""What was published before: part of what a reader knows, for ever.

Append-only: each line carries the checksum of all lines before it, so that a line changed,
lost or put in between is noticed. It can be rebuilt from the data files published.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from obs.disclosure.released import Released
from obs.errors import DisclosureError
from obs.schemas import ALL, BREAKDOWNS, WITHHELD

__all__ = ["Ledger"]

_FIELDS = ("edition", "indicator", "territory", "period", "unit", "breakdowns", "numerator")
_HEADER = (*_FIELDS, "chain")
_START = "0" * 64


class Ledger:
    """The counts published in earlier editions, answers and data files.

    Parameters
    ----------
    path : str or Path
        The file; empty if it does not exist yet.

    Raises
    ------
    DisclosureError
        If the file was changed other than by `append`.

    Examples
    --------
    `release(tables, ledger=Ledger("data/processed/ledger.csv"))`
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._rows = list(_read(self.path)) if self.path.exists() else []

    @property
    def entries(self) -> pd.DataFrame:
        """The counts known, latest edition of each: edition, key columns, numerator."""
        table = pd.DataFrame([r[:-1] for r in self._rows], columns=list(_FIELDS), dtype="str")
        latest = table.drop_duplicates(
            [c for c in _FIELDS if c not in ("edition", "numerator")], keep="last"
        )
        marks = [dict(m.split("=", 1) for m in text.split()) for text in latest["breakdowns"]]
        for column in BREAKDOWNS:
            if any(column in m for m in marks):
                latest = latest.assign(**{column: [m.get(column, ALL) for m in marks]})
        return latest.assign(numerator=latest["numerator"].astype("Int64")).reset_index(drop=True)

    def __len__(self) -> int:
        """Count the lines."""
        return len(self._rows)

    def append(self, released: Released, *, edition: str) -> int:
        """Write down every count that a release shows.

        Parameters
        ----------
        released : Released
            What is published.
        edition : str
            The edition, answer or file it is published in.

        Returns
        -------
        int
            Lines added: a count already known at the same value is not repeated.

        Raises
        ------
        DisclosureError
            If it is not a Released, or the edition has no name.
        """
        if not isinstance(released, Released) or not edition.strip():
            raise DisclosureError("the ledger takes what obs.release made, and a named edition.")
        return self._add(edition, (released[n].table for n in released.names))

    def rebuild(self, publications: str | Path) -> int:
        """Write down every count found in the data files of the editions published.

        Parameters
        ----------
        publications : str or Path
            Folder with one folder per edition, data files (.csv) anywhere below.

        Returns
        -------
        int
            Lines added.

        Raises
        ------
        DisclosureError
            If the folder holds no data file with counts.
        """
        files = sorted(Path(publications).rglob("*.csv"))
        added, read = 0, 0
        for path in files:
            table = pd.read_csv(path, dtype="str", comment=None)
            if {"indicator", "territory", "period", "numerator", "status"} <= set(table.columns):
                read += 1
                added += self._add(path.relative_to(publications).parts[0], [table])
        if not read:
            raise DisclosureError(
                f"'{Path(publications).name}' holds no data file with counts ({len(files)} .csv "
                "files seen): name the folder of the editions."
            )
        return added

    def _add(self, edition: str, tables: Iterable[pd.DataFrame]) -> int:
        known = {tuple(r[1:-1]) for r in self._rows}
        chain = self._rows[-1][-1] if self._rows else _START
        fresh: list[list[str]] = []
        for fields in (f for table in tables for f in _counts(table)):
            if tuple(fields) not in known:
                known.add(tuple(fields))
                chain = _link(chain, [edition, *fields])
                fresh.append([edition, *fields, chain])
        if fresh:
            new = not self.path.exists()
            with self.path.open("a", encoding="utf-8", newline="") as file:
                csv.writer(file, lineterminator="\n").writerows([_HEADER, *fresh] if new else fresh)
        self._rows += fresh
        return len(fresh)


def _counts(table: pd.DataFrame) -> Iterator[list[str]]:
    """Give the counts a table shows, in the order of the fields after the edition."""
    shown = table[table["numerator"].notna() & ~table["status"].isin(WITHHELD)]
    columns = [c for c in BREAKDOWNS if c in shown.columns]
    for row in shown.to_dict("records"):
        marks = [f"{c}={row[c]}" for c in columns if not pd.isna(row[c]) and row[c] != ALL]
        unit = row.get("unit")
        yield [
            *(str(row[c]) for c in ("indicator", "territory", "period")),
            "" if unit is None or pd.isna(unit) else str(unit),
            " ".join(marks),
            str(int(row["numerator"])),
        ]


def _read(path: Path) -> Iterator[list[str]]:
    try:
        rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"))))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DisclosureError(f"the ledger '{path.name}' cannot be read.") from error
    chain = _START
    for number, row in enumerate(rows):
        if number == 0:
            if tuple(row) != _HEADER:
                raise DisclosureError(f"'{path.name}' is not a ledger: its header is unknown.")
            continue
        chain = _link(chain, row[:-1])
        if len(row) != len(_HEADER) or row[-1] != chain:
            raise DisclosureError(
                f"the ledger '{path.name}' was changed at line {number + 1}: refused. Restore it, "
                "or rebuild it from the publications (Ledger.rebuild)."
            )
        yield row


def _link(chain: str, fields: list[Any]) -> str:
    return hashlib.sha256("\x1f".join([chain, *map(str, fields)]).encode()).hexdigest()
