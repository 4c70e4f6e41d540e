"""Compare what a text says a day, as a fraction, as a difference or as shares of one whole."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from obs.report.documents.contradiction import HIGH, POSSIBLE, Contradiction, number
from obs.report.documents.passages import Passage, TableRow
from obs.report.documents.quantities import Quantity, quantities, sentence_around, years_of_sentence
from obs.report.documents.stated_changes import DENSE, from_to

__all__ = ["daily_rates", "differences", "fractions", "whole_of_shares"]

_SAID = r"(?:soit|or|ofwel|i\.e\.|c'est-à-dire|dat is|that is|=)"
_PERIODS = (
    (
        re.compile(
            r"\s*[^\W\d_]*\s*(?:par jour|a day|per day|daily|per dag|dagelijks)\b", re.IGNORECASE
        ),
        365.25,
    ),
    (
        re.compile(
            r"\s*[^\W\d_]*\s*(?:par semaine|a week|per week|weekly|wekelijks)\b", re.IGNORECASE
        ),
        52.18,
    ),
    (
        re.compile(
            r"\s*[^\W\d_]*\s*(?:par mois|a month|per month|monthly|per maand|maandelijks)\b",
            re.IGNORECASE,
        ),
        12.0,
    ),
)
_MEANT = r"(?:en moyenne|gemiddeld|on average|an average of)"
_ROUGHLY = re.compile(
    r"\b(?:environ|près de|quelque|ongeveer|bijna|circa|about|nearly|almost|some|around|roughly)\s*$",
    re.IGNORECASE,
)
_POINTS = re.compile(
    r"\s*(?:points? de pourcentage|percentage points?|procentpunt(?:en)?|points?\b)", re.IGNORECASE
)
_RANGE = re.compile(r"(?:\bà|\bto|\btot|[-–])\s*$", re.IGNORECASE)
_FRACTIONS = (
    (r"la moitié|half|de helft", 1 / 2),
    (r"deux tiers|two[\s-]thirds|twee derde[n]?", 2 / 3),
    (r"un tiers|a third|one third|een derde", 1 / 3),
    (r"trois quarts|three quarters|drie kwart", 3 / 4),
    (r"un quart|a quarter|one quarter|een kwart", 1 / 4),
    (r"un cinquième|one fifth|a fifth|een vijfde", 1 / 5),
    (r"un dixième|one tenth|a tenth|een tiende", 1 / 10),
    (r"one in two|une? sur deux|een op (?:de )?twee", 1 / 2),
    (r"one in three|une? sur trois|een op (?:de )?drie", 1 / 3),
    (r"one in four|une? sur quatre|een op (?:de )?vier", 1 / 4),
    (r"one in five|une? sur cinq|een op (?:de )?vijf", 1 / 5),
    (r"one in ten|une? sur dix|een op (?:de )?tien", 1 / 10),
)
_FRACTION = re.compile("|".join(rf"\b({words})\b" for words, _ in _FRACTIONS), re.IGNORECASE)
_MORE = re.compile(
    r"\s*[^\W\d_]*\s*(?:de plus|more|meer|supplémentaires?|de moins|fewer|less|minder)\b",
    re.IGNORECASE,
)
_BY = re.compile(
    r"\b(?:augmentation|hausse|diminution|baisse|réduction|increase|rise|drop|fall|decrease|stijging|daling|toename|afname|"
    r"différence|difference|verschil)\s+(?:de|d'|of|van|by)\s*$",
    re.IGNORECASE,
)
_SPLIT = re.compile(
    r"\b(?:répart\w+|ventil\w+|composé\w*|répartis|distribut\w+|breakdown|broken down|split|verdel\w+|opgesplitst)\b",
    re.IGNORECASE,
)
_SEVERAL = re.compile(r"\b(?:plusieurs|multiples?|several|meerdere|cumul\w*)\b", re.IGNORECASE)
Block = Passage | TableRow


def daily_rates(blocks: Sequence[Block]) -> Iterator[Contradiction]:
    """Find rates a day, week or month, said as those of a count of one year, that it does not give.

    Examples
    --------
    >>> text = "In 2021, 3,650 offences were recorded, that is 12 a day."
    >>> [c.computation for c in daily_rates([Passage("paragraph", text, "line 1")])]
    ['3650 / 365.25 = 10.0']
    """
    for block in blocks:
        found = quantities(block.text) if isinstance(block, Passage) else []
        for total, rate in zip(found, found[1:], strict=False):
            if isinstance(block, Passage) and not (total.percent or rate.percent):
                yield from _rate_fault(block, total, rate)


def _rate_fault(block: Passage, total: Quantity, rate: Quantity) -> Iterator[Contradiction]:
    text = block.text
    days = next((n for period, n in _PERIODS if period.match(text, rate.end)), None)
    if days is None:
        return
    between = text[total.end : rate.start]
    rough = _ROUGHLY.search(between)
    between = between[: rough.start()] if rough else between
    joined = re.search(
        rf"(?:,|\(|\b)(?:{_SAID}|{_MEANT})\s*(?:\w+\s)?$|\(\s*$", between, re.IGNORECASE
    )
    bare = re.match(
        r"\s*(?:par|a|per)\s", text[rate.end :], re.IGNORECASE
    )  # "6 a day", no other thing
    joined = joined or (re.search(r",\s*$", between) if bare else None)
    one_year = len(years_of_sentence(text, total.start)) == 1
    if not joined or not one_year or re.search(r"[.;]\s", between):
        return
    got, step = total.value / days, 10**-rate.decimals
    step = max(step, 0.15 * rate.value) if rough else step
    if total.value < rate.value * 2 or abs(got - rate.value) <= step:
        return
    yield Contradiction(
        "rate", block.place, rate.written, block.place, total.written,
        f"{number(total.value)} / {days:g} = {got:.1f}", HIGH,
    )  # fmt: skip


def fractions(blocks: Sequence[Block]) -> Iterator[Contradiction]:
    """Find "a third of the 90 files (45)" and its kin.

    Examples
    --------
    >>> text = "A third of the 90 files (45) were closed."
    >>> [c.computation for c in fractions([Passage("paragraph", text, "line 1")])]
    ['45 / 90 = 50.0 %']
    """
    for block in blocks:
        if not isinstance(block, Passage):
            continue
        for match in _FRACTION.finditer(block.text):
            share = next(s for (_, s), g in zip(_FRACTIONS, match.groups(), strict=True) if g)
            rest = block.text[match.end() : match.end() + 110]
            found = [q for q in quantities(rest) if not q.percent][:2]
            if len(found) == 2 and _joined_fraction(rest, *found):
                got = found[1].value / found[0].value if found[0].value else share
                if abs(got - share) > 0.12 * share:
                    yield Contradiction(
                        "fraction", block.place, match.group(), block.place,
                        f"{found[0].written} … {found[1].written}",
                        f"{number(found[1].value)} / {number(found[0].value)} = {100 * got:.1f} %",
                        HIGH,
                    )  # fmt: skip


def _joined_fraction(rest: str, whole: Quantity, part: Quantity) -> bool:
    before = re.fullmatch(
        r"\s+(?:des|de ces|des quelque|of the|of|van de|van)\s+(?:\w+\s)?",
        rest[: whole.start],
        re.IGNORECASE,
    )
    between = re.fullmatch(
        rf"\s*(?:[^\W\d_]+\s*){{0,4}}(?:\(|,\s*{_SAID}\s*)",
        rest[whole.end : part.start],
        re.IGNORECASE,
    )
    return bool(before and between and part.value <= whole.value)


def differences(blocks: Sequence[Block]) -> Iterator[Contradiction]:
    """Find differences in numbers that "from A to B" does not give.

    Examples
    --------
    >>> text = "Visits went from 35 in 2021 to 52 in 2022, or 20 more."
    >>> [c.computation for c in differences([Passage("paragraph", text, "line 1")])]
    ['52 - 35 = 17']
    """
    for block in blocks:
        if not isinstance(block, Passage):
            continue
        found = quantities(block.text)
        if len(found) > DENSE:
            continue
        for pair in from_to(block.text, [q for q in found if not q.percent]):
            for q in found:
                if q not in pair and _is_difference(block.text, q, pair):
                    got = pair[1].value - pair[0].value
                    if abs(abs(got) - q.value) > 0.01:
                        yield Contradiction(
                            "difference", block.place, q.written, block.place,
                            f"{pair[0].written} … {pair[1].written}",
                            f"{number(pair[1].value)} - {number(pair[0].value)} = {number(got)}",
                            HIGH if not q.percent else POSSIBLE,
                        )  # fmt: skip
        yield from _point_faults(block, found)


def _point_faults(block: Passage, found: Sequence[Quantity]) -> Iterator[Contradiction]:
    """Find differences in points that two percentages, said as "from A to B", do not give."""
    for one, two in from_to(block.text, [q for q in found if q.percent]):
        start, end = sentence_around(block.text, one.start)
        said = [
            q
            for q in found
            if start <= q.start <= end and not q.percent and _POINTS.match(block.text, q.end)
        ]
        got = two.value - one.value
        step = 1.01 * max(10.0**-q.decimals for q in (one, two))
        if len(said) == 1 and abs(abs(got) - said[0].value) > step:
            yield Contradiction(
                "points", block.place, said[0].written, block.place,
                f"{one.written} … {two.written}",
                f"{number(two.value)} - {number(one.value)} = {number(got)}", HIGH,
            )  # fmt: skip


def _is_difference(text: str, q: Quantity, pair: Sequence[Quantity]) -> bool:
    start, end = sentence_around(text, pair[0].start)
    if q.percent != pair[0].percent or not start <= q.start <= end or q.percent:
        return False
    by = _BY.search(text[max(0, q.start - 30) : q.start]) and abs(q.start - pair[0].start) < 60
    joined = re.search(rf"{_SAID}\s*$|\(\s*\+?$", text[pair[1].end : q.start], re.IGNORECASE)
    before = _MORE.match(text[q.end :]) and 0 < pair[0].start - q.end < 60
    lone = not any(q.end < other.start < pair[0].start for other in quantities(text))
    return bool(
        by or (before and lone) or (q.start > pair[1].end and _MORE.match(text[q.end :]) and joined)
    )


def whole_of_shares(blocks: Sequence[Block]) -> Iterator[Contradiction]:
    """Find shares of one whole, said as its breakdown, that add up to more than all of it.

    Examples
    --------
    >>> text = "Breakdown: 45 % women and 65 % men."
    >>> [c.computation for c in whole_of_shares([Passage("paragraph", text, "line 1")])]
    ['45 + 65 = 110']
    """
    for block in blocks:
        text = block.text if isinstance(block, Passage) else ""
        for match in _SPLIT.finditer(text):
            _, end = sentence_around(text, match.end())
            shares = [q for q in quantities(text[match.end() : end])]
            if len(shares) < 2 or not all(q.percent for q in shares) or _SEVERAL.search(text):
                continue
            total = sum(q.value for q in shares)
            if total > 100 + len(shares):
                yield Contradiction(
                    "whole_of_shares", block.place, shares[0].written, block.place,
                    shares[-1].written,
                    f"{' + '.join(number(q.value) for q in shares)} = {number(total)}", POSSIBLE,
                )  # fmt: skip
