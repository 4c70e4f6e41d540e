"""Define a territory: its units at every level, their names, parents and place on a tile map.

Brussels is packaged. Any other territory is read from a raw file by its observatory
(`obs.reference.observatory`). Units of different levels are never added up here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import pandas as pd

from obs.display_cards import card, rows_as_html
from obs.errors import CodeError
from obs.locale import languages, words
from obs.reference.codelists import load_codelist
from obs.reference.mergers import Merger
from obs.reference.translated import add_names

__all__ = ["FORMER", "UNPLACED", "Beyond", "Territory", "load_territory", "make_territory"]

UNPLACED = "unplaced"  # the level of facts of which no more is known than the unit that holds them
FORMER = "former"  # the level of units that are parts of one of today's since a merger
_UNKNOWN_PLACE = "_U"  # behind the code of that unit, as SDMX codes what is not known

_SHOWN = 20  # rows in a notebook
_HERE = Path(__file__).parent
_PACKAGED = ("brussels",)
_PLACE, _TILE = ["code", "level", "parent"], ["tile_row", "tile_col"]


@dataclass(frozen=True)
class Beyond:
    """A place that holds a territory or lies elsewhere, and is no unit of it: its country.

    Its figures are neither a total nor a part of those of a unit. `level` is a code of the codelist
    "levels", `names` are by language.
    """

    code: str
    level: str
    names: Mapping[str, str]


@dataclass(frozen=True, eq=False, repr=False)
class Territory:
    """Units of one territory at every level, and the names they answer to.

    Two territories are equal only if they are the same object, so that one may be a
    key or an argument of a cached function.

    Attributes
    ----------
    name : str
        Short name, "brussels" for the default.
    levels : tuple of str
        From the finest to the whole: ("commune", "zone", "region") in Brussels.
    units : DataFrame
        One row per unit: code, level, parent (missing at the top), a name in each language
        (name_fr...), tile_row, tile_col (place on the tile map, missing where there is none).
    aliases : DataFrame
        One row per name and unit it may stand for: alias, code. A name with several
        rows is ambiguous.
    level_names : DataFrame
        One row per level: code, name_fr, name_fr_plural, and so on.
    folder : Path or None
        Where the packaged tables are (population.csv); none for territories from a file.
    boundaries, boundary_key, boundary_level : Path or None, str or None, str or None
        Boundary file, its column of codes, and the level it draws.
    postal_codes : DataFrame or None
        One row per postal code and unit in which it is used: postal, code.
    breaks : Path or None
        The observatory's own register of breaks in series, beside the packaged one.
    mergers : tuple of Merger
        Units of today that were several before, and which.
    beyond : tuple of Beyond
        Places that are no unit of it, such as its country, of which totals are told.
    """

    name: str
    levels: tuple[str, ...]
    units: pd.DataFrame
    aliases: pd.DataFrame
    level_names: pd.DataFrame
    folder: Path | None = None
    boundaries: Path | None = None
    boundary_key: str | None = None
    boundary_level: str | None = None
    postal_codes: pd.DataFrame | None = None
    breaks: Path | None = None
    mergers: tuple[Merger, ...] = ()
    beyond: tuple[Beyond, ...] = ()

    def __repr__(self) -> str:
        counts = ", ".join(f"{len(self.codes(level))} {level}" for level in self.levels)
        return f"Territory({self.name!r}: {counts})"

    def _repr_html_(self) -> str:
        named = [c for c in self.units.columns if str(c).startswith("name_")]
        columns = ["code", "level", *named]
        shown = self.units[columns].astype("str").head(_SHOWN)
        rows = shown.itertuples(index=False)
        header = columns.index(named[0]) if named else 0
        table = rows_as_html(columns, rows, more=len(self.units) - len(shown), header=header)
        levels = {level: f"{len(self.codes(level)):,}" for level in self.levels}
        return card(f"Territory {self.name}", levels, below=table)

    @property
    def base_level(self) -> str:
        """The finest level."""
        return self.levels[0]

    @property
    def top_level(self) -> str:
        """The level of the whole."""
        return self.levels[-1]

    @property
    def top(self) -> str:
        """The code of the whole."""
        return self.codes(self.top_level)[0]

    def codes(self, level: str) -> list[str]:
        """List the codes of a level, sorted as the units table has them."""
        self._check_level(level)
        return self.units.loc[self.units["level"] == level, "code"].tolist()

    def unplaced(self, code: str) -> str:
        """Give the code of the facts that are known to be in a unit, and in which part is not."""
        return f"{code}{_UNKNOWN_PLACE}"

    @cached_property
    def unplaced_units(self) -> dict[str, str]:
        """Give the codes of facts without a known place, and the unit that holds each."""
        above = self.units.loc[self.units["level"] != self.base_level, "code"]
        return {self.unplaced(code): str(code) for code in above}

    @cached_property
    def former_units(self) -> dict[str, str]:
        """Give the codes of the units of before a merger, and the unit of today of each."""
        return {one.former(part): one.new for one in self.mergers for part in one.parts}

    @cached_property
    def beyond_units(self) -> dict[str, Beyond]:
        """Give the places beyond the territory by their codes."""
        return {one.code: one for one in self.beyond}

    @property
    def beyond_levels(self) -> tuple[str, ...]:
        """The levels of the places beyond the territory."""
        return tuple(dict.fromkeys(one.level for one in self.beyond))

    def holds(self, code: str) -> bool:
        """Tell whether a code is of a unit, of today or before, or of facts without a place."""
        return code in self._by_code or code in self._beside

    @cached_property
    def _beside(self) -> dict[str, str]:
        """Give the codes beside the units, and the unit above each."""
        return {**self.unplaced_units, **self.former_units}

    def rank_of(self, code: str) -> int:
        """Give the place of its level from the finest, 0; facts without a place have parts."""
        level = self.level_of(code)
        return self.levels.index(level) if level in self.levels else 0

    def level_of(self, code: str) -> str:
        """Give the level of a code."""
        if code in self.beyond_units:
            return self.beyond_units[code].level
        if code in self._beside and code not in self._by_code:
            return UNPLACED if code in self.unplaced_units else FORMER
        return str(self._unit_row(code)["level"])

    def parent(self, code: str) -> str | None:
        """Give the unit just above, or None for the whole and for a place beyond it."""
        if code in self.beyond_units:
            return None
        if code in self._beside and code not in self._by_code:
            return self._beside[code]
        parent = self._unit_row(code)["parent"]
        return None if pd.isna(parent) else str(parent)

    def children(self, code: str) -> list[str]:
        """List the units just below."""
        self._unit_row(code)
        return list(self._children.get(code, ()))

    def members(self, code: str) -> list[str]:
        """List the base units that make up a unit (itself, if it is one)."""
        if code in self.beyond_units:
            return []
        if code in self._beside and code not in self._by_code:
            return []
        if self.level_of(code) == self.base_level:
            return [code]
        return sorted(base for child in self.children(code) for base in self.members(child))

    def label(self, code: str, lang: str) -> str:
        """Give the name of a unit in a language."""
        if code in self.beyond_units:
            names = self.beyond_units[code].names
            return names.get(_checked_language(lang)) or next(iter(names.values()))
        if code in self.unplaced_units:
            whole = self.label(self.unplaced_units[code], lang)
            return words(_checked_language(lang)).say("place.unplaced", name=whole)
        for one in self.mergers:
            for part, name in one.parts.items():
                if code == one.former(part) and code not in self._by_code:
                    return name
        return str(self._unit_row(code)[f"name_{_checked_language(lang)}"])

    def level_label(self, level: str, lang: str, *, plural: bool = False) -> str:
        """Give the word for a level ("commune", "communes", "zone de police")."""
        if level not in self.beyond_levels:
            self._check_level(level)
        column = f"name_{_checked_language(lang)}" + ("_plural" if plural else "")
        return str(self.level_names.set_index("code").at[level, column])

    @cached_property
    def _by_code(self) -> dict[str, dict[str, object]]:
        return {str(row["code"]): row for row in self.units.to_dict("records")}

    @cached_property
    def _children(self) -> dict[str, list[str]]:
        return self.units.dropna(subset="parent").groupby("parent")["code"].agg(list).to_dict()

    def _unit_row(self, code: str) -> dict[str, object]:
        if code not in self._by_code:
            raise CodeError(
                f"'{str(code)[:40]}' is not a code of territory '{self.name}' "
                f"({len(self._by_code)} codes, from {min(self._by_code)} to "
                f"{max(self._by_code)}). Use match_territory to turn names into codes."
            )
        return self._by_code[code]

    def _check_level(self, level: str) -> None:
        if level not in self.levels:
            raise CodeError(
                f"'{level}' is not a level of territory '{self.name}'; "
                f"its levels are {', '.join(self.levels)}."
            )


def load_territory(territory: str | Territory = "brussels") -> Territory:
    """Load a packaged territory by its name; a Territory comes back as it is.

    Parameters
    ----------
    territory : str or Territory
        "brussels", or a Territory made by an observatory.

    Returns
    -------
    Territory
        The same object at each call (cached). Its tables are not to be modified.

    Raises
    ------
    CodeError
        If no territory of that name is packaged.

    Examples
    --------
    >>> brussels = load_territory()
    >>> brussels
    Territory('brussels': 19 commune, 6 zone, 1 region)
    >>> brussels.label("21009", "nl"), brussels.parent("21009")
    ('Elsene', '5339')
    """
    if isinstance(territory, Territory):
        return territory
    if territory not in _PACKAGED:
        raise CodeError(
            f"Territory '{territory}' is not packaged; known: {', '.join(_PACKAGED)}. "
            "For another, pass load_observatory(path).territory(raw_dir)."
        )
    return _load_packaged(territory)


def make_territory(
    units: pd.DataFrame,
    *,
    name: str,
    levels: tuple[str, ...],
    aliases: pd.DataFrame | None = None,
    level_names: pd.DataFrame | None = None,
    folder: Path | None = None,
    boundaries: Path | None = None,
    boundary_key: str | None = None,
    boundary_level: str | None = None,
    postal_codes: pd.DataFrame | None = None,
    beyond: tuple[Beyond, ...] = (),
) -> Territory:
    """Make a Territory from a table of units; every name of a unit is an alias of it.

    Parameters
    ----------
    units : DataFrame
        code, level, parent, name_fr and so on; tile_row and tile_col if known. A language
        without a column takes the names that its files give or point to. Not modified.
    name : str
        Short name of the territory.
    levels : tuple of str
        From the finest to the whole.
    aliases : DataFrame, optional
        Further names: alias, code.
    level_names : DataFrame, optional
        Words for the levels; the codelist "levels" if absent.
    folder, boundaries, boundary_key, boundary_level, postal_codes, beyond
        As in `Territory`.

    Returns
    -------
    Territory
        Ready for `match_territory`.

    Raises
    ------
    CodeError
        If a code is repeated, a level or a parent is unknown, or the whole is not one unit.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"code": ["1", "2", "0"], "level": ["area", "area", "city"],
    ...     "parent": ["0", "0", None], "name_fr": ["A", "B", "C"], "name_nl": ["A", "B", "C"],
    ...     "name_en": ["A", "B", "C"]})
    >>> make_territory(table, name="town", levels=("area", "city")).members("0")
    ['1', '2']
    """
    table = add_names(units, name=name)
    named = [c for c in table.columns if c.startswith("name_")]
    table = table.reindex(columns=[*_PLACE, *named, *_TILE]).astype(dict.fromkeys(_TILE, "Int64"))
    _check_units(table, name, levels)
    return Territory(
        name=name,
        levels=levels,
        units=table.reset_index(drop=True),
        aliases=_all_aliases(table, aliases),
        level_names=load_codelist("levels") if level_names is None else level_names,
        folder=folder,
        boundaries=boundaries,
        boundary_key=boundary_key,
        boundary_level=boundary_level,
        postal_codes=postal_codes,
        beyond=beyond,
    )


@cache
def _load_packaged(name: str) -> Territory:
    folder = _HERE / name
    units = pd.read_csv(folder / "units.csv", dtype="str")
    aliases = pd.read_csv(folder / "aliases.csv", dtype="str")
    return make_territory(
        units,
        name=name,
        levels=tuple(units["level"].unique()),
        aliases=aliases,
        folder=folder,
        postal_codes=pd.read_csv(folder / "postal_codes.csv", dtype="str"),
        beyond=tuple(_read_beyond(folder / "beyond.csv")),
    )


def _read_beyond(path: Path) -> Iterator[Beyond]:
    """Read the places beyond a packaged territory."""
    table = pd.read_csv(path, dtype="str", comment="#")
    named = [c for c in table.columns if c.startswith("name_")]
    for row in table.to_dict("records"):
        names = {column.removeprefix("name_"): str(row[column]) for column in named}
        yield Beyond(str(row["code"]), str(row["level"]), names)


def _check_units(units: pd.DataFrame, name: str, levels: tuple[str, ...]) -> None:
    faults = []
    repeated = units.loc[units["code"].duplicated(), "code"].unique()[:5]
    if len(repeated):
        faults.append(f"codes repeated: {', '.join(repeated)}")
    if strange := sorted(set(units["level"]) - set(levels)):
        faults.append(f"levels not declared: {', '.join(strange)}")
    if orphans := sorted(set(units["parent"].dropna()) - set(units["code"])):
        faults.append(f"parents that are no unit: {', '.join(orphans[:5])}")
    if (units["level"] == levels[-1]).sum() != 1:
        faults.append(f"level '{levels[-1]}' must hold exactly one unit, the whole")
    if faults:
        raise CodeError(f"The units of territory '{name}' are faulty: {'; '.join(faults)}.")


def _all_aliases(units: pd.DataFrame, aliases: pd.DataFrame | None) -> pd.DataFrame:
    named = [c for c in units.columns if c.startswith("name_")]
    names = units.melt("code", named, var_name="from", value_name="alias")
    parts = [names[["alias", "code"]]]
    if aliases is not None:
        parts.append(aliases[["alias", "code"]])
    return pd.concat(parts).dropna().drop_duplicates(ignore_index=True)


def _checked_language(lang: str) -> str:
    if lang not in languages():
        raise CodeError(f"Language '{lang}' is not one of {', '.join(languages())}.")
    return lang
