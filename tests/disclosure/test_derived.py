"""Comparisons of places made from released tables: an attacker gains nothing by them."""

import pandas as pd
import pytest

import obs
from obs.disclosure import audit, read_released, release, write_released
from obs.errors import DisclosureError, ObsError
from obs.reference import load_breaks, make_territory
from obs.trends.beside.peers import compare_peers
from tests.disclosure.small_town import dress, entry

pytestmark = pytest.mark.slow

ZONES = {"Z1": "ABC", "Z2": "DEFGHI"}
SHOWN = {"C": 90, "D": 60, "E": 75, "F": 150, "G": 88, "H": 64, "I": 70}
AMBIENT = pd.DataFrame(
    {"territory": list("ABCDEFGHI"), "exposure": [9e3, 8e3, 2e4, 7e3, 9e3, 6e4, 1e4, 9e3, 8e3]}
)
WAYS = {
    "peers": compare_peers,
    "funnel": obs.funnel,
    "ranks": obs.rank_places,
    "exposures": obs.compare_exposures,
}
OPTIONS = {
    "peers": {"similar": pd.DataFrame({"territory": ["C", "D"], "group": ["g", "g"]})},
    "funnel": {},
    "ranks": {},
    "exposures": {"ambient": AMBIENT},
}


def wide_town():
    levels = {c: "commune" for members in ZONES.values() for c in members}
    levels |= {**dict.fromkeys(ZONES, "zone"), "R": "region"}
    parents = {c: z for z, members in ZONES.items() for c in members} | dict.fromkeys(ZONES, "R")
    units = pd.DataFrame({"code": list(levels), "level": list(levels.values())}, dtype="str")
    units = units.assign(parent=units["code"].map(parents))
    for lang in ("fr", "nl", "en"):
        units[f"name_{lang}"] = units["code"]
    return make_territory(units, name="wide", levels=("commune", "zone", "region"))


TOWN = wide_town()


def world(first, second, period="2022"):
    counts = {"A": first, "B": second, **SHOWN}
    full = dict(counts)
    for zone, members in ZONES.items():
        full[zone] = sum(counts[c] for c in members)
    full["R"] = sum(counts.values())
    table = pd.DataFrame({"territory": list(full), "numerator": list(full.values())})
    table = dress(table, indicator="theft", period=period)
    table["level"] = [TOWN.level_of(c) for c in table["territory"]]
    size = {c: 10_000.0 * len(TOWN.members(c) or "x") for c in full}
    table["denominator"] = table["territory"].map(size).astype("Float64")
    table["value"] = table["numerator"] / table["denominator"] * 1000
    return table


def released(first, second):
    return release(world(first, second), territory=TOWN, catalogue={"theft": entry()})


def run(table, way):
    return table.compare(WAYS[way], **OPTIONS[way])


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
def test_two_towns_that_differ_in_withheld_counts_alone_compare_the_same(way):
    """A and B are 3 and 21, or 1 and 23: no limit, ratio, rank or position tells which."""
    one, two = released(3, 21), released(1, 23)
    hidden = one.table["status"].str.startswith("suppressed")
    assert {"A", "B"} <= set(one.table["territory"][hidden])
    pd.testing.assert_frame_equal(run(one, way).table, run(two, way).table)


def test_a_comparison_is_kept_where_parts_are_kept(tmp_path):
    write_released(released(3, 21), tmp_path)
    kept = read_released(tmp_path, keep_parts=True)
    ranks = kept.compare(obs.rank_places)
    assert kept.compare(obs.rank_places) is ranks
    pd.testing.assert_frame_equal(ranks.table, run(read_released(tmp_path), "ranks").table)
    assert kept.compare(obs.rank_places, confidence=0.8) is not ranks
    assert run(kept, "peers") is not run(kept, "peers"), "a table given is not looked at twice"


@pytest.mark.parametrize(("way", "column"), [("peers", "ratio"), ("exposures", "ambient_value")])
def test_made_before_release_they_would_tell(way, column):
    raw = [WAYS[way](world(*c), territory=TOWN, **OPTIONS[way]) for c in ((3, 21), (1, 23))]
    assert not raw[0][column].equals(raw[1][column])


