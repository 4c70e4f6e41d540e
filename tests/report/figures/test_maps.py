import re
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, Polygon, box
from shapely.affinity import scale

import obs
from obs.errors import CodeError, DeliveryError, ObsError
from obs.reference import load_territory
from obs.report.figures.boundaries import load_boundaries
from obs.report.figures.map_classes import class_bounds, class_of
from tests.report.small_tables import ALT, brussels_rows, indicator_table, thefts

LAST = thefts().select(period=2024)


@pytest.fixture
def with_boundaries(shared):
    folder = shared / "data" / "be_boundaries"

    def make(file="urbis_brussels_19.geojson", key="national_code"):
        return replace(
            load_territory(),
            boundaries=folder / file,
            boundary_key=key,
            boundary_level="commune",
        )

    return make


@pytest.mark.slow
def test_without_boundaries_a_tile_map_is_drawn():
    block = obs.map_territory(LAST, lang="fr", alt=ALT)
    assert (block.kind, block.id) == ("figure", "map-years-theft-commune-2024")
    assert "n.p." not in block.csv.text


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "key", "square_km"),  # each file's own area: the second is generalised
    [
        ("urbis_brussels_19.geojson", "national_code", 162.42),
        ("belgium_581_2020.topojson", "nis", 156.32),
    ],
)
def test_boundaries_are_matched_by_code_and_valid(with_boundaries, file, key, square_km):
    territory = with_boundaries(file, key)
    shapes = load_boundaries(territory)
    assert shapes["code"].tolist() == territory.codes("commune")
    assert shapes.geometry.is_valid.all()
    area = shapes.geometry.area.sum() / 1e6
    assert area == pytest.approx(square_km, rel=0.002)


@pytest.mark.slow
def test_simplified_neighbours_leave_no_gap(with_boundaries):
    shapes = load_boundaries(with_boundaries())
    whole = shapes.geometry.union_all()
    assert shapes.geometry.area.sum() == pytest.approx(whole.area, rel=1e-4)
    holes = sum(len(p.interiors) for p in getattr(whole, "geoms", [whole]))
    assert holes == 0


def test_a_boundary_file_without_the_communes_is_refused(with_boundaries):
    with pytest.raises(DeliveryError, match="no column 'nis'; it has"):
        load_boundaries(with_boundaries(key="nis"))
    with pytest.raises(CodeError, match=r"no shape for 19 of 19 units .* in column 'name_fr'"):
        load_boundaries(with_boundaries(key="name_fr"))


SQUARES = [box(150_000 + 1000 * i, 170_000, 151_000 + 1000 * i, 171_000) for i in range(19)]


@pytest.fixture
def drawn_file(tmp_path):
    """Write squares for the communes, some exchanged, and give the territory on them."""

    def make(changes=None, *, crs=31370, shift=lambda shape: shape):
        codes = list(load_territory().codes("commune"))
        shapes = [shift((changes or {}).get(i, square)) for i, square in enumerate(SQUARES)]
        path = tmp_path / "shapes.gpkg"
        gpd.GeoDataFrame({"nis": codes}, geometry=shapes, crs=crs).to_file(path)
        return replace(
            load_territory(), boundaries=path, boundary_key="nis", boundary_level="commune"
        )

    return make


@pytest.mark.parametrize(
    ("shape", "said"),
    [
        (None, r"no geometry in 1 unit\(s\) \(21006\)"),
        (Polygon(), r"no geometry in 1 unit\(s\) \(21006\)"),
        (Point(155_500, 170_500), r"no area \(Point\) in 1 unit\(s\) \(21006\)"),
        (LineString([(0, 0), (1, 1)]), r"no area \(LineString\)"),
        (Polygon([(0, 0), (1, 1), (2, 2)]), "21006 have no area"),
    ],
)
def test_a_unit_without_an_area_is_named(drawn_file, shape, said):
    with pytest.raises(DeliveryError, match=said):
        load_boundaries(drawn_file({5: shape}))


def test_coordinates_that_the_reference_system_cannot_have_are_refused(drawn_file):
    with pytest.raises(DeliveryError, match=r"says that .* degrees \(WGS 84\), and they are none"):
        load_boundaries(drawn_file(crs=4326))
    with pytest.raises(DeliveryError, match="says that .* a plane .*, and they are degrees"):
        load_boundaries(drawn_file(shift=lambda s: scale(s, 1e-5, 1e-5, origin=(0, 0))))


def test_a_shape_that_crosses_itself_is_repaired_and_its_neighbours_stay(drawn_file):
    bow = Polygon([(155_000, 170_000), (156_000, 171_000), (156_000, 170_000), (155_000, 171_000)])
    shapes = load_boundaries(drawn_file({5: bow})).set_index("code").geometry
    assert shapes.is_valid.all()
    assert shapes["21006"].area == pytest.approx(5e5, rel=0.01)  # two triangles of the square
    assert shapes["21001"].area == pytest.approx(1e6, rel=0.01)


def test_a_file_without_shapes_is_refused(tmp_path):
    path = tmp_path / "codes.gpkg"
    pyogrio.write_dataframe(pd.DataFrame({"nis": ["21001"]}), path)
    place = replace(load_territory(), boundaries=path, boundary_key="nis", boundary_level="commune")
    with pytest.raises(DeliveryError, match="a table without geometry"):
        load_boundaries(place)


