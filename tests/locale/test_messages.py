"""Sentences by key, plural forms by the number as it is printed, and files that must be complete."""

import shutil
from decimal import Decimal
from pathlib import Path

import pytest

import obs.locale
from obs.__main__ import main
from obs.errors import CatalogueError, CodeError, ObsError
from obs.locale import check_languages, conventions, language_faults, languages, words
from obs.locale.language_files import VARIABLE

SHIPPED = Path(obs.locale.__file__).parent


@pytest.mark.parametrize(
    ("lang", "printed", "category"),
    [  # the plural rules of CLDR 46, worked by hand
        *(("fr", n, "one") for n in ("0", "1", "0.31", "1.6", "1.99", "-1.5")),
        *(("fr", n, "other") for n in ("2", "2.0", "17", "1000001", "1500000.0")),
        *(("fr", n, "many") for n in ("1000000", "3000000")),
        *(("nl", n, "one") for n in ("1", "-1")),
        *(("nl", n, "other") for n in ("0", "1.0", "0.31", "2", "1000000")),
        *(("en", n, "one") for n in ("1", "-1")),
        *(("en", n, "other") for n in ("0", "1.0", "0.31", "2", "1000000")),
    ],
)
def test_the_plural_category_is_that_of_the_number_as_printed(lang, printed, category):
    assert conventions(lang).category(Decimal(printed)) == category


@pytest.mark.parametrize(
    ("lang", "count", "text"),
    [
        ("fr", 0, "0 valeur"),
        ("fr", 1, "1 valeur"),
        ("fr", 2, "2 valeurs"),
        ("fr", 1_000_000, "1\u202f000\u202f000 de valeurs"),
        ("nl", 0, "0 waarden"),
        ("nl", 1, "1 waarde"),
        ("en", 0, "0 values"),
        ("en", 1, "1 value"),
        ("en", 1200, "1,200 values"),
    ],
)
def test_a_message_takes_the_form_of_its_number(lang, count, text):
    assert words(lang).say("alt.values", count=count) == text


@pytest.mark.parametrize(
    ("lang", "count", "text"),
    [
        ("fr", Decimal("0.31"), "fait"),
        ("fr", Decimal("2.0"), "faits"),
        ("fr", 1_000_000, "de faits"),
        ("nl", Decimal("1.0"), "feiten"),
        ("en", Decimal("1.0"), "offences"),
        ("en", 1, "offence"),
        ("en", None, "offence"),
    ],
)
def test_a_unit_takes_the_form_of_its_number(lang, count, text):
    assert words(lang).code("units", "fact", count=count) == text


def test_a_float_is_refused_since_it_has_no_printed_form():
    with pytest.raises(CatalogueError, match="'alt.values' was given a float: give numbers as int"):
        words("fr").say("alt.values", count=0.31)


def test_an_unknown_key_names_the_nearest():
    with pytest.raises(
        CatalogueError, match=r"no message 'page.skipp' in fr/messages.toml. Did.*'page.skip'"
    ):
        words("fr").say("page.skipp")


@pytest.mark.parametrize("values", [{}, {"low": "1"}, {"high": "2", "low": "1"}])
def test_placeholders_must_be_those_given(values):
    with pytest.raises(CatalogueError, match="'map.below' has the placeholders high and was given"):
        words("en").say("map.below", **values)


def test_a_plural_message_needs_its_number():
    with pytest.raises(CatalogueError, match="'alt.values' has plural forms: give count"):
        words("en").say("alt.values")


def test_codes_that_have_no_words_are_refused_with_the_nearest():
    with pytest.raises(
        CodeError, match=r"'fcat' has no words in 'units' \(nl\). Did you mean 'fact'"
    ):
        words("nl").code("units", "fcat")
    with pytest.raises(CodeError, match="There is no codelist 'colours'; there are forms"):
        words("nl").code("colours", "red")


def test_languages_are_the_folders_that_there_are(tmp_path, monkeypatch):
    assert set(languages()) == {p.parent.name for p in SHIPPED.glob("*/conventions.toml")}
    with pytest.raises(
        ObsError, match="Unknown language 'qab': choose one of en, fr, nl.* OBS_LANGUAGES"
    ):
        words("qab")
    shutil.copytree(SHIPPED / "nl", tmp_path / "qab")
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    assert languages() == ("en", "fr", "nl", "qab")
    assert words("qab").say("map.below", high="3") == "minder dan 3"


