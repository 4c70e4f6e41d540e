"""Columns, types, keys and closed codes of every table that crosses a stage.

`check_table` returns the table, columns in the order of the schema, or raises once
with every fault. It converts nothing but what is free of doubt (an `int64` count to
`Int64`, an `object` text to `str`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import pandas as pd

from obs.errors import SchemaError

__all__ = [
    "ALL",
    "ANSWERS",
    "BOUNDS",
    "BREAKDOWNS",
    "CALLS",
    "CALL_DAYS",
    "CASES",
    "CASE_CONTEXTS",
    "CASE_COUNTS",
    "CASE_LINKS",
    "COMPARED",
    "COMPARISONS",
    "CONTRIBUTORS",
    "COUNTS",
    "DECISIONS",
    "DETECTABLE",
    "EVENTS",
    "EXPOSURE",
    "FORMS",
    "INDICATORS",
    "PEER_VERDICTS",
    "POINTS",
    "POSITIONS",
    "RELATIONS",
    "REJECTED",
    "REPORT",
    "RESPONDENTS",
    "SCHEMAS",
    "SERVICES",
    "STANDINGS",
    "STATUSES",
    "TRENDS",
    "UNITS",
    "UNTOLD_DAYS",
    "VERDICTS",
    "WITHHELD",
    "Column",
    "Schema",
    "check_table",
    "empty_table",
]

Kind = Literal["text", "count", "number", "flag", "date", "period", "category"]

ALL = "all"  # the code of a total in a breakdown column
STATUSES = (
    "ok",
    "zero",
    "missing",
    "not_applicable",
    "provisional",
    "suppressed_source",
    "suppressed_primary",
    "suppressed_secondary",
    "unreliable",
)
UNTOLD_DAYS = "untold_days"  # reason of a value that lacks what days not told would add
WITHHELD = frozenset(
    {"suppressed_source", "suppressed_primary", "suppressed_secondary", "unreliable"}
)
UNITS = (
    "fact",
    "pv",
    "case",
    "victim",
    "victim_heard",
    "vehicle",
    "suspect",
    "respondent",
    "business",
    "household",
    "call",
    "procedure",
    "person",
    "activity",
    "file",
    "visit",
    "finding",
    "request",
    "euro",
)
FORMS = ("physical", "sexual", "psychological", "economic")
RELATIONS = ("couple", "descendant", "other_family", "family", "none")
CASE_CONTEXTS = ("couple", "family", "none")  # of a prosecutor's case: family violence or not
DECISIONS = (  # the twelve closing decisions, two for prosecutors who tell no more, and open
    "technical",
    "expediency",
    "signalled",
    "disposition",
    "joinder",
    "praetorian",
    "chain_administrative",
    "chain_other",
    "payment",
    "mediation",
    "summons",
    "inquiry",
    "charged",
    "declined",
    "open",
)
BOUNDS = ("exact", "at_least", "about")  # how a count of activities is to be read
CASE_LINKS = ("own", "joined", "joined_lost", "transferred", "transfer_lost", "circular")
POINTS = ("points", "points_low", "points_high")  # difference of two shares; 0.03 is 3 points
DETECTABLE = (  # least changes that a comparison would have shown: relative, or of a share
    "detectable_fall",
    "detectable_rise",
    "detectable_fall_points",
    "detectable_rise_points",
)
POSITIONS = ("far_below", "below", "within", "above", "far_above")  # of a place and its limits
PEER_VERDICTS = ("above", "below", "no difference shown", "too few to say", "not comparable")
STANDINGS = ("above", "below", "alike")
CONTRIBUTORS = ("contributors", "largest_share", "second_share")  # never leave the house
VERDICTS = ("up", "down", "stable", "not comparable", "too few to say")
BREAKDOWNS = (
    "phenomenon",
    "form",
    "relation",
    "attempt",
    "place",
    "hour_band",
    "victim_sex",
    "victim_age_band",
    "suspect_sex",
    "suspect_age_band",
    "offence",  # suffered, as a survey asks for it; in EVENTS the supplier's code
    "motive",  # for not reporting
    "answer",
    "sector",
    "size",
    "context",  # of a prosecutor's case
    "decision",
    "line",  # of a helpline
)


@dataclass(frozen=True)
class Column:
    """One column: its kind, whether it may be missing, its closed codes if it has any."""

    kind: Kind
    nullable: bool = True
    allowed: tuple[str, ...] = ()
    required: bool = True


@dataclass(frozen=True)
class Schema:
    """A table: what one row is, its key, its columns; breakdowns join the key."""

    name: str
    row: str
    key: tuple[str, ...]
    columns: dict[str, Column] = field(default_factory=dict)
    breakdowns: bool = False
    variants: tuple[str, ...] = ()  # columns that join the key where the table has them

    def key_of(self, table: pd.DataFrame) -> list[str]:
        """Give the key columns of this very table, its breakdowns included."""
        extra = [c for c in BREAKDOWNS if c in table.columns] if self.breakdowns else []
        extra += [c for c in self.variants if c in table.columns]
        return [*self.key, *(c for c in extra if c not in self.key)]


def _text(*, nullable: bool = True, allowed: tuple[str, ...] = (), required: bool = True) -> Column:
    return Column("text", nullable, allowed, required)


_PROVENANCE = {
    "source": Column("text", required=False),
    "synthetic": Column("flag", nullable=False, required=False),
    "extracted": Column("date", required=False),
}

EVENTS = Schema(
    "EVENTS",
    "a police fact",
    ("event_id",),
    {
        "event_id": _text(nullable=False),
        "report_id": _text(),
        "event_date": Column("date"),
        "event_hour": Column("count"),
        "report_date": Column("date"),
        "extracted": Column("date"),
        "territory": _text(),
        "offence": _text(),
        "phenomenon": _text(),
        "attempt": Column("flag"),
        "form": _text(allowed=FORMS),
        "relation": _text(allowed=RELATIONS),
        "place": _text(),
        "victim_sex": _text(),
        "victim_age_band": _text(),
        "suspect_sex": _text(),
        "suspect_age_band": _text(),
        "source": _text(),
        "delivery": _text(),
        "synthetic": Column("flag", nullable=False),
    },
)
COUNTS = Schema(
    "COUNTS",
    "an aggregated count as delivered",
    ("territory", "period", "phenomenon", "unit"),
    {
        "territory": _text(nullable=False),
        "period": Column("period", nullable=False),
        "phenomenon": _text(nullable=False),
        "unit": _text(nullable=False, allowed=UNITS),
        "form": _text(allowed=(*FORMS, ALL), required=False),
        "relation": _text(allowed=(*RELATIONS, ALL), required=False),
        "numerator": Column("count"),
        "status": _text(nullable=False, allowed=STATUSES),
        "population": Column("number", required=False),
        "dwellings": Column("number", required=False),
        "delivery": _text(),
        **_PROVENANCE,
    },
    breakdowns=True,
)
CASES = Schema(
    "CASES",
    "a prosecutor's case",
    ("case_id",),
    {
        "case_id": _text(nullable=False),
        "mother_id": _text(),
        "report_id": _text(),
        "entry_date": Column("date"),
        "charge": _text(),
        "context": _text(allowed=CASE_CONTEXTS),
        "section": _text(),
        "decision": _text(allowed=DECISIONS),
        "decision_date": Column("date"),
        "territory": _text(),
        "extracted": Column("date"),
        "delivery": _text(),
        # what a supplier may add, and what following the links gives
        "next_id": _text(required=False),  # the case opened by the receiver of a transfer
        "first_close_date": Column("date", required=False),  # of a case reopened since
        "reopened_date": Column("date", required=False),
        "entry_period": Column("period", required=False),  # where no day of entry is told
        "phenomenon": _text(required=False),
        "link": _text(allowed=CASE_LINKS, required=False),
        "lead_id": _text(required=False),  # the case that carries the decision
        "outcome": _text(allowed=DECISIONS, required=False),
        "outcome_date": Column("date", required=False),
        "remark": _text(required=False),
        "source": _text(required=False),
        "synthetic": Column("flag", nullable=False, required=False),
    },
)
CASE_COUNTS = Schema(
    "CASE_COUNTS",
    "an aggregated count of cases as delivered",
    ("territory", "period", "charge"),
    {
        "territory": _text(nullable=False),
        "period": Column("period", nullable=False),
        "charge": _text(nullable=False),
        "phenomenon": _text(nullable=False),
        "context": _text(allowed=CASE_CONTEXTS),
        "unit": _text(nullable=False, allowed=UNITS),
        "numerator": Column("count"),
        "status": _text(nullable=False, allowed=STATUSES),
        "remark": _text(required=False),
        "delivery": _text(),
        **_PROVENANCE,
    },
)
RESPONDENTS = Schema(
    "RESPONDENTS",
    "an interview",
    ("respondent_id",),
    {
        "respondent_id": _text(nullable=False),
        "weight": Column("number"),
        "stratum": _text(required=False),
        "cluster": _text(required=False),
        "fpc": Column("number", required=False),
        "territory": _text(required=False),
        "unit": _text(allowed=UNITS, required=False),
        "remark": _text(required=False),
        "delivery": _text(required=False),
        **_PROVENANCE,
    },
)
ANSWERS = Schema(
    "ANSWERS",
    "one answer of an interview to one item",
    ("respondent_id", "question", "item"),
    {
        "respondent_id": _text(nullable=False),
        "question": _text(nullable=False),
        "item": _text(nullable=False),
        "value": _text(),
        "status": _text(allowed=("ok", "missing", "not_applicable"), required=False),
        "reason": _text(required=False),  # why there is no value, as a code
    },
)
CALLS = Schema(
    "CALLS",
    "a helpline call",
    ("call_id",),
    {
        "call_id": _text(nullable=False),
        "date": Column("date", nullable=False),
        "line": _text(nullable=False),
        "n": Column("count"),
        "topic": _text(),  # codes joined by "+" where a call has several
        "relation": _text(),
        "gender": _text(),
        "hour": Column("count", required=False),
        "age_band": _text(required=False),
        "aggressor_gender": _text(required=False),
        "territory": _text(required=False),
        "remark": _text(required=False),
        "delivery": _text(required=False),
        **_PROVENANCE,
    },
)
CALL_DAYS = Schema(
    "CALL_DAYS",
    "a day's calls to one helpline",
    ("date", "line"),
    {
        "date": Column("date", nullable=False),
        "line": _text(nullable=False),
        "n": Column("count"),
        "status": _text(nullable=False, allowed=STATUSES),
        "reason": _text(),  # why there is no count: closed, interrupted, not_told
        "hours": Column("number"),  # that the line was open
        "remark": _text(required=False),
        "delivery": _text(required=False),
        **_PROVENANCE,
    },
)
SERVICES = Schema(
    "SERVICES",
    "an activity count of a commune, zone or association",
    ("territory", "period", "activity", "unit", "provider", "part"),
    {
        "territory": _text(nullable=False),
        "period": Column("period", nullable=False),
        "activity": _text(nullable=False),
        "numerator": Column("count"),
        "unit": _text(nullable=False),
        "provider": _text(),
        "measure": _text(),
        "part": _text(nullable=False),  # of the activity; "all" is the total
        "status": _text(nullable=False, allowed=STATUSES),
        "bound": _text(allowed=BOUNDS),
        "document_line": _text(required=False),
        "remark": _text(required=False),
        "delivery": _text(required=False),
        **_PROVENANCE,
    },
)
INDICATORS = Schema(
    "INDICATORS",
    "one value",
    ("indicator", "territory", "period"),
    {
        "indicator": _text(nullable=False),
        "territory": _text(nullable=False),
        "period": Column("period", nullable=False),
        "numerator": Column("count"),
        "denominator": Column("number"),
        "value": Column("number"),
        "low": Column("number"),
        "high": Column("number"),
        "status": _text(nullable=False, allowed=STATUSES),
        "unit": _text(nullable=False, allowed=UNITS),
        "n": Column("count"),
        "grade": _text(allowed=("A", "C", "F")),
        # what a reader needs to judge the value; compute writes them all
        "level": _text(required=False),
        "scale": _text(required=False),
        "denominator_flag": _text(required=False),
        "days": Column("count", required=False),
        "covered_from": Column("date", required=False),
        "covered_to": Column("date", required=False),
        "reason": _text(required=False),  # why a value is missing or lacks days, as a code
        "completeness": Column("number", required=False),  # share expected to be registered yet
        "matching": Column("number", required=False),  # share of records that were linked
        "detectable_change": Column("number", required=False),  # least that a next wave would find
        "standing": _text(allowed=STANDINGS, required=False),  # against the other categories
        # of a sum of amounts, for disclosure control alone: how many units make it up, and the
        # shares of it (0 to 1) that the largest and the second largest make
        "contributors": Column("count", required=False),
        "largest_share": Column("number", required=False),
        "second_share": Column("number", required=False),
        # of a value made of several counts, the smallest above 0: for disclosure control alone
        "smallest_part": Column("count", required=False),
        "method": _text(required=False),  # of an estimate: the model, and how it fits
        **_PROVENANCE,
    },
    breakdowns=True,
)
TRENDS = Schema(
    "TRENDS",
    "one comparison of a period with a base",
    ("indicator", "territory", "period", "base"),
    {
        "indicator": _text(nullable=False),
        "territory": _text(nullable=False),
        "period": Column("period", nullable=False),
        "base": Column("period", nullable=False),
        "change": Column("number"),
        "low": Column("number"),
        "high": Column("number"),
        "verdict": _text(allowed=VERDICTS),
        "method": _text(),
        "numerator": Column("count", required=False),
        "base_numerator": Column("count", required=False),
        "p_value": Column("number", required=False),
        "p_unadjusted": Column("number", required=False),  # as if it were the only comparison
        "confidence": Column("number", required=False),  # of the interval and of the verdict
        **{c: Column("number", required=False) for c in POINTS},
        **{c: Column("number", required=False) for c in DETECTABLE},
        "status": _text(allowed=STATUSES, required=False),
        "unit": _text(allowed=UNITS, required=False),
        "level": _text(required=False),
        "reason": _text(required=False),  # why no verdict, as a code
        **_PROVENANCE,
    },
    breakdowns=True,
)
COMPARED = {  # what comparing places adds to their rows
    "peer": _text(required=False),  # a level of the territory, or "similar"
    "peer_value": Column("number", required=False),
    "ratio": Column("number", required=False),
    "ratio_low": Column("number", required=False),
    "ratio_high": Column("number", required=False),
    "p_value": Column("number", required=False),
    "verdict": _text(allowed=PEER_VERDICTS, required=False),
    "centre": Column("number", required=False),
    "inner_low": Column("number", required=False),
    "inner_high": Column("number", required=False),
    "outer_low": Column("number", required=False),
    "outer_high": Column("number", required=False),
    "tau2": Column("number", required=False),
    "chance_position": _text(allowed=POSITIONS, required=False),
    "position": _text(allowed=POSITIONS, required=False),
    "rank_low": Column("count", required=False),
    "rank_high": Column("count", required=False),
    "ranked": Column("count", required=False),
    "ambient_exposure": Column("number", required=False),
    "ambient_value": Column("number", required=False),
    "ambient_position": _text(allowed=POSITIONS, required=False),
    "flips": Column("flag", required=False),
}
COMPARISONS = Schema(
    "COMPARISONS",
    "a place beside others, in one period",
    ("indicator", "territory", "period"),
    {**INDICATORS.columns, **COMPARED},
    breakdowns=True,
    variants=("peer",),
)
EXPOSURE = Schema(
    "EXPOSURE",
    "a denominator of one territory and year",
    ("kind", "territory", "year"),
    {
        "kind": _text(nullable=False),
        "territory": _text(nullable=False),
        "year": Column("count", nullable=False),
        "exposure": Column("number"),
        "flag": _text(nullable=False, allowed=("observed", "interpolated", "missing")),
        "source": _text(),
        "vintage": _text(),
    },
)
REJECTED = Schema(
    "REJECTED",
    "a delivered row that was not kept",
    (),
    {
        "file": _text(nullable=False),
        "row": Column("count", nullable=False),
        "column": _text(),
        "rule": _text(nullable=False),
        "message": _text(nullable=False),
    },
)
REPORT = Schema(
    "REPORT",
    "a delivered file",
    ("file",),
    {
        "file": _text(nullable=False),
        "profile": _text(nullable=False),
        "sha256": _text(),
        "extracted": Column("date"),
        "read": Column("count", nullable=False),
        "kept": Column("count", nullable=False),
        "merged": Column("count", nullable=False),
        "rejected": Column("count", nullable=False),
        "covered_from": Column("date"),
        "covered_to": Column("date"),
        "synthetic": Column("flag", nullable=False),
    },
)
SCHEMAS = {
    s.name: s
    for s in (
        EVENTS,
        COUNTS,
        CASES,
        CASE_COUNTS,
        RESPONDENTS,
        ANSWERS,
        CALLS,
        CALL_DAYS,
        SERVICES,
        INDICATORS,
        TRENDS,
        COMPARISONS,
        EXPOSURE,
        REJECTED,
        REPORT,
    )
}

_DTYPES: dict[str, str] = {
    "text": "str",
    "category": "str",
    "count": "Int64",
    "number": "Float64",
    "flag": "boolean",
    "date": "datetime64[us]",
}


def empty_table(schema: Schema, *, freq: str = "Y-DEC") -> pd.DataFrame:
    """Make a table of no rows with every column of a schema.

    Parameters
    ----------
    schema : Schema
        The table wanted.
    freq : str
        Frequency of its period columns (a pandas period alias).

    Returns
    -------
    DataFrame of shape (0, n_columns)
        Typed as `check_table` leaves it.

    Examples
    --------
    >>> from obs.schemas import REJECTED, empty_table
    >>> list(empty_table(REJECTED).columns)
    ['file', 'row', 'column', 'rule', 'message']
    """
    return pd.DataFrame(
        {
            name: pd.Series(dtype=f"period[{freq}]" if c.kind == "period" else _DTYPES[c.kind])
            for name, c in schema.columns.items()
        }
    )


def check_table(table: pd.DataFrame, schema: Schema) -> pd.DataFrame:
    """Check a table against its schema and give it back typed.

    Every fault is collected and raised once: absent columns, types that cannot be
    converted without doubt, missing values where none may be, codes outside the closed
    list, repeated keys. Columns the schema does not know are left at the end.

    Parameters
    ----------
    table : DataFrame
        Not modified.
    schema : Schema
        One of `obs.schemas.SCHEMAS`.

    Returns
    -------
    DataFrame
        Same rows, in the same order, with a fresh index; schema columns first.

    Raises
    ------
    SchemaError
        With all faults; rows are named by position, values by column and count only.

    Examples
    --------
    >>> import pandas as pd
    >>> from obs.schemas import REJECTED, check_table
    >>> check_table(pd.DataFrame({"file": ["a.csv"], "row": [3]}), REJECTED)
    Traceback (most recent call last):
    obs.errors.SchemaError: table REJECTED: column 'column' is absent; column 'rule' is absent; \
