"""Places compared: funnel, peers, smoothing, clusters, ranks, exposures."""

from functools import cache

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from scipy import stats

import obs
from obs.errors import ObsError, SchemaError
from obs.indicators import compute
from obs.reference import load_territory
from obs.stats import rate_ratio
from obs.stats.counts.funnel_limits import funnel_limits

pytestmark = pytest.mark.slow

CODES = load_territory().codes("commune")
POSITIONS = {"far_below", "below", "within", "above", "far_above"}


def make_rates(numbers=None, *, seed=1, rate=0.03, indicator="theft", status="ok", years=("2020",)):
    """Counts of the 19 communes around one rate; `numbers` replaces some of them."""
    rng = np.random.default_rng(seed)
    people = obs.load_exposure().query("year == 2020").set_index("territory")["exposure"]
    parts = []
    for year in years:
        counts = pd.Series(rng.poisson(people[CODES].astype(float) * rate), index=CODES)
        counts.update(pd.Series(numbers or {}, dtype=float).round().astype(int))
        parts.append(
            pd.DataFrame(
                {
                    "territory": CODES,
                    "period": pd.PeriodIndex([year] * 19, freq="Y"),
                    "phenomenon": indicator,
                    "unit": "fact",
                    "numerator": counts.astype("Int64").to_numpy(),
                    "status": status,
                    "delivery": "communes.csv",
                }
            )
        )
    return compute(indicator, {"police": pd.concat(parts)})


@cache
def _plain():
    return make_rates()


def plain_rates():
    """Give the rates of `make_rates()`, made once."""
    return _plain().copy()


def of(table, code, column):
    return table.set_index("territory").at[code, column]


def hide(table, code, status="missing"):
    hidden = table["territory"] == code
    return table.assign(
        numerator=table["numerator"].mask(hidden),
        value=table["value"].mask(hidden),
        status=table["status"].mask(hidden, status),
    )


EVERY = {
    "funnel": obs.funnel,
    "peers": obs.compare_peers,
    "smooth": obs.smooth_rates,
    "neighbours": lambda t: obs.smooth_rates(t, towards="neighbours"),
    "clusters": lambda t: obs.cluster_map(t, rng=np.random.default_rng(1), permutations=199),
    "ranks": obs.rank_places,
    "exposures": lambda t: obs.compare_exposures(t, ambient=present()),
}


def present(**changed):
    people = obs.load_exposure().query("year == 2020").set_index("territory")["exposure"]
    table = pd.DataFrame({"territory": CODES, "exposure": people[CODES].astype(float).to_numpy()})
    for code, factor in changed.items():
        table.loc[table["territory"] == code[1:], "exposure"] *= factor
    return table


@pytest.mark.parametrize("name", EVERY)
def test_every_comparison_leaves_its_input_and_survives_a_missing_commune(name):
    rates = plain_rates()
    before = rates.copy()
    whole = EVERY[name](rates)
    assert_frame_equal(rates, before)
    assert whole["level"].unique().tolist() == ["commune"]
    for status in ("missing", "suppressed_source"):
        part = EVERY[name](hide(rates, "21014", status))
        assert len(part) == len(whole)
        assert list(part.columns) == list(whole.columns)


@pytest.mark.parametrize("name", EVERY)
def test_counts_without_a_denominator_are_refused(name):
    counts = plain_rates().assign(scale="count")
    with pytest.raises(SchemaError, match="neither a rate nor a share"):
        EVERY[name](counts)


def test_every_indicator_and_period_is_a_family_of_its_own():
    two = make_rates(years=("2020", "2019"))
    table = obs.funnel(two)
    alone = obs.funnel(two[two["period"] == "2019"])
    assert_frame_equal(table[table["period"] == "2019"].reset_index(drop=True), alone)


def test_a_funnel_of_chance_has_exact_limits_and_the_rate_of_the_region_as_centre():
    table = obs.funnel(make_rates(seed=3), overdispersed=False)
    region = make_rates(seed=3).query("level == 'region'")["value"].item()
    assert table["centre"].tolist() == [region] * 19
    assert (table["position"] == table["chance_position"]).all()
    expected = (table["denominator"] * region / 1_000).to_numpy(float)
    for names, confidence in (
        (("inner_low", "inner_high"), 0.95),
        (("outer_low", "outer_high"), 0.998),
    ):
        for name, limit in zip(names, funnel_limits(expected, confidence=confidence), strict=True):
            ours = (table[name] * table["denominator"] / 1_000).to_numpy(float)
            np.testing.assert_allclose(ours, limit, rtol=1e-9)
    assert set(table["position"]) <= POSITIONS


