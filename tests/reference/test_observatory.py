"""Declarations of observatories: the packaged one, the examples, and faulty ones."""

import gzip
from dataclasses import FrozenInstanceError

import pytest

from obs.errors import CatalogueError, CodeError, DeliveryError
from obs.reference import load_exposure, load_observatory, load_territory, match_territory

VALID = """
name = "town"
languages = ["en"]
notes = ["focus_vols"]
licence = "CC BY 4.0"
title.en = "Town"
publisher.en = "Town hall"

[territory.units]
file = "areas.csv"
code = "id"
name = "area"

[territory.base_level]
code = "ward"
en = "ward"
en_plural = "wards"

[territory.top_level]
code = "city"

[territory.top]
code = "T"
name.en = "Town"

[[source]]
kind = "police"
profile = "town_incidents"
files = ["incidents/*.csv"]
"""


@pytest.fixture
def town(tmp_path):
    (tmp_path / "observatory.toml").write_text(VALID, encoding="utf-8")
    (tmp_path / "areas.csv").write_text("id,area\n10,Quay\n9,Old Town\n9,Old Town\n,\n")
    return tmp_path


def _rewritten(folder, old, new):
    path = folder / "observatory.toml"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    return path


def test_brussels_is_the_default_and_is_synthetic():
    brussels = load_observatory()
    assert brussels.name == "brussels"
    assert brussels.languages == ("fr", "nl", "en")
    assert brussels.synthetic
    assert brussels.edition is None
    assert brussels.notes == (
        *("focus_vols", "focus_vif", "focus_vif_covid", "focus_parcours", "focus_entreprises"),
        "focus_cyber",
        *("plan_pgsp", "rapport_annuel"),
    )
    assert brussels.territory() is load_territory()
    assert [(s.kind, s.profile) for s in brussels.sources] == [
        ("police", "obs_sample"),
        ("survey", "obs_sample_business"),
        ("survey", "obs_sample_women"),
        ("prosecutor", "obs_sample_prosecutor"),
        ("services", "obs_sample_services"),
        ("services", "obs_sample_projects"),
        ("services", "obs_sample_restrictions"),
        ("helpline", "obs_sample_call_days"),
    ]
    with pytest.raises(FrozenInstanceError):
        brussels.name = "ghent"


def test_seine_maritime_has_its_708_communes(root, shared):
    observatory = load_observatory(root / "examples" / "seine_maritime" / "observatory.toml")
    place = observatory.territory(shared / "data")
    assert len(place.codes("commune")) == 708
    assert place.label("76540", "fr") == "Rouen"
    assert place.label(place.top, "fr") == "Seine-Maritime"
    assert place.level_label("departement", "fr") == "département"
    names = [
        "ROUEN",
        "Le Havre",
        "Amfreville la Mi Voie",
        "St-Aubin-Épinay",
        "Rouen (Seine-Maritime)",
    ]
    assert match_territory(names, territory=place, errors="raise").tolist()[:2] == [
        "76540",
        "76351",
    ]
    assert not observatory.synthetic


def test_chicago_has_its_77_areas_and_their_boundaries(root, shared):
    observatory = load_observatory(
        root / "examples" / "chicago" / "observatory.toml", raw=shared / "data"
    )
    place = observatory.territory()
    assert place is observatory.territory()
    assert place.codes("community_area") == [str(code) for code in range(1, 78)]
    assert place.label("1", "en") == "Rogers Park"
    assert place.label("59", "en") == "McKinley Park"
    assert place.boundaries.is_file()
    assert (place.boundary_key, place.boundary_level) == ("area_numbe", "community_area")
    assert match_territory([8, 8.0, "08", "LOOP"], territory=place).tolist() == ["8"] * 3 + ["32"]


def test_brussels_may_have_its_official_boundaries(tmp_path, shared):
    import pyogrio

    text = load_observatory().path.read_text(encoding="utf-8")
    path = tmp_path / "observatory.toml"
    path.write_text(
        text + '[boundaries]\nfile = "be_boundaries/urbis_brussels_19.geojson"\n'
        'key = "national_code"\nlevel = "commune"\n',
        encoding="utf-8",
    )
    place = load_observatory(path).territory(shared / "data")
    drawn = pyogrio.read_dataframe(place.boundaries, read_geometry=False)[place.boundary_key]
    assert sorted(drawn) == place.codes(place.boundary_level)
    assert len(load_exposure(territory=place)) == len(load_exposure())


def test_units_are_read_from_a_raw_file_and_sorted_by_code(town):
    observatory = load_observatory(town / "observatory.toml", raw=town)
    place = observatory.territory()
    assert place.units["code"].tolist() == ["9", "10", "T"]
    assert place.level_label("ward", "en", plural=True) == "wards"
    assert place.label("T", "nl") == "Town"  # a language it does not publish in
    assert observatory.profiles_dir == town / "profiles"
    assert observatory.sources[0].files == ("incidents/*.csv",)


