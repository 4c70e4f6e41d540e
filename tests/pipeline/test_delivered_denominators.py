"""Denominators are declared, read before anything is cleaned, and a build says what they tell."""

import pytest

from obs.errors import CatalogueError, DeliveryError
from obs.pipeline.delivered_denominators import gather_denominators, untold_years
from obs.reference import load_observatory, load_territory

DECLARATION = """
name = "ours"
languages = ["fr"]
notes = ["focus_vols"]
licence = "CC BY 4.0"
title.fr = "Observatoire"
publisher.fr = "Nous"
[territory]
reference = "brussels"
[[source]]
kind = "police"
profile = "obs_sample"
files = ["police/*.csv"]
[vehicles]
files = ["vehicles/*.csv"]
unit = "commune"
year = "an"
value = "n"
"""
BRUSSELS = load_territory()


@pytest.fixture
def raw(tmp_path):
    (tmp_path / "vehicles").mkdir()
    for year in (2019, 2020, 2022):
        names = [BRUSSELS.label(code, "nl") for code in BRUSSELS.codes("commune")]
        rows = "".join(f"{name},{year},1000\n" for name in names)
        (tmp_path / "vehicles" / f"{year}.csv").write_text(f"commune,an,n\n{rows}")
    return tmp_path


def declared(folder, text=DECLARATION):
    path = folder / "observatory.toml"
    path.write_text(text, encoding="utf-8")
    return load_observatory(path)


def test_what_is_delivered_is_read_and_said(raw):
    said = []
    table = gather_denominators(declared(raw), raw, said.append)
    assert len(table) == 3 * 19
    assert said == [
        "vehicles: 19 units, 2019 to 2020, 2022, 3 files",
        "  covered: vehicles, all places, 2019-01-01 to 2020-12-31, 2022-01-01 to 2022-12-31 "
        "(assumed from the rows)",
    ]
    assert untold_years(table, 2021) == ["vehicles"]
    assert untold_years(table, 2022) == []


def test_an_observatory_without_denominators_has_none(raw):
    without = DECLARATION.split("[vehicles]")[0]
    assert gather_denominators(declared(raw, without), raw, print) is None
    assert untold_years(None, 2024) == []


def test_absent_files_are_named(raw):
    text = DECLARATION.replace("vehicles/*.csv", "cars/*.csv")
    with pytest.raises(DeliveryError, match=r"\[vehicles\] expects cars/\*\.csv"):
        gather_denominators(declared(raw, text), raw, print)


def test_a_faulty_declaration_is_told_with_its_kind(raw):
    text = DECLARATION.replace('year = "an"\n', "").replace('value = "n"', 'valeu = "n"')
    with pytest.raises(CatalogueError) as caught:
        declared(raw, text)
    assert "'vehicles.valeu' (did you mean 'value'?)" in str(caught.value)
    with pytest.raises(CatalogueError, match="vehicles.year: say where the year is by one of"):
        declared(raw, DECLARATION.replace('year = "an"\n', ""))
