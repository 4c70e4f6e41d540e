"""Population: against every source file, interpolation by hand, additivity by level."""

import numpy as np
import pandas as pd
import pytest

from obs.errors import CodeError
from obs.reference import load_exposure, load_territory, make_territory, match_territory
from obs.reference.exposure import round_to_total
from obs.schemas import EXPOSURE, check_table

TOTALS = {  # Region on 1 January: ../shared/data/README.md, "Values to check against"
    2009: 1_068_532, 2010: 1_089_538, 2011: 1_119_088, 2012: 1_138_854, 2013: 1_154_635,
    2014: 1_163_486, 2015: 1_175_173, 2016: 1_187_890, 2017: 1_191_604, 2018: 1_198_726,
    2019: 1_208_542, 2020: 1_218_255, 2021: 1_219_970, 2022: 1_222_637, 2025: 1_255_795,
}  # fmt: skip
INTERPOLATED = {2016, 2017, 2021, 2023, 2024}


@pytest.fixture(scope="module")
def population():
    return load_exposure()


def _of(table, code, year):
    row = table[(table["territory"] == code) & (table["year"] == year)]
    return row.iloc[0]


def test_the_table_is_complete_and_follows_its_schema(population):
    check_table(population, EXPOSURE)
    assert len(population) == 26 * 17
    assert set(population["year"]) == set(range(2009, 2026))
    assert not population.isna().any(axis=None)
    assert (population["exposure"] % 1 == 0).all()


@pytest.mark.parametrize(("year", "total"), TOTALS.items())
def test_communes_add_up_to_the_known_total_of_the_region(population, year, total):
    communes = population[population["territory"].isin(load_territory().codes("commune"))]
    assert communes.loc[communes["year"] == year, "exposure"].sum() == total
    region = _of(population, "04000", year)
    assert (region["exposure"], region["flag"]) == (total, "observed")


def test_every_level_adds_up_in_every_year(population):
    brussels = load_territory()
    wide = population.pivot(index="year", columns="territory", values="exposure")
    for unit in [*brussels.codes("zone"), brussels.top]:
        assert (wide[unit] == wide[brussels.members(unit)].sum(axis=1)).all()


def test_zones_of_2020_are_those_of_the_reference_page(population):
    expected = {"5339": 272_735, "5340": 223_402, "5341": 227_146,
                "5342": 143_716, "5343": 148_304, "5344": 202_952}  # fmt: skip
    assert {z: _of(population, z, 2020)["exposure"] for z in expected} == expected


def test_interpolated_values_say_so_and_how(population):
    communes = population[population["territory"].isin(load_territory().codes("commune"))]
    flagged = set(communes.loc[communes["flag"] == "interpolated", "year"])
    assert flagged == INTERPOLATED
    assert (communes["flag"] == "interpolated").groupby(communes["year"]).nunique().max() == 1
    text = _of(population, "21004", 2016)["source"]
    assert text.startswith("linear interpolation between 2015 and 2018, scaled to the known total")
    assert _of(population, "5339", 2023)["flag"] == "interpolated"
    assert _of(population, "5339", 2023)["source"].endswith("no known total")
    assert _of(population, "04000", 2024)["flag"] == "interpolated"


def test_an_interpolated_commune_is_the_line_scaled_to_the_region(population):
    # 2021 halfway between 2020 and 2022: communes 1,220,446 in all, scaled to 1,219,970
    line = (185_103 + 188_737) / 2  # City of Brussels
    scaled = line * 1_219_970 / ((1_218_255 + 1_222_637) / 2)
    assert abs(_of(population, "21004", 2021)["exposure"] - scaled) < 1
    # 2023, no total: one third of the way from 2022 to 2025
    wide = population.pivot(index="year", columns="territory", values="exposure")
    third = wide.loc[2022] + (wide.loc[2025] - wide.loc[2022]) / 3
    assert (abs(wide.loc[2023] - third)[load_territory().codes("commune")] < 1).all()
    assert wide.loc[2023, "04000"] == round(third["04000"])


