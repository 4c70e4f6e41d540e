"""Check a published data file from its text alone.

Withheld rows must hold no number, and printed numbers must not contradict one another.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterable, Iterator, Mapping

from obs.errors import PublicationError
from obs.report.figures.data_file import WITHHELD_WORD
from obs.schemas import ALL, BREAKDOWNS, DETECTABLE, POINTS, WITHHELD

__all__ = ["data_faults", "found_secrets", "searchable"]

REVEALING = (
    *("numerator", "value", "low", "high", "n", "change", "base_numerator", "p_value"),
    *POINTS,
    *DETECTABLE,
    *("ratio", "ratio_low", "ratio_high", "rank_low", "rank_high", "ambient_value"),
)
_TELLING = ("position", "chance_position", "ambient_position", "flips")  # words that a count gives
MIN_DIGITS = 5  # a shorter number is met by chance, a year first of all
_RATE = re.compile(r"per_(\d+)_[a-z_]+")
_TOLERANCE = 1e-4  # values are written with six decimals
_NESTED = ("phenomenon",)  # a phenomenon and its children are rows of one table
_KEY = ("indicator", "territory", "level", "period", "base", "peer")
_RUNS_AS_FORMULA = ("=", "+", "@", "\t", "\r")

Row = Mapping[str, str]


_COUNTS = ("numerator", "base_numerator", "n")


def data_faults(text: str) -> Iterator[tuple[str, str]]:
    r"""Find what is wrong with a data file.

    Yields line and fault.

    Examples
    --------
    >>> from obs.report.checks.data_checks import data_faults
    >>> text = "numerator,denominator,value,status,scale\n3,,,suppressed_primary,count\n"
    >>> list(data_faults(text + "50,100,0.6,ok,share\n"))
    [('line 2', 'is withheld and still has a numerator'),
     ('line 3', 'says 0.6 where its own numbers give 0.5')]
    """
    rows = list(csv.DictReader(io.StringIO(text)))
    if not rows:
        yield "", "has no row"
    for line, row in enumerate(rows, start=2):
        place = f"line {line}"
        if None in row or None in row.values():
            yield place, "does not have the columns of the header"
            continue
        for words in (*_withheld_fault(row), *_contradictions(row), *_formulas(row)):
            yield place, words
    yield from _parts_above_totals([row for row in rows if None not in row.values()])


def searchable(numbers: Iterable[str]) -> frozenset[str]:
    """Verify that numbers are long enough to be looked for.

    Returns the same. Raises `PublicationError` if one is not a number, or has fewer digits than
    `MIN_DIGITS`.

    Examples
    --------
    >>> from obs.report.checks.data_checks import searchable
    >>> searchable(frozenset({"3"}))
    Traceback (most recent call last):
    obs.errors.PublicationError: 1 withheld number has fewer than 5 digits and cannot be looked for.
    """
    wanted = frozenset(numbers)
    short = [n for n in wanted if len(re.sub(r"\D", "", n).lstrip("0")) < MIN_DIGITS]
    if short:
        raise PublicationError(
            f"{len(short)} withheld number{'s have' if len(short) > 1 else ' has'} fewer than "
            f"{MIN_DIGITS} digits and cannot be looked for."
        )
    return wanted


def found_secrets(text: str, secrets: frozenset[str]) -> int:
    """Count the withheld numbers that a text holds, however it groups its digits.

    Returns how many of them are found; never which.

    Examples
    --------
    >>> from obs.report.checks.data_checks import found_secrets
    >>> found_secrets("un taux de 0,41372 et 12 345 faits", frozenset({"0.41372", "12345", "9999"}))
    2
    """
    if not secrets:
        return 0
    plain = re.sub(r"(?<=\d)[ \u00a0\u202f.,](?=\d{3}(?!\d))", "", text)
    found = set(re.findall(r"\d+(?:\.\d+)?", text)) | set(re.findall(r"\d+", plain))
    # a comma may end a decimal or a cell: look at each on its own
    found |= {f"{whole}.{part}" for whole, part in re.findall(r"(?<![\d.])(\d+),(?=(\d+))", text)}
    return len(secrets & found)


def _withheld_fault(row: Row) -> Iterator[str]:
    if row.get("status") in WITHHELD or row.get("status") == WITHHELD_WORD:
        # a change too shaky to say keeps its counts, which the gate found fit to show
        shaky = row["status"] == "unreliable" and ("change" in row or "base" in row)
        for column in (*REVEALING, *_TELLING):
            if row.get(column) and not (shaky and column in _COUNTS):
                yield f"is withheld and still has a {column}"


def _formulas(row: Row) -> Iterator[str]:
    for column, cell in row.items():
        if cell.startswith(_RUNS_AS_FORMULA) and _number_of(cell) is None:
            yield f"has a formula in column '{column}'"


def _contradictions(row: Row) -> Iterator[str]:
    value, low, high = (_number_of(row.get(c, "")) for c in ("value", "low", "high"))
    expected = _expected(row)
    if value is not None and expected is not None and not _nearly_equal(value, expected):
        yield f"says {value:g} where its own numbers give {expected:g}"
    middle = value if value is not None else _number_of(row.get("change", ""))
    for bound, wrong in ((low, "above"), (high, "below")):
        if middle is None or bound is None or _nearly_equal(middle, bound):
            continue
        if (bound > middle) == (wrong == "above"):
            yield f"has an interval whose bound is {wrong} its value"
    change, verdict = _number_of(row.get("change", "")), row.get("verdict")
    if change is not None and (
        (verdict == "up" and change < 0) or (verdict == "down" and change > 0)
    ):
        yield f"says '{verdict}' of a change of {change:g}"


def _expected(row: Row) -> float | None:
    """Recompute the value from the counts printed beside it."""
    count, whole, days = (_number_of(row.get(c, "")) for c in ("numerator", "denominator", "days"))
    scale = row.get("scale", "")
    rate = _RATE.fullmatch(scale)
    if count is None or row.get("within"):  # a share of a curve is estimated, then rounded
        return None
    if scale == "count":
        return count
    if scale == "per_day":  # over the days of answering where they are known, else those covered
        divisor = whole or days
        return count / divisor if divisor else None
    if scale == "share":
        return count / whole if whole else None
    return count / whole * int(rate.group(1)) if rate and whole else None


def _parts_above_totals(rows: list[dict[str, str]]) -> Iterator[tuple[str, str]]:
    """Find a category that counts more than the total it is part of."""
    breakdowns = [c for c in BREAKDOWNS if rows and c in rows[0]]
    totals = {
        _row_key(row, breakdowns): count
        for row in rows
        if (count := _number_of(row.get("numerator", ""))) is not None
    }
    for line, row in enumerate(rows, start=2):
        count = _number_of(row.get("numerator", ""))
        if count is None:
            continue
        for column in breakdowns:
            total = totals.get(_row_key({**row, column: ALL}, breakdowns))
            if column not in _NESTED and total is not None and count > total:
                yield f"line {line}", f"counts more than its total over '{column}'"


def _row_key(row: Row, breakdowns: list[str]) -> tuple[str, ...]:
    return tuple(row.get(c, "") for c in (*_KEY, *breakdowns))


def _nearly_equal(one: float, two: float) -> bool:
    return math.isclose(one, two, rel_tol=_TOLERANCE, abs_tol=2e-6)


def _number_of(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