def test_an_outlier_is_far_above_and_ordinary_differences_widen_the_limits():
    rng = np.random.default_rng(2)
    people = present().set_index("territory")["exposure"]
    spread = (people * 0.03 * rng.gamma(30, 1 / 30, 19)).round()
    table = obs.funnel(make_rates(spread.to_dict()))
    assert (table["tau2"] > 0).all()
    assert (table["chance_position"] != "within").sum() > (table["position"] != "within").sum()
    spread["21014"] = people["21014"] * 0.12
    assert of(obs.funnel(make_rates(spread.to_dict())), "21014", "position") == "far_above"


def test_an_unknown_commune_has_limits_but_no_position():
    table = obs.funnel(hide(make_rates(), "21014"))
    assert pd.isna(of(table, "21014", "position"))
    assert table["position"].notna().sum() == 18


def test_peers_leave_the_commune_itself_out():
    rates = make_rates({"21004": 20_000})
    table = obs.compare_peers(rates)
    row = table[(table["territory"] == "21009") & (table["peer"] == "zone")].iloc[0]
    city = rates.set_index("territory").loc["21004"]
    assert row["peer_value"] == pytest.approx(float(city["value"]))
    ixelles = rates.set_index("territory").loc["21009"]
    expected = rate_ratio(
        ixelles["numerator"], ixelles["denominator"], city["numerator"], city["denominator"]
    )
    assert row["ratio"] == pytest.approx(float(expected.ratio))
    assert row["ratio_low"] == pytest.approx(float(expected.low))
    assert row["verdict"] == "below"


def test_similar_communes_are_the_declared_ones_and_the_city_has_none():
    table = obs.compare_peers(make_rates({"21013": 6_000}))
    similar = table[table["peer"] == "similar"].set_index("territory")
    assert similar.at["21013", "verdict"] == "above"
    assert similar.at["21004", "verdict"] == "not comparable"
    assert similar["verdict"].ne("not comparable").sum() == 18


def test_peers_with_an_unknown_member_are_unknown():
    table = obs.compare_peers(hide(make_rates(), "21014")).set_index(["territory", "peer"])
    assert table.at[("21006", "zone"), "verdict"] == "not comparable"  # 21014 is in its zone
    assert table.at[("21001", "zone"), "verdict"] != "not comparable"
    assert table.xs("region", level="peer")["verdict"].eq("not comparable").all()


@pytest.mark.parametrize(("count", "verdict"), [(19, "too few to say"), (20, "below")])
def test_both_sides_of_the_twenty_events(count, verdict):
    table = obs.compare_peers(make_rates({"21014": count})).set_index(["territory", "peer"])
    assert table.at[("21014", "region"), "verdict"] == verdict


def test_smoothing_draws_small_communes_most():
    table = obs.smooth_rates(make_rates(rate=0.0005, seed=4)).set_index("territory")
    assert table["own_weight"].astype(float).idxmin() == "21011"  # the fewest people
    between = np.sort(np.column_stack([table["value"], table["drawn_to"]]).astype(float))
    smoothed = table["smoothed"].astype(float)
    assert (smoothed.between(between[:, 0] - 1e-9, between[:, 1] + 1e-9)).all()


def test_a_share_is_smoothed_as_a_share():
    share = make_rates().assign(scale="share")
    table = obs.smooth_rates(share)
    assert table["smoothed"].astype(float).between(0, 1).all()


def test_a_planted_cluster_is_found_and_chance_is_not():
    north = {"21010": 4, "21008": 4, "21003": 4, "21011": 4, "21012": 4}
    people = present().set_index("territory")["exposure"]
    high = {code: int(people[code] * 0.03 * times) for code, times in north.items()}
    table = obs.cluster_map(make_rates(high), rng=np.random.default_rng(1)).set_index("territory")
    assert table["moran_p_value"].iloc[0] < 0.01
    assert table.at["21011", "cluster"] == "high-high"  # the one amidst the others
    quiet = obs.cluster_map(make_rates(seed=5), rng=np.random.default_rng(1))
    assert set(quiet["cluster"]) == {"none"}


def test_ranks_are_intervals_and_missing_where_the_value_is():
    table = obs.rank_places(hide(make_rates({"21004": 20_000}), "21014")).set_index("territory")
    assert table.loc["21004", ["rank_low", "rank_high", "ranked"]].tolist() == [1, 1, 18]
    assert table.loc["21014", ["rank_low", "rank_high"]].isna().all()
    assert (table["rank_high"].drop(["21004", "21014"]) == 18).sum() > 10


