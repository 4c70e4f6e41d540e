"""Compare a stated share, mean or difference with the numbers that it is of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from obs.report.documents.contradiction import HIGH, POSSIBLE, Contradiction, number
from obs.report.documents.passages import Passage, TableRow
from obs.report.documents.quantities import Quantity, quantities, stems

__all__ = ["stated_means", "stated_shares"]

_OF = re.compile(
    r"^[^.;()\d]{0,40}?\b(?:sur|des|out of|of the|of|van de|op)\s+(?:les\s+|the\s+|de\s+|un total de\s+|a total of\s+)?$",
    re.IGNORECASE,
)
_JOINS = r"(?:soit|or|(?<=,\s)of|ofwel|i\.e\.|dat is|that is|which is|which makes|c['’]est[-\s]à[-\s]dire|ce qui (?:fait|représente)|goed voor|=)"
_RATE = r"(?:(?:une? |an? |een )?(?:taux|part|rate|share|proportion|aandeel)(?: [^\W\d_]+){0,3}? (?:de|of|van) )"
_THEN = re.compile(  # between the whole and its share: "48 files, or 25 %", "48 files (25 %"
    rf"\s*(?:[^\W\d_]++['’\s]*+){{0,4}}[,(:=–-]?\s*{_JOINS}?\s*{_RATE}?", re.IGNORECASE
)
_AFTER_PART = re.compile(  # between a part, said after its whole, and its share: "of 48 files, 12 closed (25 %"
    rf"[^.;()\d%]{{0,40}}?(?:\(|,\s*{_JOINS})\s*", re.IGNORECASE
)
_FIRST = re.compile(  # between the share and its part: "25 % of files (12", "25 % (12"
    r"\s*(?:(?:of|des?|du|van|d')\s*(?:[^\W\d_]++['’\s]*+){0,4})?[,(:=–-]\s*(?:soit|or|ofwel|i\.e\.|dat is)?\s*",
    re.IGNORECASE,
)
_LEVEL = re.compile(  # a percentage that is no share: of limits, of confidence
    r"\b(?:limi[te]\w*|interval\w*|confian\w*|confiden\w*|niveau\w*|levels?|seuils?|marges?|margins?|grenz\w*|"
    r"drempel\w*|threshold\w*|betrouwbaar\w*)\b[^.;]*$",
    re.IGNORECASE,
)
_OUT_OF = re.compile(
    r"(?:.*\W)?(?:sur|parmi|out of|among|of|van|op)\s+(?:les\s+|the\s+|de\s+)?", re.IGNORECASE
)
_OF_ANOTHER = re.compile(r"\s*(?:de la|des?|du|of|van|d')\s", re.IGNORECASE)
_OF_THESE = re.compile(r"\)?\s*(?:des?|du|of|van|sur|op)\s(?:the |de |les )?\d", re.IGNORECASE)
_MEAN = re.compile(
    r"\b(?:moyenne|en moyenne|gemiddeld\w*|average|mean)\b[^.;]{0,60}?\b(?:par|per|each|elke)\s+([^\W\d_]+)|"
    r"\b(?:moyenne|gemiddeld\w*|average|mean)\b|"
    r",\s*(?:soit|or|of|ofwel|i\.e\.)\s+(?=\d[\d.,]*(?:\s[^\W\d_]+){0,2}\s(?:par|per|each|elke)\s)",
    re.IGNORECASE,
)
_PER = re.compile(r"\b(?:par|per|each|elke)\s+([^\W\d_]+)", re.IGNORECASE)
_PERIOD = re.compile(
    r"jours?|semaines?|mois|ans?|années?|dag(?:en)?|week(?:s)?|weken|maand(?:en)?|jaar|days?|months?|years?",
    re.IGNORECASE,
)
Block = Passage | TableRow


def stated_shares(blocks: Sequence[Block]) -> Iterator[Contradiction]:
    """Find percentages beside "A of B" that A and B do not give.

    Examples
    --------
    >>> text = "12 of 48 files were closed (30 %)."
    >>> [c.computation for c in stated_shares([Passage("paragraph", text, "line 1")])]
    ['12 / 48 = 25.0 %']
    """
    for block in blocks:
        found = quantities(block.text) if isinstance(block, Passage) else []
        for one, two, three in zip(found, found[1:], found[2:], strict=False):
            yield from _share_fault(block, one, two, three)


def _share_fault(block: Block, *three: Quantity) -> Iterator[Contradiction]:
    text = block.text if isinstance(block, Passage) else ""
    shares = [q for q in three if q.percent]
    counts = [q for q in three if not q.percent]
    if len(shares) != 1 or shares[0] is three[1]:
        return
    (part, whole), share = counts, shares[0]
    if share is three[2] and _OUT_OF.fullmatch(text[max(0, part.start - 12) : part.start]):
        (part, whole) = (whole, part)
        joined = _AFTER_PART.fullmatch(text[part.end : share.start])
        joined = None if _OF_THESE.match(text[share.end :]) else joined
        if joined and part.value <= whole.value and not _of_another(text, part, share):
            yield from _wrong_share(block, part, whole, share)
        return
    if not _OF.match(text[part.end : whole.start]) or part.value > whole.value:
        return
    if _LEVEL.search(text[max(0, share.start - 45) : share.start]):
        return
    if share is three[0]:
        joined = _FIRST.fullmatch(text[share.end : part.start])
    else:
        joined = _THEN.fullmatch(text[whole.end : share.start])
        joined = None if _OF_ANOTHER.match(text[share.end :]) else joined
    if joined is None or not re.search(rf"[,(:=–-]|\b{_JOINS}", joined.group(), re.IGNORECASE):
        return
    yield from _wrong_share(block, part, whole, share)


def _of_another(text: str, part: Quantity, share: Quantity) -> bool:
    """Tell whether a share is that of a part in another number that the text says before."""
    others = [q for q in quantities(text) if not q.percent and q.start < part.start and q.value]
    step = 1.01 * 10**-share.decimals
    return any(abs(100 * part.value / q.value - share.value) <= step for q in others)


def _wrong_share(
    block: Block, part: Quantity, whole: Quantity, share: Quantity
) -> Iterator[Contradiction]:
    got = 100 * part.value / whole.value
    if abs(got - share.value) > 1.01 * 10**-share.decimals:
        yield Contradiction(
            "share", block.place, share.written, block.place, f"{part.written} / {whole.written}",
            f"{number(part.value)} / {number(whole.value)} = {got:.1f} %", HIGH,
        )  # fmt: skip


def stated_means(blocks: Sequence[Block]) -> Iterator[Contradiction]:
    """Find means "per" a thing that the total and the number of such things do not give.

    Examples
    --------
    >>> text = "20 sessions had 500 visits, on average 24 per session."
    >>> [c.computation for c in stated_means([Passage("paragraph", text, "line 1")])]
    ['500 / 20 = 25.0']
    """
    for block in blocks:
        if isinstance(block, Passage):
            for sentence in re.split(r"(?<=[.;!?])\s+(?=[A-ZÀ-Ý\d])", block.text):
                yield from _mean_fault(block, sentence)


def _mean_fault(block: Passage, sentence: str) -> Iterator[Contradiction]:
    if not (said := _MEAN.search(sentence)) or not (per := _PER.search(sentence, said.start())):
        return
    if _PERIOD.fullmatch(per[1]):
        return  # a rate, which has a rule of its own
    outside = re.sub(r"\([^()]*\)", lambda m: " " * len(m.group()), sentence)
    found = [q for q in quantities(outside) if not q.percent]
    each = next(iter(stems(per[1])), per[1])
    after = [q for q in found if q.start > said.start()]
    units = [q for q in found if q.noun and q.noun[0] == each and q not in after[:1]]
    if len(units) != 1 or not after or len(found) < 3:
        return
    mean, unit = after[0], units[0]
    totals = [q for q in found if q not in (mean, unit) and q.value > unit.value]
    if len(totals) != 1 or unit.value < 2:
        return
    got, step = totals[0].value / unit.value, 10**-mean.decimals
    if abs(got - mean.value) >= step:
        yield Contradiction(
            "mean", block.place, mean.written, block.place, f"{totals[0].written}, {unit.written}",
            f"{number(totals[0].value)} / {number(unit.value)} = {got:.1f}",
            HIGH if abs(got - mean.value) < 0.5 * got else POSSIBLE,
        )  # fmt: skip
