"""The note on the lockdown: calls tripled, facts fell, both against what was expected."""

import numpy as np
import pandas as pd
import pytest

import obs
from obs.clean import clean_helpline, clean_services
from obs.disclosure import release
from obs.errors import ObsError
from obs.indicators import compute
from obs.pipeline.computing import compute_all, keep_computed
from obs.reference import load_territory
from obs.report import load_note
from obs.sample.helpline_files import helpline_files
from obs.sample.restriction_files import restriction_files
from obs.sample.services_files import services_files
from obs.trends import interruption_tables

LANGS = ("fr", "nl", "en")


def deliveries(folder, files, wanted=""):
    paths = []
    for file in files:
        if wanted in file.path:
            paths.append(folder / file.path.rpartition("/")[2])
            paths[-1].write_bytes(file.payload)
    return paths


def raw_of(paths, day):
    """Read the raw files by hand."""
    read = [pd.read_csv(p, sep=";", comment="#", encoding="utf-8-sig") for p in paths]
    rows = pd.concat(read, ignore_index=True)
    return rows.assign(month=pd.to_datetime(rows[day], format="%d/%m/%Y").dt.to_period("M"))


@pytest.fixture(scope="module")
def calls(tmp_path_factory):
    """Give the daily calls of the sample, raw and as counts by month."""
    folder = tmp_path_factory.mktemp("calls")
    paths = deliveries(folder, helpline_files(range(2018, 2022), seed=1, scale=1.0), "daily")
    table = clean_helpline(paths, profile="obs_sample_call_days").table
    return raw_of(paths, "DATE"), compute("helpline_calls", {"helpline": table}, period="month")


@pytest.fixture(scope="module")
def restrictions(tmp_path_factory):
    folder = tmp_path_factory.mktemp("restrictions")
    paths = deliveries(folder, restriction_files(range(2018, 2025), seed=1, scale=0.2))
    cleaned = clean_services(paths, profile="obs_sample_restrictions")
    return raw_of(paths, "DATE"), cleaned


def test_calls_a_day_tripled_between_february_and_june_2020(calls):
    raw, made = calls
    by_month = raw.groupby("month")["APPELS"].sum()
    a_day = by_month / by_month.index.days_in_month
    wanted = a_day["2020-06"] / a_day["2020-02"]
    table = obs.compare_periods(made, base="2020-02").set_index("period")
    june = table.loc[pd.Period("2020-06")]
    assert june["change"] == pytest.approx(wanted - 1, rel=1e-9)
    assert round(1 + june["change"]) == 3
    assert (june["verdict"], june["change_of"]) == ("up", "count_per_day")


def test_calls_of_the_lockdown_are_about_three_times_what_was_expected(calls):
    """Against counts added by hand: what is expected a day lies where the months before lay."""
    raw, made = calls
    by_month = raw.groupby("month")["APPELS"].sum()
    effects, path = interruption_tables(made, start="2020-04", end="2020-05", seasonal=False)
    found = effects.set_index("point")["change"]
    under = path[path["under"]]
    assert under["numerator"].tolist() == by_month["2020-04":"2020-05"].tolist()
    before = by_month[:"2020-03"] / by_month[:"2020-03"].index.days_in_month
    a_day = under["expected"] / under["days"]
    assert a_day.between(0.9 * before.min(), before.max()).all()
    ratio = under["numerator"].sum() / under["expected"].sum()
    assert 1 + found["counterfactual"] == pytest.approx(ratio, rel=1e-6)
    assert round(ratio) == 3
    years = [by_month[f"{y}-04" : f"{y}-05"].sum() for y in (2018, 2019, 2020)]
    naive = years[2] / (sum(years[:2]) / 2)
    assert 1 + found["two_years_before"] == pytest.approx(naive, rel=1e-3)


def test_what_is_expected_leans_on_the_months_after_too_unless_the_table_ends(calls):
    """Against a straight line through the logarithms of the calls a day, by hand."""
    raw, made = calls
    by_month = raw.groupby("month")["APPELS"].sum()
    at, a_day = np.arange(len(by_month)), by_month / by_month.index.days_in_month
    before = (by_month.index < "2020-04").sum()
    rate, start = np.polyfit(at[:before], np.log(a_day[:before]), 1)
    days = by_month.index.days_in_month.to_numpy()[before : before + 2]
    wanted = (np.exp(start + rate * at[before : before + 2]) * days).sum()
    seen = by_month["2020-04":"2020-05"].sum()
    assert seen / wanted == pytest.approx(2.55, abs=0.005)

    def excess(table):
        effects, _ = interruption_tables(table, start="2020-04", end="2020-05", seasonal=False)
        return 1 + effects.set_index("point")["change"]["counterfactual"]

    alone = made[made["period"] <= pd.Period("2020-05")]
    assert excess(alone) == pytest.approx(seen / wanted, rel=0.05)
    assert excess(made) == pytest.approx(2.88, abs=0.01)


