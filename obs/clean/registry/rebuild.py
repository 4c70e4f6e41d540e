"""Build one table from the tidy tables of several deliveries, with the latest state of each record."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pandas as pd

from obs.clean.cleaned import read_cleaned
from obs.clean.judge.case_links import follow_links
from obs.clean.judge.duplicates import PLACE, settle
from obs.clean.read.engine import Engine, Folder, open_engine
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
    folder = Folder()
    with open_engine() as engine:
        rows = engine.keep(_stack_parts(parts, engine, until))
        fates = engine.keep(
            settle(rows, key=_record_key(rows, schema), content=_record_content(rows, schema))
        )
        row_fates = rows.left_join(fates, list(PLACE)).drop(*(f"{c}_right" for c in PLACE))
        kept = row_fates.filter(ibis.coalesce(row_fates.fate, "kept") == "kept")
        ordered = kept.order_by(list(PLACE)).drop(*PLACE, "version", "fate")
        path = folder.path / "table.parquet"
        engine.write_parquet(ordered, path)
    if schema is ANSWERS:
        texts = pd.read_parquet(path, columns=list(ANSWERS.columns)).astype("str")
        return check_table(texts, ANSWERS)
    table = read_cleaned(path)
    return follow_links(table) if schema is CASES else table


def _stack_parts(parts: list[Part], engine: Engine, until: dt.date | None) -> ir.Table:
    """Put the deliveries under one another; a row that tells no day has its delivery's."""
    tables = [_numbered_part(i, part, engine) for i, part in enumerate(parts)]
    types: dict[str, object] = {}
    for table in tables:
        types = dict(table.schema().items()) | types
    alike = [
        t.select(**{n: t[n] if n in t.columns else ibis.null(k) for n, k in types.items()})
        for t in tables
    ]
    rows = ibis.union(*alike) if len(alike) > 1 else alike[0]
    if until is None:
        return rows
    return rows.filter(rows.extracted.isnull() | (rows.extracted.cast("date") <= until))


def _numbered_part(number: int, part: Part, engine: Engine) -> ir.Table:
    table = engine.read_parquet(part.path)
    own = table.extracted if "extracted" in table.columns else ibis.null("timestamp(6)")
    dated = ibis.null("timestamp(6)")
    if part.extracted is not None:
        dated = ibis.literal(dt.date.fromisoformat(part.extracted)).cast("timestamp(6)")
    return table.mutate(
        extracted=ibis.coalesce(own.cast("timestamp(6)"), dated),
        file=ibis.literal(number, "int64"),
        row=ibis.row_number().cast("int64"),
        cell=ibis.literal(0, "int64"),
        version=ibis.null("float64"),
    )


def _record_key(rows: ir.Table, schema: Schema) -> list[str]:
    extra = [c for c in BREAKDOWNS if schema.breakdowns and c in rows.columns]
    return list(dict.fromkeys([*schema.key, *extra]))


def _record_content(rows: ir.Table, schema: Schema) -> list[str]:
    apart = {*_record_key(rows, schema), *_PROVENANCE, *_FOLLOWED, *PLACE, "version"}
    return [c for c in rows.columns if c not in apart]
