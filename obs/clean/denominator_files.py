"""Read deliveries of denominators (inhabitants, dwellings, premises, vehicles) into EXPOSURE.

A denominator that is wrong makes every rate wrong: nothing is left out, filled or taken from
another year. All faults of a file are told at once, by row and column, and none is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from obs.clean.draft.found_layout import bare_profile, find_layout
from obs.clean.folded_texts import fold
from obs.clean.profiles.file_layout import FileLayout
from obs.clean.read.file_checks import Delivery, open_deliveries
from obs.clean.read.headers import Bound, place_of
from obs.clean.read.reading import Reading
from obs.clean.read.screening import screen
from obs.clean.read.text_table import read_delivery
from obs.declare import did_you_mean
from obs.errors import DeliveryError
from obs.reference import Territory, explain_match, match_territory
from obs.reference.declared_denominators import DenominatorTable
from obs.schemas import EXPOSURE, check_table

__all__ = ["read_denominators"]

_SHOWN = 5
_YEAR = re.compile(
    r"((?:19|20)\d\d)(?:[.,]0+)?|((?:19|20)\d\d)-\d\d-\d\d|\d\d?[/.-]\d\d?[/.-]((?:19|20)\d\d)"
)
_WHOLE = re.compile(r"(\d+)(?:[.,]0+)?")
_OPEN = re.compile(r"\d{1,3}[.,]000")  # 52 with decimals, or 52 thousand


def read_denominators(
    kind: str, files: Sequence[Path], table: DenominatorTable, *, territory: Territory
) -> pd.DataFrame:
    """Read the files of one denominator.

    Parameters
    ----------
    kind : str
        "population", "dwellings", "premises" or "vehicles".
    files : sequence of Path
        The deliveries.
    table : DenominatorTable
        How they are laid out.
    territory : Territory
        Whose units they give; names and codes are looked up there.

    Returns
    -------
    DataFrame
        EXPOSURE: one row per unit and year, every unit of the finest level in each year.

    Raises
    ------
    DeliveryError
        If a file cannot be read or holds personal data; with every unit that is not found or
        is missing, every year, negative, fractional or repeated number, and every total that is
        not the sum of its parts.
    """
    parts = [_of_file(kind, one, table, territory) for one in open_deliveries(files)]
    whole = pd.concat(parts, ignore_index=True)
    _refuse_disagreement(whole, kind, territory)
    whole = whole.drop_duplicates(["territory", "year"])
    faults = [*_missing_units(whole, territory), *_totals(whole, territory)]
    if faults:
        raise DeliveryError(_told(kind, ", ".join(sorted({p.name for p in files})[:3]), faults))
    columns = [name for name in EXPOSURE.columns if name in whole]
    made = whole.sort_values(["territory", "year"], ignore_index=True)[columns]
    return check_table(made, EXPOSURE)


def _of_file(
    kind: str, delivery: Delivery, table: DenominatorTable, territory: Territory
) -> pd.DataFrame:
    """Read one file: unit, year and number of each row, added over what is declared."""
    reading = read_delivery(delivery, bare_profile(_layout(delivery, table)))
    _screen_units(reading, table)
    rows = _rows(reading, table)
    faults: list[str] = []
    rows = rows.loc[~_left_out(rows, table), :].copy()
    totals = _is_total(rows["unit"], table)
    rows["year"] = _years(rows, faults)
    rows["number"] = _numbers(rows, table, faults)
    stated = rows.loc[totals, :].copy()
    rows = rows.loc[~totals, :].copy()
    rows["territory"] = _units(rows, table, territory, faults)
    rows = rows.dropna(subset="territory")
    _find_repeats(rows, table, reading, faults)
    if faults:
        raise DeliveryError(_told(kind, delivery.name, faults))
    summed = pd.DataFrame(rows.groupby(["territory", "year"])["number"].sum()).reset_index()
    if said := [*_stated_totals(stated, summed, table, territory)]:
        raise DeliveryError(_told(kind, delivery.name, said))
    return summed.assign(
        kind=kind,
        exposure=summed["number"].astype("Float64"),
        flag="observed",
        source=table.source or delivery.name,
        vintage=table.vintage or delivery.name,
        year=summed["year"].astype("Int64"),
        file=delivery.name,
    )


def _screen_units(reading: Reading, table: DenominatorTable) -> None:
    """Check the file; the column of units keeps codes of the territory alone."""
    bound = Bound(columns={"territory": _place(reading, table.unit)})
    screen(replace(reading, bound=bound, layout=replace(reading.by, allow=table.allow)))


def _layout(delivery: Delivery, table: DenominatorTable) -> FileLayout:
    """Give the layout that is declared, and find what is not."""
    if delivery.kind == "text" and table.separator and table.encoding:
        return FileLayout(encodings=(table.encoding,), separator=table.separator)
    layout = find_layout(delivery).layout
    if table.separator:
        layout = replace(layout, separator=table.separator)
    if table.encoding:
        layout = replace(layout, encodings=(table.encoding,))
    return replace(layout, sheet=(table.sheet,)) if table.sheet else layout


def _rows(reading: Reading, table: DenominatorTable) -> pd.DataFrame:
    """Give the texts of the columns that are declared, one row for each number."""
    wide = _wide(reading, table) if table.years else {}
    names = {"unit": table.unit, "value": table.value, "year": table.year}
    places = {ours: _place(reading, theirs) for ours, theirs in names.items() if theirs}
    others = {name: _place(reading, name) for name in (*table.summed, *table.left_out)}
    texts = {ours: reading.columns[at].to_series() for ours, at in places.items()}
    texts |= {f"their {name}": reading.columns[at].to_series() for name, at in others.items()}
    made = pd.DataFrame(texts).fillna("").assign(row=reading.lines)
    if table.file_year:
        found = re.search(table.file_year, reading.name)
        if found is None:
            raise DeliveryError(
                f"{reading.name}: the name of the file should tell the year by the pattern "
                f"{table.file_year} and does not; rename it, or change `file_year`."
            )
        made["year"] = found[1]
    if not wide:
        return made
    parts = [
        made.assign(year=year, value=reading.columns[at].to_series().fillna(""))
        for year, at in wide.items()
    ]
    return pd.concat(parts, ignore_index=True)


def _place(reading: Reading, name: str) -> int:
    place = place_of(name, reading.header)
    if place is None:
        found = ", ".join(one[:40] for one in reading.header[:30])
        raise DeliveryError(
            f"{reading.name}: no column '{name[:40]}'{did_you_mean(name, reading.header)}; it has "
            f"{found}. Name one of them in `observatory.toml`."
        )
    return place


def _wide(reading: Reading, table: DenominatorTable) -> dict[str, int]:
    found = {at: re.fullmatch(table.years, name) for at, name in enumerate(reading.header)}
    years = {m[1]: at for at, m in found.items() if m}
    if not years:
        raise DeliveryError(
            f"{reading.name}: no column fits the pattern of years {table.years}; it has "
            f"{', '.join(one[:40] for one in reading.header[:30])}."
        )
    return years


def _left_out(rows: pd.DataFrame, table: DenominatorTable) -> pd.Series:
    hit = pd.Series(False, index=rows.index)  # noqa: FBT003
    for name, pattern in table.left_out.items():
        hit |= rows[f"their {name}"].str.strip().str.fullmatch(pattern, case=False)
    return hit


def _is_total(units: pd.Series, table: DenominatorTable) -> pd.Series:
    if not table.totals:
        return pd.Series(False, index=units.index)  # noqa: FBT003
    return units.str.strip().str.fullmatch(table.totals, case=False)


def _years(rows: pd.DataFrame, faults: list[str]) -> pd.Series:
    told = rows["year"].str.strip().str.extract(_YEAR)
    years = pd.to_numeric(told[0].fillna(told[1]).fillna(told[2])).astype("Int64")
    wrong = rows.loc[years.isna(), "row"]
    if len(wrong):
        faults.append(f"no year from 1900 to 2099 in {_lines(wrong)}")
    return years


def _numbers(rows: pd.DataFrame, table: DenominatorTable, faults: list[str]) -> pd.Series:
    """Read whole numbers; tell apart what is blank, negative, fractional and no number."""
    texts = rows["value"].str.strip()
    whole = texts.str.fullmatch(_WHOLE)
    if table.thousands:
        sign = r"\s" if table.thousands.isspace() else re.escape(table.thousands)
        grouped = texts.str.fullmatch(rf"\d{{1,3}}(?:{sign}\d{{3}})+(?:[.,]0+)?")
        texts = texts.mask(grouped, texts.str.replace(sign, "", regex=True))
        whole |= grouped
    else:
        whole &= ~texts.str.fullmatch(_OPEN)
    bad = ~whole
    numbers = texts.where(whole).str.extract(_WHOLE.pattern + "$")[0]
    kinds = {
        "is blank": texts == "",
        "is negative": texts.str.match(r"[-\u2212]\s*\d"),
        "has a fraction, or a sign between thousands that `thousands` does not name": (
            texts.str.fullmatch(r"\d[\d\s\u202f\u00a0.,']*\d")
        ),
    }
    other = bad.copy()
    for said, which in kinds.items():
        if (which & bad & other).any():
            faults.append(f"the number {said} in {_lines(rows.loc[which & bad & other, 'row'])}")
        other &= ~which
    if (bad & other).any():
        faults.append(f"no number in {_lines(rows.loc[bad & other, 'row'])}")
    return pd.to_numeric(numbers).astype("Int64")


def _units(
    rows: pd.DataFrame, table: DenominatorTable, territory: Territory, faults: list[str]
) -> pd.Series:
    """Look the units up: at the declared level, else at the finest, else at any."""
    level = table.level or territory.base_level
    texts = rows["unit"].str.strip()
    codes = match_territory(texts, territory=territory, level=level)
    if not table.level:
        codes = codes.fillna(match_territory(texts, territory=territory))
    unknown = texts[codes.isna()]
    if len(unknown) and not table.elsewhere:
        counts = unknown.value_counts(sort=False).head(_SHOWN)
        named = "; ".join(
            f"{explain_match(text, territory=territory)} ({n} rows)"
            if text
            else f"a blank ({n} rows)"
            for text, n in counts.items()
        )
        faults.append(
            f"{unknown.nunique()} units are none of the territory: {named}. Name them in "
            "[territory.names], leave those of other places out with `elsewhere = true`, or say "
            "which are totals with `totals`"
        )
    if codes.notna().sum() == 0 and table.elsewhere:
        faults.append(f"no row is of a unit of territory '{territory.name}'")
    return codes


def _find_repeats(
    rows: pd.DataFrame, table: DenominatorTable, reading: Reading, faults: list[str]
) -> None:
    """Refuse two numbers of one unit and year, naming the columns in which they differ."""
    key = ["territory", "year", *(f"their {name}" for name in table.summed)]
    twice = rows[rows.duplicated(key, keep=False)]
    if not len(twice):
        return
    first = twice.groupby(key, sort=False)["row"].agg(list).iloc[0]
    at = [reading.lines.tolist().index(row) for row in first]
    differing = [
        name
        for name, column in zip(reading.header, reading.columns, strict=True)
        if len({int(column.codes[place]) for place in at}) > 1
        and fold(name) not in {fold(table.value), fold(table.unit)}
    ]
    way = (
        f"they differ in {', '.join(repr(name[:40]) for name in differing[:_SHOWN])}: add over these "
        "columns with `summed`, or leave their totals out with `left_out`"
        if differing
        else "keep one of them"
    )
    units = twice.drop_duplicates(["territory", "year"])
    faults.append(
        f"{len(units)} units and years stand in several rows (first: {units['territory'].iloc[0]} in "
        f"{units['year'].iloc[0]}, {_lines(pd.Series(first))}); {way}"
    )


def _stated_totals(
    stated: pd.DataFrame, summed: pd.DataFrame, table: DenominatorTable, territory: Territory
) -> list[str]:
    """Compare rows of totals with the sum of the finest units of their year."""
    if table.elsewhere:
        return []
    base = summed[summed["territory"].isin(territory.codes(territory.base_level))]
    parts = base.groupby("year")["number"].sum()
    rows = stated.groupby("year")["row"].first()
    told = stated.groupby("year")["number"].agg("sum" if table.summed else "first")
    return [
        f"row {rows[year]}: the total of {year} is {told[year]:,}, and its units add up to {parts[year]:,}"
        for year in told.index
        if year in parts.index and told[year] != parts[year]
    ]


def _refuse_disagreement(whole: pd.DataFrame, kind: str, territory: Territory) -> None:
    """Refuse two files that give a unit two numbers in one year."""
    several = whole.groupby(["territory", "year"])["exposure"].nunique()
    wrong = several[several > 1]
    if not len(wrong):
        return
    unit, year = wrong.index[0]
    own = whole[(whole["territory"] == unit) & (whole["year"] == year)]
    files = " and ".join(own["file"])
    raise DeliveryError(
        f"{kind}: {files} give {len(wrong)} units and years two numbers (first: {unit} in {year}); "
        "name one of the files alone in `files`."
    )


def _missing_units(whole: pd.DataFrame, territory: Territory) -> list[str]:
    """Name the finest units without a number in a year in which others have one."""
    base = territory.codes(territory.base_level)
    lang = next(c for c in territory.units.columns if c.startswith("name_"))
    names = territory.units.set_index("code")[lang]
    said = []
    for year, own in whole[whole["territory"].isin(base)].groupby("year"):
        absent = [code for code in base if code not in set(own["territory"])]
        if absent:
            named = ", ".join(f"{names[code]} ({code})" for code in absent[:_SHOWN])
            more = f" and {len(absent) - _SHOWN} more" if len(absent) > _SHOWN else ""
            said.append(f"{year} has no number of {len(absent)} units: {named}{more}")
    return said


def _totals(whole: pd.DataFrame, territory: Territory) -> list[str]:
    """Compare the number of each larger unit with the sum of its parts, where all have one."""
    base = set(territory.codes(territory.base_level))
    known = {
        (str(unit), int(year)): int(number)
        for unit, year, number in whole[["territory", "year", "exposure"]].itertuples(
            index=False, name=None
        )
    }
    said = []
    for (unit, year), number in known.items():
        members = [(code, year) for code in territory.members(unit)] if unit not in base else []
        if members and all(one in known for one in members):
            parts = sum(known[one] for one in members)
            if parts != number:
                said.append(f"{unit} in {year} has {number:,}, and its units add up to {parts:,}")
    return said


def _lines(rows: pd.Series) -> str:
    shown = ", ".join(str(int(row)) for row in rows.head(_SHOWN))
    more = f" and {len(rows) - _SHOWN:,} more" if len(rows) > _SHOWN else ""
    return f"row{'s' if len(rows) > 1 else ''} {shown}{more}"


def _told(kind: str, name: str, faults: Sequence[str]) -> str:
    listed = "".join(f"\n- {fault}" for fault in faults[:20])
    return f"{kind}: {name} cannot be a denominator:{listed}"
