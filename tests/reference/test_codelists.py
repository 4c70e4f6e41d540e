"""Codelists: complete in three languages, closed, in step with the schemas."""

import pytest

from obs import schemas
from obs.errors import CodeError
from obs.locale import languages
from obs.reference import descendants, label, load_codelist, load_phenomena

LISTS = [
    *(
        "forms",
        "relations",
        "units",
        "statuses",
        "sexes",
        "levels",
        "scales",
        "verdicts",
        "reasons",
    ),
    *("attempts", "hour_bands", "age_bands", "places"),
    *("offences", "motives", "answers", "sectors", "sizes"),
]


@pytest.mark.parametrize("name", LISTS)
def test_each_code_has_its_words_in_every_language_and_number(name):
    table = load_codelist(name)
    assert table["code"].is_unique
    for lang in languages():
        for code in table["code"]:
            assert label(name, code, lang).strip()
            assert label(name, code, lang, plural=True).strip()


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("forms", schemas.FORMS),
        ("relations", schemas.RELATIONS),
        ("units", schemas.UNITS),
        ("statuses", schemas.STATUSES),
        ("verdicts", schemas.VERDICTS),
        ("reasons", schemas.REASONS),
    ],
)
def test_codelists_hold_exactly_the_codes_of_the_schemas(name, codes):
    assert set(load_codelist(name)["code"]) - {schemas.ALL} == set(codes)


@pytest.mark.parametrize("breakdown", schemas.BREAKDOWNS)
def test_every_breakdown_column_has_a_word_for_its_total(breakdown):
    for lang in languages():
        assert label(breakdown, schemas.ALL, lang)


def test_phenomena_form_a_tree_with_known_units():
    table = load_phenomena()
    assert table["code"].is_unique
    assert set(table["parent"].dropna()) <= set(table["code"])
    assert set(table["unit"]) <= set(schemas.UNITS)
    assert not table[["name_fr", "name_nl", "name_en"]].isna().any(axis=None)
    reached = [c for top in table.loc[table["parent"].isna(), "code"] for c in descendants(top)]
    assert sorted(reached) == sorted(table["code"])


def test_phenomena_are_a_codelist_too_by_their_name_and_that_of_their_column():
    codes = load_phenomena()["code"].tolist()
    for name in ("phenomena", "phenomenon"):
        assert load_codelist(name)["code"].tolist() == codes
    assert load_codelist("phenomenon").set_index("code").loc["robbery", "name_fr"] == (
        "Vols avec violence ou menace"
    )


def test_iccs_codes_have_the_form_of_their_level():
    codes = load_phenomena()["iccs"].dropna()
    assert codes.str.fullmatch(r"(0[1-9]|1[01])(\d\d\d?\d?)?").all()


def test_branches_are_those_that_counts_rely_on():
    assert descendants("robbery") == ["robbery", "robbery_armed", "robbery_unarmed"]
    assert "burglary_dwelling" in descendants("theft")
    assert "extortion" in descendants("theft")
    assert "damage" not in descendants("theft")
    assert set(descendants("theft")) < set(descendants("property"))
    assert descendants("family_dispute") == ["family_dispute"]  # never added to offences
    with pytest.raises(CodeError, match="Did you mean 'robbery'"):
        descendants("robery")


@pytest.mark.parametrize(
    ("code", "fr", "nl"),
    [
        ("pickpocketing", "Vols à la tire", "Gauwdiefstallen"),
        ("burglary_dwelling", "Vols dans habitation", "Woninginbraken"),
        ("shoplifting", "Vols à l'étalage", "Winkeldiefstallen"),
    ],
)
def test_words_are_those_of_the_field(code, fr, nl):
    assert label("phenomena", code, "fr") == fr
    assert label("phenomenon", code, "nl") == nl


def test_plural_and_singular():
    assert label("units", "fact", "fr") == "fait"
    assert label("units", "fact", "fr", plural=True) == "faits"
    assert label("statuses", "suppressed_primary", "nl") == "niet gepubliceerd"


def test_unknown_lists_codes_and_languages_are_refused_with_what_there_is():
    with pytest.raises(CodeError, match="there are phenomena, forms"):
        load_codelist("colours")
    with pytest.raises(CodeError, match="Codes: all, physical"):
        label("forms", "verbal", "fr")
    with pytest.raises(CodeError, match="en, fr, nl"):
        label("forms", "physical", "de")


def test_callers_get_tables_of_their_own():
    phenomena, forms = load_phenomena(), load_codelist("forms")
    phenomena["unit"] = "x"
    forms["code"] = "x"
    assert set(load_phenomena()["unit"]) == {"fact"}
    assert "sexual" in load_codelist("forms")["code"].tolist()
