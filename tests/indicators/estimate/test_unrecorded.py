"""What a register does not hold: dark shares, numbers unreported, and scopes that must agree."""

from dataclasses import replace
from math import exp, hypot, log

import numpy as np
import pandas as pd
import pytest

import obs
from obs.catalogue import SpeaksOf, get_indicator, load_catalogue
from obs.errors import ObsError, SchemaError
from obs.indicators import (
    Survey,
    compare_scopes,
    compute,
    estimate_all,
    make_dark_share,
    scope_of,
)

Z = 1.959963984540054
ITEMS = ("burglary", "vehicle_theft", "damage", "theft_other", "fraud", "cyber", "violence")


def survey(victims, reported, *, weight=100.0):
    """A business survey: answers about burglary given, nobody suffered anything else."""
    ids = [f"r{i}" for i in range(len(victims))]
    respondents = pd.DataFrame({"respondent_id": ids, "weight": weight})
    frames = []
    for item in ITEMS:
        own = item == "burglary"
        said = victims if own else ["no"] * len(ids)
        frames.append(lay(ids, "victim", item, said))
        frames.append(lay(ids, "reported", item, reported if own else [None] * len(ids)))
    answers = pd.concat(frames, ignore_index=True).astype("str")
    return Survey("business_2021", respondents, answers, pd.Period("2021"))


def lay(ids, question, item, values):
    return pd.DataFrame({"respondent_id": ids, "question": question, "item": item, "value": values})


# 400 businesses of 100 each; 100 suffered a burglary, of which 60 reported it always, 20 sometimes
ONE = survey(
    ["yes"] * 100 + ["no"] * 300,
    ["always"] * 60 + ["sometimes"] * 20 + ["never"] * 20 + [None] * 300,
)


def burglary(indicator, wave=ONE):
    table = compute(indicator, {"survey": [wave]}, breakdown=["offence"])
    return table.loc[table["offence"] == "burglary"].iloc[0]


@pytest.mark.slow
def test_reporting_and_dark_share_make_one_with_limits_changed_over():
    rate, dark = burglary("business_reporting_rate"), burglary("business_dark_share")
    assert rate["value"] == pytest.approx(0.80)
    assert dark["value"] == pytest.approx(0.20)
    assert dark["low"] == pytest.approx(1 - rate["high"])
    assert dark["high"] == pytest.approx(1 - rate["low"])
    assert rate["n"] == dark["n"] == 100


@pytest.mark.slow
def test_the_dark_share_of_a_table_is_that_of_the_catalogue():
    rates = compute("business_reporting_rate", {"survey": [ONE]}, breakdown=["offence"])
    made = make_dark_share(rates, indicator="business_dark_share")
    row = made.loc[made["offence"] == "burglary"].iloc[0]
    for column in ("value", "low", "high"):
        assert row[column] == pytest.approx(burglary("business_dark_share")[column])


@pytest.mark.slow
def test_the_number_unreported_by_hand():
    """10,000 victims times 0.2, the limits by the two relative errors on the log scale."""
    row = burglary("business_unreported")
    assert row["value"] == pytest.approx(2_000)
    p, n = 0.25, 400  # victims; a sample of equal weights without finite population
    of_number = (p * (1 - p) / (n - 1)) ** 0.5 / p
    dark = burglary("business_dark_share")
    of_share = (dark["high"] - dark["low"]) / (2 * Z * 0.2)
    half = Z * hypot(of_number, of_share)
    assert row["low"] == pytest.approx(2_000 * exp(-half), rel=1e-6)
    assert row["high"] == pytest.approx(2_000 * exp(half), rel=1e-6)
    assert row["n"] == 100
    assert row["scale"] == "estimate"
    assert pd.isna(row["numerator"])  # an estimate is no count


