"""Models of released tables: what they say, and that nothing in them depends on what is withheld."""

from importlib import import_module

import pandas as pd
import pytest

from obs.disclosure import ReleasedModel, add_models, audit, read_released, release, write_released
from obs.errors import DisclosureError, ObsError
from obs.trends import (
    compare_nearest_peers,
    funnel,
    interruption_tables,
    rank_places,
    reconcile,
)
from tests.disclosure.small_town import entry, make_town, whole

ENTRIES = {"theft": entry(kind="count")}
MONTHS = pd.period_range("2018-07", "2020-12", freq="M")


@pytest.fixture(scope="module")
def town():
    return make_town()


def month(period, a, b):
    """Ten facts a day in the Region until June 2020, six from July; A and B share the rest of Z1."""
    days = period.days_in_month
    daily = 10 if period < pd.Period("2020-07", "M") else 6
    counts = {"A": a, "B": b, "C": 40, "D": 40, "E": daily * days - 80 - a - b}
    return whole(counts, period=str(period), scale="count")


def monthly(town, a, b):
    table = pd.concat([month(m, a, b) for m in MONTHS], ignore_index=True)
    table = table.assign(value=table["numerator"].astype("Float64"), low=pd.NA, high=pd.NA)
    table = table.astype({"low": "Float64", "high": "Float64"})
    return table.assign(level=[town.level_of(code) for code in table["territory"]])


def of_region(town):
    table = monthly(town, 3, 30)
    return table[table["territory"] == "R"].reset_index(drop=True)


def modelled(town, table, *, level="region", **options):
    released = release({"months": table}, territory=town, catalogue=ENTRIES)
    model = ReleasedModel(
        ids=("effect", "effect_expected"),
        of=("months",),
        make=interruption_tables,
        rows={"level": (level,)},
        options={"start": "2020-07", "seasonal": False, **options},
    )
    return released, add_models(released, (model,))


@pytest.fixture(scope="module")
def worlds(town):
    return [modelled(town, monthly(town, a, b)) for a, b in ((3, 30), (2, 31))]


def test_the_expected_count_is_the_rate_before(worlds):
    """Ten a day before: 310 in July expected, 186 observed, so 40 % fewer."""
    _, shown = worlds[0]
    path = shown["effect_expected"].table.set_index("period")
    july = path.loc[pd.Period("2020-07", "M")]
    assert july["numerator"] == 186
    assert july["expected"] == pytest.approx(310, rel=1e-6)
    assert july["under"]
    assert not path.loc[pd.Period("2020-06", "M"), "under"]
    effects = shown["effect"].table.set_index("point")
    assert effects.loc["counterfactual", "change"] == pytest.approx(-0.4, abs=1e-6)
    assert effects.loc["counterfactual", "verdict"] == "down"
    assert effects.loc["counterfactual", "periods"] == 6
    assert str(effects.loc["level", "base"]) == "2020-06"


def test_the_naive_comparison_is_a_plain_division(worlds):
    """184 days at six against the same 184 days at ten, twice."""
    _, shown = worlds[0]
    naive = shown["effect"].table.set_index("point").loc["two_years_before"]
    assert naive["change"] == pytest.approx(6 / 10 - 1)


def test_two_towns_that_differ_in_withheld_counts_alone_have_the_same_models(worlds):
    (one, first), (other, second) = worlds
    hidden = one["months"].table["status"].str.startswith("suppressed")
    assert set(one["months"].table.loc[hidden, "territory"]) >= {"A", "B"}
    for name in ("months", "effect", "effect_expected"):
        pd.testing.assert_frame_equal(first[name].table, second[name].table)
    assert first.seal == one.seal
    assert other.seal != one.seal


