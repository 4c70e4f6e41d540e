"""Record every count that was published; readers keep what they have seen.

The file only grows. Each line has the checksum of all lines before it, so that a line that was
changed, lost or inserted is noticed. The ledger can be rebuilt from the published editions. It
holds counts that no page shows: it is internal, for its owner alone.
"""

from __future__ import annotations

import csv
import hashlib
import io
import os
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from obs.disclosure.ledger.edition_order import is_as_it_was, stood_at
from obs.disclosure.ledger.published_counts import counts_published, counts_shown, editions_of
from obs.disclosure.released import Released
from obs.errors import DisclosureError
from obs.private_files import private_files
from obs.schemas import ALL, BREAKDOWNS

__all__ = ["LEDGER", "Ledger", "write_private"]

LEDGER = "ledger.csv"  # its name in the folder of internal tables

_CELL = ("indicator", "territory", "period", "unit", "breakdowns", "figure")
_HEADER = ("edition", *_CELL, "numerator", "chain")
_START = "0" * 64

Count = tuple[str, ...]  # the cell, then its figure


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
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._rows = list(_read_lines(self.path)) if self.path.exists() else []

    @property
    def entries(self) -> pd.DataFrame:
        """The counts known, latest figure of each: edition, key columns, figure, numerator.

        `figure` is "count", or "whole" for the denominator of a share.
        """
        return self.history.drop_duplicates(list(_CELL), keep="last").reset_index(drop=True)

    @property
    def history(self) -> pd.DataFrame:
        """Every line in order, figures revised since included; columns as in `entries`."""
        table = pd.DataFrame([r[:-1] for r in self._rows], columns=list(_HEADER[:-1]), dtype="str")
        texts = {text: dict(m.split("=", 1) for m in text.split()) for text in {*table.breakdowns}}
        marks = [texts[text] for text in table["breakdowns"]]
        for column in BREAKDOWNS:
            if any(column in m for m in texts.values()):
                table = table.assign(**{column: [m.get(column, ALL) for m in marks]})
        return table.assign(numerator=table["numerator"].astype("Int64"))

    @property
    def mark(self) -> dict[str, Any]:
        """How long it is and the checksum of it all: what an edition was solved against.

        Internal: counts that no page shows could be tried out against the checksum.
        """
        return {"lines": len(self), "chain": self._rows[-1][-1] if self._rows else _START}

    def __len__(self) -> int:
        """Count the lines."""
        return len(self._rows)

    def as_of(self, mark: Mapping[str, Any] | None) -> Ledger | None:
        """Give the ledger as it stood at a mark, or None if it never stood so.

        Parameters
        ----------
        mark : mapping or None
            From `mark`, or the entry `ledger` of an edition's internal manifest.

        Returns
        -------
        Ledger or None
            The lines up to the mark. Nothing can be added to it.
        """
        lines = mark.get("lines") if mark else None
        if not isinstance(lines, int) or not 0 <= lines <= len(self):
            return None
        then = object.__new__(Ledger)
        then.path, then._rows = self.path, self._rows[:lines]
        return then if then.mark == mark else None

    def append(self, released: Released, *, edition: str, again: bool = False) -> int:
        """Write down every count that a release shows.

        Parameters
        ----------
        released : Released
            What is published.
        edition : str
            The edition, answer or file it is published in.
        again : bool
            Whether it was published before.

        Returns
        -------
        int
            Lines added: see `write_down`.

        Raises
        ------
        DisclosureError
            If it is not a Released, the edition has no name, or the file was written to by
            another since it was read.
        """
        if not isinstance(released, Released) or not edition.strip():
            raise DisclosureError("the ledger takes what obs.release made, and a named edition.")
        return self.write_down([(edition, counts_shown(released))], again=again)

    @property
    def lines(self) -> list[Count]:
        """Every line in order: the edition, then its count."""
        return [tuple(row[:-1]) for row in self._rows]

    def reveals_nothing_new(self, released: Released, *, since: int) -> bool:
        """Tell whether a release leaves readers with no more than it was solved against.

        So it does if all it shows is known, or if it shows itself all that came later: then
        what is known altogether is what was known then and what it shows.

        Parameters
        ----------
        released : Released
            Made by `release` with the ledger as it stood at line `since`.
        since : int
            Number of lines that it was solved against.

        Returns
        -------
        bool
            Whether it may be published as it is.
        """
        shown = set(counts_shown(released))
        later = {_count_fields(row) for row in self._rows[since:]}
        return later <= shown or shown <= {_count_fields(row) for row in self._rows}

    def rebuild(self, publications: str | Path) -> int:
        """Write down, in the order of `editions_of`, what the editions published show anew.

        Parameters
        ----------
        publications : str or Path
            Folder with one folder per edition. An edition has a manifest.json; where no
            folder has one, data files (.csv) anywhere below are read.

        Returns
        -------
        int
            Lines added.

        Raises
        ------
        DisclosureError
            If the folder holds no data file with counts.
        """
        return self.write_down(
            [(name, counts_published(f)) for name, f in editions_of(publications)]
        )

    def lacks(self, edition: str | Path) -> int:
        """Count what an edition on disk shows and the ledger does not know.

        Parameters
        ----------
        edition : str or Path
            Folder of the edition.

        Returns
        -------
        int
            Counts that are missing.

        Raises
        ------
        DisclosureError
            If a data file cannot be read.
        """
        counts = counts_published(sorted(Path(edition).rglob("*.csv")))
        lines = self.lines
        last = _last_line(lines, Path(edition).name)
        if last is not None:
            stood = stood_at(lines, counts, range(last, len(lines) + 1))
            return len(_differing(lines[:last], counts)) if stood is None else 0
        return len(set(counts) - {_count_fields(row) for row in self._rows})

    def write_down(
        self, published: Iterable[tuple[str, Collection[Count]]], *, again: bool = False
    ) -> int:
        """Write down what editions show anew, under the edition that shows it.

        A count is new if the latest figure of its cell is another: one revised and set back is
        written again. An edition that shows what it showed before is as it was, whatever others
        have revised since, and adds nothing: so it is if its counts stood together after its own
        last line, or, where it has none, after the editions before it here; or later, if it was
        published before, or a later edition revised them.

        Parameters
        ----------
        published : iterable of (str, collection of tuple)
            Editions in the order that they were published in, with their counts as in `lines`.
        again : bool
            Whether they were published before.

        Returns
        -------
        int
            Lines added: the same editions once more add none.

        Raises
        ------
        DisclosureError
            If the file was written to by another since it was read.
        """
        lines, seen = self.lines, 0
        for edition, counts in published:
            own, stood = _last_line(lines, edition), None
            if len(lines) == len(self):
                before, since = again or own is not None, own or seen
                stood = is_as_it_was(lines, counts, edition, since=since, again=before)
            if stood is None:
                lines += [(edition, *count) for count in _differing(lines, counts)]
                stood = len(lines)
            seen = max(seen, stood)
        return self._add(lines[len(self) :])

    def take_lines(self, other: Ledger) -> int:
        """Add the lines of another ledger that this one lacks, in their order.

        Parameters
        ----------
        other : Ledger
            Of the same publications.

        Returns
        -------
        int
            Lines added.

        Raises
        ------
        DisclosureError
            If the file was written to by another since it was read.
        """
        own = set(self.lines)
        return self._add([line for line in other.lines if line not in own])

    def _add(self, lines: Collection[Count]) -> int:
        chain = self.mark["chain"]
        fresh: list[list[str]] = []
        for line in lines:
            chain = _chain_digest(chain, list(line))
            fresh.append([*line, chain])
        if fresh:
            self._refuse_other_writers()
            write_private(self.path, _as_csv([*self._rows, *fresh]))
            self._rows = [*self._rows, *fresh]
        return len(fresh)

    def _refuse_other_writers(self) -> None:
        """Refuse to write over lines that were not read: another run, or a ledger as of then."""
        now = self.path.read_bytes() if self.path.exists() else _as_csv([])
        if now != _as_csv(self._rows):
            raise DisclosureError(
                f"the ledger '{self.path.name}' has other lines than when it was read; nothing "
                "was added. Build again, one build at a time."
            )


