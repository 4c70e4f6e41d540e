"""Compare a number with the parts that its text gives: in brackets, in a list, "of which"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import takewhile

from obs.report.documents.contradiction import HIGH, POSSIBLE, Contradiction, number
from obs.report.documents.passages import Passage, TableRow
from obs.report.documents.quantities import Quantity, quantities

__all__ = ["sums_after_colons", "sums_in_brackets", "sums_of_lists", "wholes_and_parts"]

_BRACKET = re.compile(r"\(([^()]{3,200})\)")
_PARTS = re.compile(r"\+|[;,]|\b(?:et|and|en|ainsi que|alsook|puis|plus)\b", re.IGNORECASE)
_TOTAL = re.compile(
    r"\b(?:en tout|au total|in total|in totaal|in all|samen|altogether|soit|total)\b", re.IGNORECASE
)
_NOT_PARTS = re.compile(
    r"\b(?:contre|versus|vs|tegenover|against|compared|sur|of|van de|op|dont|waarvan|minimum|maximum|max|min"
    r"|entre|tussen|between|environ|ongeveer|about|par|per|en moyenne|gemiddeld|on average|puis|from|to|de|à|tot)\b",
    re.IGNORECASE,
)
_BOUND = re.compile(
    r"(?:\b(?:plus de|moins de|au-delà de|dépasse\w*|over|above|more than|less than|under|below|exceeds?|meer dan|"
    r"minder dan|boven|onder)|[<>≤≥])\s*$",
    re.IGNORECASE,
)
_OF_WHICH = re.compile(
    r"\b(?:dont|parmi (?:lesquel(?:le)?s|eux|elles)|waarvan|waaronder|onder wie|of which|of whom|among them|including)\b"
    r"[^.;\d]{0,25}$",
    re.IGNORECASE,
)
_FAR = 160  # characters between a number and the bracket that explains it
_CLOSE = 0.15  # a list of three parts or more that is as near is of the number before it
_SEXES = (("femm", "homm"), ("vrouw", "mann"), ("wom", "men"), ("fill", "garc"), ("girl", "boy"))
_NEXT_PART = re.compile(r"[^.;:()\d]{0,40}?(?:,|\bet|\band|\ben)\s+$", re.IGNORECASE)
_NEAR = 0.3  # a list that is further from its total is of something else
Block = Passage | TableRow


def sums_in_brackets(blocks: Sequence[Block]) -> Iterator[Contradiction]:
    """Find numbers that the parts in the bracket behind them do not add up to.

    Examples
    --------
    >>> text = "We counted 31 grants in all (16 before and 17 after)."
    >>> [c.computation for c in sums_in_brackets([Passage("paragraph", text, "line 1")])]
    ['16 + 17 = 33']
    """
    for block in blocks:
        if isinstance(block, Passage):
            for match in _BRACKET.finditer(block.text):
                yield from _bracket(block, match)


def _bracket(block: Passage, match: re.Match[str]) -> Iterator[Contradiction]:
    parts = _listed_parts(match[1])
    before = [q for q in quantities(block.text) if not q.percent and q.end <= match.start()]
    sentence = max(block.text.rfind(sign, 0, match.start()) for sign in (". ", "; ", "! ", "? "))
    before = [q for q in before if q.start > sentence and match.start() - q.end < _FAR]
    before = [q for q in before if not _inside_bracket(block.text, q)]
    if len(parts) < 2 or not before:
        return
    total, said = sum(q.value for q in parts), before[-1]
    gap = block.text[said.end : match.start()]
    if _BOUND.search(block.text[: said.start]):
        return
    if total == said.value or len(re.findall(r"\w+", gap)) > 9:
        return
    bound = bool(_TOTAL.search(gap)) or "+" in match[1]
    elsewhere = any(q.value == total for q in before)
    if elsewhere and not bound:
        return  # it explains an earlier number
    if (
        abs(total - said.value) > _NEAR * max(said.value, 1)
        or max(q.value for q in parts) > said.value
    ):
        return
    sure = HIGH if bound or _same_thing(said, parts) else POSSIBLE
    yield Contradiction(
        "sum_in_brackets", block.place, said.written, block.place, match.group(),
        f"{' + '.join(number(q.value) for q in parts)} = {number(total)}", sure,
    )  # fmt: skip


def sums_after_colons(blocks: Sequence[Block]) -> Iterator[Contradiction]:
    """Find totals that the parts behind a colon of the same sentence do not add up to.

    Examples
    --------
    >>> text = "In total 75 people: 40 men and 30 women."
    >>> [c.computation for c in sums_after_colons([Passage("paragraph", text, "line 1")])]
    ['40 + 30 = 70']
    """
    for block in blocks:
        if not isinstance(block, Passage):
            continue
        for sentence in re.split(r"(?<=[.;!?])\s", block.text):
            head, _, rest = sentence.partition(": ")
            said = [q for q in quantities(head) if not q.percent]
            parts = _listed_parts(rest.rstrip(" .;!?"))
            total = sum(q.value for q in parts)
            if len(said) != 1 or len(parts) < 2 or total == said[0].value:
                continue
            near = abs(total - said[0].value) <= _NEAR * said[0].value
            bound = bool(_TOTAL.search(head))
            listed = len(parts) > 2 and abs(total - said[0].value) <= _CLOSE * said[0].value
            if near and (bound or listed) and max(q.value for q in parts) < said[0].value:
                sure = HIGH if bound or total > said[0].value else POSSIBLE
                yield Contradiction(
                    "sum_after_colon", block.place, said[0].written, block.place, rest[:60].rstrip(" ."),
                    f"{' + '.join(number(q.value) for q in parts)} = {number(total)}", sure,
                )  # fmt: skip


def _listed_parts(text: str) -> list[Quantity]:
    """Give the parts of a bracket that does nothing but list them: one number in each."""
    pieces = [piece for piece in _PARTS.split(text) if piece.strip()]
    found = [[q for q in quantities(piece)] for piece in pieces]
    if any(len(own) != 1 for own in found) or any(own[0].percent for own in found):
        return []
    if any(
        _NOT_PARTS.search(piece[: own[0].start]) for piece, own in zip(pieces, found, strict=True)
    ):
        return []
    return [own[0] for own in found]


def _inside_bracket(text: str, quantity: Quantity) -> bool:
    return text.rfind("(", 0, quantity.start) > text.rfind(")", 0, quantity.start)


def _same_thing(said: Quantity, parts: Sequence[Quantity]) -> bool:
    named = set(said.noun[:2])
    return bool(named) and sum(bool(named & set(part.noun)) for part in parts) >= len(parts) - 1


def sums_of_lists(blocks: Sequence[Block]) -> Iterator[Contradiction]:
    """Find totals that the counts of the list below do not add up to.

    The line above ends with a colon and says one number; each of at least three items begins with
    its own.

    Examples
    --------
    >>> lines = ["10 actions:", "5 visits", "3 talks", "1 walk"]
    >>> kinds = ["paragraph", "item", "item", "item"]
    >>> blocks = [Passage(k, t, f"line {i}") for i, (k, t) in enumerate(zip(kinds, lines), 1)]
    >>> [c.computation for c in sums_of_lists(blocks)]
    ['5 + 3 + 1 = 9']
    """
    for place, block in enumerate(blocks):
        if not isinstance(block, Passage) or not block.text.rstrip().endswith(":"):
            continue
        said = [q for q in quantities(block.text) if not q.percent]
        items = list(takewhile(_is_item, blocks[place + 1 :]))
        if len(said) == 1 and len(items) >= 3:
            yield from _list_fault(block, said[0], [i for i in items if isinstance(i, Passage)])


def _is_item(block: Block) -> bool:
    return isinstance(block, Passage) and block.kind == "item"


def _list_fault(
    block: Passage, said: Quantity, items: Sequence[Passage]
) -> Iterator[Contradiction]:
    found = [[q for q in quantities(item.text) if not q.percent] for item in items]
    if any(not own or own[0].start > 3 for own in found):
        return
    first, every = [own[0].value for own in found], [q.value for own in found for q in own]
    if said.value in (sum(first), sum(every)):
        return
    used = every if abs(sum(every) - said.value) < abs(sum(first) - said.value) else first
    if abs(sum(used) - said.value) > _NEAR * said.value or max(used) > said.value:
        return
    yield Contradiction(
        "sum_of_list", block.place, said.written, items[0].place, items[0].text[:40],
        f"{' + '.join(map(number, used))} = {number(sum(used))}",
        HIGH if abs(sum(used) - said.value) <= 0.15 * said.value else POSSIBLE,
    )  # fmt: skip


def wholes_and_parts(blocks: Sequence[Block]) -> Iterator[Contradiction]:
    """Find parts, said with "of which", that are above their whole.

    Examples
    --------
    >>> text = "30 people came, of whom 45 were women."
    >>> [c.computation for c in wholes_and_parts([Passage("paragraph", text, "line 1")])]
    ['45 > 30']
    """
    for block in blocks:
        found = quantities(block.text) if isinstance(block, Passage) else []
        for whole, part in zip(found, found[1:], strict=False):
            between = block.text[whole.end : part.start] if isinstance(block, Passage) else ""
            alike = whole.percent == part.percent and not re.search(r"[.;()]", between)
            if alike and part.value > whole.value and _OF_WHICH.search(between):
                yield Contradiction(
                    "part_above_whole", block.place, part.written, block.place, whole.written,
                    f"{number(part.value)} > {number(whole.value)}", HIGH,
                )  # fmt: skip
            elif alike and _OF_WHICH.search(between) and isinstance(block, Passage):
                yield from _parts_above(block, whole, found[found.index(part) :][:2])


def _parts_above(
    block: Passage, whole: Quantity, parts: Sequence[Quantity]
) -> Iterator[Contradiction]:
    """Find women and men that add to more than their whole; other categories may overlap."""
    if len(parts) < 2 or whole.percent or any(q.percent or not q.noun for q in parts):
        return
    one, two = parts
    total = one.value + two.value
    joined = _NEXT_PART.fullmatch(block.text[one.end : two.start])
    apart = any(
        {one.noun[0].startswith(first), two.noun[0].startswith(first)} == {True, False}
        and all(part.noun[0].startswith(sexes) for part in parts)
        for sexes in _SEXES
        for first in sexes[:1]
    )
    if joined and apart and total > whole.value >= max(one.value, two.value):
        yield Contradiction(
            "parts_above_whole", block.place, whole.written, block.place,
            f"{one.written} + {two.written}",
            f"{number(one.value)} + {number(two.value)} = {number(total)}", HIGH,
        )  # fmt: skip
