"""Find labels that are the name of a code, number and case aside; nothing nearer is taken."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from obs.clean.folded_texts import fold
from obs.declare import near_names
from obs.reference.codelists import load_codelist, load_phenomena

__all__ = ["code_of", "codes_of", "near_codes"]

_WORD = re.compile(r"[^\W_]+")


def code_of(label: str, codelist: str) -> str | None:
    """Give the one code that a label names in any language, or None.

    Parameters
    ----------
    label : str
        A text of the supplier.
    codelist : str
        "phenomena", "sexes", "places", "forms", "relations", "decisions", "contexts".

    Returns
    -------
    str or None
        The code whose name, in singular or plural, is the label; None for none or several.

    Examples
    --------
    >>> code_of("VOL A LA TIRE", "phenomena"), code_of("Vrouwen", "sexes"), code_of("vol", "phenomena")
    ('pickpocketing', 'female', None)
    """
    found = _names(codelist).get(_singular(label), frozenset())
    return next(iter(found)) if len(found) == 1 else None


def codes_of(labels: Iterable[str], codelist: str) -> dict[str, str]:
    """Give the labels that name a code, with it."""
    found = {label: code_of(label, codelist) for label in labels}
    return {label: code for label, code in found.items() if code is not None}


def near_codes(label: str, codelist: str) -> list[str]:
    """Give the codes whose name or code, in any language, is nearest to a label; none where none is.

    Examples
    --------
    >>> near_codes("cambriolage", "phenomena"), near_codes("qqqq", "phenomena")
    (['burglary'], [])
    """
    names = _names(codelist)
    near = near_names(_singular(label), names)
    return [*dict.fromkeys(code for name in near for code in sorted(names[name]))]


@cache
def _names(codelist: str) -> dict[str, frozenset[str]]:
    table = load_phenomena() if codelist == "phenomena" else load_codelist(codelist)
    made: dict[str, set[str]] = {}
    for column in (c for c in table.columns if c == "code" or c.startswith("name_")):
        for code, name in zip(table["code"], table[column], strict=True):
            if isinstance(name, str) and code != "all":
                made.setdefault(_singular(name), set()).add(code)
    return {name: frozenset(codes) for name, codes in made.items()}


def _singular(text: str) -> str:
    """Fold a label and take the signs of the plural off its words."""
    words = _WORD.findall(fold(text.replace("_", " ")))
    return " ".join(_stem(word) for word in words)


def _stem(word: str) -> str:
    """Take the ending of a plural off a word: -s and -x, -en with the spelling that it brings."""
    for ending in (r"(?<=\w{2})(?:s|x)$", r"(?<=\w{3})en$", r"(?<=\w{2})s$"):
        word = re.sub(ending, "", word)
    word = re.sub(r"([bdfgklmnprst])\1$", r"\1", word)  # diefstal, diefstallen
    return re.sub(r"([aeou])\1", r"\1", word)  # inbraak, inbraken
