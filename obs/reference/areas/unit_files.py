"""Read the units of a territory from a raw file, so that any city or country can be used.

Codes and names come from the distinct rows of a delivery or of a boundary file. Two names for one
code are refused, since one of them would be wrong on a page.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from obs.declare.plain_texts import EMAIL, label_fault
from obs.errors import CodeError, DeliveryError
from obs.locale import languages
from obs.reference.areas.boundary_files import BOUNDARY_FORMATS, check_boundary_file
from obs.reference.codelists import load_codelist
from obs.reference.territory import Territory, make_territory

__all__ = ["Areas", "level_names", "read_areas"]


@dataclass(frozen=True, eq=False)
class Areas:
    """Where the base units are read, and the words for them and for the whole.

    Attributes
    ----------
    file, code, name : str
        File under the raw folder; its columns of codes and of names.
    base_level, top_level : str
        Codes of the two levels ("commune", "departement").
    top_code : str
        Code of the whole.
    top_name : dict of str
        Its name by language.
    level_words : dict of dict
        For each level not in the codelist "levels": name_fr, name_fr_plural, ...
    case : {"as_written", "title"}
        "title" turns "ROGERS PARK" into "Rogers Park".
    separator, encoding : str
        For a text file.
    names : dict of str
        Further names of the units = their codes.
    postal : str
        Column of postal codes, "" if there is none.
    """

    file: str
    code: str
    name: str
    base_level: str
    top_level: str
    top_code: str
    top_name: dict[str, str]
    level_words: dict[str, dict[str, str]]
    case: str = "as_written"
    separator: str = ","
    encoding: str = "utf-8-sig"
    names: Mapping[str, str] = field(default_factory=dict)
    postal: str = ""


def read_areas(areas: Areas, *, raw: Path, name: str) -> Territory:
    r"""Read the units of a territory from a raw file.

    The result has two levels: the units, sorted by code, and the whole. Raises `DeliveryError` if
    the file is absent or unreadable, lacks a column, gives a code two names or none, or has a
    name or code that no page can show (a formula, markup, an e-mail address). Raises
    `CodeError` if the code of the whole is also that of a unit.

    Examples
    --------
    >>> import tempfile
    >>> raw = Path(tempfile.mkdtemp())
    >>> _ = (raw / "areas.csv").write_text("id,area\n2,NORTH SIDE\n1,LOOP\n2,NORTH SIDE\n")
    >>> areas = Areas("areas.csv", "id", "area", "community_area", "city", "0",
    ...     {"en": "Town"}, {}, case="title")
    >>> read_areas(areas, raw=raw, name="town").units["name_en"].tolist()
    ['Loop', 'North Side', 'Town']
    """
    rows = _read_units(areas, raw / areas.file)
    table = _distinct(areas, rows)
    names = table["name"].map(_titled) if areas.case == "title" else table["name"]
    units = pd.DataFrame({"code": table["code"], "level": areas.base_level})
    units["parent"] = areas.top_code
    for lang in languages():
        units[f"name_{lang}"] = names
    top = {"code": areas.top_code, "level": areas.top_level, "parent": None}
    top |= {f"name_{lang}": areas.top_name[_first(lang, areas.top_name)] for lang in languages()}
    return make_territory(
        pd.concat([units, pd.DataFrame([top])], ignore_index=True).astype("str"),
        name=name,
        levels=(areas.base_level, areas.top_level),
        aliases=_further_names(areas, {*table["code"], areas.top_code}),
        level_names=level_names((areas.base_level, areas.top_level), areas.level_words),
        postal_codes=_postal_codes(areas, rows),
    )


def _further_names(areas: Areas, codes: set[str]) -> pd.DataFrame:
    strange = sorted({code for code in areas.names.values() if code not in codes})
    if strange:
        raise CodeError(
            f"[territory.names] of the observatory has codes of no unit: {', '.join(strange[:5])}. "
            f"The units are in column '{areas.code}' of {areas.file}."
        )
    return pd.DataFrame({"alias": [*areas.names], "code": [*areas.names.values()]}, dtype="str")


def _postal_codes(areas: Areas, rows: pd.DataFrame) -> pd.DataFrame | None:
    """List the postal codes of each unit: one a row, or several in a cell."""
    if not areas.postal:
        return None
    cells = pd.DataFrame(
        {"postal": _as_text(rows[areas.postal]), "code": _as_text(rows[areas.code])}
    )
    cells = cells.dropna().drop_duplicates()
    cells["postal"] = cells["postal"].str.findall(r"\d{4,5}")
    return cells.explode("postal").dropna().drop_duplicates(ignore_index=True)


def _distinct(areas: Areas, table: pd.DataFrame) -> pd.DataFrame:
    table = pd.DataFrame({"code": _as_text(table[areas.code]), "name": _as_text(table[areas.name])})
    table = table.drop_duplicates()
    _check_texts(areas, table)
    table = table.dropna()
    twice = table.loc[table["code"].duplicated(), "code"].unique()
    if len(twice):
        raise DeliveryError(
            f"{areas.file}: {len(twice)} codes of column '{areas.code}' have several names in "
            f"column '{areas.name}' (first: {', '.join(twice[:5])}). Choose a column of names "
            "that is the same on all rows of a code."
        )
    return table.sort_values("code", key=lambda c: c.str.rjust(c.str.len().max()))


def _check_texts(areas: Areas, table: pd.DataFrame) -> None:
    """Refuse a code without a name, a name without a code, and texts that no page can show."""
    columns = {"code": areas.code, "name": areas.name}
    for key, other in (("code", "name"), ("name", "code")):
        for text in table[key].dropna():
            fault = label_fault(text) or ("has an e-mail address" if EMAIL.search(text) else "")
            if fault:
                raise DeliveryError(
                    f"{areas.file}: a text of column '{columns[key]}' {fault}: it can be no {key} "
                    "of a unit. Have it mended in the file."
                )
        known = table.loc[table[other].notna(), key]
        alone = table.loc[table[other].isna() & ~table[key].isin(known), key].dropna().unique()
        if len(alone):
            raise DeliveryError(
                f"{areas.file}: {len(alone)} units have a {key} in column '{columns[key]}' and no "
                f"{other} in column '{columns[other]}' (first: {', '.join(alone[:5])}). Fill it "
                "in, or take these rows out."
            )


def _read_units(areas: Areas, path: Path) -> pd.DataFrame:
    if not path.is_file():
        raise DeliveryError(
            f"The file of the territory's units, '{areas.file}', is not in the raw folder "
            f"'{path.parents[len(Path(areas.file).parts) - 1].name}'. Put it there or name "
            "another folder with --raw."
        )
    try:
        table = _open_file(areas, path)
    except DeliveryError:
        raise
    except (OSError, EOFError, zlib.error, ValueError, RuntimeError) as fault:
        raise DeliveryError(f"{areas.file} cannot be read: {fault}") from fault
    needed = [c for c in (areas.code, areas.name, areas.postal) if c]
    absent = [c for c in needed if c not in table.columns]
    if absent:
        raise DeliveryError(
            f"{areas.file} has no column '{absent[0]}'; it has {', '.join(map(str, table.columns))}."
        )
    return table


def _open_file(areas: Areas, path: Path) -> pd.DataFrame:
    if path.suffix.lower() in BOUNDARY_FORMATS:
        import pyogrio  # heavy, and only boundary files need it

        check_boundary_file(path)
        return pyogrio.read_dataframe(path, read_geometry=False)
    if path.suffix.lower() == ".parquet":
        return pd.read_parquet(path)
    return pd.read_csv(path, sep=areas.separator, encoding=areas.encoding, dtype="str")


def _as_text(column: pd.Series) -> pd.Series:
    if pd.api.types.is_float_dtype(column.dtype) and (column.dropna() % 1 == 0).all():
        column = column.astype("Int64")
    return column.astype("str").str.split().str.join(" ").replace("", pd.NA)


def _titled(name: str) -> str:
    return re.sub(r"\bMc(\w)", lambda m: "Mc" + m[1].upper(), name.title())


def level_names(levels: Sequence[str], own: Mapping[str, Mapping[str, str]]) -> pd.DataFrame:
    """List the words of levels: an observatory's own go before those of the codelist "levels"."""
    known = load_codelist("levels")
    words = pd.DataFrame([{"code": code, **names} for code, names in own.items()])
    table = known if words.empty else pd.concat([known[~known["code"].isin(words["code"])], words])
    return table.loc[table["code"].isin(levels)].reset_index(drop=True)


def _first(lang: str, texts: dict[str, str]) -> str:
    return lang if lang in texts else next(iter(texts))