def test_largest_remainder_by_hand():
    assert round_to_total(np.array([1.5, 2.3, 3.2]), 7).tolist() == [2, 2, 3]
    assert round_to_total(np.array([1.0, 2.0]), 3).tolist() == [1, 2]
    assert round_to_total(np.array([0.5, 0.5]), 1).tolist() == [1, 0]


def test_every_value_of_2009_to_2015_is_that_of_the_population_register(population, shared):
    path = shared / "data" / "be_population" / "statbel_commune_sex_age5_2009_2015.csv.gz"
    register = pd.read_csv(path, dtype={"CD_MUNTY_REFNIS": "str"})
    totals = register.groupby(["CD_MUNTY_REFNIS", "CD_YEAR"])["MS_POPULATION"].sum()
    _compare(population, totals, range(2009, 2016))


def test_every_value_of_2018_and_2020_is_that_of_the_published_lists(population, shared):
    folder = shared / "data" / "be_population"
    of_2018 = pd.read_csv(folder / "municipalities_2018.csv", thousands=",")
    of_2018 = of_2018.assign(code=of_2018["NIS_code"].astype("str"), year=2018)
    _compare(population, of_2018.set_index(["code", "year"])["inhabitants"], [2018])
    of_2020 = pd.read_csv(
        folder / "statbel_2020_bevolking_per_gemeente.csv", dtype={0: "str"}, encoding="utf-8-sig"
    )
    of_2020 = of_2020.assign(year=2020).set_index(["NIS code", "year"])["Totaal"]
    _compare(population, of_2020, [2020])
    assert of_2020[("04000", 2020)] == _of(population, "04000", 2020)["exposure"]


def test_every_value_of_2012_and_2022_is_that_of_the_regional_office(population, shared):
    path = shared / "data" / "be_population" / "ibsa_communes_2012_2022.csv"
    table = pd.read_csv(path, sep=";", encoding="utf-8-sig")
    table["code"] = match_territory(table["name"], errors="raise")
    for year in (2012, 2022):
        values = table.assign(year=year).set_index(["code", "year"])[f"pop_nb_{year}"]
        _compare(population, values, [year])


def test_every_value_of_2025_is_the_sum_of_its_sectors(population, shared):
    path = shared / "data" / "be_population" / "statbel_sectors_2025.csv"
    sectors = pd.read_csv(path, sep=";", encoding="utf-8-sig")
    sectors = sectors.assign(code=sectors["CD_SECTOR"].str[:5], year=2025)
    _compare(population, sectors.groupby(["code", "year"])["TOTAL"].sum(), [2025])


def test_every_value_is_that_of_the_reference_page(population, shared):
    path = shared / "domain" / "population_2009_2020.csv"
    page = pd.read_csv(path, dtype={"nis": "str"}).melt("nis", var_name="year")
    values = page.astype({"year": "int64"}).set_index(["nis", "year"])["value"]
    _compare(population, values, set(page["year"].astype("int64")))


def _compare(population, expected, years):
    codes = load_territory().codes("commune")
    for year in years:
        for code in codes:
            assert _of(population, code, year)["exposure"] == expected[(code, year)], (code, year)


def test_the_caller_gets_a_table_of_their_own(population):
    table = load_exposure()
    table["exposure"] = 0
    assert load_exposure()["exposure"].min() > 0


def test_what_is_not_packaged_is_empty_and_what_is_unknown_is_refused():
    assert load_exposure("dwellings").empty
    units = pd.DataFrame(
        {"code": ["1", "0"], "level": ["area", "city"], "parent": ["0", None]}
    ).assign(name_fr="A", name_nl="A", name_en="A")
    town = make_territory(units, name="town", levels=("area", "city"))
    table = load_exposure(territory=town)
    assert table.empty
    assert list(table.columns) == list(EXPOSURE.columns)
    with pytest.raises(CodeError, match="population, dwellings"):
        load_exposure("cows")
