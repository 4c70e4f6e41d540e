"""Names of places as delivered: matched whatever their spelling, never guessed."""

import csv
import unicodedata

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from obs.errors import CodeError
from obs.reference import (
    explain_match,
    load_territory,
    make_territory,
    match_candidates,
    match_territory,
    normalise_name,
)

BRUSSELS = load_territory()
SAINTS = {"saint", "sainte", "sint", "st", "ste"}


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Forest (Bruxelles-Capitale)", "21007"),
        ("Vorst (Brussel-Hoofdstad)", "21007"),
        ("FOREST", "21007"),
        ("Saint-Josse-Ten-Noode", "21014"),
        ("St. Josse", "21014"),
        ("sint joost ten node", "21014"),
        ("Woluwé-Saint-Lambert", "21018"),
        ("WOLUWE ST PIERRE", "21019"),
        ("Berchem-Ste-Agathe", "21003"),
        ("Molenbeek Saint Jean", "21012"),
        ("St-Jans-Molenbeek", "21012"),
        ("Watermael/Boitsfort", "21017"),
        ("Laeken", "21004"),
        ("Laken", "21004"),
        ("Haren", "21004"),
        ("Neder-Over-Heembeek", "21004"),
        ("Ville de Bruxelles", "21004"),
        ("Bruxelles-Ville", "21004"),
        ("Stad Brussel", "21004"),
        ("Commune d'Ixelles", "21009"),
        ("Commune d’Ixelles", "21009"),
        ("Gemeente Elsene", "21009"),
        ("  Uccle ", "21016"),
        ("Région de Bruxelles-Capitale", "04000"),
        ("Brussels Hoofdstedelijk Gewest", "04000"),
        ("Zone de police Bruxelles-Capitale-Ixelles", "5339"),
        ("ZP MIDI", "5341"),
        ("PolBru", "5339"),
        ("Marlow", "5342"),
        ("Bruxelles-Occident", "5340"),
        ("Sud", "5341"),
        ("PZ 5340 Brussel-West", "5340"),
        ("5340 Bruxelles-Ouest", "5340"),
        ("Bruxelles-Occident 5340", "5340"),
    ],
)
def test_a_name_met_in_the_field_has_one_code(name, code):
    assert match_territory([name]).tolist() == [code]


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("21004", "21004"),
        (21004, "21004"),
        (np.int64(21004), "21004"),
        (21004.0, "21004"),
        ("21004.0", "21004"),
        ("021004", "21004"),
        ("21004A00-", "21004"),
        ("21019C512", "21019"),
        ("21001MABT", "21001"),
        ("ZP 5341", "5341"),
        (5341, "5341"),
        ("04000", "04000"),
    ],
)
def test_a_code_is_read_as_text_number_or_statistical_sector(value, code):
    assert match_territory([value]).tolist() == [code]


