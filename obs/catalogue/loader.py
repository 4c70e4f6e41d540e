"""Load the catalogue: one TOML per indicator, with all faults of all files told at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from obs.catalogue.indicator import TEXTS, Indicator
from obs.catalogue.indicator_rules import (
    INDICATOR_RULES,
    Rule,
    check_references,
    require_name,
)
from obs.declare import Declared, check, did_you_mean, quoted, read_toml, refuse
from obs.errors import CatalogueError
from obs.locale import further_texts, languages

__all__ = ["get_indicator", "load_catalogue", "untranslated"]

_FOLDER = Path(__file__).parent / "indicators"


def load_catalogue(extra_dir: str | Path | None = None) -> dict[str, Indicator]:
    """Load every indicator of the catalogue.

    Parameters
    ----------
    extra_dir : str or Path, optional
        A folder of further TOML files, of another observatory; an id already in the
        catalogue may not be given again.

    Returns
    -------
    dict of str to Indicator
        By id, in alphabetical order.

    Raises
    ------
    CatalogueError
        With every fault of every file: unreadable, unknown or absent key, missing
        language, unknown unit, source, phenomenon, measure or rule, contradiction.

    Examples
    --------
    >>> load_catalogue()["bicycle_theft"].title["fr"]
    'Vols de vélos'
    """
    return dict(_load_folder(None if extra_dir is None else Path(extra_dir)))


def get_indicator(id: str) -> Indicator:  # noqa: A002 - the word of the catalogue
    """Give one indicator of the catalogue.

    Parameters
    ----------
    id : str
        Its code.

    Returns
    -------
    Indicator
        Frozen; the same object at each call.

    Raises
    ------
    CatalogueError
        If there is no such indicator; near codes are named.

    Examples
    --------
    >>> get_indicator("burglary_dwelling").denominators
    ('dwellings', 'population')
    """
    catalogue = _load_folder(None)
    if id not in catalogue:
        raise CatalogueError(
            f"there is no indicator {quoted(id)}{did_you_mean(id, catalogue)}. "
            f"Indicators: {', '.join(catalogue)}."
        )
    return catalogue[id]


def untranslated(ids: Iterable[str], langs: Iterable[str]) -> list[str]:
    """List the indicators that have no texts in a language that is needed.

    Parameters
    ----------
    ids, langs : iterable of str
        Indicators, and codes of languages.

    Returns
    -------
    list of str
        "theft (de)"; empty when all is there.

    Examples
    --------
    >>> untranslated(["theft"], ["fr", "nl"])
    []
    """
    needed = list(langs)
    return [f"{i} ({g})" for i in ids for g in needed if g not in get_indicator(i).title]


@cache
def _load_folder(extra: Path | None) -> Mapping[str, Indicator]:
    files = sorted(_FOLDER.glob("*.toml"))
    if extra is not None:
        if not extra.is_dir():
            raise CatalogueError(f"the folder of further indicators is not there: {extra.name}")
        files += sorted(extra.glob("*.toml"))
    faults: list[str] = []
    found: dict[str, Indicator | None] = {}
    for file in files:
        declared = _read_file(file, (require_name(file.stem), *INDICATOR_RULES))
        faults += [f"{file.name}: {fault}" for fault in declared.faults]
        if file.stem in found:
            faults.append(f"{file.name}: id '{file.stem}' is already in the catalogue")
        else:
            found[file.stem] = declared.partly
    faults += check_references(found)
    if faults:
        refuse(f"{len(faults)} fault(s) in the catalogue of indicators", faults)
    return MappingProxyType({name: one for name, one in sorted(found.items()) if one is not None})


def _read_file(file: Path, rules: Sequence[Rule]) -> Declared[Indicator]:
    try:
        raw = read_toml(file)
    except CatalogueError as fault:
        return Declared(None, (str(fault),))
    return check(_add_further_texts(raw), Indicator, rules=rules)


def _add_further_texts(raw: dict[str, Any]) -> dict[str, Any]:
    """Add the texts of languages that came after the catalogue's own."""
    made = dict(raw)
    for lang in languages():
        own = further_texts(lang, "indicators").get(str(raw.get("id")), {})
        for name in (t for t in TEXTS if t in own and isinstance(made.get(t), dict)):
            made[name] = {lang: own[name], **made[name]}
    return made
