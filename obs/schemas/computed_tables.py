"""State the columns of what is computed: indicators, comparisons in time and between places."""

from __future__ import annotations

from obs.schemas.codes import (
    CHANGES,
    DETECTABLE,
    ENDED_SHARES,
    HORIZONS,
    NO_RESULTS,
    PEER_VERDICTS,
    POINTS,
    POSITIONS,
    REASONS,
    STANDINGS,
    STATUSES,
    STEPS,
    TURNS,
    UNITS,
    VERDICTS,
)
from obs.schemas.schema import Column, Schema
from obs.schemas.shared_columns import PROVENANCE, text_column

__all__ = ["COMPARED", "COMPARISONS", "EXPOSURE", "INCIDENCE", "INDICATORS", "QUANTILES", "TRENDS"]

_LIMITS = (("low", "high"),)

INDICATORS = Schema(
    "INDICATORS",
    "one value",
    ("indicator", "territory", "period"),
    {
        "indicator": text_column(nullable=False),
        "territory": text_column(nullable=False),
        "period": Column("period", nullable=False),
        "numerator": Column("count"),
        "denominator": Column("number", least=0),
        "value": Column("number"),
        "low": Column("number"),
        "high": Column("number"),
        "status": text_column(nullable=False, allowed=STATUSES),
        "unit": text_column(nullable=False, allowed=UNITS),
        "n": Column("count"),
        "grade": text_column(allowed=("A", "C", "F")),
        # what a reader needs to judge the value; compute writes them all
        "level": text_column(required=False),
        "scale": text_column(required=False),
        "denominator_flag": text_column(required=False),
        "days": Column("count", required=False),
        "covered_from": Column("date", required=False),
        "covered_to": Column("date", required=False),
        "reason": text_column(required=False),  # why a value is missing or lacks days, as a code
        "completeness": Column("number", required=False),  # share expected to be registered yet
        "matching": Column("number", required=False),  # share of records that were linked
        "detectable_change": Column("number", required=False),  # least that a next wave would find
        "standing": text_column(allowed=STANDINGS, required=False),  # against the other categories
        # of a sum of amounts, for disclosure control alone: how many units make it up, and the
        # shares of it (0 to 1) that the largest and the second largest make
        "contributors": Column("count", required=False),
        "largest_share": Column("number", required=False),
        "second_share": Column("number", required=False),
        # of a value made of several counts, the smallest above 0: for disclosure control alone
        "smallest_part": Column("count", required=False),
        "method": text_column(required=False),  # of an estimate: the model, and how it fits
        **PROVENANCE,
    },
    breakdowns=True,
    limits=_LIMITS,
)

INCIDENCE = Schema(
    "INCIDENCE",
    "a state of a cohort so many days after its cases began",
    ("indicator", "territory", "period"),
    {
        **INDICATORS.columns,
        "decision": text_column(nullable=False),  # the state: open, or how the cases ended
        "within": text_column(nullable=False, allowed=tuple(map(str, HORIZONS))),
        # followed and open until that day: for disclosure control alone
        "at_risk": Column("count", required=False),
        "censored": Column("count", required=False),  # open when last seen before it
    },
    breakdowns=True,
    limits=_LIMITS,
)

QUANTILES = Schema(
    "QUANTILES",
    "the days by which a share of a cohort has ended",
    ("indicator", "territory", "period"),
    {
        **INDICATORS.columns,
        "ended_share": text_column(nullable=False, allowed=tuple(map(str, ENDED_SHARES))),
        # fewest cases that ended in a span whose end is given: for disclosure control alone
        "ended_around": Column("count", required=False),
    },
    breakdowns=True,
    limits=_LIMITS,
)

