"""Gather which days deliveries cover, and say it by source and place."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from obs.clean import Cleaned
from obs.indicators import join_stretches
from obs.schemas import ALL

__all__ = ["gather_coverage", "say_coverage", "say_covered", "say_how_to_declare"]

_NEAR = 62  # days: further off, a year is plainly delivered in part
_SILENT = ("silent_place", "silent_line")


def gather_coverage(cleaned: list[tuple[str, Cleaned]]) -> dict[str, pd.DataFrame]:
    """Give COVERAGE by kind of source, where every delivery of the kind has it."""
    kinds: dict[str, list[pd.DataFrame]] = {}
    for kind, result in cleaned:
        kinds.setdefault(kind, []).append(result.coverage)
    return {
        kind: pd.concat(tables, ignore_index=True)
        for kind, tables in kinds.items()
        if all(map(len, tables))
    }


def say_coverage(result: Cleaned) -> Iterator[str]:
    """Say the days that the deliveries of one profile cover, who says so, and who is silent."""
    yield from say_covered(result.coverage)
    if {"event_date", "entry_date"} & {*result.table.columns}:  # of counts no word makes a zero
        yield from say_how_to_declare(result.coverage)
    silent = result.flagged[result.flagged["rule"].isin(_SILENT)]
    for message in silent["message"]:
        yield f"silent: {message.rpartition(': ')[2]}"


def say_covered(coverage: pd.DataFrame) -> Iterator[str]:
    """Say the days of COVERAGE by source and place, and who says so."""
    for (source, code), rows in coverage.groupby(["source", "territory"]):
        place = "all places" if code == ALL else f"place {code}"
        days = ", ".join(f"{a:%Y-%m-%d} to {b:%Y-%m-%d}" for a, b in join_stretches(rows))
        how = ", ".join(_said_by(one) for one in sorted(rows["how"].unique()))
        yield f"covered: {source}, {place}, {days} ({how})"


def say_how_to_declare(coverage: pd.DataFrame) -> Iterator[str]:
    """Say what to declare where assumed days end a year in part, within two months of its end or start."""
    assumed = coverage[(coverage["how"] == "assumed") & (coverage["territory"] == ALL)]
    if not len(assumed):
        return
    start, end = assumed["start"].min(), assumed["end"].max()
    parts = []
    if 0 < (start - pd.Timestamp(start.year, 1, 1)).days <= _NEAR:
        parts.append((start.year, f"{start.year}-01-01", f"{start.year}-12-31"))
    if 0 < (pd.Timestamp(end.year, 12, 31) - end).days <= _NEAR:
        parts.append((end.year, f"{end.year}-01-01", f"{end.year}-12-31"))
    if parts:
        years = " and ".join(dict.fromkeys(str(year) for year, *_ in parts))
        yield (
            f"{years} counts as told in part. If the deliveries tell of more days than those with rows, "
            "declare it in observatory.toml under their [[source]]: [[source.coverage]] "
            f"start = {parts[0][1]}, end = {parts[-1][2]}, each on its line"
        )


def _said_by(how: str) -> str:
    return "assumed from the rows" if how == "assumed" else f"said by the {how}"
