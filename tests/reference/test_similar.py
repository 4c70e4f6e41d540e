"""Neighbours are those of the map; similar communes are so by density, with a reason."""

import geopandas as gpd
import pytest

from obs.reference import load_exposure, load_territory
from obs.reference.similar import load_neighbours, load_similar


@pytest.fixture(scope="module")
def communes(shared):
    areas = gpd.read_file(shared / "data" / "be_boundaries" / "urbis_brussels_19.geojson")
    return areas.to_crs(31370).assign(code=areas["national_code"].astype("str")).set_index("code")


def test_neighbours_are_those_that_touch_on_the_map(communes):
    grown = communes.geometry.buffer(15)  # the drawn borders leave slivers
    touching = {
        (a, b) for a in grown.index for b in grown.index if a != b and grown[a].intersects(grown[b])
    }
    pairs = load_neighbours()
    assert set(zip(pairs["territory"], pairs["neighbour"], strict=True)) == touching


def test_every_commune_has_neighbours_and_one_group():
    codes = set(load_territory().codes("commune"))
    assert set(load_neighbours()["territory"]) == codes
    similar = load_similar()
    assert sorted(similar["territory"]) == sorted(codes)
    assert similar.notna().all(axis=None)


def test_groups_are_apart_in_density(communes):
    people = load_exposure().query("year == 2020").set_index("territory")["exposure"]
    density = people.reindex(communes.index).astype(float) / (communes.area / 1e6)
    group = load_similar().set_index("territory")["group"]
    limits = density.groupby(group).agg(["min", "max"])
    assert limits.at["dense", "min"] > 13_000
    assert limits.at["middle", "max"] < 10_500
    assert limits.at["middle", "min"] > 6_500
    assert limits.at["green", "max"] < 5_000


def test_a_reason_is_the_same_throughout_a_group():
    similar = load_similar()
    reasons = similar.groupby("group")[["reason_fr", "reason_nl", "reason_en"]].nunique()
    assert (reasons == 1).all(axis=None)
