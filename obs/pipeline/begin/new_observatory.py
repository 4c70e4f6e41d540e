"""Begin an observatory: its folder, its declaration, its units and inhabitants, a first note.

All files are read and checked first, as the build reads them; a refusal leaves nothing behind.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from obs.clean.denominator_files import read_denominators
from obs.clean.folded_texts import fold
from obs.errors import CatalogueError
from obs.locale import need_language
from obs.pipeline.begin.found_columns import (
    FoundTable,
    find_key,
    find_population,
    find_units,
    read_found,
)
from obs.pipeline.begin.new_note import new_note
from obs.pipeline.begin.other_rows import say_other_rows
from obs.pipeline.declaration_schemas import write_schemas
from obs.private_files import private_files
from obs.reference import load_observatory

__all__ = ["NewObservatory", "new_observatory"]

_FOLDERS = ("profiles", "catalogue", "notebooks", "data/raw")
_FIRST_NOTE = ("overview", "theft")
_SHOWN_KEYS = ("unit", "years", "year", "file_year", "value", "summed")
_PLAIN = (".csv", ".parquet")
_MAKEFILE = """# what is done in this folder, one word each
report:
\tobs build

clean:
\tobs clean police --config observatory.toml --preview

.PHONY: report clean
"""


@dataclass(frozen=True)
class NewObservatory:
    """What was made: the folder, and what its files were found to hold."""

    folder: Path
    units: int
    years: tuple[int, ...]
    columns: dict[str, str]
    whole_name: str
    left_out: str = ""

    def summary(self) -> list[str]:
        """Say in lines what was made and what to do next."""
        found = [f"{what}: column '{column}'" for what, column in self.columns.items()]
        return [
            f"observatory: {self.folder}",
            f"{self.units} units; inhabitants of {self.years[0]} to {self.years[-1]}",
            *found,
            *([self.left_out] if self.left_out else []),
            f"all units together are called '{self.whole_name}' on pages: [territory.top] of "
            "observatory.toml, or --whole-name",
            f"next: obs profile new FILE --source police --observatory {self.folder}",
        ]


def new_observatory(
    folder: str | Path,
    *,
    name: str,
    languages: Sequence[str],
    units: str | Path,
    population: str | Path,
    boundaries: str | Path | None = None,
    level: str = "commune",
    whole: str = "region",
    whole_name: str = "",
    thousands: str = "",
) -> NewObservatory:
    """Make the folder of an observatory.

    Parameters
    ----------
    folder : path
        Made; it may be there if it is empty.
    name : str
        What the observatory is called; its short name is made of it.
    languages : sequence of str
        Codes of the languages it publishes in, the first of which comes first.
    units : path
        Table or vector file with a code and a name for each unit.
    population : path
        Inhabitants of each unit and year.
    boundaries : path, optional
        Vector file with the code of each unit.
    level, whole : str
        Levels of the units and of all together, of those that `obs` has words for.
    whole_name : str
        What all units together are called on pages; the observatory's name if it is not said.
    thousands : str
        Sign between thousands of the numbers of inhabitants, where the file does not tell.

    Returns
    -------
    NewObservatory
        Where it is, and which columns were taken.

    Raises
    ------
    CatalogueError, DeliveryError, CodeError
        If the folder is not empty, a language is unknown, or a file cannot be read, leaves a unit
        out or leaves open which column is which. Nothing is left.
    """
    to = Path(folder)
    if to.is_file() or (to.is_dir() and any(to.iterdir())):
        raise CatalogueError(f"'{to}' is there and not empty; name a folder that is not there yet.")
    langs = tuple(need_language(code) for code in dict.fromkeys(languages))
    if not langs:
        raise CatalogueError("name at least one language, as --languages fr,nl")
    to.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{to.name}.", dir=to.parent) as place:
        made = Path(place) / "made"
        shapes = Path(boundaries) if boundaries is not None else None
        files = _Files(Path(units), Path(population), shapes, thousands)
        top = _Top(level, whole, whole_name or name)
        units_read, years, columns, left_out = _made(made, name, langs, files, top)
        made.chmod(0o755)
        if to.is_dir():
            to.rmdir()
        made.replace(to)
    return NewObservatory(to, units_read, years, columns, top.name, left_out)


@dataclass(frozen=True)
class _Files:
    """The files of units, inhabitants and boundaries, and a sign that stands between thousands."""

    units: Path
    population: Path
    boundaries: Path | None
    thousands: str


@dataclass(frozen=True)
class _Top:
    """The level of the units, that of all together, and what these are called."""

    level: str
    whole: str
    name: str


def _made(
    made: Path,
    name: str,
    langs: tuple[str, ...],
    files: _Files,
    top: _Top,
) -> tuple[int, tuple[int, ...], dict[str, str], str]:
    """Write the folder, load it as a build does, and give what it holds."""
    for one in _FOLDERS:
        (made / one).mkdir(parents=True)
    write_schemas(made / "schemas")
    table = read_found(files.units)
    code, called, more = find_units(table)
    listed = _names_by_code(table.rows, code, called, more)
    people = find_population(
        read_found(files.population),
        listed.drop(columns="postal", errors="ignore"),
        files.thousands,
    )
    raw = made / "data" / "raw"
    with private_files():
        placed = {"units": _place_units(table, raw, code, called)}
        placed["population"] = _copy(files.population, raw / "population")
        key = ""
        if files.boundaries is not None:
            key = find_key(read_found(files.boundaries), [*listed["code"]])
            placed["boundaries"] = _copy(files.boundaries, raw / "boundaries")
    parts = [
        _opening(name, langs),
        _territory(placed["units"], code, called, table, top, langs),
        _aliases(listed),
        _population(placed["population"], people),
        _boundaries(placed, key, top.level),
    ]
    declaration = made / "observatory.toml"
    declaration.write_text("\n".join(part for part in parts if part), encoding="utf-8")
    years = _check(declaration, raw)
    note, indicator = _FIRST_NOTE
    new_note(note, indicator=indicator, observatory=made)
    (made / "Makefile").write_text(_MAKEFILE, encoding="utf-8")
    (made / ".gitignore").write_text("data/\npublications/\n", encoding="utf-8")
    columns = {"codes of units": code, "names of units": called}
    shown = {what: said for what, said in people.items() if what in _SHOWN_KEYS}
    columns |= {f"population, {what}": _shown(said) for what, said in shown.items()}
    columns |= {"codes of boundaries": key} if key else {}
    return len(listed), years, columns, say_other_rows(people)


def _check(declaration: Path, raw: Path) -> tuple[int, ...]:
    """Load what was written as a build does: units, boundaries, inhabitants; give their years."""
    observatory = load_observatory(declaration)
    observatory.territory(raw)
    table = observatory.denominators["population"]
    paths = sorted({path for pattern in table.files for path in raw.glob(pattern)})
    read = read_denominators("population", paths, table, territory=observatory.places(raw))
    return tuple(sorted(read["year"].astype(int).unique()))


def _names_by_code(rows: pd.DataFrame, code: str, called: str, more: Sequence[str]) -> pd.DataFrame:
    """Give the code and the names of each unit."""
    listed = rows[[code, called, *more]].drop_duplicates(code)
    return listed.set_axis(["code", "name", *(f"name {n}" for n in range(len(more)))], axis=1)


def _place_units(table: FoundTable, raw: Path, code: str, called: str) -> Path:
    """Copy the file of units, or write its units as plain csv where a build would not read it."""
    layout = table.layout
    plain = layout is None or (
        table.path.suffix.lower() in _PLAIN and not (layout.skip or layout.comment)
    )
    if plain:
        return _copy(table.path, raw / "units")
    place = raw / "units" / f"{table.path.stem}.csv"
    place.parent.mkdir(parents=True, exist_ok=True)
    table.rows[[code, called]].drop_duplicates().to_csv(place, index=False, lineterminator="\n")
    return place


def _copy(path: Path, folder: Path) -> Path:
    """Copy a file, with those that belong to it where it is a shapefile."""
    folder.mkdir(parents=True, exist_ok=True)
    if path.suffix.lower() == ".shp":
        for part in path.parent.glob(f"{path.stem}.*"):
            shutil.copyfile(part, folder / part.name)
    else:
        shutil.copyfile(path, folder / path.name)
    return folder / path.name


def _opening(name: str, langs: tuple[str, ...]) -> str:
    short = re.sub(r"[^a-z0-9]+", "_", fold(name).casefold()).strip("_")
    if not short:
        raise CatalogueError("the name of the observatory has no letter of a to z and no digit")
    words = "\n".join(f"{lang} = {_quoted(name)}" for lang in langs)
    return f"""#:schema schemas/observatory.json