def test_a_commune_that_fills_by_day_flips():
    rates = make_rates({"21004": 14_000})
    table = obs.compare_exposures(rates, ambient=present(c21004=4.0)).set_index("territory")
    row = table.loc["21004"]
    assert (row["position"], row["ambient_position"]) == ("above", "below")
    assert row["flips"]
    assert row["ambient_value"] == pytest.approx(float(row["value"]) / 4)


def test_an_unknown_ambient_exposure_gives_no_flip():
    ambient = present().query("territory != '21014'")
    table = obs.compare_exposures(make_rates(), ambient=ambient).set_index("territory")
    assert pd.isna(table.at["21014", "flips"])
    assert table["flips"].notna().sum() == 18


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (
            lambda r: obs.compare_exposures(r, ambient=pd.DataFrame({"territory": ["21001"]})),
            SchemaError,
            "exposure are absent",
        ),
        (
            lambda r: obs.compare_exposures(r, ambient=pd.concat([present(), present()])),
            SchemaError,
            "there twice",
        ),
        (
            lambda r: obs.compare_exposures(r.assign(scale="share"), ambient=present()),
            SchemaError,
            "no exposure to exchange",
        ),
        (lambda r: obs.smooth_rates(r, towards="all"), ObsError, "whole or neighbours"),
        (lambda r: obs.rank_places(r, confidence=95), ObsError, "0.95, not 95"),
        (
            lambda r: obs.smooth_rates(
                r, towards="neighbours", neighbours=pd.DataFrame({"territory": [], "neighbour": []})
            ),
            ObsError,
            "no neighbours are declared",
        ),
        (lambda r: obs.funnel(r.drop(columns="level")), SchemaError, "'level' is absent"),
    ],
)
def test_impossible_inputs_are_refused(call, error, said):
    with pytest.raises(error, match=said):
        call(make_rates())


@pytest.mark.parametrize("compare", [obs.funnel, obs.rank_places])
def test_an_unknown_level_is_told_with_those_there_are(compare):
    with pytest.raises(ObsError, match="level 'planet' is none of 'brussels': commune, zone"):
        compare(make_rates(), level="planet")


@pytest.mark.parametrize("confidence", [0.95, (95, 99), ("a", "b"), (0.95,), None])
def test_a_funnel_has_two_confidences(confidence):
    with pytest.raises(ObsError, match="confidence"):
        obs.funnel(make_rates(), confidence=confidence)


@pytest.mark.parametrize(
    ("ambient", "said"),
    [
        ({"territory": ["21001"], "exposure": [-3.0]}, "no number of persons, .* in 1 row"),
        ({"territory": ["21001"], "exposure": [np.inf]}, "no number of persons, .* in 1 row"),
        ({"territory": ["21001"], "exposure": ["many"]}, "exposure and year numbers"),
        ({"territory": [21001], "exposure": [5.0]}, "territory holds codes"),
        ({"territory": ["21001"], "exposed": [5.0]}, "exposure are absent"),
        (None, "ambient must be a DataFrame, not a NoneType"),
    ],
)
def test_persons_present_are_a_number_from_zero_up(ambient, said):
    given = None if ambient is None else pd.DataFrame(ambient)
    with pytest.raises(SchemaError, match=said):
        obs.compare_exposures(make_rates(), ambient=given)


def test_both_positions_are_those_of_the_chances_of_the_counts():
    """Poisson chances of each count at the common rate, by SciPy, over each exposure."""
    rng = np.random.default_rng(8)
    rates = make_rates({c: n for c, n in zip(CODES, rng.poisson(900, 19), strict=True)})
    ambient = present(c21004=3.0, c21015=0.5)
    table = obs.compare_exposures(rates, ambient=ambient).set_index("territory").loc[CODES]
    count = table["numerator"].to_numpy(float)
    for name, size in (
        ("position", table["denominator"].to_numpy(float)),
        ("ambient_position", ambient["exposure"].to_numpy(float)),
    ):
        expected = size * count.sum() / size.sum()
        low, high = stats.poisson.cdf(count, expected), stats.poisson.sf(count - 1, expected)
        clear = (np.minimum(low, high) < 0.02) | (np.minimum(low, high) > 0.03)
        side = np.select([low < 0.025, high < 0.025], ["below", "above"], "within")
        assert (table[name].to_numpy(str) == side)[clear].all()
        assert clear.sum() > 15
    differ = table["position"] != table["ambient_position"]
    assert table["flips"].tolist() == differ.tolist()
    assert table["flips"].sum() > 0


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"status": "missing", "numerator": pd.NA}, "missing"),
        ({"numerator": pd.NA}, "missing"),
        ({"status": "suppressed_source", "numerator": pd.NA}, "withheld"),
        ({"status": "suppressed_primary", "numerator": pd.NA}, "withheld"),
        ({"status": "unreliable"}, "withheld"),
        ({"status": "not_applicable", "numerator": pd.NA}, "not_applicable"),
        ({"status": "provisional"}, "provisional"),
        ({"denominator": 0.0}, "no_denominator"),
        ({"denominator": pd.NA}, "no_denominator"),
    ],
)
@pytest.mark.parametrize("name", ["funnel", "smooth", "neighbours", "ranks", "exposures"])
def test_every_missing_result_has_its_one_reason(name, change, reason):
    rates = plain_rates()
    rows = rates["territory"] == "21014"
    for column, value in change.items():
        rates[column] = rates[column].mask(rows, value)
    table = EVERY[name](rates).set_index("territory")
    result = {"funnel": "position", "ranks": "rank_low", "exposures": "position"}
    column = result.get(name, "smoothed")
    assert pd.isna(table.at["21014", column])
    assert table.at["21014", "no_result"] == reason
    others = table.drop(index="21014")
    assert others[column].notna().all()
    assert others["no_result"].isna().all()


