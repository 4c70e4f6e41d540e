"""What the estimates from lists, weights and standards refuse, in which words; limits by hand."""

import numpy as np
import pandas as pd
import pytest

from obs.catalogue import get_indicator
from obs.errors import ObsError, SchemaError
from obs.indicators import estimate_population, standardise, weigh_severity
from obs.indicators.estimate.hidden_population import compute_recapture, grade_estimate
from obs.reference import load_territory
from obs.stats import dobson_interval

TWO = pd.DataFrame({"list_a": [1, 1, 0], "list_b": [1, 0, 1], "count": [60, 240, 140]})
WEIGHTS = pd.Series({"theft": 1.0, "assault": 10.0})
STANDARD = pd.Series({"young": 2_000, "old": 1_000})


def lists(**changes):
    return estimate_population(TWO.assign(**changes))


def recaptured(**changes):
    entry = get_indicator("hidden_population_bound")
    table = TWO.assign(territory="04000", period=pd.Period("2021", freq="Y"), **changes)
    return entry, table


def severity_parts(**changes):
    table = pd.DataFrame(
        {
            "territory": ["a", "a", "b", "b"],
            "period": pd.PeriodIndex(["2021"] * 4, freq="Y"),
            "phenomenon": ["theft", "assault"] * 2,
            "numerator": [100, 10, 60, 14],
            "denominator": [1000.0] * 4,
        }
    )
    return table.assign(**changes)


def weighed(table=None, *, base="2021", **options):
    weights = WEIGHTS.rename_axis("phenomenon").reset_index(name="weight")
    weights = weights.assign(source="test", year=2020)
    given = severity_parts() if table is None else table
    return weigh_severity(given, weights=weights, base=base, **options)


def rated(table=None, standard=STANDARD, **changes):
    given = pd.DataFrame(
        {
            "territory": ["x", "x", "y", "y"],
            "age": ["young", "old"] * 2,
            "numerator": [30, 10, 8, 2],
            "denominator": [1_000] * 4,
        }
    )
    given = given.assign(**changes) if table is None else table
    return standardise(given, by="territory", strata="age", standard=standard)