@pytest.mark.parametrize(
    "value",
    [
        "1000",  # postal codes
        1050,
        "4000",  # postal code of Liège, or the Region's code without its zero
        "21004.5",
        "210040001",
        "99001A00-",
        "11001",  # a commune elsewhere
        "Saint-Gilles (Liège)",
        "5341 Montgomery",  # code and name disagree
        "ZP Ixelles",  # a commune is not a zone
        "Zone",
        True,
        "Ixeles",
    ],
)
def test_what_is_not_certain_stays_missing(value):
    assert match_territory([value]).isna().all()


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Ixelles - Elsene", "21009"),
        ("Ixelles–Elsene", "21009"),
        ("Forest/Vorst", "21007"),
        ("Elsene (Ixelles)", "21009"),
        ("Sint-Jans-Molenbeek | Molenbeek-Saint-Jean", "21012"),
        ("Watermael-Boitsfort / Watermaal-Bosvoorde", "21017"),
        ("Commune d'Ixelles - Gemeente Elsene", "21009"),
        ("Laeken (Bruxelles)", "21004"),
        ("Bruxelles - Ixelles", "5339"),  # the name of a zone
        ("1050 Ixelles", "21009"),
        ("Ixelles 1050", "21009"),
        ("Ixelles (1050)", "21009"),
        ("B-1050 Elsene", "21009"),
        ("Elsene B-1050", "21009"),
        ("1190 Forest/Vorst", "21007"),
        ("1190 Forest (Bruxelles-Capitale)", "21007"),
        ("1020 Laeken", "21004"),
        ("1000 Bruxelles", "21004"),  # 1000 is of the City alone
        ("1000 BXL", "21004"),
        ("1040 Etterbeek", "21005"),  # 1040 is also of the City
        ("'21004", "21004"),
        ("’21004", "21004"),
        ("21004,0", "21004"),
    ],
)
def test_a_name_in_two_languages_or_beside_its_postal_code_has_one_code(name, code):
    assert match_territory([name]).tolist() == [code]


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("1050 Bruxelles", "may be 21004 (commune), 21009 (commune)"),  # avenue Louise, or Ixelles
        ("1180 Bruxelles", "may be 21004 (commune), 21016 (commune)"),  # so addresses are written
        ("BXL", "may be 04000 (region), 21004 (commune), 5339 (zone)"),
        ("Brussel/Bruxelles", "may be 04000 (region), 21004 (commune), 5339 (zone)"),
        ("7910 Forest", "7910 is no postal code of 21007, which has 1190"),  # a Forest in Hainaut
        ("1180 Ixelles", "1180 is no postal code of 21009, which has 1050"),
        ("Forest - Ixelles", "is unknown; nearest"),
        ("Forest (Hainaut)", "is unknown"),
        ("1050.0", "is unknown"),
    ],
)
def test_a_pair_that_does_not_agree_is_never_guessed(name, why):
    assert match_territory([name]).isna().all()
    assert why in explain_match(name)


def test_without_postal_codes_a_territory_judges_no_pair():
    town = make_territory(
        BRUSSELS.units, name="town", levels=BRUSSELS.levels, aliases=BRUSSELS.aliases
    )
    assert match_territory(["1050 Ixelles"], territory=town).isna().all()
    said = explain_match("1050 Ixelles", territory=town)
    assert said == "'1050 Ixelles': 'town' has no postal codes to judge 1050 by"


@pytest.mark.parametrize("name", ["Bruxelles", "BRUSSEL", "Brussels", "Bruxelles-Capitale"])
def test_an_ambiguous_name_is_never_guessed(name):
    assert match_territory([name]).isna().all()
    assert "may be" in explain_match(name)
    assert len(match_candidates(name)) > 1
    assert match_candidates(name, level="region") == ("04000",)


def test_a_level_stated_by_the_caller_settles_an_ambiguous_name():
    names = ["Bruxelles", "Brussel"]
    assert match_territory(names, level="commune").tolist() == ["21004", "21004"]
    assert match_territory(names, level="zone").tolist() == ["5339", "5339"]
    assert match_territory(names, level="region").tolist() == ["04000", "04000"]
    assert match_territory(["Bruxelles-Capitale"], level="commune").isna().all()


def test_a_unit_of_another_level_does_not_match():
    assert match_territory(["5341", "Marlow", "04000"], level="commune").isna().all()
    assert "not of level commune" in explain_match("Marlow", level="commune")
    with pytest.raises(CodeError, match="not a level"):
        match_territory(["Uccle"], level="department")


def test_missing_and_blank_names_stay_missing_and_are_no_error():
    names = ["Uccle", None, "", "  ", np.nan, pd.NA]
    codes = match_territory(names, errors="raise")
    assert codes.tolist()[0] == "21016"
    assert codes[1:].isna().all()


def test_the_answer_is_on_the_index_of_the_names_and_they_are_not_modified():
    names = pd.Series(["Uccle", "nowhere", "Jette"], index=[7, 7, 9], name="place")
    before = names.copy()
    codes = match_territory(names)
    assert codes.index.tolist() == [7, 7, 9]
    assert codes.name == "place"
    assert codes.dtype == "str"
    pd.testing.assert_series_equal(names, before)


@pytest.mark.parametrize("dtype", ["str", "object", "category"])
def test_any_column_of_text_will_do(dtype):
    codes = match_territory(pd.Series(["Evere", "Vorst", None], dtype=dtype))
    assert codes.tolist()[:2] == ["21006", "21007"]
    assert codes.isna().tolist() == [False, False, True]


def test_empty_columns_give_empty_columns():
    assert match_territory(pd.Series([], dtype="str")).dtype == "str"
    assert len(match_territory([])) == 0


