"""Whether languages are complete: the same keys and placeholders in each, every plural form."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from obs.errors import CatalogueError
from obs.locale.conventions import conventions
from obs.locale.language_files import CODES, CONVENTIONS, MESSAGES, languages, read_file
from obs.locale.messages import COUNTED, flatten, placeholders

__all__ = ["check_languages", "language_faults"]

_DATES = ("day", "month", "month_of_year", "quarter", "year")
_PROSE = (
    "and",
    "direction",
    "fraction",
    "interval",
    "number",
    "number_join",
    "ordinal",
    "per",
    "per_cent",
    "reference",
    "times",
)
_KNOWN = {
    "name": str,
    "locale": str,
    "percent": str,
    "date": dict,
    "punctuation": dict,
    "names_from": list,
    "prose": dict,
}
_PLACEHOLDER = re.compile(r"\{\w+\}")


def check_languages(langs: Sequence[str] | None = None) -> None:
    """Refuse languages that are not complete, with every fault at once.

    Parameters
    ----------
    langs : sequence of str, optional
        Those that are needed; all by default.

    Raises
    ------
    CatalogueError
        If a key is unknown to the others or absent, a placeholder differs, a plural form
        is missing, a convention is absent.

    Examples
    --------
    >>> from obs.locale import check_languages
    >>> check_languages()
    """
    faults = language_faults(langs)
    if faults:
        listed = "\n".join(f"- {fault}" for fault in faults)
        raise CatalogueError(f"{len(faults)} fault(s) in the files of languages:\n{listed}")


def language_faults(langs: Sequence[str] | None = None) -> list[str]:
    """List what is wrong in the files of languages, each against all the others.

    Parameters
    ----------
    langs : sequence of str, optional
        Those whose faults are wanted; all by default.

    Returns
    -------
    list of str
        "file: key: what"; empty when all is well.

    Examples
    --------
    >>> from obs.locale import language_faults
    >>> language_faults(["nl"])
    []
    """
    known = languages()
    asked = known if langs is None else langs
    faults = [fault for lang in asked for fault in _convention_faults(lang)]
    for file in (MESSAGES, CODES):
        texts = {lang: dict(flatten(read_file(lang, file))) for lang in known}
        for lang in asked:
            faults += [f"{lang}/{file}: {fault}" for fault in _text_faults(lang, texts, file)]
    return faults


def _convention_faults(lang: str) -> Iterator[str]:
    raw = read_file(lang, CONVENTIONS)
    where = f"{lang}/{CONVENTIONS}"
    yield from (f"{where}: unknown key '{key}'" for key in sorted(set(raw) - set(_KNOWN)))
    for key in ("name", "locale", "percent", "date"):
        if not isinstance(raw.get(key), _KNOWN[key]):
            yield f"{where}: '{key}' is absent or of a wrong type"
    dates = raw.get("date", {})
    yield from (f"{where}: 'date.{key}' is absent" for key in _DATES if key not in dates)
    for key in sorted(set(dates) - {*_DATES, "first_day"}):
        yield f"{where}: unknown key 'date.{key}'"
    prose = raw.get("prose", {})
    yield from (f"{where}: 'prose.{key}' is absent" for key in _PROSE if not prose.get(key))
    yield from (f"{where}: unknown key 'prose.{key}'" for key in sorted(set(prose) - set(_PROSE)))
    if "{number}" not in str(raw.get("percent")):
        yield f"{where}: 'percent' needs {{number}}"


def _text_faults(lang: str, texts: Mapping[str, dict[str, Any]], file: str) -> Iterator[str]:
    """Compare the texts of a language with those of all others together."""
    own = texts[lang]
    others = dict.fromkeys(key for other, t in texts.items() if other != lang for key in t)
    yield from (f"'{key}' is absent" for key in others if key not in own)
    for key, text in own.items():
        if others and key not in others:
            yield f"'{key}' is in no other language"
        forms = [text] if isinstance(text, str) else list(text.values())
        if not all(isinstance(form, str) and form.strip() for form in forms):
            yield f"'{key}' is empty, or is no text"
            continue
        if any(set("{}") & set(_PLACEHOLDER.sub("", form)) for form in forms):
            yield f"'{key}' has a brace that opens or closes no placeholder"
        yield from _form_faults(key, text, lang, file)
        unlike = [g for g, t in texts.items() if key in t and _differ(text, t[key])]
        if unlike:
            yield f"'{key}' has other placeholders than in {', '.join(unlike)}"


def _form_faults(key: str, text: Any, lang: str, file: str) -> Iterator[str]:
    """Ask for every plural category of the language, and for no other."""
    follows_number = file == MESSAGES or key.split(".", 1)[0] in COUNTED
    if isinstance(text, str):
        if file == CODES and follows_number:
            yield f"'{key}' is counted: give its plural forms"
        return
    needed = conventions(lang).categories
    asked = needed if follows_number else ("one", "other")
    yield from (f"'{key}' has no form '{c}'" for c in asked if c not in text)
    yield from (f"'{key}' has a form '{c}' that {lang} has not" for c in text if c not in needed)


def _differ(one: Any, other: Any) -> bool:
    try:
        return placeholders(one) - {"count"} != placeholders(other) - {"count"}
    except (AttributeError, TypeError):
        return False  # another fault: it is no text