REFUSED = {
    "confidence": (
        lambda: estimate_population(TWO, confidence=1.0),
        "confidence 1.0 must lie between 0 and 1",
    ),
    "a text of lists": (
        lambda: estimate_population(TWO, lists="list_a"),
        "lists takes a sequence of columns",
    ),
    "lists that are absent": (
        lambda: estimate_population(TWO, lists=["list_a", "list_c"]),
        r"lists: column\(s\) list_c are absent",
    ),
    "one list": (
        lambda: estimate_population(TWO, lists=["list_a"]),
        r"1 list\(s\) given, and 2 to 8 different ones are needed",
    ),
    "one list twice": (
        lambda: estimate_population(TWO, lists=["list_a", "list_a"]),
        r"1 list\(s\) given, and 2 to 8 different ones",
    ),
    "nine lists": (
        lambda: lists(**{f"list_{c}": [1, 0, 1] for c in "cdefghi"}),
        r"9 list\(s\) given, and 2 to 8",
    ),
    "a list of words": (lambda: lists(list_a=["yes", "no", "no"]), "must hold 0 and 1"),
    "a missing mark": (lambda: lists(list_a=[1, None, 0]), "must hold 0 and 1, none missing"),
    "a count that is absent": (
        lambda: estimate_population(TWO, count="persons"),
        "column 'persons' is absent",
    ),
    "half a person": (lambda: lists(count=[60, 240.5, 140]), "known whole numbers of at least 0"),
    "an unknown count": (lambda: lists(count=[60, None, 140]), "known whole numbers"),
    "fewer than none": (lambda: lists(count=[60, -1, 140]), "known whole numbers of at least 0"),
    "on no list": (lambda: lists(list_a=[1, 0, 0], list_b=[1, 0, 1]), "persons on no list"),
    "nobody": (lambda: lists(count=0), "nobody is on a list"),
    "nobody on two": (lambda: lists(count=[0, 240, 140]), "nobody is on two lists"),
    "one within another": (
        lambda: lists(count=[60, 240, 0]),
        "everybody on 'list_b' is on 'list_a' as well",
    ),
    "another within one": (
        lambda: lists(count=[60, 0, 140]),
        "everybody on 'list_a' is on 'list_b' as well",
    ),
    "one office": (
        lambda: estimate_population(TWO, sources={"list_a": "police", "list_b": "police"}),
        "'list_a' and 'list_b' both come from 'police': one source",
    ),
    "lists of no row": (
        lambda: compute_recapture(
            recaptured()[0], recaptured()[1].iloc[:0], place=load_territory("brussels")
        ),
        "lists: no row",
    ),
    "lists without a period": (
        lambda: compute_recapture(
            recaptured()[0],
            recaptured()[1].drop(columns="period"),
            place=load_territory("brussels"),
        ),
        r"lists: column\(s\) period are absent",
    ),
    "weighed, a column": (
        lambda: weighed(severity_parts().drop(columns="numerator")),
        r"severity index: column\(s\) numerator are absent",
    ),
    "weighed, no row": (lambda: weighed(severity_parts().iloc[:0]), "the table has no row"),
    "weighed, months": (
        lambda: weighed(severity_parts(period=pd.Period("2021-01", freq="M"))),
        "column 'period' must hold years",
    ),
    "weighed, twice": (
        lambda: weighed(severity_parts(phenomenon="theft")),
        "a phenomenon comes twice in a territory and year",
    ),
    "weighed, half": (
        lambda: weighed(severity_parts(numerator=[1.5, 1, 1, 1])),
        "column 'numerator' must hold whole counts of at least 0",
    ),
    "weighed, below 0": (
        lambda: weighed(severity_parts(denominator=[-1.0, 1, 1, 1])),
        "column 'denominator' must hold numbers of at least 0",
    ),
    "weighed, words": (
        lambda: weighed(severity_parts(numerator=["many", "1", "1", "1"])),
        "column 'numerator' must hold whole counts",
    ),
    "weighed, units": (
        lambda: weighed(severity_parts(unit=["fact", "victim"] * 2)),
        "the phenomena are counted in 2 units",
    ),
    "weighed, a phenomenon without a weight": (
        lambda: weighed(severity_parts(phenomenon=["theft", "murder"] * 2)),
        "murder",
    ),
    "weighed, never told": (
        lambda: weighed(severity_parts().iloc[[0, 2]]),
        "assault have a weight and the source never tells them",
    ),
    "a base that is no year": (lambda: weighed(base="before"), "the base 'before' is no year"),
    "a base that is not there": (
        lambda: weighed(base="2015"),
        "the base year 2015 has no known weighed rate above 0; years with values: 2021",
    ),
    "a standard of others": (
        lambda: rated(standard=pd.Series(1.0, index=pd.MultiIndex.from_product([["f"], ["old"]]))),
        "standard: one value per age, each once",
    ),
    "a stratum of the standard twice": (
        lambda: rated(standard=pd.Series([1, 2, 3], index=["old", "young", "old"])),
        "standard: one value per age, each once",
    ),
    "a standard of 0": (lambda: rated(standard={"young": 0, "old": 0}), "not all 0"),
    "a standard below 0": (lambda: rated(standard={"young": -1, "old": 5}), "at least 0"),
    "an unknown standard": (lambda: rated(standard={"young": None, "old": 5}), "known populations"),
    "a standard that is a list": (
        lambda: rated(standard=[1, 2]),
        "standard must be a Series or a mapping from age to populations, not a list",
    ),
    "half a count": (
        lambda: rated(numerator=[30.5, 10, 8, 2]),
        r"'numerator' has 1 count\(s\) that are not whole",
    ),
    "a stratum without a standard": (
        lambda: rated(age=["young", "old", "young", "all"]),
        r"1 row\(s\) have a stratum that is not in the standard \(first positions: 3\)",
    ),
    "a stratum twice": (
        lambda: rated(age="old"),
        r"2 row\(s\) repeat a stratum of a group \(territory, age\)",
    ),
    "a row without a stratum": (
        lambda: rated(age=["young", None, "young", "old"]),
        r"1 row\(s\) have no territory or no age",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_says_why(case):
    call, words = REFUSED[case]
    with pytest.raises((ObsError, SchemaError), match=words):
        call()


def test_a_row_of_nobody_on_no_list_is_left_out():
    empty = pd.DataFrame({"list_a": [0], "list_b": [0], "count": [0]})
    assert estimate_population(pd.concat([TWO, empty])).observed == 440


def models(*totals, alike=True):
    return pd.DataFrame(
        {"total": totals, "alike": alike, "chosen": [True] + [False] * (len(totals) - 1)}
    )


@pytest.mark.parametrize(
    ("low", "high", "observed", "letter"),
    [
        (900, 1100, 400, "A"),
        (900, np.inf, 400, "F"),
        (1000, 1000, 400, "F"),
        (500, 2000, 400, "F"),  # log 4 over 3.92 is 0.354
        (700, 1500, 400, "C"),
        (900, 1100, 30, "C"),
        (900, 1100, 19, "F"),
    ],
)
def test_grades_of_estimated_populations(low, high, observed, letter):
    best = pd.Series({"low": float(low), "high": float(high)})
    assert grade_estimate(models(1000.0), best, observed) == letter


def test_models_far_apart_are_read_with_caution_if_they_fit_alike():
    best = pd.Series({"low": 900.0, "high": 1100.0})
    assert grade_estimate(models(1000.0, 2500.0), best, 400) == "C"
    assert grade_estimate(models(1000.0, 2500.0, alike=False), best, 400) == "A"
    wide = pd.Series({"low": 500.0, "high": 2000.0})
    assert grade_estimate(models(1000.0, 2500.0), wide, 400) == "F"


def test_an_index_by_hand_with_its_limits():
    """a weighs 100 + 10 x 10 = 200 in 1,000, b 60 + 140 = 200: each is its own hundred."""
    found = weighed().set_index("territory")
    assert found["value"].astype(float).tolist() == [100, 100]
    scale = 100 / 200
    limits = dobson_interval(100.0, (100 + 100 * 10) * scale**2, 110)
    assert (found.loc["a", "low"], found.loc["a", "high"]) == pytest.approx(
        tuple(map(float, limits))
    )


def test_the_base_may_be_that_of_one_territory():
    table = severity_parts(numerator=[200, 20, 60, 14])
    found = weighed(table, reference="b").set_index("territory")["value"]
    assert found.astype(float).to_dict() == {"a": 200.0, "b": 100.0}


@pytest.mark.parametrize(
    ("numbers", "status"), [([7, 3, 60, 14], "ok"), ([7, 2, 60, 14], "unreliable")]
)
def test_an_index_of_fewer_than_ten_events_is_unreliable(numbers, status):
    found = weighed(severity_parts(numerator=numbers)).set_index("territory")
    assert found.loc["a", "status"] == status
    assert found.loc["b", "status"] == "ok"


@pytest.mark.parametrize(
    ("given", "status"),
    [
        (["ok", "provisional"], "provisional"),
        (["zero", "ok"], "ok"),
        (["ok", "missing"], "missing"),
        (["provisional", "suppressed_source"], "suppressed_source"),
    ],
)
def test_an_index_is_as_known_as_its_least_known_part(given, status):
    numbers = [None if s in ("missing", "suppressed_source") else 50 for s in given]
    table = severity_parts(
        numerator=pd.array([*numbers, 60, 14], dtype="Int64"), status=[*given, "ok", "ok"]
    )
    found = weighed(table, reference="b").set_index("territory")
    assert found.loc["a", "status"] == status
    assert found.loc["b", "status"] == "ok"


def test_a_rate_of_ten_events_is_reliable_and_of_nine_is_not():
    ten = rated(numerator=[30, 10, 8, 2]).set_index("territory")["status"]
    assert ten.to_dict() == {"x": "ok", "y": "ok"}
    nine = rated(numerator=[30, 10, 8, 1]).set_index("territory")["status"]
    assert nine.to_dict() == {"x": "ok", "y": "unreliable"}


def test_a_rate_by_hand_without_the_strata_of_no_standard():
    found = rated(standard={"young": 2_000, "old": 0}).set_index("territory")
    assert found.loc["x", "value"] == pytest.approx(3_000)  # 30 of 1,000 young, in 100,000
    assert (found.loc["x", "numerator"], found.loc["x", "denominator"]) == (30, 1_000)
    both = rated().set_index("territory").loc["x", "value"]
    assert both == pytest.approx(100_000 * (2 / 3 * 0.03 + 1 / 3 * 0.01))


@pytest.mark.parametrize(
    ("given", "status"),
    [
        (["ok", "provisional"], "provisional"),
        (["ok", "missing"], "missing"),
        (["not_applicable", "ok"], "missing"),
        (["ok", "suppressed_primary"], "suppressed_source"),
        (["missing", "suppressed_source"], "suppressed_source"),
    ],
)
def test_a_rate_is_as_known_as_its_least_known_stratum(given, status):
    unknown = [s not in ("ok", "provisional") for s in given]
    numbers = [None if gone else 20 for gone in unknown]
    found = rated(
        numerator=pd.array([*numbers, 30, 10], dtype="Int64"), status=[*given, "ok", "ok"]
    ).set_index("territory")["status"]
    assert found.to_dict() == {"x": status, "y": "ok"}