def test_a_series_with_withheld_months_says_so_and_nothing_else(town, worlds):
    released, _ = worlds[0]
    model = ReleasedModel(
        ids=("effect", "effect_expected"),
        of=("months",),
        make=interruption_tables,
        rows={"territory": ("A", "R")},
        options={"start": "2020-07", "seasonal": False},
    )
    shown = add_models(released, (model,))
    effects = shown["effect"].table
    own = effects[effects["territory"] == "A"]
    assert own["reason"].tolist() == ["withheld"]
    assert own["verdict"].tolist() == ["not comparable"]
    assert own[["change", "low", "high", "p_value", "periods"]].isna().all(axis=None)
    assert set(shown["effect_expected"].table["territory"]) == {"R"}


def test_too_short_a_series_is_not_judged(town):
    _, shown = modelled(town, of_region(town), start="2018-09")
    assert shown["effect"].table["reason"].tolist() == ["too_few_periods"]
    assert "effect_expected" not in shown.names


@pytest.mark.parametrize("start", ["2017-03", "2021-01"])
def test_what_began_outside_the_table_has_no_row(town, start):
    released, shown = modelled(town, of_region(town), start=start)
    assert shown.names == released.names == ("months",)


def test_few_events_have_no_percentage(town):
    table = of_region(town)
    table = table.assign(numerator=table["numerator"].where(table["period"] < "2020-07", 0))
    table = table.assign(
        value=table["numerator"].astype("Float64"),
        n=table["numerator"],
        status=table["status"].where(table["numerator"] > 0, "zero"),
    )
    _, shown = modelled(town, table)
    assert shown["effect"].table["reason"].tolist() == ["few_events"]


def test_models_are_written_and_read_back(worlds, tmp_path):
    _, shown = worlds[0]
    write_released(shown, tmp_path / "released")
    again = read_released(tmp_path / "released")
    assert again.names == ("months", "effect", "effect_expected")
    pd.testing.assert_frame_equal(again["effect"].table, shown["effect"].table)


def test_the_audit_judges_the_release_that_the_models_are_of(worlds):
    released, _ = worlds[0]
    assert audit(released)["safe"].all()


def test_what_is_no_comparison_is_refused(worlds):
    released, _ = worlds[0]
    with pytest.raises(DisclosureError, match="is no comparison of"):
        add_models(released, (ReleasedModel(("x",), ("months",), lambda table, **_: table),))


def test_a_table_that_is_absent_and_an_id_that_is_taken_are_refused(worlds):
    released, shown = worlds[0]
    model = ReleasedModel(("x", "y"), ("weeks",), interruption_tables)
    with pytest.raises(DisclosureError, match="model 'x': weeks is no released table"):
        add_models(released, (model,))
    model = ReleasedModel(("months", "y"), ("months",), interruption_tables)
    with pytest.raises(DisclosureError, match="model 'months': months is taken"):
        add_models(released, (model,))
    with pytest.raises(DisclosureError, match="reads values, not comparisons"):
        add_models(shown, (ReleasedModel(("x",), ("effect",), rank_places),))


@pytest.mark.parametrize("ids", [("x",), ("x", "y", "z")])
def test_ids_that_are_not_as_many_as_the_tables_made_are_refused(worlds, ids):
    released, _ = worlds[0]
    options = {"start": "2020-07", "seasonal": False}
    model = ReleasedModel(
        ids, ("months",), interruption_tables, {"level": ("region",)}, False, options
    )
    said = rf"model 'x': {len(ids)} id\(s\) are declared, and it made 2 table\(s\)"
    with pytest.raises(DisclosureError, match=said):
        add_models(released, (model,))


def test_a_start_that_is_no_month_of_the_table_is_refused(worlds):
    released, _ = worlds[0]
    model = ReleasedModel(
        ("x", "y"), ("months",), interruption_tables, options={"start": "2020-07-15"}
    )
    with pytest.raises(ObsError, match="2020-07"):
        add_models(released, (model,))


