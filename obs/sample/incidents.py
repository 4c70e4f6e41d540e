"""Draw the true facts of one year, as a perfect supplier would deliver them, as arrays of codes.

Totals are exact (by zone, by class, by number of reports); place, time and persons are drawn.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from obs.sample.draws import Ints, Stream, share_out
from obs.sample.published_totals import (
    FAMILY_CLASSES,
    communes,
    family_totals,
    patterns,
    region_totals,
    scaled,
    zone_totals,
)

__all__ = ["CODES", "FORMS", "RELATIONS", "Facts", "draw_facts"]

CODES = tuple(patterns()["codes"])
PLACES = tuple(patterns()["places"])
FORMS = ("", "physical", "sexual", "psychological", "economic")
RELATIONS = ("", "couple", "descendant", "other_family")
SHARED_REPORT = 50  # per thousand facts outside the family that share a report with another
# days between a fact and its report: weight per day of each stretch (first day, last day)
DELAYS = (
    ((0, 0), 4500),
    ((1, 1), 2200),
    ((2, 2), 900),
    ((3, 7), 200),
    ((8, 30), 40),
    ((31, 90), 6),
    ((91, 180), 1),
)

_BY_CLASS = (
    *("code", "form", "relation", "place"),
    *("victim_sex", "victim_age", "suspect_sex", "suspect_age"),
)


@dataclass(frozen=True)
class Facts:
    """Facts as parallel arrays: positions in the code lists above, days of the year.

    `head` is the position of the first fact of the same report; `minute` is -1 where the
    hour is unknown; ages are -1 where unknown, sexes 0 unknown, 1 woman, 2 man, 3 other.
    """

    code: Ints
    commune: Ints
    day: Ints
    minute: Ints
    delay: Ints
    head: Ints
    attempt: Ints
    form: Ints
    relation: Ints
    place: Ints
    victim_sex: Ints
    victim_age: Ints
    suspect_sex: Ints
    suspect_age: Ints

    def __len__(self) -> int:
        return len(self.code)

    def take(self, rows: Ints) -> Facts:
        """Give some of the facts; `head` still counts in the whole."""
        return Facts(**{f.name: getattr(self, f.name)[rows] for f in fields(self)})


def draw_facts(year: int, *, seed: int, scale: float) -> Facts:
    """Draw every fact of a year, family violence first.

    Returns `Facts` in no order of time.

    Examples
    --------
    >>> from obs.sample.incidents import draw_facts
    >>> facts = draw_facts(2021, seed=1, scale=0.01)
    >>> int((facts.form > 0).sum())
    47
    """
    family = _family(year, seed, scale)
    rest = _rest(year, seed, scale, family)
    joined = {f.name: [getattr(family, f.name), getattr(rest, f.name)] for f in fields(Facts)}
    joined["head"][1] = joined["head"][1] + len(family)
    return Facts(**{name: np.concatenate(parts) for name, parts in joined.items()})


def _days_of(
    stream: Stream,
    year: int,
    pattern: Mapping[str, Any],
    n: int,
    *,
    months: Collection[int] | None = None,
) -> Ints:
    """Draw n days of a year (0 = 1 January) by month, weekday and lockdown weights."""
    shape = patterns()
    dates = np.arange(f"{year}-01-01", f"{year + 1}-01-01", dtype="datetime64[D]")
    month = dates.astype("datetime64[M]").astype(np.int64) % 12
    weekday = (dates.astype(np.int64) + 3) % 7  # 1 January 1970 was a Thursday
    lockdown = shape["lockdown"][pattern["lockdown"]].get(str(year), [100] * 12)
    weights = (
        np.asarray(shape["months"][pattern["months"]])[month]
        * np.asarray(shape["weekdays"][pattern["weekdays"]])[weekday]
        * np.asarray(lockdown)[month]
    )
    if months is not None:
        weights = np.where(np.isin(month + 1, list(months)), weights, 0)
    return stream.pick(weights, n)


def _person_ages(stream: Stream, ages: Mapping[str, int], n: int) -> Ints:
    """Draw n whole ages: a band by its weight, then a year of the band."""
    low = np.asarray([int(a) for a in ages])
    width = np.diff(np.append(low, 90))
    band = stream.pick(list(ages.values()), n)
    return low[band] + (stream.below(1 << 20, n) * width[band] >> 20)


def _family(year: int, seed: int, scale: float) -> Facts:
    stream = Stream(seed, "family", year)
    totals = {k: scaled(v, scale) for k, v in family_totals(year).items()}
    kind = np.repeat(np.arange(6), [totals[c] for c in FAMILY_CLASSES])
    kind = kind[stream.order(len(kind))]
    n = len(kind)
    reports = min(max(totals["reports"], (n + 1) // 2), n)
    # the first facts open the reports; each of the others joins a report of its own choice
    head = np.concatenate([np.arange(reports), stream.order(reports)[: n - reports]])
    commune = stream.pick(_commune_weights("family"), reports)
    day = _report_days(stream, year, reports, totals.get("reports_april"))
    classes = _by_class(stream, kind)
    common = patterns()["family_common"]
    return Facts(
        commune=commune[head],
        day=day[head],
        minute=_minutes(stream, common, reports)[head],
        delay=_delays(stream, reports)[head],
        head=head,
        attempt=stream.chance(common["attempt"], n).astype(np.int64),
        **classes,
    )


def _by_class(stream: Stream, kind: Ints) -> dict[str, Ints]:
    made = {name: np.zeros(len(kind), dtype=np.int64) for name in _BY_CLASS}
    for position, name in enumerate(FAMILY_CLASSES):
        own = patterns()["family_common"] | patterns()["family"][name]
        rows = np.flatnonzero(kind == position)
        for column, values in _family_class(stream, own, len(rows)).items():
            made[column][rows] = values
    return made


def _report_days(stream: Stream, year: int, reports: int, april: int | None) -> Ints:
    common = patterns()["family_common"]
    if april is None:
        return _days_of(stream, year, common, reports)
    inside = _days_of(stream, year, common, april, months=(4,))
    others = [m for m in range(1, 13) if m != 4]
    outside = _days_of(stream, year, common, reports - april, months=others)
    days = np.concatenate([inside, outside])
    return days[stream.order(reports)]


def _family_class(stream: Stream, own: Mapping[str, Any], n: int) -> dict[str, Ints]:
    codes = np.asarray([CODES.index(c) for c in own["codes"]])
    return {
        "code": codes[stream.pick(list(own["codes"].values()), n)],
        "form": np.full(n, FORMS.index(own["form"])),
        "relation": np.full(n, RELATIONS.index(own["relation"])),
        "place": _draw_places(stream, own["places"], n),
        **_persons(stream, own, n, ages=own["ages"]),
    }


def _rest(year: int, seed: int, scale: float, family: Facts) -> Facts:
    stream = Stream(seed, "rest", year)
    code, commune = _places_of_codes(stream, year, scale, family)
    n = len(code)
    made = {f.name: np.zeros(n, dtype=np.int64) for f in fields(Facts)}
    made |= {"code": code, "commune": commune, "delay": _delays(stream, n)}
    for position, name in enumerate(CODES):
        rows = np.flatnonzero(code == position)
        own = patterns()["codes"][name]
        made["day"][rows] = _days_of(stream, year, own, len(rows))
        made["minute"][rows] = _minutes(stream, own, len(rows))
        made["attempt"][rows] = stream.chance(own["attempt"], len(rows))
        made["place"][rows] = _draw_places(stream, own["places"], len(rows))
        for column, values in _persons(stream, own, len(rows), ages="adult").items():
            made[column][rows] = values
    _share_reports(stream, made)
    return Facts(**made)


def _places_of_codes(stream: Stream, year: int, scale: float, family: Facts) -> tuple[Ints, Ints]:
    codes, places = [], []
    zone_of = np.asarray([c["zone"] for c in communes()])
    family_assaults = zone_of[family.commune[family.code == CODES.index("COUPS")]]
    for zone, totals in zone_totals(year).items():
        inside = zone_of == zone
        for code, n in _zone_counts(zone, year, totals, scale).items():
            if code == "COUPS":
                n = max(n - int((family_assaults == zone).sum()), 0)
            weights = _commune_weights(patterns()["codes"][code]["intensity"]) * inside
            codes.append(np.full(n, CODES.index(code)))
            places.append(stream.pick(weights, n))
    for code, n in region_totals(year).items():
        codes.append(np.full(scaled(n, scale), CODES.index(code)))
        weights = _commune_weights(patterns()["codes"][code]["intensity"])
        places.append(stream.pick(weights, scaled(n, scale)))
    return np.concatenate(codes), np.concatenate(places)


def _zone_counts(zone: str, year: int, totals: Mapping[str, int], scale: float) -> dict[str, int]:
    shape = patterns()["thefts"]
    weights = [
        weight * shape["zones"][zone].get(code, 100) * (100 + shape["drift"][code] * (year - 2014))
        for code, weight in shape["weights"].items()
    ]
    dwellings = scaled(totals["burglary_dwelling"], scale)
    others = share_out(scaled(totals["theft"], scale) - dwellings, weights)
    return {
        "VOL-HAB": dwellings,
        **dict(zip(shape["weights"], map(int, others), strict=True)),
        "COUPS": scaled(totals["assault"], scale),
        "DEGRAD": scaled(totals["damage"], scale),
    }


def _share_reports(stream: Stream, made: dict[str, Ints]) -> None:
    """Let some facts of one commune join the report of their neighbour in time."""
    n = len(made["code"])
    order = np.lexsort((stream.order(n), made["day"], made["commune"]))
    place = made["commune"][order]
    joins = stream.chance(SHARED_REPORT, n)
    joins[1:] &= place[1:] == place[:-1]
    joins[:1] = False
    opener = np.maximum.accumulate(np.where(joins, 0, np.arange(n)))
    made["head"][order] = order[opener]
    for column in ("day", "delay"):
        made[column] = made[column][made["head"]]


def _commune_weights(intensity: str) -> Ints:
    return np.asarray([c["population"] * c[intensity] for c in communes()], dtype=np.int64) // 100


def _minutes(stream: Stream, own: Mapping[str, Any], n: int) -> Ints:
    hour = stream.pick(patterns()["hours"][own["hours"]], n)
    # clerks round: half of the times fall on the hour or the half hour
    minute = np.where(stream.chance(500, n), 30 * stream.below(2, n), 5 * stream.below(12, n))
    return np.where(stream.chance(own["no_hour"], n), -1, hour * 60 + minute)


def _draw_places(stream: Stream, weights: Mapping[str, int], n: int) -> Ints:
    positions = np.asarray([PLACES.index(p) for p in weights])
    return positions[stream.pick(list(weights.values()), n)]


def _delays(stream: Stream, n: int) -> Ints:
    weights = np.zeros(DELAYS[-1][0][1] + 1, dtype=np.int64)
    for (first, last), weight in DELAYS:
        weights[first : last + 1] = weight
    return stream.pick(weights, n)


def _persons(stream: Stream, own: Mapping[str, Any], n: int, *, ages: str) -> dict[str, Ints]:
    bands = patterns()["ages"]
    victim = stream.chance(own["victim_known"], n)
    suspect = stream.chance(own["suspect_known"], n)
    return {
        "victim_sex": np.where(victim, _sexes(stream, own["women"], n), 0),
        "victim_age": np.where(victim, _person_ages(stream, bands[ages], n), -1),
        "suspect_sex": np.where(suspect, _sexes(stream, own["suspect_women"], n), 0),
        "suspect_age": np.where(suspect, _person_ages(stream, bands["adult"], n), -1),
    }


def _sexes(stream: Stream, women: int, n: int) -> Ints:
    other = 2  # per thousand
    drawn = stream.below(1000, n)
    return np.where(drawn < women - other, 1, np.where(drawn < 1000 - other, 2, 3))
