"""Apply registered corrections: faults of a source, corrected here until the provider does.

A correction is data. It says what the source holds and what it should hold. If the source no
longer holds the faulty value, the correction is refused.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import pandas as pd

from obs.clean.profiles.target_columns import KINDS
from obs.declare import (
    AT_LEAST_ONE,
    Named,
    OneOf,
    Scalar,
    Table,
    Text,
    between,
    each,
    load,
)
from obs.errors import CatalogueError, DeliveryError
from obs.schemas import Column, Schema, check_table

__all__ = [
    "APPLIED",
    "CORRECTION_RULES",
    "Correction",
    "CorrectionsFile",
    "apply_corrections",
    "load_corrections",
]

STATUSES = ("reported", "confirmed", "mended", "withdrawn")
_OPEN = ("reported", "confirmed")  # the others are kept for the record and not applied
_TEXTS = ("id", "source", "reason", "provider", "status")
_UNTOUCHED = ("event_id", "case_id", "synthetic", "extracted", "delivery", "source")
APPLIED = Schema(
    "APPLIED",
    "a registered correction and what it did",
    ("id",),
    {
        **{name: Column("text", nullable=False) for name in _TEXTS},
        "reported": Column("date", nullable=False),
        "rows": Column("count", nullable=False),
        "outcome": Column("text", nullable=False, allowed=("applied", "closed", "not_delivered")),
    },
)


@dataclass(frozen=True)
class Correction(Table):
    """One correction: which rows, what they hold, what they should hold, who knows.

    Attributes
    ----------
    id : str
        What the correction is called.
    source : str
        Kind of the deliveries.
    reason : str
        What is wrong.
    provider : str
        Who confirmed it and will mend it.
    reported : date
        Day on which the provider was told.
    status : str
        "reported" and "confirmed" are applied; "mended" and "withdrawn" are kept for the
        record.
    where : mapping
        Column = value of the rows meant; an empty text stands for a missing cell.
    expect : mapping
        Column = what the source holds there.
    set : mapping
        Column = what it should hold.
    rows : int
        How many rows there are.
    delivery : str
        The file that holds them, if one alone is meant.
    """

    id: Text
    source: Annotated[str, OneOf(KINDS)]
    reason: Text
    provider: Text
    reported: dt.date
    status: Annotated[str, OneOf(STATUSES)]
    where: Annotated[Named[Scalar], AT_LEAST_ONE]
    expect: Annotated[Named[Scalar], AT_LEAST_ONE]
    set: Annotated[Named[Scalar], AT_LEAST_ONE]
    rows: Annotated[int, between(1)]
    delivery: str = ""


@dataclass(frozen=True)
class CorrectionsFile(Table):
    """The register of corrections of an observatory.

    Attributes
    ----------
    correction : tuple of Correction
        In the order in which they are applied.
    """

    correction: tuple[Correction, ...] = ()


def load_corrections(path: str | Path) -> tuple[Correction, ...]:
    """Load the register of corrections of an observatory.

    Returns a tuple in the order of the file. Raises `CatalogueError` with every fault: not TOML,
    unknown or absent keys, wrong types, an unknown status, an id used twice, columns set that are
    not expected.

    Examples
    --------
    >>> load_corrections("none.toml")
    ()
    """
    file = Path(path)
    if not file.is_file():
        return ()
    called = f"register of corrections {file.name}"
    return load(
        file, CorrectionsFile, rules=CORRECTION_RULES, called=called, quote=False
    ).correction


def apply_corrections(
    table: pd.DataFrame, corrections: Sequence[Correction], *, source: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Correct a tidy table, and say what was done.

    Returns `DataFrame`: the same rows, corrected; `DataFrame`: APPLIED, one row per correction of
    the source: its words, `rows` corrected and `outcome`: "applied", "closed" (status mended or
    withdrawn), "not_delivered" (the file that it names is not among the deliveries). Raises
    `DeliveryError` with every correction whose expectation fails: the source no longer holds what
    it is said to hold, so it was mended, changed, or the correction is wrong. Raises
    `CatalogueError` if a correction names a column that the table has not.

    Examples
    --------
    >>> import datetime as dt
    >>> import pandas as pd
    >>> facts = pd.DataFrame({"event_id": ["F1", "F2"], "territory": ["21004", "21004"]})
    >>> moved = Correction("jette-2021", "police", "coded in the wrong commune", "zone 5340",
    ...     dt.date(2022, 3, 1), "confirmed", {"event_id": "F2"}, {"territory": "21004"},
    ...     {"territory": "21010"}, 1)
    >>> corrected, done = apply_corrections(facts, [moved], source="police")
    >>> corrected["territory"].tolist(), done["outcome"].tolist()
    (['21004', '21010'], ['applied'])
    >>> apply_corrections(corrected, [moved], source="police")
    Traceback (most recent call last):
    obs.errors.DeliveryError: correction 'jette-2021': ...
    """
    own = [c for c in corrections if c.source == source]
    _check_columns(table, own)
    corrected, done, failed = table, [], []
    for one in own:
        found = _rows_to_correct(table, one)
        outcome = _outcome_of(table, one)
        if outcome == "applied":
            failed += _failed_expectation(table, one, found)
            corrected = _with_correction(corrected, one, found)
        done.append({**_words_of(one), "rows": int(found.sum()), "outcome": outcome})
    if failed:
        raise DeliveryError("; ".join(failed) + ".")
    columns = list(APPLIED.columns)
    report = pd.DataFrame(done, columns=columns)
    texts = {n: report[n].astype("str") for n in (*_TEXTS, "outcome")}
    dates = pd.to_datetime(report["reported"]).astype("datetime64[us]")
    rows = report["rows"].astype("Int64").where(report["outcome"] == "applied", 0)
    return corrected, check_table(report.assign(**texts, reported=dates, rows=rows), APPLIED)