def _count_fields(row: list[str]) -> Count:
    return tuple(row[1:-1])


def _last_line(lines: Sequence[Count], edition: str) -> int | None:
    """Give the number of the last line of an edition, from 1; None if it has no line."""
    return max((n for n, line in enumerate(lines, start=1) if line[0] == edition), default=None)


def _differing(lines: Sequence[Count], counts: Collection[Count]) -> list[Count]:
    """Give the counts whose cell has another latest figure in the lines, or none.

    A cell that is shown with several figures (a notice of correction stands beside what it
    corrects) is compared with as many of the latest.
    """
    figures: dict[Count, list[str]] = defaultdict(list)
    for line in lines:
        figures[line[1:-1]].append(line[-1])
    shown = [*dict.fromkeys(reversed([*counts]))][::-1]  # the last that is shown comes last
    several = Counter(count[:-1] for count in shown)
    return [c for c in shown if c[-1] not in figures[c[:-1]][-several[c[:-1]] :]]


def _read_lines(path: Path) -> Iterator[list[str]]:
    try:
        rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"))))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DisclosureError(f"the ledger '{path.name}' cannot be read.") from error
    if not rows or tuple(rows[0]) != _HEADER:
        raise DisclosureError(f"'{path.name}' is not a ledger: its header is unknown.")
    chain = _START
    for number, row in enumerate(rows[1:], start=2):
        chain = _chain_digest(chain, row[:-1])
        if len(row) != len(_HEADER) or row[-1] != chain:
            raise DisclosureError(
                f"the ledger '{path.name}' was changed at line {number}: refused. Restore it, "
                "or rebuild it from the publications (`obs ledger --rebuild`)."
            )
        yield row


def _chain_digest(chain: str, fields: list[Any]) -> str:
    return hashlib.sha256("\x1f".join([chain, *map(str, fields)]).encode()).hexdigest()


def _as_csv(rows: Iterable[list[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([_HEADER, *rows])
    return text.getvalue().encode()


def write_private(path: Path, content: bytes) -> None:
    """Write aside for the owner alone, bring to disk, then put in place at once."""
    with private_files():
        path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.partial")
    aside.unlink(missing_ok=True)
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    aside.replace(path)
