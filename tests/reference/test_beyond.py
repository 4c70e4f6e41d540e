"""Places beyond a territory: a country whose totals are told, and none of its units."""

import pytest

import obs
from obs.disclosure.released_files import read_released, write_released
from obs.errors import CatalogueError
from obs.reference import load_observatory, load_territory
from tests.report.small_tables import indicator_table

BRUSSELS = load_territory()


def test_a_country_is_no_unit_and_has_none():
    assert BRUSSELS.level_of("BE") == "country"
    assert BRUSSELS.parent("BE") is None
    assert BRUSSELS.members("BE") == []
    assert [BRUSSELS.label("FR", lang) for lang in ("fr", "nl", "en")] == [
        "France",
        "Frankrijk",
        "France",
    ]
    assert BRUSSELS.level_label("country", "nl", plural=True) == "landen"
    assert "BE" not in BRUSSELS.units["code"].tolist()
    assert not BRUSSELS.holds("BE")
    assert BRUSSELS.top == "04000"


def declared(folder, lines):
    text = (load_observatory().path).read_text(encoding="utf-8")
    file = folder / "observatory.toml"
    file.write_text(f"{text}\n[[territory.beyond]]\n{lines}\n", encoding="utf-8")
    return file


def test_an_observatory_declares_its_own(tmp_path):
    file = declared(
        tmp_path, 'code = "LU"\nlevel = "country"\nname.fr = "L"\nname.nl = "L"\nname.en = "L"'
    )
    place = load_observatory(file).territory(None)
    assert list(place.beyond_units) == ["BE", "FR", "LU"]


def test_a_code_of_a_unit_and_a_missing_language_are_refused(tmp_path):
    names = 'name.fr = "L"\nname.nl = "L"\nname.en = "L"'
    file = declared(tmp_path, f'code = "21004"\nlevel = "country"\n{names}')
    with pytest.raises(CatalogueError, match=r"territory\.beyond has codes of units: 21004"):
        load_observatory(file).territory(None)
    with pytest.raises(CatalogueError, match=r"territory\.beyond 1\.name\.nl' is absent"):
        load_observatory(
            declared(tmp_path, 'code = "LU"\nlevel = "country"\nname.fr = "L"\nname.en = "L"')
        )
    with pytest.raises(CatalogueError, match="continent"):
        load_observatory(declared(tmp_path, f'code = "LU"\nlevel = "continent"\n{names}'))


def test_released_figures_of_a_country_are_read_back_with_its_name(tmp_path):
    rows = [{"indicator": "minors_exploitation", "territory": "BE", "level": "country"}]
    rows = [{**rows[0], "period": 2021, "numerator": 1725, "denominator": None}]
    made = indicator_table(rows, scale="count", unit="case").assign(source="services")
    write_released(obs.release({"n.years": made}), tmp_path / "released")
    back = read_released(tmp_path / "released")
    assert back.table["numerator"].tolist() == [1725]
    assert back.territory.label("BE", "nl") == "België"
