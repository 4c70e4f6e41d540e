"""Compare a stated change with the two numbers that it is of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from obs.report.documents.contradiction import HIGH, POSSIBLE, Contradiction, number
from obs.report.documents.passages import Passage, TableRow
from obs.report.documents.quantities import Quantity, quantities, year_near

__all__ = ["DENSE", "from_to", "stated_changes"]

_UP = (
    r"augment\w*|hausses?|croissance|progress\w*|accru\w*|accroissement|increas\w*|rose|risen|rises?|"
    r"gr[eo]wn?|growth|stijging|gestegen|stijgt|stegen|steeg|toename|toegenomen|groei|more|de plus|meer|up"
)
_DOWN = (
    r"diminu\w*|baiss\w*|recul\w*|r[ée]duction|chut\w*|decreas\w*|fell|fallen|falls?|drop\w*|declin\w*|"
    r"daling|gedaald|daalt|daalden|daalde|afname|afgenomen|verminder\w*|fewer|less|de moins|minder|down"
)
_UP_WORD = re.compile(rf"\b(?:{_UP})\b", re.IGNORECASE)
_DOWN_WORD = re.compile(rf"\b(?:{_DOWN})\b", re.IGNORECASE)
_FROM_TO = re.compile(
    r"\b(?:de|from|van|entre|between|tussen)\s*(?:les?\s*)?$|\b(?:à|a\?|to|naar|tot|et|and|en|contre|against|tegenover|->|→)\s*$",
    re.IGNORECASE,
)
_TO = re.compile(r"(?:\bà|\ba\?|\bto|\bnaar|\btot|->|→)\s*$", re.IGNORECASE)
_FROM = re.compile(r"\b(?:de|from|van)\s*$", re.IGNORECASE)
_TIMES = re.compile(
    r"\b(?:(doubl\w*|verdubbel\w*|twice)|(tripl\w*|verdrievoudig\w*|tripled|three times)|"
    r"(halv\w*|gehalveerd\w*|divis\w* par deux))\b",
    re.IGNORECASE,
)
_FACTORS = (2.0, 3.0, 0.5)
_VAGUE = re.compile(
    r"\b(?:environ|pr[èe]s de|plus de|moins de|quelque|ongeveer|bijna|ruim|meer dan|about|nearly|almost|over|some|around)\s*$",
    re.IGNORECASE,
)
DENSE = 80  # numbers of one passage: it is a table, and any two of them give any change
Block = Passage | TableRow


def stated_changes(blocks: Sequence[Block]) -> Iterator[Contradiction]:
    """Find changes in per cent, or "doubled", that their two numbers do not give.

    The two numbers stand as "from A to B", or count one thing in two years of one passage. A
    change that any pair of such numbers gives is left alone.

    Examples
    --------
    >>> text = "Cases rose from 200 in 2020 to 300 in 2021, an increase of 40 %."
    >>> [c.computation for c in stated_changes([Passage("paragraph", text, "line 1")])]
    ['300 / 200 - 1 = +50.0 %']
    """
    for block in blocks:
        if isinstance(block, Passage):
            found = quantities(block.text)
            if len(found) > DENSE:
                continue
            counts = [q for q in found if not q.percent]
            pairs = from_to(block.text, counts)
            for change in (q for q in found if q.percent):
                yield from _change_fault(block, change, counts, pairs)
            yield from _times_faults(block, pairs)


Pair = tuple[Quantity, Quantity]


def from_to(text: str, counts: Sequence[Quantity]) -> list[Pair]:
    """List the numbers said as "from A to B"."""
    pairs = []
    for one, two in zip(counts, counts[1:], strict=False):
        between, before = text[one.end : two.start], text[max(0, one.start - 12) : one.start]
        if (
            _TO.search(between)
            and _FROM.search(before)
            and len(between) < 70
            or re.fullmatch(r"[^.;]{0,60}(?:->|→)\s*", between)
        ):
            pairs.append((one, two))
    return pairs


def _change_fault(
    block: Passage, change: Quantity, counts: Sequence[Quantity], pairs: Sequence[Pair]
) -> Iterator[Contradiction]:
    sign = _direction(block.text, change)
    if sign == 0:
        return
    said = sign * change.value
    own = [pair for pair in pairs if _near(block.text, change, pair)]
    like = own or _of_two_years(block.text, counts, change)
    every = [(a, b) for a in counts for b in counts if a is not b]
    if not like or any(_agrees(said, change, *pair) for pair in (*like, *every)):
        return
    one, two = like[-1]
    if not own and not _likely(one, two, said):
        return
    got = 100 * (two.value / one.value - 1)
    yield Contradiction(
        "change", block.place, block.text[max(0, change.start - 18) : change.end].strip(),
        block.place, f"{one.written} … {two.written}",
        f"{number(two.value)} / {number(one.value)} - 1 = {got:+.1f} %",
        HIGH if own or set(one.noun) & set(two.noun) else POSSIBLE,
    )  # fmt: skip


def _direction(text: str, change: Quantity) -> int:
    """Tell whether a percentage is said as a rise (1), as a fall (-1), or as neither (0)."""
    sign = re.search(r"([+−–-])\s*$", text[: change.start])
    if sign:
        return 1 if sign[1] == "+" else -1
    clause = re.split(r"[.;()]", text[max(0, change.start - 45) : change.start])[-1]
    ups, downs = [*_UP_WORD.finditer(clause)], [*_DOWN_WORD.finditer(clause)]
    last_up, last_down = (m[-1].end() if m else -1 for m in (ups, downs))
    if max(last_up, last_down) < 0:
        after = re.split(r"[.;(),]", text[change.end : change.end + 22])[0]
        last_up, last_down = bool(_UP_WORD.search(after)), bool(_DOWN_WORD.search(after))
    elif re.search(r"\d", clause[max(last_up, last_down) :]):
        return 0
    return 0 if last_up == last_down else 1 if last_up > last_down else -1


def _near(text: str, change: Quantity, pair: Pair) -> bool:
    start, end = min(change.start, pair[0].start), max(change.end, pair[1].end)
    return len(re.findall(r"[.;!?]\s", text[start:end])) <= 1 and end - start < 260


def _of_two_years(text: str, counts: Sequence[Quantity], change: Quantity) -> list[Pair]:
    """List the numbers of one thing that the passage gives for two years, the earlier one first."""
    dated = [
        (q, year_near(text, q.start)) for q in counts if q.value > 0 and q.start < change.start
    ]
    return [
        (a, b)
        for a, year in dated
        for b, later in dated
        if year and later and later == year + 1 and _one_thing(a, b)
    ]


def _one_thing(a: Quantity, b: Quantity) -> bool:
    return bool(set(a.noun[:3]) & set(b.noun[:3]))


def _likely(one: Quantity, two: Quantity, said: float) -> bool:
    got = 100 * (two.value / one.value - 1)
    return got * said > 0 and abs(got - said) < 60


def _agrees(said: float, change: Quantity, one: Quantity, two: Quantity) -> bool:
    """Tell whether the change of two numbers is the one said, to its own rounding."""
    if one.value <= 0:
        return False
    got = 100 * (two.value / one.value - 1)
    step = 0.5 * 10.0**-change.decimals
    loose = 0.06 * abs(said) if change.value % 5 == 0 and not change.decimals else 0.0
    return abs(got - said) <= max(step, loose) + 1.02 * step


def _times_faults(block: Passage, pairs: Sequence[Pair]) -> Iterator[Contradiction]:
    for match in _TIMES.finditer(block.text):
        factor = next(f for f, group in zip(_FACTORS, match.groups(), strict=True) if group)
        for one, two in pairs:
            close = abs(match.start() - one.start) < 120
            ratio = two.value / one.value if one.value else 0.0
            if close and ratio and not 0.88 * factor <= ratio <= 1.15 * factor:
                yield Contradiction(
                    "times", block.place, match.group(), block.place,
                    f"{one.written} … {two.written}",
                    f"{number(two.value)} / {number(one.value)} = {ratio:.2f}", POSSIBLE,
                )  # fmt: skip
