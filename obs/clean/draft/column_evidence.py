"""Tell of each column of a file what its cells prove: days and their order, years, numbers, places."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from obs.clean.coded_columns import Coded
from obs.clean.folded_texts import fold
from obs.clean.judge.dates_and_hours import judge_periods, read_clock, read_moment
from obs.reference import Territory, match_candidates, match_territory

__all__ = ["ColumnEvidence", "look_at"]

_DAY = re.compile(r"(\d{1,4})([-/. ])(\d{1,2})\2(\d{1,4})(?:[T ]+(\d{1,2}[:h.uH]\d{2}.*))?")
_COMPACT = re.compile(r"(?:19|20)\d\d[01]\d[0-3]\d")
_PERIODS = ("%Y", "%Y-%m", "%m/%Y", "%Y/%m", "%m-%Y", "%Y%m", "%B %Y", "%b %Y", "%Y %B")
_WORDED = ("%d %B %Y", "%d %b %Y")
_WHOLE = re.compile(r"\d+(?:[.,]0+)?")
_FRACTION = re.compile(r"-?\d+([.,])\d+")
_TOTAL = re.compile(r"(?:sous-?)?(?:total|totaal|ensemble|subtotaal|totaux|totalen)\b.*")
_MOST = 0.95  # of the rows with a text: what so many are, the column is
_LIST = 300  # distinct labels of a list, at most
_PERIODS_AT_MOST = 2_000  # different years or months
_TRIED = 200  # most frequent texts of which one must be a place before all are looked up


@dataclass(frozen=True)
class ColumnEvidence:
    """What the cells of a column show.

    `rows` are those with a text; `labels` give the rows of each text, where they are few
    enough to be a list. `dates` and `period` are formats that are proven, `proof` says by
    what; `unproven` lists the formats among which nothing decides.
    """

    name: str
    rows: int
    distinct: int
    labels: dict[str, int] = field(default_factory=dict)
    dates: str = ""
    period: str = ""
    proof: str = ""
    unproven: tuple[str, ...] = ()
    timed: bool = False
    clock: bool = False
    whole: bool = False
    decimal: str = ""
    places: dict[str, float] = field(default_factory=dict)
    totals: int = 0

    @property
    def is_day(self) -> bool:
        """Whether the cells are days, in whatever order."""
        return bool(self.dates or self.unproven)

    @property
    def words(self) -> set[str]:
        """The words of the column's name, without accents."""
        return set(re.findall(r"[^\W\d_]+", fold(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", self.name))))


def look_at(name: str, column: Coded, territory: Territory) -> ColumnEvidence:
    """Look at the distinct texts of a column, each with its number of rows."""
    texts = [text.strip() for text in column.distinct()]
    counts = np.bincount(column.codes[column.codes >= 0], minlength=len(texts)).tolist()
    told: dict[str, int] = {}
    for text, n in zip(texts, counts, strict=True):
        if text and not _TOTAL.fullmatch(fold(text)):  # texts that differ by blanks are one
            told[text] = told.get(text, 0) + n
    totals = sum(n for t, n in zip(texts, counts, strict=True) if _TOTAL.fullmatch(fold(t)))
    rows = sum(told.values())
    made: dict[str, Any] = {"name": name, "rows": rows, "distinct": len(told), "totals": totals}
    if not rows:
        return ColumnEvidence(**made)
    if len(told) <= _LIST and (len(told) * 2 <= rows or len(told) <= 50):
        made["labels"] = told
    if all(map(_is_year, told)):
        made |= {"period": "%Y", "proof": f"every cell is a year, {min(told)} to {max(told)}"}
    else:
        made |= _days(told) or _periods(told)
    made["clock"] = "dates" not in made and _share(told, _is_clock) >= _MOST
    made["whole"] = _share(told, lambda text: bool(_WHOLE.fullmatch(text))) >= _MOST
    made["decimal"] = _decimal(told)
    if not made.get("dates") and not made.get("period"):
        made["places"] = _places([*told], told, territory)
    return ColumnEvidence(**made)


def _share(told: dict[str, int], fits: Callable[[str], bool]) -> float:
    """Give the share of rows whose text fits."""
    return sum(n for text, n in told.items() if fits(text)) / max(sum(told.values()), 1)


def _is_year(text: str) -> bool:
    return bool(re.fullmatch(r"(?:19|20)\d\d(?:\.0+)?", text))


def _is_clock(text: str) -> bool:
    return not text.isdecimal() and read_clock(text) is not None


def _days(told: dict[str, int]) -> dict[str, Any]:
    """Tell days in figures and the order of their parts, where a day above 12 proves it."""
    parsed = {text: _DAY.fullmatch(text) for text in told}
    if _share(told, lambda text: parsed[text] is not None) >= _MOST:
        return _ordered([m for m in parsed.values() if m])
    if all(_COMPACT.fullmatch(text) and read_moment(text, ["%Y%m%d"]) for text in told):
        above = sum(int(text[6:]) > 12 for text in told)
        if above:
            return {
                "dates": "%Y%m%d",
                "proof": f"the last two digits are above 12 in {above} texts",
            }
    for form in _WORDED:
        if all(read_moment(text, [form]) for text in told):
            return {"dates": form, "proof": "every month is a word"}
    return {}


def _ordered(found: Sequence[re.Match[str]]) -> dict[str, Any]:
    signs = {m[2] for m in found}
    if len(signs) > 1:
        return {}
    sign, timed = signs.pop(), any(m[5] for m in found)
    first, second, last = ([int(m[i]) for m in found] for i in (1, 3, 4))
    if all(len(m[1]) == 4 for m in found):
        months, days, head, tail = second, last, f"%Y{sign}", ""
        orders = ((f"%m{sign}%d", months, days), (f"%d{sign}%m", days, months))
        if sign == "-" and max(months) <= 12:
            return {"dates": "%Y-%m-%d", "proof": "written as ISO 8601 says", "timed": timed}
    elif all(len(m[4]) == 4 for m in found) or max(last) > 31:
        year = "%Y" if all(len(m[4]) == 4 for m in found) else "%y"
        head, tail = "", f"{sign}{year}"
        orders = ((f"%d{sign}%m", second, first), (f"%m{sign}%d", first, second))
    else:
        return {}
    fitting = [(form, days) for form, months, days in orders if max(months) <= 12]
    if len(fitting) == 1:
        form, days = fitting[0]
        above = sum(day > 12 for day in days)
        proof = (
            f"the day is above 12 in {above} of {len(days)} different cells, so that it is no month"
        )
        return {"dates": f"{head}{form}{tail}", "proof": proof, "timed": timed}
    unproven = tuple(f"{head}{form}{tail}" for form, *_ in (fitting or ()))
    return {"unproven": unproven, "timed": timed} if unproven else {}


def _periods(told: dict[str, int]) -> dict[str, Any]:
    """Tell years or months, where one format reads all of them."""
    if len(told) > _PERIODS_AT_MOST or not all(re.search(r"(?:19|20)\d\d", text) for text in told):
        return {}
    fitting = [form for form in _PERIODS if not any(judge_periods([*told], form).faults)]
    if fitting == ["%B %Y", "%b %Y"]:  # months that are written alike in full and in short
        fitting = fitting[:1]
    if len(fitting) != 1:
        return {}
    return {"period": fitting[0], "proof": f"every cell is of the form {fitting[0]}"}


def _decimal(told: dict[str, int]) -> str:
    """Tell the sign of decimals, where it stands before other than three digits."""
    found = [m for text in told if (m := _FRACTION.fullmatch(text))]
    if not found or _share(told, lambda t: re.fullmatch(r"-?[\d.,]+", t) is not None) < _MOST:
        return ""
    sure = {m[1] for m in found if len(m[0].split(m[1])[1]) != 3}
    return sure.pop() if len(sure) == 1 else ""


def _places(texts: list[str], told: dict[str, int], territory: Territory) -> dict[str, float]:
    """Give for each level the share of rows that name one of its units."""
    if any(len(text) > 100 for text in texts):
        return {}
    shares: dict[str, float] = {}
    rows = sum(told.values())
    often = sorted(told, key=lambda text: -told[text])[:_TRIED]
    if match_territory(pd.Series(often, dtype="str"), territory=territory).isna().all() and not any(
        match_candidates(text, territory=territory) for text in often
    ):
        return shares
    for level in territory.levels:
        codes = match_territory(pd.Series(texts, dtype="str"), territory=territory, level=level)
        hit = sum(told[text] for text, code in zip(texts, codes, strict=True) if pd.notna(code))
        if hit:
            shares[level] = hit / rows
    return shares
