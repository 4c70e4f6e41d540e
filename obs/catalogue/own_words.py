"""Read the words that an observatory has of its own for packaged indicators."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from obs.catalogue.indicator import TEXTS
from obs.declare import did_you_mean, parse_toml
from obs.errors import CatalogueError
from obs.locale import languages

__all__ = ["OwnWords", "in_own_words", "read_own_words"]

OwnWords = Mapping[str, Mapping[str, str]]  # text: language: words
_FILE = "words.toml"


def read_own_words(
    content: bytes, files: Sequence[str]
) -> tuple[dict[str, dict[str, dict[str, str]]], list[str]]:
    r"""Read the words by indicator, and every fault of the file.

    Parameters
    ----------
    content : bytes
        TOML of tables `[INDICATOR.TEXT]` with words by language; nothing for no words.
    files : sequence of str
        Names of the files of all indicators.

    Returns
    -------
    tuple
        Words by indicator, text and language, and one line for each fault.

    Examples
    --------
    >>> from obs.catalogue.own_words import read_own_words
    >>> read_own_words(b"[theft.title]\nen = 'Stealing'", ["theft.toml"])[0]
    {'theft': {'title': {'en': 'Stealing'}}}
    """
    try:
        raw = parse_toml(content)
    except CatalogueError as fault:
        return {}, [f"{_FILE}: {fault}"]
    known = [Path(name).stem for name in files]
    faults = [f"{_FILE}: {fault}" for fault in _word_faults(raw, known)]
    return ({} if faults else raw), faults


def _word_faults(raw: Mapping[str, Any], known: Sequence[str]) -> Iterator[str]:
    for indicator, texts in raw.items():
        if indicator not in known:
            yield f"there is no indicator '{indicator}'{did_you_mean(indicator, known)}"
            continue
        if not isinstance(texts, dict):
            yield f"{indicator}: give tables such as [{indicator}.definition], words by language"
            continue
        for name, words in texts.items():
            if name not in TEXTS:
                yield f"{indicator} has no text '{name}'{did_you_mean(name, TEXTS)}"
            elif not isinstance(words, dict) or not all(isinstance(w, str) for w in words.values()):
                yield f"{indicator}.{name}: give words by language, such as en = "
            else:
                strange = sorted(set(words) - set(languages()))
                yield from (f"{indicator}.{name}: '{lang}' is no language" for lang in strange)


def in_own_words(raw: dict[str, Any], words: OwnWords) -> dict[str, Any]:
    """Put an observatory's words in the place of those of an indicator, language by language.

    Positions of sentences in a caveat that is replaced hold no longer, and are left out.
    """
    made = dict(raw)
    for name, own in words.items():
        if isinstance(made.get(name), dict):
            made[name] = {**made[name], **own}
    if "caveat" in words:
        made.pop("rate_sentences", None)
    return made