def test_all_faults_are_listed_at_once(tmp_path):
    path = tmp_path / "observatory.toml"
    path.write_text(
        'name = 3\nlanguages = ["fr", "de"]\nfoo = 1\nsynthetic = 1\nedition = "2024"\n'
        'title.nl = "x"\nlicence = ""\n'
        '[territory]\nreference = "bru"\n[[source]]\nkind = "polic"\nfiles = ["../x", "/y"]\n'
        "[tolerance]\nrejected_share = 3\n"
    )
    with pytest.raises(CatalogueError) as caught:
        load_observatory(path)
    message = str(caught.value)
    for fault in (
        "'name' must be a text",
        "'languages' has 'de', not among en, fr, nl",
        "unknown key 'foo'; keys here: name, languages",
        "'synthetic' must be true or false",
        "'edition' must be a whole number",
        "key 'title.fr' is absent",
        "'licence' is empty",
        "territory.reference: 'bru' is not one of brussels",
        "source.0.kind: 'polic' is not one of police",
        "key 'source.0.profile' is absent",
        "must stay inside the raw folder: '../x'",
        "must stay inside the raw folder: '/y'",
        "'tolerance.rejected_share' must be a share",
        "key 'notes' is absent",
        "key 'publisher' is absent",
    ):
        assert fault in message


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('file = "areas.csv"', 'file = "other.csv"', "'other.csv', is not in the raw folder"),
        ('code = "id"', 'code = "number"', "has no column 'number'; it has id, area"),
        ('name = "area"', 'name = "area"\nencoding = "utf-16"', "areas.csv cannot be read"),
    ],
)
def test_units_that_cannot_be_read_say_why(town, old, new, message):
    observatory = load_observatory(_rewritten(town, old, new), raw=town)
    with pytest.raises(DeliveryError, match=message):
        observatory.territory()


def test_a_truncated_file_of_units_is_said(town):
    whole = gzip.compress(b"id,area\n" + b"".join(b"%d,A%d\n" % (i, i) for i in range(9999)))
    (town / "areas.csv.gz").write_bytes(whole[: len(whole) // 2])
    path = _rewritten(town, "areas.csv", "areas.csv.gz")
    with pytest.raises(DeliveryError, match=r"areas.csv.gz cannot be read"):
        load_observatory(path, raw=town).territory()


def test_a_code_with_two_names_is_refused(town):
    (town / "areas.csv").write_text("id,area\n9,Old Town\n9,New Town\n")
    with pytest.raises(DeliveryError, match=r"1 codes .* several names .*first: 9"):
        load_observatory(town / "observatory.toml", raw=town).territory()


def test_the_whole_may_not_have_the_code_of_a_unit(town):
    path = _rewritten(town, 'code = "T"', 'code = "9"')
    with pytest.raises(CodeError, match="codes repeated: 9"):
        load_observatory(path, raw=town).territory()


def test_an_absent_boundary_file_is_said(town):
    path = town / "observatory.toml"
    path.write_text(VALID + '[boundaries]\nfile = "map.gpkg"\nkey = "id"\nlevel = "ward"\n')
    with pytest.raises(DeliveryError, match=r"'map.gpkg' is not in the raw folder"):
        load_observatory(path, raw=town).territory()


def test_a_territory_from_raw_files_needs_the_raw_folder(town):
    with pytest.raises(DeliveryError, match="--raw"):
        load_observatory(town / "observatory.toml").territory()


def test_a_file_that_is_absent_or_no_toml_is_refused(tmp_path):
    with pytest.raises(CatalogueError, match="There is no observatory file"):
        load_observatory(tmp_path / "observatory.toml")
    (tmp_path / "observatory.toml").write_text("name = ")
    with pytest.raises(CatalogueError, match="not valid TOML"):
        load_observatory(tmp_path / "observatory.toml")


def test_titles_are_needed_in_the_declared_languages_only(town):
    path = _rewritten(town, 'languages = ["en"]', 'languages = ["nl", "en"]')
    with pytest.raises(CatalogueError) as caught:
        load_observatory(path)
    assert str(caught.value).split("\n")[1:] == [
        "- key 'title.nl' is absent",
        "- key 'publisher.nl' is absent",
        "- key 'territory.base_level.nl' is absent",
        "- key 'territory.top.name.nl' is absent",
    ]


def test_a_language_may_be_left_out_without_touching_the_titles(tmp_path):
    text = load_observatory().path.read_text(encoding="utf-8")
    assert '["fr", "nl", "en"]' in text
    path = tmp_path / "observatory.toml"
    path.write_text(text.replace('["fr", "nl", "en"]', '["fr", "nl"]'), encoding="utf-8")
    assert load_observatory(path).languages == ("fr", "nl")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('name = "town"', 'name = "../town"', "'name' must be a plain name"),
        ('["focus_vols"]', '["a/b"]', "'notes.0' must be a plain name"),
        ('"town_incidents"', '"../incidents"', "'source.0.profile' must be a plain name"),
        ('["focus_vols"]', '["a", "a"]', "'notes' has 'a' twice"),
        ("[territory.units]", "[territory.unit]", "unknown key 'territory.unit' (did you mean"),
        ("[territory.units]", '[territory]\nreference = "brussels"\n[territory.units]', "alone"),
        ('code = "city"', 'code = "ward"', "territory.top_level.code: 'ward' is the base level"),
        ('en = "ward"', "", "key 'territory.base_level.en' is absent"),
    ],
)
def test_a_fault_across_keys_is_told(town, old, new, said):
    with pytest.raises(CatalogueError) as caught:
        load_observatory(_rewritten(town, old, new))
    assert said in str(caught.value)