def test_raising_lists_unknown_and_ambiguous_names_with_help():
    names = ["Ixeles", "Ixeles", "Bruxelles", "1000", "x" * 60]
    with pytest.raises(CodeError) as caught:
        match_territory(names, errors="raise")
    message = str(caught.value)
    assert "3 names unknown" in message
    assert "'Ixeles' is unknown; nearest: Ixelles 21009 (2 rows)" in message
    assert "a postal code is not a commune" in message
    assert "1 name ambiguous: 'Bruxelles' may be 04000 (region), 21004 (commune)" in message
    assert "x" * 41 not in message


def test_raising_shows_five_names_at_most():
    with pytest.raises(CodeError, match="9 names unknown") as caught:
        match_territory([f"nowhere{i}" for i in range(9)], errors="raise")
    assert "nowhere4" in str(caught.value)
    assert "nowhere5" not in str(caught.value)


def test_very_long_texts_are_answered_at_once():
    texts = ["zone " * 100_000, "a (" * 100_000, "x" * 10_000_000, "Uccle" + " " * 10_000_000]
    assert match_territory(texts).isna().tolist() == [True, True, True, False]
    assert len(explain_match(texts[2])) < 100


def test_wrong_use_is_said():
    with pytest.raises(CodeError, match="not a str; of one name, put it in"):
        match_territory("Uccle")
    with pytest.raises(CodeError, match="'missing' or 'raise'"):
        match_territory(["Uccle"], errors="ignore")


def test_every_variant_of_the_reference_list_matches(shared):
    with (shared / "domain" / "communes.csv").open(encoding="utf-8") as handle:
        for row in csv.DictReader(handle):
            names = [row["name_fr"], row["name_nl"], *row["aliases"].split("|")]
            assert set(match_territory(names, level="commune")) == {row["nis"]}


def test_every_zone_of_the_police_file_matches(shared):
    path = shared / "data" / "be_police" / "zp_crimetype_updated.csv"
    zones = pd.read_csv(path, sep=";", encoding="utf-8-sig")["zone_police"]
    codes = match_territory(zones, errors="raise", level="zone")
    assert codes.nunique() == zones.nunique() == 6


def test_every_name_of_the_official_lists_matches(shared):
    refnis = pd.read_csv(
        shared / "data" / "be_boundaries" / "REFNIS_2019.csv", sep=";", dtype="str"
    )
    communes = refnis[refnis["Code INS"].isin(BRUSSELS.codes("commune"))]
    for column in ("Code INS", "Entités administratives", "Administratieve eenheden"):
        codes = match_territory(communes[column], level="commune", errors="raise")
        assert (codes == communes["Code INS"]).all()
    region = refnis[refnis["Code INS"] == "04000"]
    assert match_territory(region["Entités administratives"]).tolist() == ["04000"]


def test_names_of_the_regional_office_match(shared):
    path = shared / "data" / "be_population" / "ibsa_communes_2012_2022.csv"
    names = pd.read_csv(path, sep=";", encoding="utf-8-sig")["name"]
    assert match_territory(names, errors="raise").nunique() == 19


def test_sector_codes_give_the_communes_of_the_sector_file(shared):
    path = shared / "data" / "be_population" / "statbel_sectors_2025.csv"
    sectors = pd.read_csv(path, sep=";", encoding="utf-8-sig")["CD_SECTOR"]
    codes = match_territory(sectors)
    inside = sectors.str[:5].isin(BRUSSELS.codes("commune"))
    assert (codes[inside] == sectors[inside].str[:5]).all()
    assert codes[~inside].isna().all()


def _respelt(name: str, case: str, separator: str, *, accents: bool) -> str:
    changed = name.replace("-", separator).replace(" ", separator)
    if not accents:
        changed = "".join(
            c for c in unicodedata.normalize("NFKD", changed) if not unicodedata.combining(c)
        )
    return getattr(changed, case)()


@given(
    alias=st.sampled_from(BRUSSELS.aliases["alias"].tolist()),
    case=st.sampled_from(["lower", "upper", "title", "swapcase"]),
    separator=st.sampled_from([" ", "-", "  ", " - ", "_", "–"]),
    accents=st.booleans(),
)
def test_case_accents_and_hyphens_never_change_the_answer(alias, case, separator, accents):
    spelt = _respelt(alias, case, separator, accents=accents)
    for level in (None, "commune", "zone", "region"):
        pair = match_territory([alias, spelt], level=level)
        assert pair[0] == pair[1] or pair.isna().all()


