"""Build one table from the tidy tables of several deliveries, with the latest state of each record."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from obs.clean.cleaned import read_tidy, type_tidy
from obs.clean.judge.case_links import follow_links
from obs.clean.judge.duplicates import KEPT, resolve_duplicates
from obs.errors import DeliveryError
from obs.schemas import ANSWERS, BREAKDOWNS, CASES, SCHEMAS, Schema, check_table

__all__ = ["Part", "rebuild"]

_PROVENANCE = {"extracted", "delivery", "source", "synthetic"}
_FOLLOWED = {"link", "lead_id", "outcome", "outcome_date"}  # told by other cases, not by the row


@dataclass(frozen=True)
class Part:
    """The tidy table of one delivery: which table it is, its file, its day of extraction."""

    schema: str
    path: Path
    extracted: str | None


def rebuild(parts: list[Part], *, until: dt.date | None) -> pd.DataFrame:
    """Take each record from its latest extraction, no later than a day.

    The table is typed as its schema says; links between cases are followed anew. Raises
    `DeliveryError` if the parts are of several tables.
    """
    names = sorted({part.schema for part in parts})
    if len(names) > 1:
        raise DeliveryError(
            f"the deliveries of this source are of several tables ({', '.join(names)}): "
            "name the profile of those wanted."
        )
    schema = SCHEMAS[names[0]]
    rows = _gather(parts, until)
    content = _content(rows, schema)
    fates = resolve_duplicates(
        _numbered(rows, _key(rows, schema)),
        extracted=rows["extracted"].to_numpy(dtype="datetime64[us]"),
        version=np.full(len(rows), np.nan),
        content=lambda some: _numbered(rows.iloc[some], content),
    )
    kept = rows[fates == KEPT].reset_index(drop=True)
    if schema is ANSWERS:
        return check_table(kept[list(ANSWERS.columns)].astype("str"), ANSWERS)
    table = type_tidy(kept, schema)
    return follow_links(table) if schema is CASES else table


def _gather(parts: list[Part], until: dt.date | None) -> pd.DataFrame:
    """Put the deliveries under one another; a row that tells no day has its delivery's."""
    rows = pd.concat([_dated(part) for part in parts], ignore_index=True)
    if until is None:
        return rows
    day = rows["extracted"]
    return rows[day.isna() | (day <= pd.Timestamp(until))].reset_index(drop=True)


def _dated(part: Part) -> pd.DataFrame:
    table = read_tidy(part.path)
    own = table["extracted"] if "extracted" in table else pd.Series(pd.NaT, table.index)
    days = own.astype("datetime64[us]")
    if part.extracted is not None:
        days = days.fillna(pd.Timestamp(part.extracted))
    return table.assign(extracted=days)


def _numbered(rows: pd.DataFrame, columns: list[str]) -> np.ndarray:
    """Give each row a number, the same to rows that agree in some columns, missing included."""
    if not columns:
        return np.zeros(len(rows), dtype="int64")
    return rows.groupby(columns, dropna=False, sort=False).ngroup().to_numpy()


def _key(rows: pd.DataFrame, schema: Schema) -> list[str]:
    extra = [c for c in BREAKDOWNS if schema.breakdowns and c in rows.columns]
    return list(dict.fromkeys([*schema.key, *extra]))


def _content(rows: pd.DataFrame, schema: Schema) -> list[str]:
    apart = {*_key(rows, schema), *_PROVENANCE, *_FOLLOWED}
    return [c for c in rows.columns if c not in apart]