def test_a_folder_cannot_replace_a_language_of_the_package(tmp_path, monkeypatch):
    shutil.copytree(SHIPPED / "nl", tmp_path / "fr")
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    assert words("fr").say("page.skip") == "Aller au contenu"


def test_the_languages_shipped_are_complete():
    assert language_faults() == []


@pytest.fixture
def faulty(tmp_path, monkeypatch):
    """Give a function that makes a language of the Dutch files, changed; its code is `qac`..."""

    def make(code, file, *changes):
        folder = tmp_path / code
        shutil.copytree(SHIPPED / "nl", folder)
        text = (folder / file).read_text(encoding="utf-8")
        for old, new in changes:
            assert old in text
            text = text.replace(old, new, 1)
        (folder / file).write_text(text, encoding="utf-8")
        monkeypatch.setenv(VARIABLE, str(tmp_path))
        return code

    return make


def test_every_fault_of_a_language_is_told_at_once(faulty):
    code = faulty(
        "qac",
        "messages.toml",
        ('skip = "Naar de inhoud"', 'skp = "Naar de inhoud"'),
        ("minder dan {high}", "minder dan {hihg}"),
        ('values.one = "{count} waarde"\n', ""),
        ("{period} tegenover {base}", "{period} tegenover {base"),
        ('languages = "Talen"', 'languages = ""'),
    )
    with pytest.raises(CatalogueError) as caught:
        check_languages([code])
    told = str(caught.value)
    for fault in (
        "- qac/messages.toml: 'page.skip' is absent",
        "- qac/messages.toml: 'page.skp' is in no other language",
        "- qac/messages.toml: 'map.below' has other placeholders than in en, fr, nl",
        "- qac/messages.toml: 'alt.values' has no form 'one'",
        "- qac/messages.toml: 'title.against' has a brace that opens or closes no placeholder",
        "- qac/messages.toml: 'page.languages' is empty, or is no text",
    ):
        assert fault in told


def test_the_command_lists_languages_and_what_they_lack(faulty, capsys):
    assert main(["languages", "nl"]) == 0
    assert capsys.readouterr().out == "nl   nl_BE    Nederlands\n"
    faulty("qah", "messages.toml", ('skip = "Naar de inhoud"\n', ""))
    assert main(["languages", "qah"]) == 2
    told = capsys.readouterr().err.splitlines()
    assert told[0] == "qah/messages.toml: 'page.skip' is absent"
    assert "catalogue: no texts for theft (qah)" in told


def test_plural_forms_must_be_those_of_the_language(faulty):
    code = faulty("qad", "codes.toml", ('fact.one = "feit"', 'fact.few = "feit"'))
    assert language_faults([code]) == [
        "qad/codes.toml: 'units.fact' has no form 'one'",
        "qad/codes.toml: 'units.fact' has a form 'few' that qad has not",
    ]


def test_a_convention_that_is_absent_or_unknown_is_told(faulty):
    code = faulty(
        "qae",
        "conventions.toml",
        ('month = "MMMM y"', 'mont = "MMMM y"'),
        ('percent = "{number}%"', 'percent = "%"'),
    )
    assert language_faults([code]) == [
        "qae/conventions.toml: 'date.month' is absent",
        "qae/conventions.toml: unknown key 'date.mont'",
        "qae/conventions.toml: 'percent' needs {number}",
    ]


def test_a_file_that_is_no_toml_is_refused_in_words(faulty):
    code = faulty("qaf", "messages.toml", ("[page]", "[page"))
    with pytest.raises(CatalogueError, match="language file qaf/messages.toml is not valid TOML"):
        words(code).say("page.skip")


def test_a_locale_that_nobody_knows_is_refused(faulty):
    code = faulty("qag", "conventions.toml", ('"nl_BE"', '"xx_YY"'))
    with pytest.raises(CatalogueError, match="locale 'xx_YY' is none that Unicode CLDR knows"):
        conventions(code)
