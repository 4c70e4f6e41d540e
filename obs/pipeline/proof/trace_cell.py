"""Trace a released figure down to counts of rows: by delivery, and by the rule that decided on them.

It is internal: counts of rows of a delivery of few facts give these away. No row is shown, and no
person.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from obs.catalogue import get_indicator, kept_catalogue
from obs.declare import near_names
from obs.declare.json_files import parse_json
from obs.disclosure import Released, read_released
from obs.errors import CodeError, ObsError
from obs.locale import languages
from obs.reference import Territory, explain_match, match_candidates
from obs.reference.place_names import normalise_name
from obs.report import edition_folder
from obs.report.figures.data_file import csv_cell, iso_period
from obs.report.figures.rows_behind import period_of
from obs.report.note.open_note import EDITION_FILE
from obs.schemas import ALL, BREAKDOWNS

__all__ = ["Traced", "trace"]

_SHOWN = ("status", "value", "low", "high", "numerator", "denominator", "scale", "unit", "reason")
_ROWS = ("read", "kept", "merged", "rejected")


@dataclass(frozen=True)
class Traced:
    """Where a figure comes from.

    Attributes
    ----------
    definition : str
        What the indicator counts, as the catalogue says it.
    cells : DataFrame
        Released rows of the figure: `table`, breakdowns, value, interval, status.
    deliveries : DataFrame
        Files of its source that cover the period: `file`, `extracted`, rows `read`, `kept`,
        `merged`, `rejected`.
    rules : DataFrame
        Rows of these files that a rule rejected or flagged: `file`, `fate`, `rule`, `rows`.
    """

    definition: str
    cells: pd.DataFrame
    deliveries: pd.DataFrame
    rules: pd.DataFrame

    def lines(self) -> Iterator[str]:
        """Say it for a person."""
        yield self.definition
        yield from (f"released: {_in_words(row)}" for row in self.cells.to_dict("records"))
        for row in self.deliveries.itertuples(index=False):
            rows = ", ".join(f"{name} {getattr(row, name)}" for name in _ROWS)
            yield f"delivery: {row.file}, extracted {row.extracted or 'on an unknown day'}: {rows}"
        for row in self.rules.itertuples(index=False):
            yield f"rule: {row.file}: {row.fate} by {row.rule}: {row.rows} rows"


def trace(
    indicator: str,
    *,
    territory: str,
    period: str,
    edition: int | str,
    observatory: str = "brussels",
    processed: str | Path = "data/processed",
) -> Traced:
    """Trace a released figure to the deliveries and rules that it comes from.

    Parameters
    ----------
    indicator, period : str
        Its key, as "theft", "2024" (2024-Q1, 2024-03, 2024-W05).
    territory : str
        Code of the place, or its name in any language, whatever its case and accents.
    edition : int or str
        Year of an edition that is built.
    observatory : str
        Its short name.
    processed : path
        Folder of internal tables.

    Returns
    -------
    Traced
        Counts of rows; never rows.

    Raises
    ------
    ObsError
        The edition is not built, or shows no such figure; a name is of several places.

    Examples
    --------
    >>> from obs.pipeline.proof.trace_cell import trace
    >>> trace("theft", territory="21004", period="2024", edition=2024, processed="nowhere")
    Traceback (most recent call last):
    obs.errors.ObsError: edition 2024 of 'brussels' is not built in 'nowhere': run `obs build` first.
    """
    folder = edition_folder(Path(processed), observatory, edition)
    if not (folder / "released").is_dir():
        raise ObsError(
            f"edition {edition} of '{observatory}' is not built in '{Path(processed).name}': run "
            "`obs build` first."
        )
    with kept_catalogue(_own_texts(folder / EDITION_FILE)):
        entry = get_indicator(indicator)
        released = read_released(folder / "released")
        code = _code_of_place(territory, released.territory)
        cells = _released_cells(released, indicator, code, period)
        deliveries, rules = _rows_behind(folder / "clean", entry.source, period)
        return Traced(f"{indicator}: {entry.text('definition', 'en')}", cells, deliveries, rules)


def _own_texts(about: Path) -> dict[str, str]:
    """Give the texts of the observatory's own indicators, as they were when the edition was built."""
    try:
        texts: dict[str, str] = parse_json(about.read_bytes(), dict[str, Any]).get("catalogue", {})
    except FileNotFoundError:
        return {}
    except ValueError as fault:
        raise ObsError(f"{about.name} is damaged ({fault}): build the edition again.") from None
    return texts