@pytest.fixture(scope="module")
def years(town):
    """Rates by commune of two indicators in a chain; A's counts are too small to show."""
    entries = {
        "vif_total": entry(),
        "vif_pv": entry(relations=(), unit="pv"),
    }
    tables = {}
    for name, cut in (("vif_total", 0), ("vif_pv", 1)):
        counts = {"A": 4 - cut, "B": 60 - cut, "C": 90 - cut, "D": 80 - cut, "E": 120 - cut}
        table = whole(counts, indicator=name).assign(unit="fact" if name == "vif_total" else "pv")
        tables[name] = table.assign(level=[town.level_of(c) for c in table["territory"]])
    return release(tables, territory=town, catalogue=entries)


def test_a_chain_has_its_differences_and_no_more(town, years):
    model = ReleasedModel(
        ids=("chain",),
        of=("vif_total", "vif_pv"),
        make=reconcile,
        options={"indicators": ("vif_total", "vif_pv")},
    )
    chain = add_models(years, (model,))["chain"].table.set_index(["territory", "indicator"])
    assert chain.loc[("C", "vif_pv"), "step"] == 89 - 90
    assert chain.loc[("C", "vif_pv"), "before"] == "vif_total"
    assert chain.loc[("C", "vif_pv"), "explained"] == "counting_rule"
    assert chain.loc[("C", "vif_total"), "explained"] == "first"
    assert pd.isna(chain.loc[("A", "vif_pv"), "step"])
    assert chain.loc[("A", "vif_pv"), "no_result"] == "withheld"


@pytest.mark.parametrize("make", [funnel, rank_places, compare_nearest_peers])
def test_places_are_compared_by_what_is_shown(town, years, make):
    model = ReleasedModel(("compared",), ("vif_total",), make, latest=True)
    compared = add_models(years, (model,))["compared"].table
    hidden = compared["status"].str.startswith("suppressed")
    assert set(compared.loc[hidden, "territory"]) >= {"A"}
    numbers = [c for c in ("ratio", "rank_low", "inner_low", "p_value") if c in compared]
    assert numbers
    if make is not funnel:  # its limits are those of the denominator, which is public
        assert compared.loc[hidden, numbers].isna().all(axis=None)


@pytest.mark.parametrize(
    ("given", "periods", "levels"),
    [
        ({}, {"2021", "2022"}, {"commune", "zone", "region"}),
        ({"latest": True}, {"2022"}, {"commune", "zone", "region"}),
        ({"rows": {"level": ("commune", "zone")}}, {"2021", "2022"}, {"commune", "zone"}),
    ],
)
def test_a_model_reads_the_rows_it_names_of_all_its_tables(
    town, monkeypatch, given, periods, levels
):
    """2021 stands in two tables, once without the column of forms: there it is the total."""
    counts = {"A": 40, "B": 60, "C": 90, "D": 80, "E": 120}
    made = [whole(counts, period=p) for p in ("2021", "2022")]
    made = [t.assign(level=[town.level_of(c) for c in t["territory"]]) for t in made]
    tables = {"one": made[0], "two": pd.concat([t.assign(form="all") for t in made])}
    shown = release(
        {n: t.reset_index(drop=True) for n, t in tables.items()},
        territory=town,
        catalogue={"theft": entry()},
    )
    read = []
    module = import_module("obs.disclosure.released_models")
    monkeypatch.setattr(module, "need_comparison", lambda _: None)
    monkeypatch.setattr(module, "check_comparison", lambda _name, frame, _made: frame.head(0))
    model = ReleasedModel(("x",), ("one", "two"), lambda t, **_: read.append(t) or t, **given)
    assert add_models(shown, (model,)).names == ("one", "two")  # one without a row is left out
    (frame,) = read
    assert set(frame["period"].astype("str")) == periods
    assert set(frame["level"]) == levels
    assert set(frame["form"]) == {"all"}
    assert not frame.duplicated(["territory", "period"]).any()
    assert frame.index.tolist() == list(range(len(frame)))


def test_models_are_made_of_a_release(years):
    with pytest.raises(DisclosureError, match="models are made of what obs.release made"):
        add_models(years["vif_pv"].table, ())
    none = ReleasedModel(("x",), ("vif_pv",), rank_places, {"level": ("district",)})
    assert add_models(years, (none,)).names == years.names
