"""Capture-recapture on tables: published cases, a planted population, refusals, disclosure."""

import json

import numpy as np
import pandas as pd
import pytest

import obs
from obs.errors import ObsError, SchemaError
from obs.indicators import compute, estimate_population
from obs.indicators.estimate.hidden_population import grade_estimate

TWO = pd.DataFrame({"list_a": [1, 1, 0], "list_b": [1, 0, 1], "count": [60, 240, 140]})


def lists(frame, **columns):
    return frame.assign(
        territory="04000", period=pd.PeriodIndex(["2022"] * len(frame), freq="Y")
    ).assign(**columns)


def three(counts):
    """All histories of three lists, the most lists first: 111, 110, 101, 100, 011, 010, 001."""
    codes = [[int(b) for b in f"{c:03b}"] for c in range(7, 0, -1)]
    return pd.DataFrame(codes, columns=["list_a", "list_b", "list_c"]).assign(count=counts)


def test_two_lists_are_lincoln_and_petersen_by_hand():
    found = estimate_population(TWO)
    assert found.total == pytest.approx(300 * 200 / 60)
    assert found.hidden == pytest.approx(240 * 140 / 60)
    # Chao: n + (1/2) f1 (f1 - 1) / (2 (f2 + 1))
    assert found.bound[0] == pytest.approx(440 + 0.5 * 380 * 379 / (2 * 61))
    assert found.low < found.total < found.high
    assert found.sizes == {"list_a": 300, "list_b": 200}


@pytest.mark.slow
def test_the_four_list_case_is_that_of_rcapture(shared):
    folder = shared / "cases" / "recapture_four_lists_hiv"
    if not folder.is_dir():
        pytest.skip("the reference cases are not beside the project")
    table = pd.read_csv(folder / "input.csv")
    found = estimate_population(table, lists=["l1", "l2", "l3", "l4"], count="freq")
    told = found.models.set_index("model")
    theirs = {
        m["model"]: m
        for m in json.loads((folder / "expected.json").read_text())["expected"]["models"]
    }
    names = {"independent": "Mt", "unequal chances, chao": "Mth Chao (LB)"}
    names["unequal chances, darroch"] = "Mth Darroch"
    for ours, name in names.items():
        assert told.loc[ours, "total"] == pytest.approx(theirs[name]["abundance"], rel=1e-6)
        assert told.loc[ours, "aic"] == pytest.approx(theirs[name]["AIC"], rel=1e-6)
    # with a pair of dependent lists the fit improves by more than its one term costs
    assert found.model == "l1:l2"
    assert told.loc["independent", "delta"] > 2
    assert told["chosen"].sum() == 1
    assert told["aic"].is_monotonic_increasing


@pytest.mark.slow
def test_a_planted_population_is_recovered_in_its_interval():
    """2,000 persons, three lists of 30, 25 and 20 %, independent; seeded."""
    rng = np.random.default_rng(11)
    held = 0
    for _ in range(30):
        on = rng.random((2_000, 3)) < (0.30, 0.25, 0.20)
        people = pd.DataFrame(
            on[on.any(axis=1)].astype(int), columns=["list_a", "list_b", "list_c"]
        )
        found = estimate_population(people)
        held += found.low <= 2_000 <= found.high
    assert held >= 23  # the choice of the model is not in the limits, said in the docstring


def test_a_planted_dependence_is_found():
    """Being on the first list doubles the chance of the second: independence is too low."""
    n = 10_000
    p1, p2, p3 = 0.3, 0.2, 0.25
    odds = {1: 0.4, 0: p2}
    counts = []
    for a, b, c in three(0)[["list_a", "list_b", "list_c"]].to_numpy():
        chance = (p1 if a else 1 - p1) * (odds[a] if b else 1 - odds[a]) * (p3 if c else 1 - p3)
        counts.append(round(n * chance))
    found = estimate_population(three(counts))
    assert found.model == "list_a:list_b"
    assert found.total == pytest.approx(n, rel=0.01)
    told = found.models.set_index("model")["total"]
    assert told["independent"] < 0.95 * n


def test_unequal_chances_are_shown_and_not_taken():
    """Ten, seven, fifty: Darroch's model fits best by a hair and says three times as many."""
    found = estimate_population(three([5, 10, 7, 50, 8, 80, 40]))
    first = found.models.iloc[0]
    assert first["model"].startswith("unequal chances")
    assert not first["chosen"]
    assert not found.model.startswith("unequal chances")
    assert found.grade in ("C", "F")
    assert found.models.set_index("model").loc[found.model, "total"] == found.total


