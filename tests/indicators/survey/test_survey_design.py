"""What a survey estimate promises: the whole design, counted answers, honest reliability."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from obs.indicators import survey
from obs.indicators.survey import Replication, SurveyDesign, add_detectable_change, group_test

COLUMNS = [
    *["variable", "level", "n", "estimate", "se", "low", "high", "df", "n_effective"],
    *["deff", "cv", "grade", "n_missing", "reason"],
]


def people(n=400, *, seed=3):
    rng = np.random.default_rng(seed)
    unit = rng.integers(0, 40, n)
    return pd.DataFrame(
        {
            "w": rng.uniform(1, 4, n),
            "stratum": unit % 5,
            "unit": unit,
            "commune": rng.choice(["21001", "21004", "21009"], n),
            "sector": rng.choice(["shop", "office"], n),
            "theft": rng.random(n) < 0.2,
            "loss": rng.gamma(2, 100, n),
            "reason": rng.choice(["useless", "fear", "time"], n),
        }
    )


@pytest.fixture
def table():
    return people()


@pytest.fixture
def design(table):
    return SurveyDesign(table, weight="w", stratum="stratum", cluster="unit")


def test_every_estimator_returns_the_same_columns(design):
    results = [
        design.mean("loss"),
        design.total("loss"),
        design.share("reason"),
        design.ratio(("loss", "w")),
        design.quantile("loss"),
        design.variance("loss"),
        design.standardise("theft", over="sector", standard={"shop": 1, "office": 2}),
    ]
    for result in results:
        assert list(result) == COLUMNS
    by = ["commune", "sector"]
    contrast = design.contrast("loss", by="commune", base="21001")
    assert list(design.mean("loss", by=by)) == [*by, *COLUMNS]
    assert list(contrast) == ["commune", *COLUMNS, "base", "p_value", "verdict"]


def test_the_table_is_not_modified(table):
    before = table.copy(deep=True)
    design = SurveyDesign(table, weight="w", stratum="stratum", cluster="unit")
    totals = {"sector": {"shop": 500.0, "office": 500.0}}
    design.calibrate(totals).share("reason", by="commune")
    pd.testing.assert_frame_equal(table, before)


def test_shares_of_levels_add_up_and_items_need_not(design, table):
    levels = design.share("reason", by="commune").groupby("commune")["estimate"].sum()
    assert levels.to_list() == pytest.approx([1, 1, 1])
    items = design.with_columns({"a": np.ones(len(table)), "b": table["theft"]})
    found = items.share(["a", "b"])
    assert found["level"].to_list() == ["yes", "yes"]
    assert found["estimate"].sum() > 1


def test_missing_answers_leave_one_variable_and_are_counted(table):
    table.loc[:9, "loss"] = np.nan
    design = SurveyDesign(table, weight="w", stratum="stratum", cluster="unit")
    found = design.mean(["loss", "theft"])
    assert found["n"].to_list() == [390, 400]
    assert found["n_missing"].to_list() == [10, 0]
    known = table["loss"].notna()
    only = design.subset(known.to_numpy()).mean("loss").loc[0]
    assert found.loc[0, "estimate"] == pytest.approx(only["estimate"])
    assert found.loc[0, "se"] == pytest.approx(only["se"])


def test_zero_weights_stay_in_the_design_and_out_of_the_counts(table):
    table.loc[:49, "w"] = 0.0
    design = SurveyDesign(table, weight="w", stratum="stratum", cluster="unit")
    assert design.summary().loc[0, ["n", "n_zero"]].to_list() == [400, 50]
    assert "50 of weight 0" in repr(design)
    assert design.mean("loss").loc[0, "n"] == 350


def test_rows_without_a_domain_are_in_no_domain(table):
    table["commune"] = table["commune"].where(table["commune"] != "21009")
    design = SurveyDesign(table, weight="w", stratum="stratum", cluster="unit")
    found = design.mean("loss", by="commune")
    assert found["commune"].to_list() == ["21001", "21004"]
    assert found["n"].sum() == table["commune"].notna().sum()
    whole = SurveyDesign(people(), weight="w", stratum="stratum", cluster="unit")
    expected = whole.mean("loss", by="commune").iloc[:2]
    pd.testing.assert_series_equal(found["se"], expected["se"])


def test_deleting_rows_is_not_a_domain(design, table):
    inside = (table["commune"] == "21001").to_numpy()
    whole = design.subset(inside).total("theft").loc[0, "se"]
    naive = SurveyDesign(
        table[inside], weight="w", stratum="stratum", cluster="unit", single="remove"
    )
    assert whole > naive.total("theft").loc[0, "se"]


def test_a_domain_of_one_respondent_is_refused_with_its_reason(table):
    table.loc[7, "commune"] = "21019"
    design = SurveyDesign(table, weight="w", stratum="stratum", cluster="unit")
    for result in (
        design.mean("loss", by="commune"),
        design.total("loss", by="commune"),
        design.share("theft", by="commune"),
        design.quantile("loss", by="commune"),
    ):
        one = result[result["commune"] == "21019"].iloc[0]
        assert (one["n"], one["grade"], one["reason"]) == (1, "F", "one respondent")
        assert one[["estimate", "se", "low", "high", "cv"]].isna().all()


def test_a_domain_in_one_sampling_unit_has_no_standard_error(table):
    table["commune"] = np.where(table["unit"] == 3, "21019", table["commune"])
    design = SurveyDesign(table, weight="w", stratum="stratum", cluster="unit")
    found = design.mean("loss", by="commune").set_index("commune").loc["21019"]
    assert found["n"] > 1
    assert (found["grade"], found["reason"]) == ("F", "one sampling unit")
    assert np.isnan(found["se"])
    total = design.total("loss", by="commune").set_index("commune").loc["21019"]
    assert total["se"] > 0


def test_a_domain_without_answers_says_so(table):
    table.loc[table["commune"] == "21009", "loss"] = np.nan
    design = SurveyDesign(table, weight="w", stratum="stratum", cluster="unit")
    none = design.mean("loss", by="commune").set_index("commune").loc["21009"]
    assert (none["n"], none["grade"], none["reason"]) == (0, "F", "no answer")


@pytest.mark.parametrize("interval", ["logit", "beta", "wilson", "arcsine", "likelihood", "normal"])
def test_shares_of_zero_and_one_have_informative_intervals(table, interval):
    table["never"], table["always"] = False, True
    design = SurveyDesign(table, weight="w", stratum="stratum", cluster="unit")
    found = design.share(["never", "always"], interval=interval)
    assert found["estimate"].to_list() == [0, 1]
    assert 0 < found.loc[0, "high"] < 0.03
    assert 0.97 < found.loc[1, "low"] < 1
    assert found["grade"].to_list() == ["C", "C"]


def test_a_share_of_zero_knows_that_neighbours_answer_alike(table):
    table["block"] = table["unit"] == 4  # all or none of a unit
    table["lone"] = table.index == table.index[table["unit"] == 4][0]
    table["half"] = np.where(table["unit"] < 20, "with", "without")
    design = SurveyDesign(table, weight="w", stratum="stratum", cluster="unit")
    found = design.share(["block", "lone"], by="half").query("half == 'without'")
    assert found["estimate"].tolist() == [0, 0]
    block, lone = found["high"]
    assert block > 4 * lone


@pytest.mark.parametrize(("n", "expected"), [(19, "F"), (20, "C"), (49, "C"), (50, "A")])
def test_the_base_limits_the_grade(n, expected):
    values = np.resize([9.0, 10.0, 11.0], n)
    found = SurveyDesign(pd.DataFrame({"w": 1.0, "y": values}), weight="w").mean("y")
    assert found.loc[0, "grade"] == expected


def test_the_coefficient_of_variation_limits_the_grade():
    from obs.stats.survey import grade

    cv = np.array([0.166, 0.1661, 0.333, 0.3331])
    assert grade(cv, np.full(4, 100.0)).tolist() == ["A", "C", "C", "F"]


def test_the_coefficient_of_a_share_is_that_of_the_smaller_side(table):
    table["common"] = ~table["theft"]
    design = SurveyDesign(table, weight="w", stratum="stratum", cluster="unit")
    found = design.share(["theft", "common"])
    assert found.loc[0, "cv"] == pytest.approx(found.loc[1, "cv"])
    assert found["se"].nunique() <= 2


def test_few_units_lower_the_degrees_of_freedom_by_default(table):
    table["corner"] = np.where(table["unit"].isin([0, 1, 2]), "corner", "rest")
    options = {"weight": "w", "stratum": "stratum", "cluster": "unit"}
    found = {
        rule: SurveyDesign(table, df=rule, **options).mean("loss", by="corner")
        for rule in ("auto", "design", "domain")
    }
    assert found["design"]["df"].to_list() == [35, 35]
    assert found["domain"]["df"].to_list() == [0, 32]
    assert found["auto"]["df"].to_list() == pytest.approx([3 * 7 / 8, 35])


def test_calibrated_totals_are_exact_and_without_error(design):
    totals = {
        "sector": {"shop": 600.0, "office": 500.0},
        "reason": {"fear": 400.0, "time": 300.0, "useless": 400.0},
    }
    made = design.calibrate(totals)
    found = made.total(["sector", "reason"]).set_index("level")["estimate"]
    assert found["shop"] == pytest.approx(600)
    assert found["fear"] == pytest.approx(400)
    assert (made.total("sector")["se"] == 0).all()
    assert design.total("sector")["se"].min() > 0
    assert made.mean("loss").loc[0, "se"] != design.mean("loss").loc[0, "se"]


@pytest.mark.parametrize("method", ["raking", "linear", "bounded", "logit"])
def test_every_distance_reaches_the_totals(design, method):
    totals = {"sector": {"shop": 600.0, "office": 500.0}, "loss": 230_000.0}
    bounds = (0.5, 3.0) if method in ("bounded", "logit") else None
    made = design.calibrate(totals, method=method, bounds=bounds)
    assert made.total("loss").loc[0, "estimate"] == pytest.approx(230_000)
    if bounds:
        factor = made.weights / design.weights
        assert factor.between(0.5, 3.0).all()


def test_replicates_are_calibrated_too(design):
    totals = {"sector": {"shop": 600.0, "office": 500.0}}
    made = design.replicate("jkn").calibrate(totals)
    linear = design.calibrate(totals)
    assert made.total("sector")["se"].max() < 1e-6
    assert made.mean("loss").loc[0, "se"] == pytest.approx(
        linear.mean("loss").loc[0, "se"], rel=0.1
    )


def test_bootstrap_comes_near_the_linearised_error(design):
    made = design.replicate("bootstrap", n=800, rng=np.random.default_rng(1))
    ours, theirs = (d.mean(["loss", "theft"])["se"] for d in (made, design))
    assert ours.to_list() == pytest.approx(theirs.to_list(), rel=0.1)


def test_trimming_keeps_the_sum(design):
    made = design.trim(lower=1.2, upper=3.5)
    assert made.weights.between(1.2, 3.5).all()
    assert made.weights.sum() == pytest.approx(design.weights.sum())


def test_contrasts_have_a_direction_only_when_significant(table):
    table["wave"] = np.where(np.arange(400) % 2, "2019", "2021")
    table["same"] = np.arange(400) // 2 % 7  # the same answers in both waves
    table["up"] = table["loss"] + np.where(table["wave"] == "2021", 500, 0)
    design = SurveyDesign(table, weight="w", stratum="stratum", cluster="unit")
    found = design.contrast(["same", "up"], by="wave", base="2019")
    assert found["verdict"].to_list() == ["stable", "up"]
    assert (found["wave"] == "2021").all()
    assert (found["base"] == "2019").all()
    back = design.contrast("up", by="wave", base="2021").loc[0]
    assert back["verdict"] == "down"
    assert back["estimate"] == pytest.approx(-found.loc[1, "estimate"])
    ratio = design.contrast("up", by="wave", base="2019", compare="ratio").loc[0]
    assert 1 < ratio["low"] < ratio["estimate"] < ratio["high"]


def test_contrasts_within_domains_and_of_shares(table):
    table["wave"] = np.where(np.arange(400) % 2, "2019", "2021")
    design = SurveyDesign(table, weight="w", stratum="stratum", cluster="unit")
    found = design.contrast("theft", by="wave", base="2019", within="commune", of="share")
    assert found["commune"].to_list() == ["21001", "21004", "21009"]
    alone = design.subset((table["commune"] == "21004").to_numpy())
    expected = alone.contrast("theft", by="wave", base="2019", of="share").loc[0]
    assert found.loc[1, "estimate"] == pytest.approx(expected["estimate"])
    assert found.loc[1, "se"] == pytest.approx(expected["se"])
    everyone = design.contrast("theft", by="commune", of="share")
    assert len(everyone) == 3


def test_independent_waves_add_their_variances(table):
    table["wave"] = np.where(table["unit"] < 20, "2019", "2021")
    table["cell"] = table["wave"] + table["stratum"].astype(str)
    design = SurveyDesign(table, weight="w", stratum="cell", cluster="unit")
    se = design.mean("loss", by="wave")["se"]
    change = design.contrast("loss", by="wave", base="2019").loc[0]
    assert change["se"] == pytest.approx(np.hypot(*se))


def test_standardising_to_the_own_composition_changes_nothing(design):
    own = design.total("sector").set_index("level")["estimate"].to_dict()
    found = design.standardise("theft", over="sector", standard=own).loc[0]
    crude = design.share("theft").loc[0]
    assert found["estimate"] == pytest.approx(crude["estimate"])


def test_a_standardised_share_of_none_has_an_interval_and_no_spread(design, table):
    """None of n alike: at most 1 - 0.025^(1/n), by the exact binomial limit, or more in clusters."""
    table["none"] = False
    plain = SurveyDesign(table.assign(w=1.0), weight="w")
    sizes = plain.total("sector").set_index("level")["estimate"].to_dict()
    found = plain.standardise("none", over="sector", standard=sizes).loc[0]
    assert (found["estimate"], found["low"]) == (0, 0)
    assert found["high"] == pytest.approx(1 - 0.025 ** (1 / len(table)))
    assert pd.isna(found["reason"])


def test_a_share_of_all_has_the_mirrored_interval_of_a_share_of_none(table):
    table["none"], table["all"] = False, True
    design = SurveyDesign(table, weight="w", stratum="stratum", cluster="unit")
    whole, empty = (design.share(name).loc[0] for name in ("all", "none"))
    assert (whole["estimate"], whole["high"], empty["low"]) == (1, 1, 0)
    assert whole["low"] == pytest.approx(1 - empty["high"])
    assert (
        whole[["n", "n_effective", "grade"]].tolist()
        == empty[["n", "n_effective", "grade"]].tolist()
    )
    assert 0 < empty["high"] < 1


def test_a_class_without_answers_has_no_standardised_value(table):
    empty = (table["commune"] == "21001") & (table["sector"] == "shop")
    table["theft"] = table["theft"].astype("boolean").mask(empty)
    design = SurveyDesign(table, weight="w", stratum="stratum", cluster="unit")
    found = design.standardise(
        "theft", by="commune", over="sector", standard={"shop": 1, "office": 1}
    ).set_index("commune")
    assert found.loc["21001", "reason"] == "a class of the standard has no answer"
    assert found.loc["21004", "estimate"] > 0


def test_the_detectable_change_falls_with_correlation(design):
    estimates = design.share("theft")
    alone = add_detectable_change(estimates).loc[0, "detectable_change"]
    panel = add_detectable_change(estimates, correlation=0.5).loc[0, "detectable_change"]
    assert alone == pytest.approx(
        (1.959964 + 0.841621) * np.sqrt(2) * estimates.loc[0, "se"], rel=1e-6
    )
    assert panel < alone


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), factor=st.floats(0.1, 10))
def test_order_and_scale_of_the_weights_do_not_matter(seed, factor):
    table = people(120, seed=seed)
    options = {"weight": "w", "stratum": "stratum", "cluster": "unit", "single": "average"}
    one = SurveyDesign(table, **options).share(["theft", "reason"], by="commune")
    mixed = table.sample(frac=1, random_state=seed).assign(w=lambda t: t["w"] * factor)
    other = SurveyDesign(mixed, **options).share(["theft", "reason"], by="commune")
    pd.testing.assert_frame_equal(one, other, rtol=1e-7, atol=1e-12)


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_parts_add_up_and_intervals_hold_their_estimate(seed):
    table = people(150, seed=seed)
    options = {"weight": "w", "stratum": "stratum", "cluster": "unit", "single": "adjust"}
    design = SurveyDesign(table, **options)
    parts = design.total("loss", by="commune")["estimate"].sum()
    assert parts == pytest.approx(design.total("loss").loc[0, "estimate"])
    for interval in ("logit", "beta", "wilson", "arcsine", "likelihood"):
        found = design.share(["theft", "reason"], by="commune", interval=interval)
        found = found[found["se"].notna()]
        assert (found["low"] <= found["estimate"] + 1e-9).all()
        assert (found["high"] >= found["estimate"] - 1e-9).all()
        assert found["low"].ge(0).all()
        assert found["high"].le(1).all()


@pytest.mark.parametrize("method", ["jkn", "brr", "fay", "bootstrap"])
@pytest.mark.parametrize("combined", [True, False])
def test_supplied_replicates_equal_made_ones(table, method, combined):
    table["unit"] = table["unit"] % 10
    options = {"weight": "w", "stratum": "stratum", "cluster": "unit"}
    design = SurveyDesign(table, **options)
    made = design.replicate(method, n=50, rho=0.3, rng=np.random.default_rng(2))
    found = made.arrays.replicates
    weights = found.weights() if combined else found.factor[found.unit]
    names = [f"r{k}" for k in range(weights.shape[1])]
    wide = design.with_columns(dict(zip(names, weights.T, strict=True))).table
    rule = Replication(method, rho=0.3, rscales=tuple(found.rscales), combined=combined, df=5.0)
    supplied = SurveyDesign(wide, **options, replicates=names, method=rule)
    ours = supplied.share(["theft", "reason"], by="commune")
    pd.testing.assert_frame_equal(ours, made.share(["theft", "reason"], by="commune"))


def test_nullable_and_categorical_columns_give_the_same_values(table):
    options = {"weight": "w", "stratum": "stratum", "cluster": "unit"}
    plain = SurveyDesign(table, **options).share(["theft", "reason"], by="commune")
    nullable = table.convert_dtypes().astype({"commune": "category", "reason": "category"})
    nullable.index = np.zeros(len(table), dtype=int)
    found = SurveyDesign(nullable, **options).share(["theft", "reason"], by="commune")
    pd.testing.assert_frame_equal(found.drop(columns="commune"), plain.drop(columns="commune"))
    assert found["commune"].astype(str).tolist() == plain["commune"].tolist()


def test_a_side_under_twenty_respondents_has_no_direction(table):
    table["wave"] = np.where(np.arange(400) < 19, "2021", "2019")
    table["up"] = np.where(table["wave"] == "2021", 1000.0, 0.0) + table["loss"]
    design = SurveyDesign(table, weight="w", stratum="stratum", cluster="unit")
    found = design.contrast("up", by="wave", base="2019").loc[0]
    assert found["p_value"] < 0.001
    assert (found["verdict"], found["grade"]) == ("too few to say", "F")


def test_every_public_name_is_in_the_page(root):
    page = (root / "docs" / "survey.md").read_text(encoding="utf-8")
    methods = [name for name in vars(SurveyDesign) if not name.startswith("_")]
    names = [*survey.__all__, *methods, "calibrate", "trim", "replicate", "subset", "summary"]
    assert [name for name in names if name not in page] == []


def test_strata_with_a_single_unit_are_counted(table):
    table["stratum"] = np.where(table["unit"] == 39, 99, table["stratum"])
    design = SurveyDesign(table, weight="w", stratum="stratum", cluster="unit", single="average")
    assert design.summary().loc[0, "n_single"] == 1


def test_two_group_means_are_tested_by_the_difference_over_its_error():
    ages = pd.DataFrame({"w": 1.0, "sex": ["f", "f", "m", "m"] * 10, "age": range(20, 60)})
    found = group_test(SurveyDesign(ages, weight="w"), "age", "sex").iloc[0]
    # the ages of each sex are 4k or 4k + 1 for ten k: variance 16 * 8.25 + 0.25; the men are 2 older
    error = np.sqrt(40 / 39 * 2 * (16 * 8.25 + 0.25) / 20)
    assert found["statistic"] == pytest.approx(2 / error)
    assert found["df2"] == 38
    assert found["p_value"] == pytest.approx(2 * stats.t.sf(2 / error, 38))
