"""Define the columns of a table of compared places: measures, headings, cells, explanations."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

import pandas as pd

from obs.locale import words
from obs.reference import Territory, label
from obs.report.facts.fact import Fact, fact_of
from obs.report.facts.filters import reason_text, written
from obs.report.facts.numbers import format_interval, format_number, status_text
from obs.report.facts.released_row import number_in, whole_in

__all__ = [
    "COMPARING",
    "compared_cell",
    "compared_head",
    "compared_reading",
    "comparison_kind",
    "comparison_words",
    "peers_in_short",
]

COMPARING = {  # kind to its measures; the first column that tells the kind, most telling first
    "peer": ("value", "peer_value", "ratio", "ratio_interval", "peer_verdict"),
    "rank_low": ("value", "interval", "ranks"),
    "ambient_value": ("value", "ambient_value", "position", "ambient_position", "flips"),
    "centre": ("value", "interval", "chance_position", "position"),
    "expected": ("numerator", "expected", "expected_interval"),
    "before": ("numerator", "step", "explained"),
}
_HEADED = (  # measures of a comparison; the value and its interval have their own heads
    "peer_value",
    "ratio",
    "ratio_interval",
    "peer_verdict",
    "ranks",
    "ambient_value",
    "position",
    "chance_position",
    "ambient_position",
    "flips",
    "expected",
    "expected_interval",
    "step",
    "explained",
)
_READ_BY = {"peer": "ratio", "rank_low": "rank_low"}  # without it there is nothing to read


def comparison_kind(table: pd.DataFrame) -> str | None:
    """Tell which comparison of places a table is.

    Returns a key of `COMPARING`, None for values alone.
    """
    return next((kind for kind in COMPARING if kind in table.columns), None)


def compared_head(measure: str, lang: str) -> str | None:
    """Give the head of a column of a comparison, None for a measure that is not one."""
    return words(lang).say(f"table.head.{measure}") if measure in _HEADED else None


def compared_cell(row: pd.Series, fact: Fact, measure: str, lang: str) -> str:
    """Write one cell of a comparison.

    Returns words or a number; why there is none where the value is withheld or unknown. Raises
    `CodeError` if a code has no words.
    """
    if measure == "peer_verdict":
        code = row["verdict"]
        return "" if pd.isna(code) else label("peer_verdicts", str(code), lang)
    if measure == "explained":
        return label("steps", str(row[measure]), lang)
    if fact.value is None:
        return reason_text(fact, lang)
    if measure in _WRITTEN:
        return _WRITTEN[measure](row, lang)
    number = number_in(row, measure)
    if number is None:
        return ""
    if measure == "ratio":
        return format_number(number, lang, decimals=2)
    return written(fact, lang, number)


def _position(measure: str, row: pd.Series, lang: str) -> str:
    return "" if pd.isna(row[measure]) else label("positions", str(row[measure]), lang)


def _flips(row: pd.Series, lang: str) -> str:
    if pd.isna(row["flips"]):
        return ""
    return words(lang).say("peers.flips" if row["flips"] else "peers.stays")


def _ratio_interval(row: pd.Series, lang: str) -> str:
    low, high = number_in(row, "ratio_low"), number_in(row, "ratio_high")
    if low is None or high is None:
        return ""
    below, above = (format_number(b, lang, decimals=2) for b in (low, high))
    return format_interval(below, above, lang)


def _expected(row: pd.Series, lang: str) -> str:
    number = number_in(row, "expected")
    return "" if number is None else format_number(number, lang)


def _expected_interval(row: pd.Series, lang: str) -> str:
    low, high = number_in(row, "expected_low"), number_in(row, "expected_high")
    if low is None or high is None:
        return ""
    return format_interval(format_number(low, lang), format_number(high, lang), lang)


def _step(row: pd.Series, lang: str) -> str:
    """Write the difference from the count before, or why it is not known."""
    number = number_in(row, "step")
    if number is not None:
        return format_number(number, lang)
    if row["explained"] == "first":
        return ""
    withheld = row["no_result"] == "withheld"
    return status_text("suppressed_primary" if withheld else "missing", lang)


def _ranks(row: pd.Series, lang: str) -> str:
    low, high, of = (whole_in(row, c) for c in ("rank_low", "rank_high", "ranked"))
    if low is None or high is None or of is None:
        return ""
    if low == high:
        return words(lang).say("peers.one_rank", low=low, of=of)
    return words(lang).say("peers.ranks", low=low, high=high, of=of)


_WRITTEN: dict[str, Callable[[pd.Series, str], str]] = {  # in words of their own, not as a number
    **{m: partial(_position, m) for m in ("position", "chance_position", "ambient_position")},
    "flips": _flips,
    "ranks": _ranks,
    "ratio_interval": _ratio_interval,
    "expected": _expected,
    "expected_interval": _expected_interval,
    "step": _step,
}


def comparison_words(
    table: pd.DataFrame, fact: Fact, territory: Territory, lang: str
) -> tuple[str, str]:
    """Say what a table compares, for its title, and how to read it.

    Returns the words and the sentences.
    """
    kind, say = str(comparison_kind(table)), words(lang).say
    if kind == "centre":
        known = table["centre"].dropna()
        centre = written(fact, lang, float(known.iloc[0])) if len(known) else "–"
        return say("peers.title.centre"), say("peers.explained.centre", centre=centre)
    explained = say(f"peers.explained.{kind}")
    if kind != "peer":
        return say(f"peers.title.{kind}"), explained
    if (table["verdict"] == "not comparable").any():
        explained = f"{explained} {say('peers.alone')}"
    peer = str(table["peer"].iloc[0])
    if peer == "similar":
        return say("peers.title.similar"), explained
    return say("peers.title.rest", level=territory.level_label(peer, lang)), explained


def peers_in_short(kinds: Iterable[object], lang: str) -> str:
    """Say who the peers of a table are whose ratio is not shown: similar places, or all others.

    `kinds` are those of its rows: "similar", or a level.

    Examples
    --------
    >>> from obs.report.figures.comparison_columns import peers_in_short
    >>> peers_in_short(["region"], "en")
    'Peers: the rest of the whole, without the area of the row.'
    """
    similar = "similar" in set(kinds)
    return words(lang).say("peers.beside" if similar else "peers.beside_rest")


def compared_reading(row: pd.Series, lang: str) -> str:
    """Read one row of a comparison aloud, after its value; nothing where it has none.

    Returns a sentence, or "".
    """
    kind = next((k for k in _READ_BY if k in row.index), None)
    if "beside_change" in row.index:  # the table shows no ratio
        return ""
    if kind is None or number_in(row, _READ_BY[kind]) is None:
        return ""
    fact = fact_of(row)
    cells = {m: compared_cell(row, fact, m, lang) for m in COMPARING[kind] if m in _HEADED}
    return words(lang).say(f"peers.read.{kind}", **cells)