def test_an_empty_territory_is_not_brussels(town):
    text = VALID[: VALID.index("[territory.units]")] + "[territory]\n"
    (town / "observatory.toml").write_text(text + VALID[VALID.index("[[source]]") :])
    with pytest.raises(CatalogueError, match="'territory' must have reference, or units, base_"):
        load_observatory(town / "observatory.toml")


ONE_PLACE = """[territory.top_level]
code = "city"
[territory.top]
code = "T"
name.en = "Town"
[territory.names]
"The Town" = "T"
"""


def _one_place(town, territory):
    path = town / "observatory.toml"
    before = VALID[: VALID.index("[territory.units]")]
    path.write_text(before + territory + VALID[VALID.index("[[source]]") :], encoding="utf-8")
    return path


def test_a_territory_without_units_is_one_place(town):
    place = load_observatory(_one_place(town, ONE_PLACE)).territory()
    assert (place.levels, place.top, place.members("T")) == (("city",), "T", ["T"])
    assert place.label("T", "en") == "Town"
    assert match_territory(["the town", "T"], territory=place).tolist() == ["T", "T"]


@pytest.mark.parametrize(
    ("old", "new", "error", "said"),
    [
        ('"The Town" = "T"', '"The Town" = "U"', CodeError, "U. Its one place is 'T'"),
        ("[territory.names]\n\"The Town\"", "[territory.base_level]\ncode", CatalogueError,
         "key 'territory.units' is absent"),
        ('[territory.top_level]\ncode = "city"\n', "", CatalogueError,
         "key 'territory.top_level' is absent"),
    ],
)  # fmt: skip
def test_a_fault_of_a_territory_of_one_place_is_told(town, old, new, error, said):
    assert old in ONE_PLACE
    path = _one_place(town, ONE_PLACE.replace(old, new).replace('code = "T"\n[', 'code = "T"\n['))
    with pytest.raises(error) as caught:
        load_observatory(path).territory()
    assert said in str(caught.value)


def test_boundaries_draw_a_level_of_the_territory(town):
    path = town / "observatory.toml"
    path.write_text(VALID + '[boundaries]\nfile = "map.gpkg"\nkey = "id"\nlevel = "wards"\n')
    with pytest.raises(CatalogueError, match=r"boundaries.level: 'wards' is not one of ward, city"):
        load_observatory(path)


RELEASE = 'time_zone = "Europe/Brussels"\n[[release]]\nedition = 2024\nat = "2025-06-30 10:00"\n'


def test_contact_address_and_announced_hours_are_declared(town):
    said = 'contact.en = "town@example.org"\nsite = "https://town.example/notes/"\n'
    own = load_observatory(
        _rewritten(town, "\n[territory.units]", f"{said}{RELEASE}\n[territory.units]")
    )
    assert own.contact == {"en": "town@example.org"}
    assert own.site == "https://town.example/notes"
    assert own.releases == {2024: "2025-06-30 10:00"}
    bare = load_observatory()
    assert (bare.site, bare.releases) == ("", {})
    assert bare.title == bare.publisher, "one name of the institution"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('contact.fr = "ville@example.org"', "key 'contact.en' is absent"),
        ('site = "http://town.example"', "'site' must be the address of the publications"),
        ('site = "https://town.example/?a=1"', "'site' must be the address of the publications"),
        (RELEASE.replace("10:00", "10h"), "'release.0.at' must be a day and an hour, as '2025"),
        (RELEASE.replace("06-30", "06-31"), "'release.0.at' must be a day and an hour"),
        (RELEASE + RELEASE.partition("\n")[2], "'release' announces edition 2024 twice"),
        (RELEASE.partition("\n")[2], "release: an hour needs the key 'time_zone'"),
    ],
)
def test_a_fault_of_contact_address_or_hour_is_told(town, text, said):
    with pytest.raises(CatalogueError) as caught:
        load_observatory(_rewritten(town, "\n[territory.units]", f"{text}\n[territory.units]"))
    assert said in str(caught.value)
