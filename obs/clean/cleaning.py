"""Clean a delivery of any source: read, screen, judge, merge duplicates, account.

Rows meet the rules in a stated order, and the first rule that a row breaks rejects it. If the
account of a file does not close, nothing is returned.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pandas as pd

from obs.clean.accounting import account, rejected_rows, remarked_rows
from obs.clean.cleaned import Cleaned
from obs.clean.judge.duplicates import PLACE, content_id, settle
from obs.clean.judge.row_shapes import Shape
from obs.clean.judge.value_mapping import map_columns, map_offences
from obs.clean.profiles.profile import Profile
from obs.clean.read.engine import Engine, Folder, open_engine
from obs.clean.read.file_checks import open_deliveries
from obs.clean.read.screening import screen
from obs.clean.read.text_table import Reading, read_delivery, read_frame
from obs.errors import DeliveryError

__all__ = [
    "Source",
    "clean",
    "day_of",
    "extracted_by_name",
    "paths_of",
    "read_all",
    "screen_all",
]

_NAMES = frozenset({"event_id", "case_id", "call_id"})
Source = str | Path | Sequence[str | Path] | pd.DataFrame


def clean(
    source: Source,
    profile: Profile,
    *,
    shape: Shape,
    extracted: str | dt.date | None,
    apart: bool = False,
) -> Cleaned:
    """Clean one source by a profile into a shape; see `obs.clean.police.clean_police`.

    With `apart`, each file is settled by itself as well: rows are read and judged once.
    """
    day = day_of(extracted)
    with open_engine() as engine:
        readings = read_all(source, profile, engine)
        hostile = screen_all(readings, profile, engine)
        rows = _gather(readings, profile, engine, day=day)
        mapped = map_offences(map_columns(rows, profile, engine), rows, profile, engine)
        faulty = _with_fault(mapped, hostile, profile, shape, day=day)
        if profile.identical == "keep":  # rows are looked at twice
            faulty = engine.keep(faulty)
        tidy = engine.keep(shape.arrange(faulty, profile))
        whole = _settled(tidy, readings, profile, shape, engine)
        if not apart:
            return whole
        if len(readings) == 1:
            return replace(whole, deliveries=(whole,))
        own = [tidy.filter(tidy.file == i).mutate(file=0) for i in range(len(readings))]
        parts = [
            _settled(engine.keep(table), [reading], profile, shape, engine)
            for table, reading in zip(own, readings, strict=True)
        ]
        return replace(whole, deliveries=tuple(parts))


def _settled(
    tidy: ir.Table, readings: list[Reading], profile: Profile, shape: Shape, engine: Engine
) -> Cleaned:
    """Choose between rows of one key, and close the account of each file."""
    sound = tidy.filter(tidy.fault.isnull())
    fates = engine.keep(settle(sound, key=shape.key, content=shape.content))
    settled = tidy.left_join(fates, list(PLACE)).drop(*(f"{c}_right" for c in PLACE))
    return _finish(settled, readings, profile, shape, engine)


def paths_of(source: str | Path | Sequence[str | Path]) -> list[Path]:
    """Give the paths of one path or several."""
    return [Path(source)] if isinstance(source, str | Path) else [Path(p) for p in source]


def day_of(extracted: str | dt.date | None) -> dt.date | None:
    """Read the day of extraction that the caller gives."""
    if extracted is None or isinstance(extracted, dt.date):
        return extracted.date() if isinstance(extracted, dt.datetime) else extracted
    try:
        return dt.date.fromisoformat(extracted)
    except ValueError:
        raise DeliveryError(
            f"extracted: '{extracted[:20]}' is not a day; write it as 2024-01-31."
        ) from None


def read_all(source: Source, profile: Profile, engine: Engine) -> list[Reading]:
    """Read the deliveries, each as its profile says."""
    if isinstance(source, pd.DataFrame):
        return [read_frame(source, profile, engine)]
    deliveries = open_deliveries(paths_of(source), format=profile.file.format)
    return [read_delivery(delivery, profile, engine) for delivery in deliveries]


def screen_all(readings: list[Reading], profile: Profile, engine: Engine) -> ir.Table | None:
    """Give file, row, hostile ("column|rule"), one a row: the first column's, by name."""
    found = [(i, screen(reading, profile, engine)) for i, reading in enumerate(readings)]
    parts = [t.mutate(file=ibis.literal(i, "int64")) for i, t in found if t is not None]
    if not parts:
        return None
    rows = ibis.union(*parts) if len(parts) > 1 else parts[0]
    return engine.keep(
        rows.group_by(["file", "row"]).agg(hostile=(rows["column"] + "|" + rows.rule).min())
    )


def _gather(
    readings: list[Reading], profile: Profile, engine: Engine, *, day: dt.date | None
) -> ir.Table:
    """Put the rows of all files under our names, with what the file itself tells."""
    parts = []
    for number, reading in enumerate(readings):
        table = reading.table
        nameless = bool(profile.identical) and not _NAMES & {*profile.targets}
        named = content_id(table, reading.cells) if nameless else ibis.null("string")
        table = table.mutate(content=named)
        texts = {t: _text(table, reading, profile, t) for t in profile.targets}
        told = _told(reading, profile, day)
        if profile.wide:
            parts += _unpivoted(table, reading, profile, texts, number=number, told=told)
        else:
            file = ibis.literal(number, "int64")
            cell = ibis.literal(0, "int64")  # which count of a wide row
            parts.append(table.select("row", "content", file=file, cell=cell, **texts, **told))
    return ibis.union(*parts) if len(parts) > 1 else parts[0]