@pytest.mark.parametrize("way", WAYS)
def test_withheld_places_have_a_key_and_a_status_and_nothing_else(way):
    table = run(released(3, 21), way).table
    rows = table[table["status"].str.startswith("suppressed")]
    assert len(rows)
    told = [
        "value",
        "numerator",
        "low",
        "high",
        "ratio",
        "ratio_low",
        "p_value",
        "position",
        "chance_position",
        "rank_low",
        "rank_high",
        "ambient_value",
        "ambient_position",
        "flips",
    ]
    assert rows[[c for c in told if c in rows]].isna().all(axis=None)
    if way == "peers":
        assert (rows["verdict"] == "not comparable").all()
    shown = table[table["status"] == "ok"]
    assert shown[[c for c in told if c in shown and c != "flips"]].notna().any(axis=None)


def test_the_rest_of_the_whole_is_the_whole_less_the_place_where_others_are_withheld():
    table = run(released(3, 21), "peers").table.set_index(["territory", "peer"])
    total = 3 + 21 + sum(SHOWN.values())
    assert table.at[("D", "region"), "peer_value"] == pytest.approx((total - 60) / 80_000 * 1000)
    others = sum(SHOWN[c] for c in "EFGHI")
    assert table.at[("D", "zone"), "peer_value"] == pytest.approx(others / 50_000 * 1000)


def test_periods_are_compared_from_what_is_shown():
    both = pd.concat([world(3, 21, "2022"), world(40, 40, "2021")], ignore_index=True)
    whole = release(both, territory=TOWN, catalogue={"theft": entry()})
    trend = whole.compare(obs.compare_periods, base=2021, breaks=load_breaks().iloc[:0]).table
    rows = trend.set_index("territory")
    assert rows.at["A", "status"].startswith("suppressed")
    assert pd.isna(rows.at["A", "change"])
    assert rows.at["F", "numerator"] == 150


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
def test_the_audit_and_the_disk_take_them(tmp_path, way):
    compared = run(released(3, 21), way)
    assert audit(compared)["safe"].all()
    write_released(compared, tmp_path)
    pd.testing.assert_frame_equal(read_released(tmp_path).table, compared.table)


def smuggle(change):
    def make(table, **options):
        return change(obs.funnel(table, **options))

    make.__module__ = "obs.trends.beside.peers"
    return make


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda t: t.assign(value=t["value"].fillna(0.3)), "value is not as it was released"),
        (lambda t: t.assign(status="ok"), "status is not as it was released"),
        (lambda t: t.assign(position="below"), "withheld rows came back with position"),
        (lambda t: t.assign(rank_low=3), "withheld rows came back with rank_low"),
        (
            lambda t: t.assign(territory=t["territory"].iloc[::-1].to_numpy()),
            "is not as it was released",
        ),
        (lambda t: t.assign(secret=3), "secret are of no schema"),
        (lambda t: t.assign(period=t["period"] + 1), "rows came back that"),
        (lambda t: None, "is no comparison"),
    ],
)
def test_what_comes_back_is_verified(change, words):
    with pytest.raises(DisclosureError, match=words):
        released(3, 21).compare(smuggle(change))


@pytest.mark.slow
def test_only_comparisons_of_the_house_are_made():
    with pytest.raises(DisclosureError, match="no comparison of obs.trends"):
        released(3, 21).compare(lambda table, **_: world(3, 21))
    with pytest.raises(DisclosureError, match="choose one table"):
        release(
            {"a": world(3, 21), "b": world(3, 21)}, territory=TOWN, catalogue={"theft": entry()}
        ).compare(obs.funnel)
    with pytest.raises(ObsError):
        released(3, 21).compare(obs.funnel, confidence=(95, 99))


@pytest.mark.slow
def test_a_comparison_is_not_compared_again():
    whole = pd.concat([world(3, 21, "2022"), world(40, 40, "2021")], ignore_index=True)
    trend = obs.compare_periods(whole, base=2021, territory=TOWN, breaks=load_breaks().iloc[:0])
    both = release({"a": whole, "t": trend}, territory=TOWN, catalogue={"theft": entry()})
    with pytest.raises(DisclosureError, match="comparisons already"):
        both["t"].compare(obs.funnel)


def test_a_comparison_made_before_release_is_refused_by_release():
    for make in (obs.funnel, obs.rank_places):
        with pytest.raises(DisclosureError, match="neither of its schema nor a breakdown"):
            release(
                make(world(3, 21), territory=TOWN), territory=TOWN, catalogue={"theft": entry()}
            )


@pytest.mark.slow
def test_an_empty_or_one_row_table_is_compared():
    one = released(3, 21).select(territory="D")
    assert run(one, "ranks").table[["rank_low", "rank_high"]].to_numpy().tolist() == [[1, 1]]
    assert run(released(3, 21).select(period="1999"), "ranks").table.empty
