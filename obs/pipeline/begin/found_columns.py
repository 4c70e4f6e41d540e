"""Find the columns of a file of units and of one of inhabitants, by what their cells prove.

What two columns could be is asked, never guessed: the message lists them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from obs.clean.draft.found_layout import bare_profile, find_layout
from obs.clean.folded_texts import fold
from obs.clean.profiles.file_layout import FileLayout
from obs.clean.read.file_checks import open_deliveries
from obs.clean.read.text_table import read_delivery
from obs.errors import DeliveryError
from obs.pipeline.begin.other_rows import find_other_rows
from obs.reference.areas.boundary_files import BOUNDARY_FORMATS, check_boundary_file

__all__ = ["FoundTable", "find_key", "find_population", "find_units", "read_found"]

_CODE = re.compile(r"[A-Za-z]{0,6}[-_ ]?\d[\w.-]{0,14}")
_CODE_WORDS = [
    "code",
    "nis",
    "ins",
    "insee",
    "refnis",
    "codgeo",
    "id",
    "geoid",
    "nr",
    "numero",
    "number",
    "cd",
    "postinfo",
]
_NAME_WORDS = [
    "nom",
    "naam",
    "name",
    "libelle",
    "label",
    "commune",
    "gemeente",
    "gemeinde",
    "unit",
    "quartier",
    "wijk",
]
_VALUE_WORDS = [
    "population",
    "pop",
    "habitants",
    "inhabitants",
    "inwoners",
    "bevolking",
    "value",
    "valeur",
    "aantal",
    "nombre",
    "number",
    "total",
]
_YEAR = re.compile(r"(?:19|20)\d\d")
_SIGN = re.compile(r"(?<=\d)([ .,'\u2019])(?=\d{3}(?!\d))")  # between thousands, or before decimals


@dataclass(frozen=True)
class FoundTable:
    """A file read as texts, and how it is written; a vector file has no layout."""

    path: Path
    rows: pd.DataFrame
    layout: FileLayout | None


def read_found(path: Path) -> FoundTable:
    """Read any file of a table, or the attributes of a vector file, as texts."""
    if not path.is_file():
        raise DeliveryError(f"{path.name}: there is no such file.")
    if path.suffix.lower() in BOUNDARY_FORMATS:
        import pyogrio  # heavy, and only vector files need it

        check_boundary_file(path)
        rows = pyogrio.read_dataframe(path, read_geometry=False)
        return FoundTable(path, _squeezed(rows), None)
    (delivery,) = open_deliveries([path])
    layout = find_layout(delivery).layout
    reading = read_delivery(delivery, bare_profile(layout))
    columns = zip(reading.header, reading.columns, strict=True)
    rows = pd.DataFrame({name: column.to_series() for name, column in columns})
    return FoundTable(path, _squeezed(rows), layout)


def _squeezed(rows: pd.DataFrame) -> pd.DataFrame:
    made = rows.astype("str").apply(lambda column: column.str.split().str.join(" "))
    return made.mask(made == "").dropna(how="all")


def find_units(table: FoundTable) -> tuple[str, str, list[str]]:
    """Give the columns of codes and of names, and those of further names.

    A code has one name on all its rows, and a name one code.
    """
    rows = table.rows
    codes = [c for c in rows if rows[c].notna().all() and rows[c].map(_is_code).all()]
    names = [c for c in rows if rows[c].notna().all() and rows[c].map(_is_name).all()]
    pairs = [(c, n) for c in codes for n in names if _one_to_one(rows, c, n)]
    if not pairs:
        raise DeliveryError(
            f"{table.path.name}: no column of codes has one name each in another: it has "
            f"{', '.join(map(str, rows.columns[:12]))}. Give one row a unit, its code and its name."
        )
    code = _chosen(dict.fromkeys(c for c, _ in pairs), _CODE_WORDS, "codes of units", table)
    fitting = [n for c, n in pairs if c == code]
    name = _best_named(fitting, _NAME_WORDS)[0]
    return code, name, [n for n in fitting if n != name]


def find_population(
    table: FoundTable, units: pd.DataFrame, thousands: str = ""
) -> dict[str, object]:
    """Give the keys of `[population]`: units, years, numbers, what is added over, what is no unit.

    `units` has the code and the names of each unit, `thousands` the sign that is said to stand between
    thousands. Columns are judged by the rows of units alone: a total, a note below the table or the
    communes of the rest of the country hide none.
    """
    unit = _unit_column(table, units)
    known = {fold(text) for kind in units.columns for text in units[kind].dropna()}
    ours = table.rows[unit].map(lambda text: isinstance(text, str) and fold(text) in known)
    own = replace(table, rows=table.rows[ours])
    found, numbers = _of_units(own, unit, set(units["code"]))
    found |= _thousands(own, numbers, thousands)
    return found | find_other_rows(table.rows[~ours], own.rows, found, numbers)


def _of_units(table: FoundTable, unit: str, codes: set[str]) -> tuple[dict[str, object], list[str]]:
    """Give the keys that the rows of units prove, and their columns of numbers."""
    rows, file = table.rows, table.path.name
    wide = [c for c in rows if c != unit and _YEAR.search(str(c)) and rows[c].map(_is_number).all()]
    if wide:
        return {"unit": unit, "years": _pattern_of(wide)}, wide
    others = [c for c in rows if c != unit]
    years = [c for c in others if rows[c].map(lambda t: bool(_YEAR.fullmatch(str(t)))).all()]
    year: dict[str, object] = {}
    if years:
        year = {"year": _chosen(years, ["year", "annee", "jaar", "jahr", "cd"], "years", table)}
    elif _YEAR.search(file):
        year = {"file_year": r"((?:19|20)\d\d)"}
    else:
        raise _no_year(table, [c for c in others if _YEAR.search(str(c))])
    numbers = [c for c in others if c not in years and rows[c].map(_is_number).all()]
    numbers = [c for c in numbers if not set(rows[c]) <= codes]
    if not numbers:
        raise DeliveryError(f"{file}: no column holds whole numbers, which inhabitants are.")
    value = _chosen(numbers, _VALUE_WORDS, "numbers of inhabitants", table)
    keys = [unit, *(str(one) for one in year.values() if one in rows)]
    found: dict[str, object] = {"unit": unit, **year, "value": value}
    if rows.duplicated(keys).any():
        parts = [c for c in others if c not in (*keys, value) and rows[c].nunique() < len(rows)]
        parts = [c for c in parts if rows.groupby(keys)[c].nunique().max() > 1]
        found["summed"] = parts
    return found, [value]


def _thousands(table: FoundTable, numbers: Sequence[str], said: str) -> dict[str, object]:
    """Give the sign between thousands: a blank, one that a number has twice, or the one that is said.

    "52.000" may be 52 or 52 thousand: where nothing tells, it is asked for.
    """
    texts = [str(text) for column in numbers for text in table.rows[column]]
    signs = {sign for text in texts for sign in _SIGN.findall(text)}
    proven = {sign for text in texts for sign in signs if text.count(sign) > 1}
    certain = proven | (signs - {".", ","})
    if said:
        return {"thousands": said}
    if not signs:
        return {}
    if len(certain) != 1:
        example = next(text for text in texts if _SIGN.search(text))
        raise DeliveryError(
            f"{table.path.name}: '{example}' may be a whole number with decimals, or thousands. Say which "
            "sign stands between thousands (--thousands .), or take the decimals out of a copy of the file."
        )
    return {"thousands": certain.pop()}


def _no_year(table: FoundTable, across: Sequence[str]) -> DeliveryError:
    """Say that no year is found; columns that bear one, and the row of one that has no number."""
    if across:
        bad = table.rows.loc[~table.rows[across[0]].map(_is_number), across[0]]
        return DeliveryError(
            f"{table.path.name}: column '{str(across[0])[:40]}' bears a year, and has no whole number for "
            f"{len(bad)} of the {len(table.rows)} rows of units. Ask for them: inhabitants are whole numbers."
        )
    return DeliveryError(
        f"{table.path.name}: no column of years, no years across the columns and none in the file's "
        "name. Ask for the year of the numbers, or write it in the name: population_2024.csv."
    )


def find_key(table: FoundTable, codes: Sequence[str]) -> str:
    """Give the column of a vector file that has the code of every unit."""
    found = [c for c in table.rows if set(codes) <= set(table.rows[c].dropna())]
    if not found:
        raise DeliveryError(
            f"{table.path.name}: no column has the codes of all {len(codes)} units (such as "
            f"{', '.join(codes[:3])}); it has {', '.join(map(str, table.rows.columns[:12]))}."
        )
    return str(_best_named(found, _CODE_WORDS)[0])


def _unit_column(table: FoundTable, units: pd.DataFrame) -> str:
    """Give the column that has every unit, by code or by name."""
    rows = table.rows
    for kind in units.columns:
        wanted = set(units[kind].map(fold))
        shares = {c: len(wanted & set(rows[c].dropna().map(fold))) / len(wanted) for c in rows}
        whole = [c for c, share in shares.items() if share == 1]
        if whole:
            return str(_best_named(whole, _CODE_WORDS if kind == "code" else _NAME_WORDS)[0])
    best, share = max(
        (
            (c, len({*units[kind].map(fold)} & {*rows[c].dropna().map(fold)}) / len(units))
            for kind in units.columns
            for c in rows
        ),
        key=lambda one: one[1],
    )
    raise DeliveryError(
        f"{table.path.name}: no column has all {len(units)} units by code or by name (nearest: "
        f"'{best}', {share:.0%}). Units without a number would have no rate: ask for them."
    )


def _pattern_of(wide: Sequence[str]) -> str:
    """Give a pattern of columns that differ by a year."""
    first = str(wide[0])
    found = _YEAR.search(first)
    assert found is not None  # noqa: S101 - the caller found years
    before, after = re.escape(first[: found.start()]), re.escape(first[found.end() :])
    return f"{before}((?:19|20)\\d\\d){after}"


def _one_to_one(rows: pd.DataFrame, code: str, name: str) -> bool:
    pairs = rows[[code, name]].drop_duplicates()
    return (
        code != name and not pairs[code].duplicated().any() and not pairs[name].duplicated().any()
    )


def _chosen(
    found: Sequence[str] | dict[str, None], words: list[str], what: str, table: FoundTable
) -> str:
    """Give the one column that can be it, or that its name tells apart; refuse several."""
    columns = [*found]
    best = _best_named(columns, words)
    if len(best) > 1:
        raise DeliveryError(
            f"{table.path.name}: columns {', '.join(map(repr, columns[:6]))} could all be the {what}. "
            "Take the others out of a copy of the file."
        )
    return str(best[0])


def _best_named(columns: Sequence[str], words: list[str]) -> list[str]:
    """Give the columns whose names have most of some words."""
    scores = [
        sum(word in re.split(r"[^a-z]+", fold(str(c)).lower()) for word in words) for c in columns
    ]
    return [c for c, score in zip(columns, scores, strict=True) if score == max(scores)]


def _is_code(text: object) -> bool:
    return isinstance(text, str) and bool(_CODE.fullmatch(text))


def _is_name(text: object) -> bool:
    return isinstance(text, str) and sum(map(str.isalpha, text)) * 2 > len(text)


def _is_number(text: object) -> bool:
    return isinstance(text, str) and bool(
        re.fullmatch(r"(?:\d{1,3}(?:[ .,'\u2019]\d{3})+|\d+)(?:[.,]0+)?", text)
    )