def test_persons_and_counts_give_the_same():
    people = TWO.loc[TWO.index.repeat(TWO["count"]), ["list_a", "list_b"]].astype(bool)
    assert estimate_population(people).total == pytest.approx(estimate_population(TWO).total)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (TWO.assign(list_b=TWO["list_a"]).iloc[:2], "one source"),  # the same list twice
        (TWO.iloc[:2], "everybody on 'list_b' is on 'list_a'"),  # one within the other
        (TWO.iloc[1:], "nobody is on two lists"),
        (TWO[["list_a", "count"]], "1 list"),
        (TWO.assign(count=0), "nobody is on a list"),
    ],
)
def test_lists_that_cannot_tell_are_refused(table, message):
    with pytest.raises(ObsError, match=message):
        estimate_population(table)


def test_two_lists_of_one_office_are_refused():
    with pytest.raises(ObsError, match="both come from 'police': one source"):
        estimate_population(TWO, sources={"list_a": "police", "list_b": "police"})
    assert estimate_population(TWO, sources={"list_a": "police", "list_b": "shelter"}).total > 0


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (TWO.assign(list_a=[1, 2, 0]), "must hold 0 and 1"),
        (TWO.assign(list_a=[1, None, 0]), "none missing"),
        (TWO.assign(list_a=["yes", "yes", "no"]), "must hold 0 and 1"),
        (TWO.assign(count=[1, -2, 3]), "at least 0"),
        (TWO.assign(count=[1, 2.5, 3]), "whole numbers"),
        (TWO.assign(count=[1, None, 3]), "known"),
        (TWO.assign(list_a=[1, 0, 0], list_b=[1, 0, 1]), "persons on no list"),
    ],
)
def test_faulty_tables_are_told(table, message):
    with pytest.raises(SchemaError, match=message):
        estimate_population(table)


def test_the_indicator_and_its_bound_stand_side_by_side():
    both = [
        compute(name, {"lists": lists(TWO)}).iloc[0]
        for name in ("hidden_population", "hidden_population_bound")
    ]
    assert both[0]["value"] == pytest.approx(1_000)
    assert both[0]["numerator"] == both[1]["numerator"] == 440
    assert both[0]["method"].startswith("log-linear, independent, AIC ")
    assert both[1]["method"] == "Chao 1987, lower bound"
    assert {r["scale"] for r in both} == {"estimate"}
    assert {r["smallest_part"] for r in both} == {60}


def test_every_year_and_place_is_estimated_apart():
    more = pd.concat(
        [lists(TWO), lists(TWO.assign(count=[30, 120, 70]), territory="21004")], ignore_index=True
    )
    table = compute("hidden_population", {"lists": more}).set_index("territory")
    assert table["value"].astype(float).round(6).to_dict() == {"04000": 1000.0, "21004": 500.0}


@pytest.mark.slow
def test_small_overlaps_stay_in_the_house():
    few = lists(TWO.assign(count=[9, 240, 140]))
    tables = {
        n: compute(n, {"lists": few}) for n in ("hidden_population", "hidden_population_bound")
    }
    released = obs.release(tables)
    for name in tables:
        row = released[name].table.iloc[0]
        assert row["status"] in ("suppressed_primary", "unreliable")
        assert row[["value", "low", "high", "numerator"]].isna().all()
    enough = obs.release(compute("hidden_population", {"lists": lists(TWO)})).table
    assert enough["value"].iloc[0] == pytest.approx(1_000)
    assert "smallest_part" not in enough


def test_a_table_of_other_places_or_without_period_is_refused():
    with pytest.raises(SchemaError, match="99999 are not of 'brussels'"):
        compute("hidden_population", {"lists": lists(TWO, territory="99999")})
    with pytest.raises(SchemaError, match="period are absent"):
        compute("hidden_population", {"lists": lists(TWO).drop(columns="period")})


def test_models_that_fit_alike_and_differ_twofold_are_to_be_read_with_caution():
    models = pd.DataFrame({"total": [1_000.0, 2_500.0], "alike": [True, True]})
    models = models.assign(chosen=[True, False])
    best = pd.Series({"low": 950.0, "high": 1_050.0})
    assert grade_estimate(models, best, 600) == "C"
    assert grade_estimate(models.assign(alike=[True, False]), best, 600) == "A"
    assert grade_estimate(models, pd.Series({"low": 900.0, "high": np.inf}), 600) == "F"
