"""Load the catalogue: one TOML per indicator, with all faults of all files told at once."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, fields
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from obs.catalogue.indicator import (
    ADDITIVE,
    ATTEMPTS,
    DATE_RULES,
    DENOMINATORS,
    KINDS,
    PLACE_RULES,
    RULES,
    SOURCES,
    STAGES,
    TEXTS,
    Asked,
    Indicator,
    SpeaksOf,
)
from obs.errors import CatalogueError
from obs.reference import LANGUAGES, load_codelist, load_measures, load_phenomena
from obs.schemas import BREAKDOWNS, CASE_CONTEXTS, DECISIONS, FORMS, RELATIONS, UNITS

__all__ = ["get_indicator", "load_catalogue"]

_FOLDER = Path(__file__).parent / "indicators"
_FIELDS = {f.name: f for f in fields(Indicator)}
_LISTS = tuple(
    name for name, f in _FIELDS.items() if "tuple[str" in str(f.type) and name != "where"
)
_ASKED = {f.name: f for f in fields(Asked)}
_SPEAKS_OF = {f.name: f for f in fields(SpeaksOf)}
_CLOSED_CODES = {
    "form": FORMS,
    "relation": RELATIONS,
    "context": CASE_CONTEXTS,
    "decision": DECISIONS,
}
_ONE_OF = {
    "kind": KINDS,
    "source": SOURCES,
    "unit": UNITS,
    "attempts": ATTEMPTS,
    "stage": STAGES,
    "place_rule": PLACE_RULES,
    "date_rule": DATE_RULES,
    "disclosure": RULES,
}


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
    return dict(_load(None if extra_dir is None else Path(extra_dir)))


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
    catalogue = _load(None)
    if id not in catalogue:
        near = difflib.get_close_matches(str(id), catalogue, n=3)
        hint = f" Did you mean {' or '.join(map(repr, near))}?" if near else ""
        raise CatalogueError(
            f"there is no indicator '{str(id)[:60]}'.{hint} Indicators: {', '.join(catalogue)}."
        )
    return catalogue[id]


@cache
def _load(extra: Path | None) -> Mapping[str, Indicator]:
    files = sorted(_FOLDER.glob("*.toml"))
    if extra is not None:
        if not extra.is_dir():
            raise CatalogueError(f"the folder of further indicators is not there: {extra.name}")
        files += sorted(extra.glob("*.toml"))
    faults: list[str] = []
    found: dict[str, Indicator] = {}
    for file in files:
        entry, wrong = _read(file)
        if entry is not None and entry.id in found:
            wrong.append(f"id '{entry.id}' is already in the catalogue")
        faults += [f"{file.name}: {fault}" for fault in wrong]
        if entry is not None:
            found.setdefault(entry.id, entry)
    faults += _faults_between(found)
    if faults:
        raise CatalogueError(f"{len(faults)} fault(s) in the catalogue: " + "; ".join(faults))
    return MappingProxyType(dict(sorted(found.items())))


def _read(file: Path) -> tuple[Indicator | None, list[str]]:
    try:
        raw = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        return None, [f"is not readable TOML: {error}"]
    faults = _faults_of_keys(raw)
    if faults:
        return None, faults
    faults = [*_faults_of_codes(raw), *_faults_of_sense(raw, file.stem)]
    faults += _faults_of_words(raw["asked"]) if "asked" in raw else []
    return _build(raw), faults


def _build(raw: Mapping[str, Any]) -> Indicator:
    typed = dict(raw)
    typed.update({name: tuple(raw[name]) for name in _LISTS if name in raw})
    typed.update({name: MappingProxyType(dict(raw[name])) for name in TEXTS})
    typed["where"] = MappingProxyType({c: tuple(v) for c, v in raw.get("where", {}).items()})
    typed["additive_over"] = frozenset(raw.get("additive_over", ()))
    if "asked" in raw:
        typed["asked"] = _build_asked(raw["asked"])
    if "speaks_of" in raw:
        scope = raw["speaks_of"]
        typed["speaks_of"] = SpeaksOf(**{**scope, "offences": tuple(scope["offences"])})
    return Indicator(**typed)


def _build_asked(raw: Mapping[str, Any]) -> Asked:
    typed = {k: tuple(v) if isinstance(v, list) else v for k, v in raw.items()}
    typed["shares"] = MappingProxyType({c: tuple(v) for c, v in raw["shares"].items()})
    return Asked(**typed)


def _faults_of_keys(raw: Mapping[str, Any]) -> list[str]:
    """Tell the keys that are unknown, absent or of a wrong type."""
    faults = []
    for name in sorted(set(raw) - set(_FIELDS)):
        near = difflib.get_close_matches(name, _FIELDS, n=1)
        faults.append(f"unknown key '{name}'" + (f" (did you mean '{near[0]}'?)" if near else ""))
    needed = [
        n for n, f in _FIELDS.items() if f.default is MISSING and f.default_factory is MISSING
    ]
    faults += [f"key '{name}' is absent" for name in needed if name not in raw]
    for name in (n for n in _FIELDS if n in raw):
        faults += _faults_of_type(name, raw[name])
    return faults


def _faults_of_type(name: str, value: Any) -> list[str]:
    if name in TEXTS:
        return _faults_of_text(name, value)
    if name == "asked":
        return _faults_of_question(value)
    if name == "speaks_of":
        return _faults_of_scope(value)
    if name == "where":
        good = isinstance(value, dict) and all(_is_list(v) and v for v in value.values())
        return [] if good else ["'where' must give a list of codes for each column"]
    if name in _LISTS or name == "additive_over":
        return [] if _is_list(value) else [f"'{name}' must be a list of texts"]
    if name in ("version", "per", "decimals"):
        lowest = 0 if name == "decimals" else 1
        good = isinstance(value, int) and not isinstance(value, bool) and value >= lowest
        return [] if good else [f"'{name}' must be a whole number from {lowest} up"]
    return [] if isinstance(value, str) and value else [f"'{name}' must be a text"]


def _faults_of_text(name: str, value: Any) -> list[str]:
    if not isinstance(value, dict):
        return [f"'{name}' must have a text for each of {', '.join(LANGUAGES)}"]
    faults = [
        f"'{name}' has no text in '{lang}'"
        for lang in LANGUAGES
        if not isinstance(value.get(lang), str) or not value[lang].strip()
    ]
    return faults + [f"'{name}' has an unknown language '{c}'" for c in set(value) - {*LANGUAGES}]


def _faults_of_question(value: Any) -> list[str]:
    """Tell what is unknown, absent or of a wrong type in what was asked."""
    if not isinstance(value, dict):
        return ["'asked' must be a table"]
    needed = [n for n, f in _ASKED.items() if f.default is MISSING]
    faults = [f"unknown key 'asked.{n}'" for n in value if n not in _ASKED]
    faults += [f"key 'asked.{n}' is absent" for n in needed if n not in value]
    wanted = {"questionnaires": list, "answers": list, "items": list, "shares": dict}
    wanted |= {"question": str, "by_item": str, "any_item": bool}
    faults += [
        f"'asked.{n}' must be a {kind.__name__}"
        for n, kind in wanted.items()
        if n in value and not (isinstance(value[n], kind) and (value[n] or kind is bool))
    ]
    return faults or _faults_of_shares(value)


def _faults_of_scope(value: Any) -> list[str]:
    """Tell what is unknown, absent or of a wrong type in what a figure speaks of."""
    if not isinstance(value, dict):
        return ["'speaks_of' must be a table"]
    faults = [f"unknown key 'speaks_of.{n}'" for n in value if n not in _SPEAKS_OF]
    faults += [f"key 'speaks_of.{n}' is absent" for n in _SPEAKS_OF if n not in value]
    for name in (n for n in _SPEAKS_OF if n in value):
        if name == "attempts":
            good = isinstance(value[name], bool)
        elif name == "offences":
            known = set(load_phenomena()["code"])
            good = _is_list(value[name]) and bool(value[name]) and set(value[name]) <= known
        elif name == "unit":
            good = value[name] in UNITS
        else:
            good = isinstance(value[name], str) and bool(value[name].strip())
        faults += [] if good else [f"'speaks_of.{name}' is not what the catalogue knows"]
    return faults


def _faults_of_shares(asked: Mapping[str, Any]) -> list[str]:
    faults = []
    for code, answers in asked["shares"].items():
        if not _is_list(answers) or not answers or set(answers) - set(asked["answers"]):
            faults.append(f"share '{code}' must list answers of 'asked.answers'")
    if bool(asked.get("items")) != bool(asked.get("by_item")):
        faults.append("'asked.items' and 'asked.by_item' go together")
    if asked.get("by_item", BREAKDOWNS[0]) not in BREAKDOWNS:
        faults.append(f"unknown breakdown '{asked['by_item']}' in 'asked.by_item'")
    return faults


def _faults_of_codes(raw: Mapping[str, Any]) -> list[str]:
    phenomena = set(load_phenomena()["code"])
    lists = {
        "phenomena": phenomena,
        "exclude": phenomena,
        "accepts": UNITS,
        "denominators": DENOMINATORS,
        "additive_over": ADDITIVE,
        "breakdowns": BREAKDOWNS,
        "measures": set(load_measures()["measure"]),
        "requires_all": raw.get("where", {}),
    }
    faults = [
        f"unknown {name} '{raw[name]}' (one of {', '.join(allowed)})"
        for name, allowed in _ONE_OF.items()
        if raw.get(name, allowed[0]) not in allowed
    ]
    for name, allowed in lists.items():
        faults += [f"unknown code '{c}' in '{name}'" for c in raw.get(name, []) if c not in allowed]
    for column, codes in raw.get("where", {}).items():
        if column not in BREAKDOWNS:
            faults.append(f"unknown column '{column}' in 'where'")
        closed = _CLOSED_CODES.get(column, codes)
        faults += [f"unknown {column} '{c}' in 'where'" for c in codes if c not in closed]
    return faults


def _faults_of_sense(raw: Mapping[str, Any], stem: str) -> list[str]:
    """Tell what contradicts itself, though each code is known."""
    kind, denominators = raw["kind"], raw.get("denominators", [])
    survey = raw["source"] == "survey"
    needs = {
        f"the file must be called {raw['id']}.toml": raw["id"] == stem,
        "a severity index, and only that, has a 'base', a year such as 2015": (kind == "severity")
        == raw.get("base", "").isdigit(),
        "a severity index is per head of the population": kind != "severity"
        or denominators == ["population"],
        "a rate needs a denominator, dwellings or population": kind != "rate"
        or bool(denominators)
        and "days" not in denominators,
        "a figure per day has the denominator days and no other": kind != "per_day"
        or denominators == ["days"],
        "a count or a share has no denominators": kind not in ("count", "share")
        or not denominators,
        "a share of records, and only that, names its 'whole'": ("whole" in raw)
        == (kind == "share" and not survey),
        "an indicator of a survey, and only that, has 'asked'": ("asked" in raw)
        == (survey and kind != "unreported"),
        "an indicator of a survey is a share or a number unreported": not survey
        or kind in ("share", "unreported"),
        "a number unreported, and only that, is of a survey and names 'suffered' and 'reporting'": (
            ("suffered" in raw) == ("reporting" in raw) == (kind == "unreported")
        )
        and (kind != "unreported" or survey),
        "a population estimated from lists, and only that, is of the source 'lists' and counts "
        "persons": (kind in ("recapture", "lower_bound"))
        == (raw["source"] == "lists")
        == (raw["source"] == "lists" and raw["unit"] == "person"),
        "an indicator of the prosecutor, and only that, has a 'stage'": ("stage" in raw)
        == (raw["source"] == "prosecutor"),
        "an indicator of services, and only that, names 'activities'": bool(raw.get("activities"))
        == (raw["source"] == "services"),
        "only a rate has a 'per'": kind == "rate" or "per" not in raw,
        "'first_period' must be a year such as 2015": raw["first_period"].isdigit(),
    }
    return [fault for fault, good in needs.items() if not good]


def _faults_of_words(asked: Mapping[str, Any]) -> list[str]:
    """Tell the codes of items and shares that no codelist has words for."""
    codes = {asked["by_item"]: asked["items"]} if asked.get("items") else {}
    codes |= {"answer": asked["shares"]} if len(asked["shares"]) > 1 else {}
    return [
        f"{column} '{code}' is in no codelist"
        for column, own in codes.items()
        for code in own
        if code not in set(load_codelist(column)["code"])
    ]


def _faults_between(found: Mapping[str, Indicator]) -> list[str]:
    """Tell the references to indicators that are not there or count another unit."""
    faults = []
    for entry in found.values():
        others = (entry.whole, entry.suffered, entry.reporting)
        named: Iterable[str] = (*entry.parts, *(o for o in others if o))
        for other in named:
            if other not in found:
                faults.append(f"{entry.id}.toml: there is no indicator '{other}'")
            elif found[other].unit != entry.unit:
                faults.append(f"{entry.id}.toml: '{other}' counts another unit")
        for other in (o for o in (entry.suffered, entry.reporting) if o in found):
            asked = found[other].asked
            if asked is None or len(asked.shares) != 1:
                faults.append(f"{entry.id}.toml: '{other}' is not one share of respondents")
    return faults


def _is_list(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(v, str) for v in value)
