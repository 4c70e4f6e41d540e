"""Find the numbers of a text that count or measure something, as they are written in three languages.

Years, days, hours, codes of measures and articles, telephone numbers, ages and ordinals are no
quantities: they are left out, since nothing is added or compared with them.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

__all__ = [
    "NUMBER_WORDS",
    "Quantity",
    "quantities",
    "sentence_around",
    "stems",
    "year_near",
    "years_of_sentence",
]

_SPACE = "\u00a0\u202f\u2009 "
_NUMBER = re.compile(
    rf"(?<![\w.,/°-])(?:\d{{1,3}}(?:[{_SPACE}.,']\d{{3}})+|\d+)(?:[.,]\d+)?(?![\w/°]|[.,]\d|-\d)"
)
_PERCENT = re.compile(
    rf"[{_SPACE}]*(?:%|p\.?\s?c\.|pour cent\b|procent\b|per ?cent\b)", re.IGNORECASE
)
_CODE_BEFORE = re.compile(
    r"(?:mesures?|th[ée]mati(?:que|sche?)s?|articles?|artikel(?:en)?|art\.|n[°o]s?\.?|nr\.?|no\.|"
    r"nummer|num[ée]ro|question|vraag|zone|page|p\.|blz\.|annexe|bijlage|annex|tableau|tabel|table|"
    r"figure|figuur|chapitre|hoofdstuk|chapter|phase|fase|version|versie|objectif|maatregel(?:en)?|"
    r"measures?|section|sectie|loi|wet|§|ligne|line|bus|tram|rue|level|niveau|fiche|point|punt|lot|"
    r"covid|col|circulaire|omzendbrief)\s*$",
    re.IGNORECASE,
)
_MONTHS = (
    r"janv|f[ée]vr|mars|avril|mai|juin|juil|ao[uû]t|sept|oct|nov|d[ée]c|"
    r"janu|febr|maart|april|mei|juni|juli|augustus|march|may|june|july|august"
)
_DAY_AFTER = re.compile(rf"(?:er|st|nd|rd|th)?\s+(?:{_MONTHS})", re.IGNORECASE)
_MONTH_BEFORE = re.compile(rf"(?:{_MONTHS})\w*\.?\s+$", re.IGNORECASE)
_NO_COUNT_AFTER = re.compile(
    rf"[{_SPACE}]*(?:h(?:eures?)?\b|uur\b|o'clock|ans\b|jaar\b|years?\b|mois\b|maand|months?\b|jours?\b|"
    r"dag(?:en)?\b|days?\b|semaines?\b|weken\b|weeks?\b|minutes?\b|minuten\b|e\b|[èe]me\b|km\b|m²|m2\b|"
    r"°|:\d|millions?\b|miljoen|milliards?\b)",
    re.IGNORECASE,
)
_NEXT_YEAR = re.compile(r"\s*[-/–]\s*(?:20\d\d|\d\d)\b")
NUMBER_WORDS = {
    **dict.fromkeys(("deux", "twee", "two"), 2),
    **dict.fromkeys(("trois", "drie", "three"), 3),
    **dict.fromkeys(("quatre", "vier", "four"), 4),
    **dict.fromkeys(("cinq", "vijf", "five"), 5),
    **dict.fromkeys(("sept", "zeven", "seven"), 7),
    **dict.fromkeys(("huit", "acht", "eight"), 8),
    **dict.fromkeys(("neuf", "negen", "nine"), 9),
    **dict.fromkeys(("dix", "tien", "ten"), 10),
    **dict.fromkeys(("onze", "elf", "eleven"), 11),
    **dict.fromkeys(("douze", "twaalf", "twelve"), 12),
    **dict.fromkeys(("quinze", "vijftien", "fifteen"), 15),
    **dict.fromkeys(("vingt", "twintig", "twenty"), 20),
    **dict.fromkeys(("trente", "dertig", "thirty"), 30),
    **dict.fromkeys(("quarante", "veertig", "forty"), 40),
    **dict.fromkeys(("cinquante", "vijftig", "fifty"), 50),
    "six": 6,
    "zes": 6,
}
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_BESIDE = re.compile(  # a number, up to four words that join nothing, and its year
    r"[\d.,'\s]++%?\s*(?:(?!(?:et|and|en|ainsi|puis|then)\b)[^\W\d_]++['’\s]++){0,4}?(?:en|in|during|voor|pour)\s+"
    r"((?:19|20)\d\d)\b",
    re.IGNORECASE,
)
_END = re.compile(r"[.;!?](?=\s|$)")
_SMALL_WORDS = """
de du des la le les l d un une en et ou au aux par pour sur dans avec qui que ont a été
sont se ce het een van der den in op te bij voor met of die dat werd werden is zijn om
uit the an on at by for with and or to were was are that which has have been
"""
_SMALL = frozenset(_SMALL_WORDS.split())  # words without a meaning of their own


@dataclass(frozen=True)
class Quantity:
    """A number in a text.

    Attributes
    ----------
    value : float
        As read.
    percent : bool
        Whether a percentage.
    decimals : int
        Digits after the decimal sign.
    start, end : int
        Where it stands in its text.
    written : str
        As written.
    noun : tuple of str
        Stems of the words that follow, small ones left out.
    """

    value: float
    percent: bool
    decimals: int
    start: int
    end: int
    written: str
    noun: tuple[str, ...] = ()


@lru_cache(maxsize=1_024)
def quantities(text: str) -> tuple[Quantity, ...]:
    """Find the quantities of a text, in its order.

    Examples
    --------
    >>> said = "En 2021, 1 657 faits (+4,1 %) ; mesure 4.6, le 3 mars, 24 personnes"
    >>> [(q.value, q.percent) for q in quantities(said)]
    [(1657.0, False), (4.1, True), (24.0, False)]
    """
    return tuple(sorted(_found(text), key=lambda q: q.start))


def _found(text: str) -> Iterator[Quantity]:
    for match in _NUMBER.finditer(text):
        written, end = match.group(), match.end()
        mark = _PERCENT.match(text, end)
        value, decimals = _value(written, percent=mark is not None)
        if mark is None and _is_none(text, match, value, decimals):
            continue
        after = mark.end() if mark else end
        yield Quantity(
            value,
            mark is not None,
            decimals,
            match.start(),
            after,
            text[match.start() : after],
            stems(text[after : after + 90])[:4],
        )
    for match in _WORD.finditer(text):
        if (number := NUMBER_WORDS.get(match.group().casefold())) is not None:
            noun = stems(text[match.end() : match.end() + 90])[:4]
            place = (match.start(), match.end(), match.group())
            yield Quantity(float(number), False, 0, *place, noun)  # noqa: FBT003


def _value(written: str, *, percent: bool) -> tuple[float, int]:
    groups = re.split(rf"[{_SPACE}']", written)
    last = re.search(r"[.,](\d+)$", groups[-1])
    digits = re.sub(r"\D", "", written)
    if last is None:
        return float(digits), 0
    grouped = len(last[1]) == 3 and not percent and not re.search(r"[.,]\d+[.,]", written)
    signs = set(re.findall(r"[.,]", written))
    if grouped or (len(signs) == 1 and len(re.findall(r"[.,]", written)) > 1):
        return float(digits), 0
    decimals = len(last[1])
    return float(digits) / 10**decimals, decimals


def _is_none(text: str, match: re.Match[str], value: float, decimals: int) -> bool:
    """Tell a number that counts nothing: a year, a day, a code, a duration, an amount."""
    before, after = text[max(0, match.start() - 24) : match.start()], text[match.end() :][:24]
    written = match.group()
    year = re.fullmatch(r"(?:19|20)\d\d", written) is not None
    day = value <= 31 and (_DAY_AFTER.match(after) or _MONTH_BEFORE.search(before))
    return bool(
        year
        or day
        or _CODE_BEFORE.search(before)
        or _NO_COUNT_AFTER.match(after)
        or (len(written) > 1 and written[0] == "0")
        or (decimals and len(written) <= 4 and _CODE_BEFORE.search(before))
    )


def stems(text: str) -> tuple[str, ...]:
    """Give the beginnings of the words of a text that carry meaning, up to the end of the clause.

    Examples
    --------
    >>> stems("permanences du Médibus ont été tenues, ce qui")
    ('permane', 'medibu', 'tenu')
    """
    clause = re.split(r"[.;:!?()\n]|,\s", text, maxsplit=1)[0]
    words = (match.group().casefold() for match in _WORD.finditer(clause))
    return tuple(_stem(word) for word in words if word not in _SMALL and len(word) > 2)


@lru_cache(maxsize=4_096)
def _stem(word: str) -> str:
    folded = unicodedata.normalize("NFKD", word)
    bare = "".join(c for c in folded if not unicodedata.combining(c))
    return re.sub(r"(?:ees|es|ee|en|s|e)$", "", bare)[:7] if len(bare) > 4 else bare


def year_near(text: str, place: int) -> int | None:
    """Give the year that a number of a text speaks of.

    The one named with it ("210 in 2022"), else the nearest before it in its sentence, else after.

    Examples
    --------
    >>> year_near("En 2021, 12 faits; en 2022, 15.", 9)
    2021
    """
    start, end = sentence_around(text, place)
    beside = _BESIDE.match(text, place, end)
    if beside:
        return int(beside[1])
    places, years = _years(text)
    k = bisect_left(places, place)
    if k and places[k - 1] >= start:
        return years[k - 1]
    return years[k] if k < len(places) and places[k] < end else None


def years_of_sentence(text: str, place: int) -> set[int]:
    """Give every year that the sentence around a place names.

    Examples
    --------
    >>> sorted(years_of_sentence("Of 2021, 12 went on in 2022. None in 2023.", 9))
    [2021, 2022]
    """
    start, end = sentence_around(text, place)
    places, years = _years(text)
    return set(years[bisect_left(places, start) : bisect_left(places, end)])


def sentence_around(text: str, place: int) -> tuple[int, int]:
    """Give where the sentence around a place begins and ends.

    Examples
    --------
    >>> sentence_around("One. Two; three.", 6)
    (4, 8)
    """
    ends = _sentence_ends(text)
    k = bisect_left(ends, place)
    return ends[k - 1] + 1 if k else 0, ends[k] if k < len(ends) else len(text)


@lru_cache(maxsize=64)
def _sentence_ends(text: str) -> tuple[int, ...]:
    return tuple(m.start() for m in _END.finditer(text))


@lru_cache(maxsize=64)
def _years(text: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    found = list(_YEAR.finditer(text))
    return tuple(m.start() for m in found), tuple(int(m.group()) for m in found)