# Who publishes what, from which deliveries. Sources are added by `obs profile new`.
name = {_quoted(short)}
languages = {_quoted([*langs])}
notes = []
licence = "CC BY 4.0"

[title]
{words}

[publisher]
{words}
"""


def _territory(
    file: Path,
    code: str,
    called: str,
    table: FoundTable,
    top: _Top,
    langs: tuple[str, ...],
) -> str:
    lines = [
        "[territory.units]",
        f"file = {_quoted(f'units/{file.name}')}",
        f"code = {_quoted(code)}",
        f"name = {_quoted(called)}",
    ]
    if table.layout is not None and file.name == table.path.name and file.suffix == ".csv":
        lines += [
            f"separator = {_quoted(table.layout.separator)}",
            f"encoding = {_quoted(table.layout.encodings[0])}",
        ]
    lines += ["", "[territory.base_level]", f"code = {_quoted(top.level)}", ""]
    lines += ["[territory.top_level]", f"code = {_quoted(top.whole)}", "", "[territory.top]"]
    lines += ["# what pages call all units together, in each language"]
    lines += ['code = "ALL"', *(f"name.{lang} = {_quoted(top.name)}" for lang in langs), ""]
    return "\n".join(lines)


def _aliases(listed: pd.DataFrame) -> str:
    """Give the names of the units in further columns, in another language for instance."""
    more = [c for c in listed if str(c).startswith("name ")]
    pairs = {
        str(alias): str(code)
        for column in more
        for alias, code, name in zip(listed[column], listed["code"], listed["name"], strict=True)
        if fold(alias) != fold(name)
    }
    if not pairs:
        return ""
    return "\n".join(
        ["[territory.names]", *(f"{_quoted(a)} = {_quoted(c)}" for a, c in pairs.items()), ""]
    )


def _population(file: Path, keys: dict[str, object]) -> str:
    plain = {key: value for key, value in keys.items() if key != "left_out"}
    lines = [f"{key} = {_quoted(value)}" for key, value in plain.items()]
    patterns = keys.get("left_out")
    if isinstance(patterns, dict):
        lines += [f"left_out.{_quoted(c)} = {_quoted(p)}" for c, p in patterns.items()]
    return "\n".join(
        ["[population]", f"files = {_quoted([f'population/{file.name}'])}", *lines, ""]
    )


def _boundaries(placed: dict[str, Path], key: str, level: str) -> str:
    if not key:
        return ""
    file = _quoted(f"boundaries/{placed['boundaries'].name}")
    return f"[boundaries]\nfile = {file}\nkey = {_quoted(key)}\nlevel = {_quoted(level)}\n"


def _shown(said: object) -> str:
    return ", ".join(map(str, said)) if isinstance(said, list) else str(said)


def _quoted(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