TRENDS = Schema(
    "TRENDS",
    "one comparison of a period with a base",
    ("indicator", "territory", "period", "base"),
    {
        "indicator": text_column(nullable=False),
        "territory": text_column(nullable=False),
        "period": Column("period", nullable=False),
        "base": Column("period", nullable=False),
        "change": Column("number"),
        "change_of": text_column(allowed=CHANGES, required=False),  # what it is a change of
        "low": Column("number"),
        "high": Column("number"),
        "verdict": text_column(allowed=VERDICTS),
        "method": text_column(),
        "numerator": Column("count", required=False),
        "base_numerator": Column("count", required=False),
        "days": Column("count", required=False),  # covered, on both sides
        "base_days": Column("count", required=False),
        "point": text_column(nullable=False, allowed=TURNS, required=False),  # of a turning point
        "alike": Column("count", required=False),  # periods that may be the peak or trough as well
        "periods": Column("count", required=False),  # on each side of an event
        "p_value": Column("number", required=False),
        "p_unadjusted": Column("number", required=False),  # as if it were the only comparison
        "confidence": Column("number", required=False),  # of the interval and of the verdict
        **{c: Column("number", required=False) for c in POINTS},
        **{c: Column("number", required=False) for c in DETECTABLE},
        "status": text_column(allowed=STATUSES, required=False),
        "unit": text_column(allowed=UNITS, required=False),
        "level": text_column(required=False),
        "reason": text_column(allowed=REASONS, required=False),  # why there is no direction
        **PROVENANCE,
    },
    breakdowns=True,
    variants=("point",),
    limits=(*_LIMITS, ("points_low", "points_high")),
)

COMPARED = {  # what comparing places, periods and counts adds to their rows
    "peer": text_column(required=False),  # a level of the territory, or "similar"
    "peer_value": Column("number", required=False),
    "ratio": Column("number", required=False),
    "ratio_low": Column("number", required=False),
    "ratio_high": Column("number", required=False),
    "p_value": Column("number", required=False),
    "verdict": text_column(allowed=PEER_VERDICTS, required=False),
    "centre": Column("number", required=False),
    "inner_low": Column("number", required=False),
    "inner_high": Column("number", required=False),
    "outer_low": Column("number", required=False),
    "outer_high": Column("number", required=False),
    "tau2": Column("number", required=False),
    "chance_position": text_column(allowed=POSITIONS, required=False),
    "position": text_column(allowed=POSITIONS, required=False),
    "rank_low": Column("count", required=False),
    "rank_high": Column("count", required=False),
    "ranked": Column("count", required=False),
    "ambient_exposure": Column("number", required=False, least=0),
    "ambient_value": Column("number", required=False),
    "ambient_position": text_column(allowed=POSITIONS, required=False),
    "flips": Column("flag", required=False),
    "no_result": text_column(allowed=NO_RESULTS, required=False),
    # of a count in time: what the periods before an interruption let expect without it
    "expected": Column("number", required=False, least=0),
    "expected_low": Column("number", required=False, least=0),
    "expected_high": Column("number", required=False, least=0),
    "under": Column("flag", required=False),  # whether the interruption holds
    # of a chain of counts: the indicator before, and the difference from it
    "before": text_column(required=False),
    "step": Column("number", required=False),
    "explained": text_column(allowed=STEPS, required=False),
}

COMPARISONS = Schema(
    "COMPARISONS",
    "a value beside others: of other places, of what was expected, of the count before it",
    ("indicator", "territory", "period"),
    {**INDICATORS.columns, **COMPARED},
    breakdowns=True,
    variants=("peer",),
    limits=(
        *_LIMITS,
        ("ratio_low", "ratio_high"),
        ("inner_low", "inner_high"),
        ("outer_low", "outer_high"),
        ("expected_low", "expected_high"),
    ),
)

EXPOSURE = Schema(
    "EXPOSURE",
    "a denominator of one territory and year",
    ("kind", "territory", "year"),
    {
        "kind": text_column(nullable=False),
        "territory": text_column(nullable=False),
        "year": Column("count", nullable=False),
        "exposure": Column("number", least=0),
        "flag": text_column(nullable=False, allowed=("observed", "interpolated", "missing")),
        "source": text_column(),
        "vintage": text_column(),
    },
)