@given(
    alias=st.sampled_from(BRUSSELS.aliases["alias"].tolist()),
    saint=st.sampled_from(["Saint", "St", "St.", "Sint", "Ste", "SAINTE"]),
)
def test_any_saint_will_do(alias, saint):
    words = [saint if w.lower() in SAINTS else w for w in alias.replace("-", " ").split()]
    respelt = match_territory([" ".join(words)])
    assert respelt.equals(match_territory([alias]))


def test_within_a_level_no_alias_stands_for_two_units():
    aliases = BRUSSELS.aliases.assign(
        key=BRUSSELS.aliases["alias"].map(normalise_name),
        level=BRUSSELS.aliases["code"].map(BRUSSELS.level_of),
    )
    assert aliases.groupby(["key", "level"])["code"].nunique().max() == 1
    ambiguous = aliases.groupby("key")["code"].nunique().loc[lambda n: n > 1]
    assert set(ambiguous.index) == {
        "bruxelles", "brussel", "brussels", "bxl",
        "bruxelles capitale", "brussel hoofdstad", "brussels capital",
    }  # fmt: skip


def test_every_unambiguous_alias_gives_its_own_code():
    counts = BRUSSELS.aliases.groupby("alias")["code"].agg(["nunique", "first"])
    single = counts.loc[counts["nunique"] == 1]
    assert (match_territory(single.index).to_numpy() == single["first"].to_numpy()).all()


@given(st.text(max_size=60))
def test_any_text_is_answered_without_an_error(text):
    codes = match_territory([text])
    assert codes.isna().all() or codes[0] in set(BRUSSELS.units["code"])
    assert isinstance(explain_match(text), str)


def test_normalising_twice_equals_once():
    for alias in BRUSSELS.aliases["alias"]:
        once = normalise_name(alias)
        assert normalise_name(once) == once


@pytest.mark.parametrize(
    ("spelt", "other"),
    [
        (["Αθήνα", "ΑΘΗΝΑ", "αθηνα"], "Πάτρα"),
        (["Київ", "КИЇВ"], "Харків"),
        (["القاهرة"], "الجيزة"),
        (["がま", "か\u3099ま"], "かま"),  # the mark of the voice makes another letter
        (["दिल्ली"], "दल"),
        (["서울"], "부산"),
        (["Đakovo", "Dakovo", "ĐAKOVO"], "akovo"),
        (["İzmir", "IZMIR", "ızmir"], "Zmir"),
        (["Neuilly-sur-Seine", "NEUILLY  SUR_SEINE"], "Neuilly"),
    ],
)
def test_letters_of_any_script_tell_places_apart(spelt, other):
    place = make_territory(
        pd.DataFrame(
            {
                "code": ["1", "2", "0"],
                "level": ["area", "area", "city"],
                "parent": ["0", "0", None],
                **{f"name_{lang}": [spelt[0], other, "Sarn"] for lang in ("fr", "nl", "en")},
            }
        ),
        name="town",
        levels=("area", "city"),
    )
    assert match_territory([*spelt, other], territory=place).tolist() == ["1"] * len(spelt) + ["2"]


@pytest.mark.parametrize(
    "names",
    [21004, None, b"Elsene", {"Elsene": 1}, {"Elsene"}, pd.DataFrame({"a": ["Elsene"]}), 1.5]
    + [np.zeros((2, 2)), np.array(3), [["Elsene"], ["Ukkel"]]],
)
def test_what_is_no_column_of_names_is_refused(names):
    with pytest.raises(CodeError, match="names must be"):
        match_territory(names)


def test_any_column_of_names_gives_the_same():
    for kind in (tuple, pd.Series, pd.Index, pd.array, pd.Categorical, np.array, iter):
        assert match_territory(kind(["Elsene", "21004"])).tolist() == ["21009", "21004"]
    strange = [None, float("nan"), "", 1e300, float("inf"), True, -5, "é" * 500]
    assert match_territory(strange).isna().all()
    with pytest.raises(CodeError) as told:
        match_territory([1e300, "x" * 500], errors="raise")
    assert max(map(len, str(told.value).split())) < 60