def test_the_index_of_a_month_is_the_mean_of_its_days_and_has_no_interval(restrictions):
    raw, cleaned = restrictions
    assert len(cleaned.rejected) == 0
    made = compute("stringency", {"services": cleaned.table}, period="month")
    wanted = raw.groupby("month")["POINTS"].mean()
    assert made["value"].tolist() == pytest.approx(wanted.tolist())
    assert made["value"].between(0, 100).all()
    assert made[["low", "high"]].isna().all(axis=None)
    assert set(made["territory"]) == {"BE"}  # one index for the country, none of the Region
    assert set(made["unit"]) == {"point"}


def test_the_curve_of_the_index_speaks_of_no_interval(restrictions, calls):
    _, cleaned = restrictions
    made = compute("stringency", {"services": cleaned.table}, period="month")
    released = release({"restrictions": made, "calls": calls[1]})
    about = "Curve of the strictness of the restrictions"
    texts = {i: obs.chart_trend(released[i], lang="en", alt=about).caption for i in released.names}
    assert "interval" not in texts["restrictions"]
    assert "interval" in texts["calls"]


def test_activities_by_month_and_by_year_stand_in_one_table(restrictions, tmp_path):
    _, cleaned = restrictions
    paths = deliveries(tmp_path, services_files([2021], seed=1, scale=0.2))
    yearly = clean_services(paths, profile="obs_sample_services").table
    both = pd.concat([yearly, cleaned.table], ignore_index=True)
    for name, alone in (("vif_support", yearly), ("stringency", cleaned.table)):
        pd.testing.assert_frame_equal(
            compute(name, {"services": both}), compute(name, {"services": alone})
        )
    twice = pd.concat([both, yearly.assign(activity="stringency", unit="point")])
    with pytest.raises(ObsError, match=r"several lengths \(M, Y-DEC\)"):
        compute("stringency", {"services": twice})


def test_a_note_on_the_lockdown_is_left_out_of_years_without_it(root, restrictions):
    spec = load_note(root / "notebooks" / "focus_vif_covid.ipynb", languages=LANGS)
    assert {table.levels for table in spec.tables} == {("top",), ("beyond",)}
    _, cleaned = restrictions
    late = cleaned.table[cleaned.table["period"] >= "2022-01"]
    said = []
    tables, _ = compute_all(
        [spec], {"services": late}, None, load_territory(), 2022, said.append, coverage={}
    )
    other = load_note(root / "notebooks" / "focus_cyber.ipynb", languages=LANGS)
    tables["focus_cyber.years"] = tables["focus_vif_covid.restrictions"]
    assert keep_computed([spec, other], tables, said.append) == [other]
    assert said[-1].startswith("left out: focus_vif_covid, what it is about began")


def test_a_comparison_with_a_period_not_delivered_is_left_out_and_named(root, calls):
    spec = load_note(root / "notebooks" / "focus_vif_covid.ipynb", languages=LANGS)
    raw, _ = calls
    days = raw[raw["month"] >= "2021-01"].astype({"APPELS": "str"}).drop(columns="month")
    table = clean_helpline(
        days.assign(APPELS=days["APPELS"].str.removesuffix(".0").replace("nan", "")),
        profile="obs_sample_call_days",
    ).table
    said = []
    tables, _ = compute_all(
        [spec], {"helpline": table}, None, load_territory(), 2021, said.append, coverage={}
    )
    assert set(tables) == {"focus_vif_covid.calls"}
    assert "left out: focus_vif_covid, comparison 'calls_change': no delivery tells of 2020-02" in (
        said
    )


def test_released_months_of_calls_are_those_of_the_raw_files(calls):
    raw, made = calls
    released = release({"focus_vif_covid.calls": made})["focus_vif_covid.calls"].table
    wanted = raw.groupby("month")["APPELS"].sum()
    assert released["numerator"].tolist() == wanted.astype(int).tolist()