def _entry_rules(register: CorrectionsFile) -> Iterator[str]:
    yield from each("correction", register.correction, _same_columns)
    yield from each("correction", register.correction, _may_change)


def _same_columns(entry: Correction) -> Iterator[str]:
    if entry.set.keys() != entry.expect.keys():
        yield "set: 'expect' and 'set' must name the same columns"


def _may_change(entry: Correction) -> Iterator[str]:
    if kept := sorted(entry.set.keys() & {*_UNTOUCHED}):
        yield f"set: {', '.join(kept)} cannot be corrected"


def _used_once(register: CorrectionsFile) -> Iterator[str]:
    ids = [entry.id for entry in register.correction]
    yield from (f"'{i}' is used twice" for i in sorted({i for i in ids if ids.count(i) > 1}))


CORRECTION_RULES = (_entry_rules, _used_once)


def _check_columns(table: pd.DataFrame, corrections: list[Correction]) -> None:
    faults = [
        f"correction '{c.id}': column '{name}' is not in the table"
        for c in corrections
        for name in sorted({*c.where, *c.set} - set(table.columns))
    ]
    if faults:
        raise CatalogueError("; ".join(faults) + ".")


def _outcome_of(table: pd.DataFrame, correction: Correction) -> str:
    if correction.status not in _OPEN:
        return "closed"
    here = "delivery" in table and (table["delivery"] == correction.delivery).any()
    return "not_delivered" if correction.delivery and not here else "applied"


def _rows_to_correct(table: pd.DataFrame, correction: Correction) -> pd.Series:
    found = pd.Series(data=True, index=table.index)
    if correction.delivery and "delivery" in table:
        found &= (table["delivery"] == correction.delivery).fillna(value=False).astype(bool)
    for column, value in correction.where.items():
        found &= _holds_value(table[column], value)
    return found


def _holds_value(cells: pd.Series, value: Any) -> pd.Series:
    if value == "":
        return cells.isna()
    given = _as_in(cells, value)
    given = pd.Timestamp(given) if isinstance(given, dt.date) else given
    return (cells == given).fillna(value=False).astype(bool)


def _as_in(cells: pd.Series, value: Any) -> Any:
    """Give a value as a period of the cells' length, where the cells are periods."""
    kind = cells.dtype
    if value is pd.NA or not isinstance(kind, pd.PeriodDtype):
        return value
    return pd.PeriodIndex([str(value)], dtype=kind)[0]


def _failed_expectation(table: pd.DataFrame, correction: Correction, found: pd.Series) -> list[str]:
    """Say how a source differs from what a correction expects of it; no cell is quoted."""
    n = int(found.sum())
    if n != correction.rows:
        why = f"{n} rows are as it says, it expects {correction.rows}"
    else:
        other = [
            column
            for column, value in correction.expect.items()
            if not _holds_value(table.loc[found, column], value).all()
        ]
        if not other:
            return []
        why = f"the source no longer holds what it expects in {', '.join(sorted(other))}"
    return [
        f"correction '{correction.id}': {why}. If {correction.provider} mended the source, "
        "set its status to 'mended'; else look at the rows again"
    ]


def _with_correction(table: pd.DataFrame, correction: Correction, found: pd.Series) -> pd.DataFrame:
    changed = {}
    for column, value in correction.set.items():
        new = pd.NA if value == "" else value
        new = pd.Timestamp(new) if isinstance(new, dt.date) else new
        changed[column] = table[column].mask(found, _as_in(table[column], new))
    return table.assign(**changed)


def _words_of(correction: Correction) -> dict[str, object]:
    return {name: getattr(correction, name) for name in (*_TEXTS, "reported")}