def _text(table: ir.Table, reading: Reading, profile: Profile, target: str) -> ir.StringValue:
    if target in reading.bound:
        return _known(table[reading.bound[target]], profile.unknown.get(target, ()))
    value = profile.constants.get(target)
    return ibis.null("string") if value is None else ibis.literal(value)


def _known(text: ir.StringValue, unknown: Sequence[str]) -> ir.StringValue:
    """Blank the texts that the profile says mean "not known"."""
    if not unknown:
        return text
    return ibis.ifelse(text.strip().lower().isin([u.lower() for u in unknown]), "", text)


def _told(reading: Reading, profile: Profile, day: dt.date | None) -> dict[str, ir.Value]:
    told = day or extracted_by_name(reading.name, profile)
    return {
        "file_extracted": ibis.null("date") if told is None else ibis.literal(told, "date"),
        "file_synthetic": ibis.literal(reading.synthetic),
        "delivery": ibis.literal(reading.name),
        "source": ibis.literal(profile.source),
    }


def extracted_by_name(name: str, profile: Profile) -> dt.date | None:
    """Read the day of extraction in a file's name, as the profile says."""
    found = re.search(profile.file.extracted, name) if profile.file.extracted else None
    if not found:
        return None
    digits = re.sub(r"\D", "", found[1])
    try:
        return dt.datetime.strptime(digits, "%Y%m%d").date()  # noqa: DTZ007 (a day)
    except ValueError:
        raise DeliveryError(
            f"{name}: the name should hold a day of extraction and holds none; "
            "rename the file or give `extracted`."
        ) from None


def _unpivoted(
    table: ir.Table,
    reading: Reading,
    profile: Profile,
    texts: dict[str, ir.StringValue],
    *,
    number: int,
    told: dict[str, ir.Value],
) -> list[ir.Table]:
    """Make one row of each count of a wide row."""
    file = ibis.literal(number, "int64")
    kept = {t: v for t, v in texts.items() if t not in ("offence", "numerator")}
    return [
        table.select(
            "row",
            "content",
            file=file,
            cell=ibis.literal(cell, "int64"),
            **kept,
            offence=ibis.literal(name),
            numerator=table[reading.bound[f"wide {name}"]],
            **told,
        )
        for cell, name in enumerate(profile.wide)
    ]


def _with_fault(
    mapped: ir.Table,
    hostile: ir.Table | None,
    profile: Profile,
    shape: Shape,
    *,
    day: dt.date | None,
) -> ir.Table:
    """Add extracted, version, synthetic, hostile and the first fault ("target|rule")."""
    given = mapped.file_extracted
    if "to_extracted" in mapped.columns and day is None:
        given = ibis.coalesce(mapped.to_extracted, given)
    flagged = [mapped.to_synthetic] if "to_synthetic" in mapped.columns else []
    version = mapped.to_version if "to_version" in mapped.columns else ibis.null("float64")
    rows = mapped.mutate(
        extracted=given,
        version=version,
        synthetic=ibis.coalesce(*flagged, mapped.file_synthetic),
        wide_column=mapped.offence if profile.wide else ibis.null("string"),
    )
    if hostile is None:
        rows = rows.mutate(hostile=ibis.null("string"))
    else:
        rows = rows.left_join(hostile, ["file", "row"]).drop("file_right", "row_right")
    return rows.mutate(fault=_first_fault(rows, profile, shape))


def _first_fault(rows: ir.Table, profile: Profile, shape: Shape) -> ir.StringValue:
    needed = [t for t in shape.required if t in profile.targets]
    found = [ibis.ifelse(rows.hostile.notnull(), "hostile|", ibis.null("string"))]
    found += [_fault(t, "missing_key", rows[t].isnull()) for t in needed]
    found += [rows[f"fault_{t}"] for t in profile.targets if f"fault_{t}" in rows.columns]
    found += [_fault(t, "missing_key", rows[f"to_{t}"].isnull()) for t in needed]
    found += [_fault(*doubt) for doubt in shape.doubt(rows, profile)]
    return ibis.coalesce(*found)


def _fault(target: str, rule: str, broken: ir.BooleanValue) -> ir.StringValue:
    return ibis.ifelse(broken, f"{target}|{rule}", ibis.null("string"))


def _finish(
    settled: ir.Table,
    readings: list[Reading],
    profile: Profile,
    shape: Shape,
    engine: Engine,
) -> Cleaned:
    folder = Folder()
    kept = settled.filter(settled.fault.isnull() & (ibis.coalesce(settled.fate, "kept") == "kept"))
    doubts = shape.remark(kept, profile) if shape.remark else None
    if doubts is not None:  # one row of remarks a row: file, row, cell, noted ("target|rule")
        doubts = engine.keep(doubts)
        noted = kept.left_join(doubts, list(PLACE)).drop(*(f"{c}_right" for c in PLACE))
        kept = noted.mutate(remark=noted.noted.re_extract(r"\|(.*)$", 1).nullif(""))
    known = [c for c in shape.schema.columns if c in kept.columns]
    ordered = kept.order_by(list(PLACE)).select(*known)
    engine.write_parquet(ordered, folder.path / "table.parquet")
    rejected = rejected_rows(settled, readings, shape)
    report = account(settled, readings, profile, rejected, when=shape.when)
    return Cleaned(shape.schema, rejected, report, folder, remarked_rows(doubts, readings))