@pytest.mark.slow
def test_its_interval_holds_the_truth_as_often_as_it_says():
    """5,000 of 40,000 burgled and silent: samples of 400, seeded."""
    rng = np.random.default_rng(7)
    hits = 0
    for _ in range(60):
        kinds = rng.choice(["never", "always", "no"], size=400, p=[0.125, 0.125, 0.75])
        wave = survey(
            ["no" if k == "no" else "yes" for k in kinds], [None if k == "no" else k for k in kinds]
        )
        row = burglary("business_unreported", wave)
        hits += row["low"] <= 5_000 <= row["high"]
    assert hits >= 53  # 95 % of 60 is 57; under 53 has a chance of 1 in 150


def test_few_victims_are_graded_f_and_never_printed():
    few = survey(["yes"] * 12 + ["no"] * 388, ["never"] * 6 + ["always"] * 6 + [None] * 388)
    row = burglary("business_unreported", few)
    assert (row["grade"], row["status"]) == ("F", "unreliable")
    assert pd.isna(row["value"])


def test_relative_weights_give_no_number():
    with pytest.raises(ObsError, match="mean of 1"):
        burglary("business_unreported", survey(["yes", "no"], ["never", None], weight=1.0))


def test_the_item_must_be_asked_for():
    with pytest.raises(ObsError, match="no total over offence: ask for breakdown offence"):
        compute("business_unreported", {"survey": [ONE]})


@pytest.mark.slow
def test_estimates_leave_through_release():
    tables = {
        name: compute(name, {"survey": [ONE]}, breakdown=["offence"])
        for name in ("business_unreported", "business_dark_share", "business_reporting_rate")
    }
    released = obs.release(tables)
    table = released["business_unreported"].table.set_index("offence")
    assert table.loc["burglary", "value"] == pytest.approx(2_000)
    others = table.drop(index="burglary")
    assert others["value"].isna().all()


# --- scopes ---------------------------------------------------------------------------


def test_every_difference_between_survey_and_register_is_named():
    said = compare_scopes(
        "burglary_attempt_share", "business_reporting_rate", period="2022", survey_period="2021"
    )
    assert [s.split(":")[0] for s in said] == [
        "population",
        "place",
        "period",
        "offences",
        "unit",
        "attempts",
    ]
    assert "'everybody' in the register, 'businesses of the Region' in the survey" in said[0]


def count_table(indicator="burglary_other", n=500, period="2021"):
    return indicators(indicator=indicator, numerator=n, value=n, unit="fact", period=period)


def rate_table(value=0.5, low=0.4, high=0.6, **columns):
    given = {"indicator": "business_reporting_rate", "unit": "business", "scale": "share"}
    return indicators(value=value, low=low, high=high, **{**given, **columns})


def indicators(*, period="2021", **columns):
    whole = {"territory": "04000", "numerator": None, "denominator": None, "low": None}
    whole |= {"high": None, "status": "ok", "n": 90, "grade": "A"}
    table = pd.DataFrame({**whole, **columns}, index=[0])
    return table.assign(period=pd.PeriodIndex([period], freq="Y"))


SAME = SpeaksOf("residents", "in the Region", "calendar year", ("burglary_other",), "fact", True)


def entries():
    return {
        "recorded_entry": replace(get_indicator("burglary_other"), speaks_of=SAME),
        "reporting_entry": replace(get_indicator("business_reporting_rate"), speaks_of=SAME),
    }


def test_a_count_over_a_rate_by_hand_where_scopes_agree():
    row = estimate_all(count_table(), rate_table(), indicator="all", **entries()).iloc[0]
    assert row["value"] == pytest.approx(1_000)
    # Byar's limits of 500 are 457.13 and 545.79
    assert row["low"] == pytest.approx(
        1_000 * exp(-hypot(log(500 / 457.13), log(0.6 / 0.5))), rel=1e-4
    )
    assert row["high"] == pytest.approx(
        1_000 * exp(hypot(log(545.79 / 500), log(0.5 / 0.4))), rel=1e-4
    )
    assert row["numerator"] == 500
    assert row["scale"] == "estimate"


