"""Find what a document says twice and should not, or says twice differently."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from obs.report.documents.contradiction import HIGH, POSSIBLE, Contradiction
from obs.report.documents.passages import Passage, TableRow
from obs.report.documents.quantities import quantities, year_near

__all__ = ["beginnings_stated_twice", "counts_stated_twice", "repeated_rows"]

_CODE = re.compile(r"[A-Za-z]{0,3}[\s.-]?\d{1,3}(?:[.-]\d{1,3}){0,3}[a-z]?")
_LONG = 50  # letters: a shorter text may well be the same in two rows
_MONTHS = {
    1: r"janvier|januari|january", 2: r"février|februari|february", 3: r"mars|maart|march",
    4: r"avril|april", 5: r"mai|mei|may", 6: r"juin|juni|june", 7: r"juillet|juli|july",
    8: r"août|augustus|august", 9: r"septembre|september", 10: r"octobre|oktober|october",
    11: r"novembre|november", 12: r"décembre|december",
}  # fmt: skip
_DATE = re.compile(
    r"(?:(\d{1,2})(?:er|st|nd|rd|th)?\s+)?\b("
    + "|".join(_MONTHS.values())
    + r")\s+((?:19|20)\d\d)",
    re.IGNORECASE,
)
_BEGUN = re.compile(
    r"\b(?:cré(?:é|ée|és|ées|ation)|fondée?s?|lancement|lancée?s?|opgericht|oprichting|opgestart|"
    r"gelanceerd|lancering|created|founded|launch(?:ed)?|set up|established)\b",
    re.IGNORECASE,
)
_NAME = re.compile(
    r"\b(?:[A-Z]{2,}[A-Za-z]*|[A-Z][a-z]+[A-Z]\w*)(?:[\s-](?:[A-Z][\w-]*|[A-Z]{2,}\w*))*"
)
Block = Passage | TableRow


def repeated_rows(blocks: Sequence[Block]) -> Iterator[Contradiction]:
    """Find rows of a table, or items, that have codes of their own and one long text, word for word.

    Examples
    --------
    >>> text = "Strengthen the capacity to investigate and prosecute on the dark net"
    >>> rows = [TableRow((code, text), f"line {i}") for i, code in enumerate(("8.6", "8.7"), 1)]
    >>> [c.computation for c in repeated_rows(rows)]
    ["the texts of '8.6' and '8.7' are the same, word for word"]
    """
    first: dict[str, tuple[str, str, int]] = {}
    for place, block in enumerate(blocks):
        code, text = _coded(block)
        key = " ".join(text.casefold().split())
        if not code or len(key) < _LONG:
            continue
        if key in first and first[key][0] != code:
            other, where, before = first[key]
            yield Contradiction(
                "repeated_row", block.place, code, where, other,
                f"the texts of '{other}' and '{code}' are the same, word for word", HIGH if place - before < 3 else POSSIBLE,
            )  # fmt: skip
        first.setdefault(key, (code, block.place, place))


def _coded(block: Block) -> tuple[str, str]:
    if isinstance(block, TableRow):
        cells = [cell for cell in block.cells if cell]
        if len(cells) == 2 and _CODE.fullmatch(cells[0]):
            return cells[0], cells[1]
        return "", ""
    match = re.match(rf"({_CODE.pattern})\s*[:.)–-]\s+(.+)", block.text)
    return (match[1], match[2]) if match else ("", "")


def counts_stated_twice(blocks: Sequence[Block]) -> Iterator[Contradiction]:
    """Find one thing, in the same words and of the same year, that two passages count differently."""
    known: dict[tuple[int, tuple[str, ...]], tuple[float, str, str]] = {}
    for block in blocks:
        if not isinstance(block, Passage):
            continue
        for q in quantities(block.text):
            year = year_near(block.text, q.start)
            if q.percent or year is None or len(q.noun) < 4:
                continue
            value, place, said = known.setdefault((year, q.noun), (q.value, block.place, q.written))
            if value != q.value and place != block.place:
                yield Contradiction(
                    "told_twice", block.place, q.written, place, said,
                    f"both count '{' '.join(q.noun)}' of {year}", POSSIBLE,
                )  # fmt: skip


def beginnings_stated_twice(blocks: Sequence[Block]) -> Iterator[Contradiction]:
    """Find a named thing that begins on two dates.

    Examples
    --------
    >>> texts = ["The WG Roads was created in May 2021.", "3 March 2020: launch of the WG Roads"]
    >>> blocks = [Passage("paragraph", t, f"line {i}") for i, t in enumerate(texts, 1)]
    >>> [c.other for c in beginnings_stated_twice(blocks)]
    ['May 2021']
    """
    known: dict[str, list[tuple[tuple[int, int, int], str, str]]] = {}
    for block in blocks:
        for sentence in (
            re.split(r"(?<=[.;!?])\s+", block.text) if isinstance(block, Passage) else ()
        ):
            for begun in _BEGUN.finditer(sentence):
                date = _nearest(_DATE, sentence, begun)
                name = _nearest(_NAME, sentence, begun)
                if date is None or name is None:
                    continue
                day = _day(date)
                yield from _other_dates(known.get(name.group(), []), day, date.group(), block.place)
                known.setdefault(name.group(), []).append((day, date.group(), block.place))


def _other_dates(
    before: Sequence[tuple[tuple[int, int, int], str, str]],
    day: tuple[int, int, int],
    written: str,
    place: str,
) -> Iterator[Contradiction]:
    for other, said, where in before[:1]:
        if other[:2] != day[:2] or (other[2] and day[2] and other[2] != day[2]):
            yield Contradiction(
                "two_beginnings", place, written, where, said, "one thing begins once", POSSIBLE
            )


def _nearest(pattern: re.Pattern[str], text: str, begun: re.Match[str]) -> re.Match[str] | None:
    found = [m for m in pattern.finditer(text) if not (m.start() <= begun.start() < m.end())]
    near = [m for m in found if max(m.start() - begun.end(), begun.start() - m.end()) < 60]
    return min(
        near, key=lambda m: max(m.start() - begun.end(), begun.start() - m.end()), default=None
    )


def _day(date: re.Match[str]) -> tuple[int, int, int]:
    month = next(n for n, names in _MONTHS.items() if re.fullmatch(names, date[2], re.IGNORECASE))
    return int(date[3]), month, int(date[1] or 0)
