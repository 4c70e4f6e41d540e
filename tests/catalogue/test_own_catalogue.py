"""An observatory's own indicators are read with the packaged ones while it is at work, no longer."""

from pathlib import Path

import pytest

from obs.catalogue import (
    get_indicator,
    load_catalogue,
    own_catalogue,
    untranslated,
    use_catalogue_texts,
)
from obs.errors import CatalogueError

PACKAGED = Path("obs/catalogue/indicators/bicycle_theft.toml")


@pytest.fixture
def folder(tmp_path, root):
    text = (root / PACKAGED).read_text(encoding="utf-8")
    own = text.replace('id = "bicycle_theft"', 'id = "cyber_harassment"')
    own = own.replace('phenomena = ["bicycle_theft"]', 'phenomena = ["cyber"]')
    (tmp_path / "cyber_harassment.toml").write_text(own, encoding="utf-8")
    return tmp_path


def test_it_is_there_while_the_observatory_is_at_work(folder):
    packaged = set(load_catalogue())
    with own_catalogue(folder) as texts:
        assert list(texts) == ["cyber_harassment.toml"]
        assert get_indicator("cyber_harassment").phenomena == ("cyber",)
        assert set(load_catalogue()) == packaged | {"cyber_harassment"}
    assert set(load_catalogue()) == packaged
    with pytest.raises(CatalogueError, match="no indicator 'cyber_harassment'"):
        get_indicator("cyber_harassment")


def test_a_note_reads_it_from_the_words_of_its_edition(folder):
    with own_catalogue(folder) as texts:
        pass
    try:
        use_catalogue_texts(texts)
        assert get_indicator("cyber_harassment").source == "police"
    finally:
        use_catalogue_texts({})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (('phenomena = ["cyber"]', 'phenomena = ["cybr"]'), "cyber_harassment.toml: .*cybr"),
        (('kind = "rate"', 'kind = "rat"'), "cyber_harassment.toml: .*kind"),
        (('id = "cyber_harassment"', 'id = "other"'), "cyber_harassment.toml: "),
        (("version = 1", "version ="), "cyber_harassment.toml: is not valid TOML"),
    ],
)
def test_faults_are_named_before_anything_is_read_by_it(folder, change, message):
    file = folder / "cyber_harassment.toml"
    file.write_text(file.read_text(encoding="utf-8").replace(*change), encoding="utf-8")
    before = set(load_catalogue())
    with pytest.raises(CatalogueError, match=message), own_catalogue(folder):
        pass
    assert set(load_catalogue()) == before


def test_an_id_of_the_catalogue_is_not_given_again(folder, root):
    text = (root / PACKAGED).read_text(encoding="utf-8")
    (folder / "bicycle_theft.toml").write_text(text, encoding="utf-8")
    said = "'bicycle_theft' is already in the catalogue"
    with pytest.raises(CatalogueError, match=said), own_catalogue(folder):
        pass


def test_a_file_that_is_no_text_is_refused(folder):
    (folder / "x.toml").write_bytes(b"id = \xff")
    said = "x.toml of the observatory's catalogue is no UTF-8"
    with pytest.raises(CatalogueError, match=said), own_catalogue(folder):
        pass


def words_file(folder, text):
    (folder / "words.toml").write_text(text, encoding="utf-8")
    return folder


def test_an_observatory_has_its_own_words_for_a_packaged_indicator(tmp_path):
    packaged = get_indicator("vif_total")
    own = words_file(tmp_path, "[vif_total.definition]\nen = 'Incidents marked as domestic.'\n")
    with own_catalogue(own) as texts:
        assert list(texts) == ["words.toml"]
        found = get_indicator("vif_total")
        assert found.text("definition", "en") == "Incidents marked as domestic."
        assert found.text("definition", "fr") == packaged.text("definition", "fr")
        assert found.text("title", "en") == packaged.text("title", "en")
        assert found.numerator == packaged.numerator
    assert get_indicator("vif_total") is packaged


def test_a_caveat_of_its_own_is_told_whole(tmp_path):
    """The packaged one has a sentence on rates alone; which sentence that is holds no longer."""
    own = words_file(tmp_path, "[robbery.caveat]\nen = 'One. Two. Three.'\n")
    with own_catalogue(own):
        assert get_indicator("robbery").warnings("en", rate=False) == ["One.", "Two.", "Three."]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[thef.title]\nen = 'x'", r"words\.toml: there is no indicator 'thef'.*theft"),
        ("[theft.titel]\nen = 'x'", r"words\.toml: theft has no text 'titel'.*title"),
        ("[theft.title]\nxx = 'x'", r"words\.toml: theft\.title: 'xx' is no language"),
        ("[theft.title]\nen = 3", r"words\.toml: theft\.title: give words by language"),
        ("[theft]\ntitle = 'x'", r"words\.toml: theft\.title: give words by language"),
        ("theft = 'x'", r"words\.toml: theft: give tables"),
        ("[theft", r"words\.toml: .*TOML"),
    ],
)
def test_faulty_words_are_named(tmp_path, text, message):
    with pytest.raises(CatalogueError, match=message), own_catalogue(words_file(tmp_path, text)):
        pass


def test_own_words_are_needed_in_every_language_of_the_edition(tmp_path):
    """In one alone, the packaged words of the others would say something else."""
    own = words_file(tmp_path, "[theft.definition]\nen = 'Mine.'\nfr = 'Mien.'\n")
    with own_catalogue(own):
        assert untranslated(["theft", "robbery"], ["en", "fr"]) == []
        assert untranslated(["theft", "robbery"], ["en", "nl"]) == ["theft.definition (nl)"]
    assert untranslated(["theft"], ["en", "nl"]) == []


def test_words_of_an_indicator_of_its_own_are_read_too(folder):
    with own_catalogue(words_file(folder, "[cyber_harassment.title]\nen = 'Mine'\n")):
        assert get_indicator("cyber_harassment").text("title", "en") == "Mine"


def test_the_page_of_chicago_cites_no_belgian_circular(root):
    with own_catalogue(root / "examples" / "chicago" / "catalogue"):
        for lang in ("en", "fr"):
            for name in ("vif_total", "vif_per_day", "vif_pv"):
                assert "COL" not in get_indicator(name).text("definition", lang)