@pytest.mark.parametrize("withheld", ["unreliable", "suppressed_primary", "missing"])
def test_a_rate_or_a_count_that_is_withheld_gives_no_number(withheld):
    rate = estimate_all(count_table(), rate_table(status=withheld), indicator="all", **entries())
    assert rate[["value", "low", "high"]].isna().all().all()
    assert rate["status"].tolist() == [withheld]
    count = count_table().assign(status=withheld)
    made = estimate_all(count, rate_table(), indicator="all", **entries())
    assert made[["value", "low", "high"]].isna().all().all()
    assert made["status"].tolist() == [withheld]


@pytest.mark.parametrize(
    ("part", "other"),
    [
        ("population", "businesses"),
        ("place", "anywhere"),
        ("reference", "twelve months before the interview"),
        ("offences", ("burglary",)),
        ("unit", "business"),
        ("attempts", False),
    ],
)
def test_one_difference_suffices_to_refuse(part, other):
    own = entries()
    own["reporting_entry"] = replace(
        own["reporting_entry"], speaks_of=replace(SAME, **{part: other})
    )
    name = "period" if part == "reference" else part
    with pytest.raises(ObsError, match=f"not speak of the same thing: {name}: .*dark share"):
        estimate_all(count_table(), rate_table(), indicator="all", **own)


def test_another_year_is_another_scope():
    with pytest.raises(ObsError, match="period: '2022, calendar year' in the register"):
        estimate_all(count_table(period="2022"), rate_table(), indicator="all", **entries())


def test_the_shipped_survey_is_refused_against_the_register():
    with pytest.raises(ObsError, match=r"offences: .*; place: .*; population: .*; unit: "):
        estimate_all(count_table(), rate_table(offence="burglary"), indicator="all")


def test_nothing_recorded_is_zero_with_an_upper_limit():
    row = estimate_all(count_table(n=0), rate_table(), indicator="all", **entries()).iloc[0]
    assert (row["value"], row["low"]) == (0, 0)
    assert row["high"] == pytest.approx(3.6889 / 0.4, rel=1e-4)  # exact Poisson limit of 0


def test_a_rate_of_zero_or_unreliable_gives_no_number():
    with pytest.raises(ObsError, match="rate of 0"):
        estimate_all(count_table(), rate_table(0, 0, 0.1), indicator="all", **entries())
    unreliable = rate_table(None, None, None, status="unreliable", grade="F")
    row = estimate_all(count_table(), unreliable, indicator="all", **entries()).iloc[0]
    assert row["status"] == "unreliable"
    assert pd.isna(row["value"])


def test_two_rates_for_one_count_are_refused():
    two = pd.concat([rate_table(), rate_table()], ignore_index=True).assign(offence=["a", "b"])
    with pytest.raises(SchemaError, match="several rows for one territory, period"):
        estimate_all(count_table(), two, indicator="all", **entries())


def test_a_count_is_no_reporting_rate():
    with pytest.raises(SchemaError, match="must be 'share'"):
        make_dark_share(count_table().assign(scale="count"), indicator="dark")
    with pytest.raises(ObsError, match="inside its limits"):
        make_dark_share(rate_table(0.5, 0.6, 0.7), indicator="dark")


def test_a_survey_that_does_not_say_its_scope_is_refused():
    with pytest.raises(ObsError, match="does not declare what it speaks of"):
        scope_of("business_victim", period="2021")


def test_recorded_crime_is_never_called_prevalence():
    words = ("prévalence", "prevalentie", "prevalence")
    for entry in load_catalogue().values():
        if entry.source == "survey":
            continue
        for lang in ("fr", "nl", "en"):
            for name in ("title", "short", "definition", "scope", "source_label"):
                assert not any(w in entry.text(name, lang).lower() for w in words), entry.id