def _code_of_place(asked: str, place: Territory) -> str:
    """Give the code of a place asked by code or name; refuse the name of several places, or of none.

    What has no letter and is no code is kept, to be refused beside the codes nearest to it.
    """
    if place.holds(asked) or asked in place.beyond_units or not re.search(r"[^\W\d_]", asked):
        return asked
    key = normalise_name(asked)
    beyond = {one.code for one in place.beyond if key in map(normalise_name, one.names.values())}
    found = sorted({*match_candidates(asked, territory=place), *beyond})
    if not found:
        reason = explain_match(asked, territory=place)
        raise CodeError(f"{reason}: give the code or the name of a place of '{place.name}'.")
    if len(found) > 1:
        choices = "; ".join(f"{code} ({_level_and_names(code, place)})" for code in found)
        raise CodeError(
            f"'{asked[:40]}' is the name of {len(found)} places: give the code of one. {choices}."
        )
    return found[0]


def _level_and_names(code: str, place: Territory) -> str:
    """Name a place with its level: a name alone would not tell it from those of the same name."""
    level = place.level_of(code)
    names = dict.fromkeys(place.label(code, lang) for lang in languages())
    return f"{level}, {' / '.join(names)}"


def _released_cells(
    released: Released, indicator: str, territory: str, period: str
) -> pd.DataFrame:
    """Find the rows of the figure in every released table of values."""
    found = []
    for name in released.names:
        table = released[name].table
        if "base" in table:
            continue
        same = (table["indicator"] == indicator) & (table["territory"] == territory)
        rows = table[same & (table["period"].map(iso_period) == period)]
        columns = [c for c in (*BREAKDOWNS, *_SHOWN) if c in rows]
        found.append(rows[columns].assign(table=name))
    cells = pd.concat(found, ignore_index=True) if found else pd.DataFrame()
    if cells.empty:
        raise CodeError(_nothing(released, indicator, territory, period))
    return cells


def _nothing(released: Released, indicator: str, territory: str, period: str) -> str:
    """Say which part of a key no released row has, with the nearest."""
    table = released.table
    known = {
        "indicator": (indicator, set(table["indicator"].astype(str))),
        "territory": (territory, set(table["territory"].astype(str))),
        "period": (period, set(table["period"].map(iso_period))),
    }
    for column, (asked, codes) in known.items():
        if asked not in codes:
            near = near_names(asked, sorted(codes))
            meant = f" (did you mean {' or '.join(near)}?)" if near else ""
            return f"no released row has the {column} '{asked}'{meant}."
    return f"no released row has '{indicator}' for {territory} and {period} together."


def _read_kept(path: Path, *columns: str) -> pd.DataFrame:
    """Read a table of the cleaning as texts; refuse one that lost its columns."""
    try:
        table = pd.read_csv(path, dtype="str", keep_default_na=False)
    except (OSError, ValueError) as error:
        raise ObsError(
            f"'{path.name}' of the cleaning is damaged: run `obs build` again."
        ) from error
    if not {*columns} <= {*table.columns}:
        raise ObsError(f"'{path.name}' of the cleaning is damaged: run `obs build` again.")
    return table


def _rows_behind(clean: Path, source: str, period: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Count the rows of each delivery of a source that covers a period, by the rule that judged them."""
    span = period_of(period)
    deliveries, rules = [], []
    for folder in sorted(clean.glob(f"{source}-*")):
        report = _read_kept(folder / "report.csv", "file", "extracted", *_ROWS)
        own = report[[_covers(row, span) for row in report.to_dict("records")]]
        deliveries.append(own[["file", "extracted", *_ROWS]])
        for fate in ("rejected", "flagged"):
            path = folder / f"{fate}.csv"
            if path.is_file():
                rows = _read_kept(path, "file", "rule")
                rows = rows[rows["file"].isin(own["file"])]
                counted = rows.groupby(["file", "rule"]).size().rename("rows").reset_index()
                rules.append(counted.assign(fate=fate)[["file", "fate", "rule", "rows"]])
    empty = pd.DataFrame(columns=["file", "extracted", *_ROWS])
    none = pd.DataFrame(columns=["file", "fate", "rule", "rows"])
    return (
        pd.concat(deliveries, ignore_index=True) if deliveries else empty,
        pd.concat(rules, ignore_index=True) if rules else none,
    )


def _covers(row: dict[str, Any], span: pd.Period) -> bool:
    """Tell whether a delivery may hold rows of a period; one that does not say may."""
    first, last = row.get("covered_from"), row.get("covered_to")
    if not first or not last:
        return True
    return bool(pd.Timestamp(first) <= span.end_time and pd.Timestamp(last) >= span.start_time)


def _in_words(row: dict[str, Any]) -> str:
    codes = [
        f"{c} {row[c]}" for c in BREAKDOWNS if c in row and not pd.isna(row[c]) and row[c] != ALL
    ]
    told = [f"{c} {csv_cell(row[c])}" for c in _SHOWN if c in row and not pd.isna(row[c])]
    return ", ".join([str(row["table"]), *codes, *told])
