"""Load the catalogue: one TOML per indicator, with all faults of all files in one error."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
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
from obs.catalogue.own_words import OwnWords, in_own_words, read_own_words
from obs.declare import Declared, check, did_you_mean, parse_toml, quoted, refuse
from obs.errors import CatalogueError
from obs.locale import further_texts, languages

__all__ = [
    "get_indicator",
    "kept_catalogue",
    "load_catalogue",
    "own_catalogue",
    "read_catalogue_texts",
    "untranslated",
    "use_catalogue_texts",
]

_FOLDER = Path(__file__).parent / "indicators"
WORDS = "words.toml"  # in the catalogue of an observatory: its own words of packaged indicators
_Texts = tuple[tuple[str, str], ...]  # of further files: name, content


class _Further:
    """The further files of the observatory at work in this process, its threads included."""

    texts: _Texts = ()


def read_catalogue_texts(folder: Path) -> dict[str, str]:
    """Read the declarations of an observatory's own indicators, by name of file.

    Raises `CatalogueError` for one that is not UTF-8 text. A folder that is not there has none.
    """
    texts = {}
    for file in sorted(folder.glob("*.toml")) if folder.is_dir() else ():
        try:
            texts[file.name] = file.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError):
            raise CatalogueError(
                f"{file.name} of the observatory's catalogue is no UTF-8 text; save it as such."
            ) from None
    return texts


def use_catalogue_texts(texts: Mapping[str, str]) -> None:
    """Read further indicators with the packaged ones from now on, in this process."""
    _Further.texts = tuple(sorted(texts.items()))


@contextmanager
def own_catalogue(folder: Path) -> Iterator[dict[str, str]]:
    """Read an observatory's own indicators with the packaged ones, for as long as it is at work.

    Yields their texts. Raises `CatalogueError` with every fault of every file.
    """
    texts = read_catalogue_texts(folder)
    with kept_catalogue(texts):
        yield texts


@contextmanager
def kept_catalogue(texts: Mapping[str, str]) -> Iterator[None]:
    """Read further indicators, whose texts were kept with an edition, for as long as it is at work.

    Raises `CatalogueError` with every fault of every text.
    """
    before = _Further.texts
    use_catalogue_texts(texts)
    try:
        _load_texts(_Further.texts)
        yield
    finally:
        _Further.texts = before


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
    if extra_dir is None:
        return dict(_load_texts(_Further.texts))
    folder = Path(extra_dir)
    if not folder.is_dir():
        raise CatalogueError(f"the folder of further indicators is not there: {folder.name}")
    return dict(_load_texts(tuple(read_catalogue_texts(folder).items())))


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
    catalogue = _load_texts(_Further.texts)
    if id not in catalogue:
        raise CatalogueError(
            f"there is no indicator {quoted(id)}{did_you_mean(id, catalogue)}. "
            f"Indicators: {', '.join(catalogue)}."
        )
    return catalogue[id]


def untranslated(ids: Iterable[str], langs: Iterable[str]) -> list[str]:
    """List the indicators, and the texts in own words, that a language needed does not have.

    A text that an observatory puts in its own words is its own in every language it publishes in:
    the packaged words of the others would say something else.

    Parameters
    ----------
    ids, langs : iterable of str
        Indicators, and codes of languages.

    Returns
    -------
    list of str
        "theft (de)", or "theft.definition (de)" of own words; empty when all is there.

    Examples
    --------
    >>> untranslated(["theft"], ["fr", "nl"])
    []
    """
    needed = list(langs)
    words = dict(_Further.texts).get(WORDS, "").encode()
    own = read_own_words(words, [f"{name}.toml" for name in load_catalogue()])[0]
    absent = []
    for indicator in ids:
        texts = {indicator: get_indicator(indicator).title}
        texts |= {f"{indicator}.{name}": words for name, words in own.get(indicator, {}).items()}
        absent += [
            f"{name} ({g})" for name, words in texts.items() for g in needed if g not in words
        ]
    return absent


@cache
def _load_texts(further: _Texts) -> Mapping[str, Indicator]:
    """Load the packaged indicators, and those of further files, in the observatory's own words."""
    packaged = {file.name: file.read_bytes() for file in sorted(_FOLDER.glob("*.toml"))}
    others = {name: text.encode() for name, text in further}
    words, faults = read_own_words(others.pop(WORDS, b""), [*packaged, *others])
    found: dict[str, Indicator | None] = {}
    for name, content in [*packaged.items(), *others.items()]:
        own = Path(name).stem
        rules = (require_name(own), *INDICATOR_RULES)
        declared = _read_content(content, rules, words.get(own, {}))
        faults += [f"{name}: {fault}" for fault in declared.faults]
        if own in found:
            faults.append(f"{name}: id '{own}' is already in the catalogue")
        else:
            found[own] = declared.partly
    faults += check_references(found)
    if faults:
        refuse(f"{len(faults)} fault(s) in the catalogue of indicators", faults)
    return MappingProxyType({name: one for name, one in sorted(found.items()) if one is not None})


def _read_content(content: bytes, rules: Sequence[Rule], words: OwnWords) -> Declared[Indicator]:
    try:
        raw = parse_toml(content)
    except CatalogueError as fault:
        return Declared(None, (str(fault),))
    return check(in_own_words(_add_further_texts(raw), words), Indicator, rules=rules)


def _add_further_texts(raw: dict[str, Any]) -> dict[str, Any]:
    """Add the texts of languages that came after the catalogue's own."""
    made = dict(raw)
    for lang in languages():
        own = further_texts(lang, "indicators").get(str(raw.get("id")), {})
        for name in (t for t in TEXTS if t in own and isinstance(made.get(t), dict)):
            made[name] = {lang: own[name], **made[name]}
    return made