column 'message' is absent. See obs.schemas.REJECTED.
    """
    if not isinstance(table, pd.DataFrame):
        raise SchemaError(f"table {schema.name}: a DataFrame is needed, not {type(table).__name__}")
    faults: list[str] = []
    typed: dict[str, pd.Series] = {}
    for name, column in schema.columns.items():
        if name not in table.columns:
            if column.required:
                faults.append(f"column '{name}' is absent")
            continue
        try:
            typed[name] = _typed(table[name], column.kind)
        except (TypeError, ValueError):
            faults.append(
                f"column '{name}' must hold {column.kind} values and is {table[name].dtype}"
            )
            continue
        faults += _faults_of_column(name, typed[name], column)
    if not faults:
        faults += _faults_of_key(table, schema)
    if faults:
        raise SchemaError(
            f"table {schema.name}: {'; '.join(faults)}. See obs.schemas.{schema.name}."
        )
    others = {c: table[c] for c in table.columns if c not in typed}
    return pd.DataFrame({**typed, **others}).reset_index(drop=True)


def _typed(values: Any, kind: Kind) -> Any:
    if kind == "period":
        if not isinstance(values.dtype, pd.PeriodDtype):
            raise TypeError("not periods")
        return values
    if kind in ("text", "category"):
        if not (
            pd.api.types.is_string_dtype(values.dtype)
            or isinstance(values.dtype, pd.CategoricalDtype)
            or values.isna().all()
        ):
            raise TypeError("codes are text, never numbers")
        return values.astype("str")
    if kind in ("count", "number") and pd.api.types.is_bool_dtype(values.dtype):
        raise TypeError("a flag is not a number")
    return values.astype(_DTYPES[kind])


def _faults_of_column(name: str, values: pd.Series, column: Column) -> list[str]:
    faults = []
    absent = values.isna()
    if not column.nullable and absent.any():
        faults.append(f"column '{name}' is missing in {_rows(absent)}")
    if column.allowed:
        wrong = ~absent & ~values.isin(column.allowed)
        if wrong.any():
            faults.append(
                f"column '{name}' has a code that is not one of {', '.join(column.allowed)} "
                f"in {_rows(wrong)}"
            )
    if column.kind == "count":
        negative = (values < 0).fillna(value=False).astype(bool)
        if negative.any():
            faults.append(f"column '{name}' is negative in {_rows(negative)}")
    return faults


def _faults_of_key(table: pd.DataFrame, schema: Schema) -> list[str]:
    key = schema.key_of(table)
    if not key:
        return []
    repeated = table.duplicated(subset=key, keep=False)
    return [f"key ({', '.join(key)}) is repeated in {_rows(repeated)}"] if repeated.any() else []


def _rows(mask: pd.Series) -> str:
    positions: Sequence[int] = [int(i) for i in mask.to_numpy().nonzero()[0][:5]]
    n = int(mask.sum())
    return f"{n} row{'s' if n > 1 else ''} (first: {', '.join(map(str, positions))})"


def require(schema: Schema, *names: str) -> Schema:
    """Give the schema with some of its optional columns made required."""
    columns = {n: replace(c, required=c.required or n in names) for n, c in schema.columns.items()}
    return replace(schema, columns=columns)
