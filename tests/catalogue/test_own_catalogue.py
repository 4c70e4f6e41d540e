"""An observatory's own indicators are read with the packaged ones while it is at work, no longer."""

from pathlib import Path

import pytest

from obs.catalogue import get_indicator, load_catalogue, own_catalogue, use_catalogue_texts
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