@pytest.mark.parametrize("name", ["funnel", "smooth", "neighbours", "ranks"])
def test_where_nothing_happened_anywhere_the_reason_is_the_bound(name):
    nothing = make_rates(dict.fromkeys(CODES, 0))
    table = EVERY[name](nothing)
    column = {"funnel": "position", "ranks": "rank_low"}.get(name, "smoothed")
    assert (table["no_result"].notna() == table[column].isna()).all()
    assert set(table["no_result"].dropna()) <= {"at_a_bound"}


@pytest.mark.parametrize("name", ["smooth", "clusters", "ranks", "funnel"])
def test_a_misspelt_level_is_refused_with_the_nearest(name):
    options = {"rng": np.random.default_rng(1)} if name == "clusters" else {}
    compare = {
        "smooth": obs.smooth_rates,
        "clusters": obs.cluster_map,
        "ranks": obs.rank_places,
        "funnel": obs.funnel,
    }[name]
    with pytest.raises(ObsError, match="level 'comune' is none .* Did you mean 'commune'"):
        compare(plain_rates(), level="comune", **options)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda r: obs.funnel(r, confidence=(0.998, 0.95)), "inner limits .* smaller confidence"),
        (lambda r: obs.funnel(r, confidence=(0.95, 0.95)), "inner limits"),
        (lambda r: obs.cluster_map(r, rng=3), "rng must be a numpy.random.Generator, not a int"),
        (lambda r: obs.cluster_map(r, rng=None), "rng must be"),
        (lambda r: obs.funnel(r.assign(territory=21001)), "'territory' must hold text"),
        (lambda r: obs.funnel(r.replace("21001", "99999")), "not a code of territory"),
        (lambda r: obs.funnel(r.assign(scale="per_0_inhabitants")), "neither a rate"),
        (
            lambda r: obs.funnel(r.assign(scale=["per_1000_inhabitants", *["share"] * 25])),
            "several scales",
        ),
        (
            lambda r: obs.smooth_rates(
                r,
                towards="neighbours",
                neighbours=pd.DataFrame({"territory": [21001], "neighbour": [21002]}),
            ),
            "neighbours: columns territory and neighbour hold codes",
        ),
        (
            lambda r: obs.smooth_rates(
                r,
                towards="neighbours",
                neighbours=pd.DataFrame({"territory": ["21001"], "neighbour": ["21099"]}),
            ),
            "'21099' is not a code",
        ),
        (lambda r: obs.smooth_rates(r, towards="neighbours", neighbours=[1]), "not a list"),
        (lambda r: obs.compare_peers(r, similar={"a": 1}), "similar: .* not a dict"),
    ],
)
def test_what_cannot_be_is_refused_in_words(call, said):
    with pytest.raises(ObsError, match=said):
        call(plain_rates())


def test_the_rest_of_a_zone_is_the_zone_less_the_place_where_another_is_withheld():
    """21014 (Saint-Josse) withheld: for 21006 the rest of 5344 is the zone less 21006."""
    rates = plain_rates()
    whole = rates.set_index("territory")
    zone = load_territory().parent("21006")
    table = obs.compare_peers(hide(rates, "21014", "suppressed_secondary"))
    table = table.set_index(["territory", "peer"])
    rest = (
        whole.loc[zone, ["numerator", "denominator"]]
        - whole.loc["21006", ["numerator", "denominator"]]
    )
    value = rest["numerator"] / rest["denominator"] * 1000
    assert table.at[("21006", "zone"), "peer_value"] == pytest.approx(float(value))
    assert table.at[("21014", "zone"), "verdict"] == "not comparable"