@pytest.mark.slow
def test_a_map_on_boundaries_is_light_and_the_same_each_time(with_boundaries):
    table = indicator_table(brussels_rows(years=(2024,)))
    released = obs.release({"years": table}, territory=with_boundaries())
    one, two = (obs.map_territory(released, lang="nl", alt=ALT) for _ in range(2))
    assert one.svg == two.svg
    assert len(one.svg) < 250_000


@pytest.mark.slow
def test_a_class_that_an_interval_does_not_settle_is_outlined_and_told():
    communes = [r for r in brussels_rows(years=(2024,), small={}) if r["level"] == "commune"]
    for i, row in enumerate(communes):  # ten low rates, eight high ones, and one astride the bound
        row["denominator"], row["numerator"] = 50_000.0, (100, 900, 520)[(i > 9) + (i == 18)]
    released = obs.release({"years": indicator_table(communes)})
    block = obs.map_territory(released, lang="en", alt=ALT)
    for drawing in (block.svg, block.narrow):  # 10.4 (9.5 to 11.3) is in a class from 10
        assert re.findall(r"uncertain class \((\d+)\)", drawing) == ["1"]
        assert drawing.count("stroke-dasharray") == 2  # in the map and in its legend
    (said,) = re.findall(r"Uncertain class: ([^.]*)\.", block.alt)
    assert said.strip() == released.territory.label(communes[18]["territory"], "en")


@pytest.mark.slow
def test_a_value_that_is_printed_as_a_bound_is_in_the_class_from_it():
    communes = [r for r in brussels_rows(years=(2024,), small={}) if r["level"] == "commune"]
    for i, row in enumerate(communes):  # 19.996 is printed as 20.0; the others are at 10 and at 30
        row["denominator"], row["numerator"] = 1e6, (10_000, 30_000, 19_996)[(i > 9) + (i == 18)]
    block = obs.map_territory(obs.release({"years": indicator_table(communes)}), lang="en", alt=ALT)
    assert ">20.0</text>" in block.svg
    classes = dict(re.findall(r"([\w ]+): ([^.:]*Woluwe-Saint-Pierre[^.:]*)", block.alt))
    (label,) = (name for name in classes if "and more" in name or "less than" in name)
    low, high = re.fullmatch(r" ?(?:(\d+) to less than (\d+)|\d+ and more)", label).groups()
    assert float(low) <= 20.0 < float(high)


@pytest.mark.slow
def test_the_alternative_text_of_a_map_says_who_is_in_which_class():
    block = obs.map_territory(LAST, lang="en", alt=ALT)
    known = LAST.table[(LAST.table["level"] == "commune") & LAST.table["value"].notna()]
    names = LAST.territory.units.set_index("code")["name_en"]
    for code in known["territory"]:
        assert re.search(rf"(?:[:,]\s+){re.escape(names[code])}[,.]", block.alt), code
    assert re.search(r"Not published:\s+[A-Z]", block.alt)


@pytest.mark.slow
def test_classes_of_all_years_make_maps_of_two_years_comparable():
    one = obs.map_territory(thefts().select(period=[2022, 2024]), lang="fr", alt=ALT)
    text = " ".join(r.text for r in one.notes)
    assert "Mêmes classes pour 2022\N{EN DASH}2024" in text
    assert "la carte montre 2024" in text


def test_where_chance_could_make_the_classes_there_is_a_table_instead():
    rows = brussels_rows(years=(2024,), per_thousand=0, small={})
    noise = np.random.default_rng(0)
    communes = [row for row in rows if row["level"] == "commune"]
    for row in communes:
        row["numerator"] = int(noise.poisson(30))
        row["denominator"] = 50_000.0
    table = indicator_table(communes)
    block = obs.map_territory(obs.release({"years": table}), lang="en", alt=ALT)
    assert block.kind == "table"
    assert any(r.text.startswith("No map: the intervals") for r in block.notes)


def test_two_indicators_are_no_map():
    rows = brussels_rows(years=(2024,)) + brussels_rows(years=(2024,), indicator="robbery")
    with pytest.raises(ObsError, match="select one value of indicator"):
        obs.map_territory(obs.release({"t": indicator_table(rows)}), lang="fr", alt=ALT)


def test_bounds_are_round_and_change_no_class():
    x = np.array([3.2, 3.9, 11.0, 12.7, 41.3, 44.0])
    bounds = class_bounds(x, x * 0.97, x * 1.03)
    assert bounds == [10.0, 12.0, 40.0, 44.0]
    assert [class_of(v, bounds) for v in x] == sorted(class_of(v, bounds) for v in x)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0.1, 1e4), min_size=2, max_size=40), st.floats(0.001, 0.4))
def test_bounds_ascend_and_every_class_is_used(values, width):
    x = np.array(values)
    bounds = class_bounds(x, x * (1 - width), x * (1 + width))
    if bounds is None:
        return
    assert bounds == sorted(set(bounds))
    assert len(bounds) <= 4
    assert {class_of(v, bounds) for v in x} == set(range(len(bounds) + 1))


@pytest.mark.slow
def test_one_hidden_value_more_changes_no_colour_to_low():
    block = obs.map_territory(LAST, lang="en", alt=ALT)
    hidden = pd.read_csv(pd.io.common.StringIO(block.csv.text), dtype="str").query(
        "territory == '21008'"
    )
    assert hidden[["numerator", "value", "low", "high"]].isna().all(axis=None)
