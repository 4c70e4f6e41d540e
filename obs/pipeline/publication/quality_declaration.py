"""Compute the quality declaration of an edition, under the headings of the European metadata structure.

The headings are those of SIMS 2.0 (Single Integrated Metadata Structure). Each line is computed from
the account of the deliveries and from what was released, or says that nothing tells it. Rows are
counted by source alone, in tens; rules that refused few rows are put together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from obs.catalogue import get_indicator
from obs.clean import Cleaned, CleanedSurvey
from obs.clean.judge.rejection_rules import TOLERATED
from obs.disclosure import Released
from obs.reference import Observatory, load_measures
from obs.report import NoteSpec
from obs.report.edition.quality_file import QualityLine
from obs.schemas import BREAKDOWNS, WITHHELD
from obs.stats import poisson_interval

__all__ = ["FEW", "count_by_rule", "declare_quality", "interval_coverage"]

FEW = 10  # rows: fewer of one rule are not told apart
_LARGEST = 1_000  # mean count up to which the coverage of intervals is computed
_MARKED = "C"  # reliability grade of an estimate that is to be read with caution
_UNKNOWABLE = {  # heading -> what no delivery and no table tells
    "S.12.2": "no_satisfaction",
    "S.13.3.1": "no_unreported",
    "S.13.3.3": "no_unit_response",
    "S.16": "no_cost",
}


@dataclass(frozen=True)
class _Known:
    """What a declaration is computed from."""

    observatory: Observatory
    edition: int
    specs: Sequence[NoteSpec]
    cleaned: Sequence[tuple[str, Cleaned]]
    released: Released
    facts: Mapping[str, Any]


def declare_quality(
    observatory: Observatory,
    edition: int,
    *,
    specs: Sequence[NoteSpec],
    cleaned: Sequence[tuple[str, Cleaned]],
    released: Released,
    facts: Mapping[str, Any],
) -> list[dict[str, Any]]:
    """Compute the lines of the quality declaration of an edition.

    Parameters
    ----------
    observatory : Observatory
        As declared.
    edition : int
        Year of the edition.
    specs : sequence of NoteSpec
        Its notes.
    cleaned : sequence of (str, Cleaned)
        Each source as it was cleaned.
    released : Released
        All its tables.
    facts : mapping
        What `obs.report.edition_facts` gives (breaks, revisions, corrections), and `causes`, as
        `revision_causes` gives them.

    Returns
    -------
    list of dict
        One for each line, as `obs.report.edition.quality_file.QualityLine`.

    Examples
    --------
    >>> from obs.pipeline.publication.quality_declaration import interval_coverage
    >>> least, mean = interval_coverage([20.0, 100.0])
    >>> round(least, 3), round(mean, 3)
    (0.955, 0.956)
    """
    known = _Known(observatory, edition, specs, cleaned, released, facts)
    lines = [line for part in _PARTS for line in part(known)]
    lines.sort(key=lambda line: _place(line.concept))
    return [line.to_json() for line in lines]


def count_by_rule(rules: Iterable[str]) -> list[tuple[str, int]]:
    """Count refused rows by rule, in tens, the most frequent first; few of a rule go to "other".

    "other" takes in the rarest of the other rules until it holds `FEW` rows; where all together
    are fewer, nothing is told apart and the number is 0.

    Examples
    --------
    >>> count_by_rule(["markup"] * 3 + ["too_old"] * 14 + ["date_order"] * 52)
    [('date_order', 50), ('other', 20)]
    >>> count_by_rule(["markup"] * 3)
    [('other', 0)]
    """
    counts = pd.Series(list(rules), dtype="str").value_counts()
    kept = sorted(counts.items(), key=lambda item: (-item[1], str(item[0])))
    other = 0
    while kept and (kept[-1][1] < FEW or 0 < other < FEW):
        other += kept.pop()[1]
    told = [(str(rule), _in_tens(count)) for rule, count in kept]
    return told + ([("other", _in_tens(other) if other >= FEW else 0)] if other else [])


def interval_coverage(means: Iterable[float]) -> tuple[float, float]:
    """Compute how often the interval of a count holds its mean, at the least and on average.

    Exact, by summing Poisson probabilities of the counts whose interval holds each mean.
    """
    expected = np.unique(np.asarray(list(means), dtype=float))
    counts = np.arange(int(expected.max() + 12 * np.sqrt(expected.max()) + 40))
    low, high = poisson_interval(counts)
    held = [
        stats.poisson.pmf(counts[inside], mean).sum()
        for mean in expected
        for inside in [(low <= mean) & (mean <= high)]
    ]
    return float(min(held)), float(np.mean(held))


def _in_tens(count: int) -> int:
    return int(round(count, -1))


def _place(concept: str) -> tuple[int, ...]:
    return tuple(int(part) for part in concept.split(".")[1:])


def _presentation(known: _Known) -> Iterator[QualityLine]:
    table = known.released.table
    base = known.released.territory.codes(known.released.territory.levels[0])
    years = table["period"].astype("str").str[:4]
    yield QualityLine("S.1", "contact")
    if extracted := _last_extractions(known.cleaned):
        day = f"{max(extracted):%Y-%m-%d}"
        yield QualityLine("S.2", "updated", "day", value=day, unit="day")
    counts = {"indicators": table["indicator"].nunique(), "places": len(base)}
    for measure, count in counts.items():
        yield QualityLine("S.3", "presentation", measure, value=count, unit="count")
    for measure, year in {"first": years.min(), "last": years.max()}.items():
        yield QualityLine("S.3", "presentation", measure, value=year, unit="year")
    kinds = [get_indicator(str(i)) for i in table["indicator"].unique()]
    for unit in dict.fromkeys(one.unit for one in kinds):
        yield QualityLine("S.4", "units", "unit", subject=unit, unit="code")
    served = {m for one in kinds for m in one.measures}
    if served:
        yield QualityLine("S.6", "mandate", "measures", value=len(served), unit="count")
        yield QualityLine("S.6", "mandate", "all", value=len(load_measures()), unit="count")
    for concept, line in _DECLARED.items():
        yield QualityLine(concept, line)
    for concept, line in _UNKNOWABLE.items():
        yield QualityLine(concept, line, status="not_computable")
    if known.edition not in known.observatory.releases:
        yield QualityLine("S.14.2", "no_punctuality", status="not_computable")


_DECLARED = {
    "S.7": "protected",
    "S.8": "release",
    "S.9": "frequency",
    "S.10": "formats",
    "S.11": "gates",
    "S.13.3.4": "in_tens",
    "S.15.1": "places",
    "S.17.1": "revision_policy",
    "S.18": "processing",
}


def _coverage(known: _Known) -> Iterator[QualityLine]:
    """Say which days each source covers, how many of them are told, and how soon they came."""
    for name, result in _by_source(known.cleaned):
        covered = result.coverage
        if covered.empty:
            continue
        first, last = covered["start"].min(), covered["end"].max()
        days = _days_covered(covered) / ((last - first).days + 1)
        how = "assumed" if (covered["how"] == "assumed").any() else "declared"
        for measure, day in {"first": first, "last": last}.items():
            yield QualityLine("S.5", "covered", measure, name, value=f"{day:%Y-%m-%d}", unit="day")
        line = f"days_{how}"
        yield QualityLine("S.13.3.1", line, "days", name, value=round(days, 4), unit="share")
        extracted = result.report["extracted"]
        if extracted.notna().all():  # else a file without a day may be the last
            late = (extracted.max() - last).days
            yield QualityLine("S.14.1", "timeliness", "days", name, value=late, unit="count")


def _days_covered(covered: pd.DataFrame) -> int:
    """Count the days that at least one delivery covers."""
    spans = covered[["start", "end"]].drop_duplicates().itertuples(index=False)
    days = [pd.date_range(start, end) for start, end in spans]
    return len(pd.DatetimeIndex(np.concatenate([d.values for d in days])).unique())


def _completeness(known: _Known) -> Iterator[QualityLine]:
    """Say how many of the indicators that the notes declare the sources tell."""
    wanted = {i for spec in known.specs for table in spec.tables for i in table.indicators}
    told = wanted & set(known.released.table["indicator"].astype("str"))
    for measure, count in {"told": len(told), "all": len(wanted)}.items():
        yield QualityLine("S.12.3", "completeness", measure, value=count, unit="count")
    final = _last_completeness(known.released)
    if final is not None:
        yield QualityLine("S.13.1", "late_reports", "share", value=final, unit="share")


def _last_completeness(released: Released) -> float | None:
    """Give the median, over indicators, of how complete the last year is estimated to be."""
    table = released.table
    if "completeness" not in table:
        return None
    whole = (table["territory"] == released.territory.top) & table["completeness"].notna()
    years = table[whole & (table["period"].astype("str").str.len() == 4)]
    if years.empty:
        return None
    last = years[years["period"].astype("str") == years["period"].astype("str").max()]
    return round(float(last["completeness"].astype("float64").median()), 4)


def _sampling(known: _Known) -> Iterator[QualityLine]:
    """Say how exact estimates and intervals are."""
    table = known.released.table
    whole = table[(table["territory"] == known.released.territory.top) & (table["status"] == "ok")]
    counts = whole["numerator"].dropna().astype("int64")
    police = {str(i) for i in whole["indicator"].unique() if get_indicator(str(i)).asked is None}
    means = sorted({int(c) for c in counts[whole["indicator"].isin(police)] if 0 < c <= _LARGEST})
    if means:
        least, mean = interval_coverage(means)
        for measure, share in {"least": least, "mean": mean}.items():
            value = round(share, 4)
            yield QualityLine("S.13.1", "interval_coverage", measure, value=value, unit="share")
    if "grade" not in table:
        return
    keys = ["indicator", "territory", "period", *(c for c in BREAKDOWNS if c in table)]
    estimates = table["grade"].notna() & table["value"].notna() | table["grade"].eq("F")
    if "source" in table:  # one that is withheld to protect others has no grade
        estimates |= (table["source"] == "survey") & table["status"].isin(WITHHELD)
    graded = table[estimates].drop_duplicates(keys)
    if len(graded):
        shown = graded["status"] == "ok"
        marked = (shown & (graded["grade"] == _MARKED)).mean()
        shares = {"plain": shown.mean() - marked, "marked": marked}
        for measure, share in shares.items():
            value = round(float(share), 4)
            yield QualityLine("S.13.2", "sampling", measure, value=value, unit="share")


def _surveys(known: _Known) -> Iterator[QualityLine]:
    """Say how many answered each survey, and how many of the questions that they were asked."""
    for name, result in _by_source(known.cleaned):
        if not result.surveys:
            continue
        answers = pd.concat([survey.answers for survey in result.surveys], ignore_index=True)
        asked = answers[answers["status"] != "not_applicable"]
        answered = (asked["status"] == "ok").groupby(asked["question"]).mean()
        yield QualityLine(
            "S.13.3.3",
            "response",
            "respondents",
            name,
            value=sum(len(survey.table) for survey in result.surveys),
            unit="count",
        )
        for measure, share in {"mean": answered.mean(), "least": answered.min()}.items():
            value = round(float(share), 4)
            yield QualityLine("S.13.3.3", "response", measure, name, value=value, unit="share")


def _processing(known: _Known) -> Iterator[QualityLine]:
    """Say what became of the rows received, and which rules refused them."""
    for name, result in _by_source(known.cleaned):
        read, merged = (int(result.report[c].sum()) for c in ("read", "merged"))
        told = max(_in_tens(read), 1)
        refused = result.rejected[~result.rejected["rule"].isin(TOLERATED)]["rule"]
        rules = count_by_rule(refused)
        few = 0 < len(refused) < FEW
        line = "rows_few" if few else "rows"
        yield QualityLine("S.13.3.4", line, "read", name, value=told, unit="count")
        shares = {"merged": _in_tens(merged)} | (
            {} if few else {"rejected": sum(n for _, n in rules)}
        )
        for measure, count in shares.items():
            value = round(count / told, 4)
            yield QualityLine("S.13.3.4", line, measure, name, value=value, unit="share")
        for rule, count in [] if few else rules:
            yield QualityLine(
                "S.13.3.4", "rule", "rows", name, subject=rule, value=count, unit="count"
            )
        for remark, count in count_by_rule(result.flagged["rule"]):
            if count and remark != "other":
                yield QualityLine(
                    "S.15.4", "doubted", "rows", name, subject=remark, value=count, unit="count"
                )


def _changes(known: _Known) -> Iterator[QualityLine]:
    """Say what breaks the series, what was revised, by how much and why, and what was corrected."""
    breaks = known.facts.get("breaks", ())
    yield QualityLine("S.15.2", "breaks", "breaks", value=len(breaks), unit="count")
    changed = known.facts.get("revisions", ())
    if known.facts.get("first", False):
        yield QualityLine("S.17.2", "no_earlier", status="not_computable")
    else:
        yield QualityLine("S.17.2", "revised", "figures", value=len(changed), unit="count")
    causes = known.facts.get("causes", ())
    if causes:
        moved = [abs(one["after"] / one["before"] - 1) for one in causes if one["before"]]
        yield QualityLine("S.17.2", "later", "figures", value=len(causes), unit="count")
        median = round(float(np.median(moved)), 5)
        yield QualityLine("S.17.2", "later", "median", value=median, unit="share")
    corrected = len(known.facts.get("corrections", ()))
    yield QualityLine("S.18.5", "corrections", "corrections", value=corrected, unit="count")


_PARTS = (_presentation, _coverage, _completeness, _sampling, _surveys, _processing, _changes)


@dataclass(frozen=True)
class _Source:
    """What became of all that one source delivered."""

    report: pd.DataFrame
    rejected: pd.DataFrame
    flagged: pd.DataFrame
    coverage: pd.DataFrame
    surveys: tuple[CleanedSurvey, ...]


def _by_source(cleaned: Sequence[tuple[str, Cleaned]]) -> Iterator[tuple[str, _Source]]:
    """Give each source with its name: its kind, or the questionnaire of a survey."""
    together: dict[str, list[Cleaned]] = {}
    for kind, result in cleaned:
        asked = result.questionnaire if isinstance(result, CleanedSurvey) else None
        together.setdefault(asked.name if asked else kind, []).append(result)
    for name, own in together.items():
        frames = {
            table: pd.concat([getattr(one, table) for one in own], ignore_index=True)
            for table in ("report", "rejected", "flagged", "coverage")
        }
        surveys = tuple(one for one in own if isinstance(one, CleanedSurvey))
        yield name, _Source(**frames, surveys=surveys)


def _last_extractions(cleaned: Sequence[tuple[str, Cleaned]]) -> list[pd.Timestamp]:
    """Give the last day of extraction of each kind of source whose deliveries all tell one."""
    days: dict[str, list[pd.Series]] = {}
    for kind, result in cleaned:
        days.setdefault(kind, []).append(result.report["extracted"])
    together = [pd.concat(own) for own in days.values()]
    return [own.max() for own in together if len(own) and own.notna().all()]
