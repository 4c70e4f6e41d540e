"""The default edition shows what is withheld: in each police note some places are not published."""

import re

import pandas as pd
import pytest

from obs.disclosure import read_released
from obs.locale import words

LANGUAGES = ("fr", "nl", "en")
MAPPED = {"focus_vols": "vehicle_theft"}
HIDDEN = ["suppressed_primary", "suppressed_secondary"]


def mapped(edition, note):
    """Read the rows of the map of a note in which some communes are withheld."""
    folder = edition.built.folder / "data"
    (path,) = folder.glob(f"{note}_map-*{MAPPED[note].replace('_', '-')}*.csv")
    return pd.read_csv(path)


@pytest.fixture(scope="module")
def released(sample_edition):
    return read_released(sample_edition.base / "processed" / "brussels" / "2024" / "released")


@pytest.mark.parametrize("note", MAPPED)
def test_some_communes_and_not_all_are_withheld(sample_edition, note):
    rows = mapped(sample_edition, note)
    hidden = rows["numerator"].isna()
    assert set(rows.loc[hidden, "status"]) == {"suppressed"}
    assert 2 <= hidden.sum() < len(rows) - 2
    assert rows.loc[hidden, ["value", "low", "high"]].isna().all(axis=None)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("note", MAPPED)
def test_maps_and_alternative_texts_say_what_is_not_published(sample_edition, note, lang):
    page = (sample_edition.built.folder / f"{note}.{lang}.html").read_text(encoding="utf-8")
    hidden = int(mapped(sample_edition, note)["numerator"].isna().sum())
    told = words(lang).say("alt.withheld", count=hidden)
    texts = re.findall(r'alt="([^"]*)"', page) + re.findall(r"<desc[^>]*>([^<]*)<", page)
    assert any(told in text for text in texts), told
    said = words(lang).code("statuses", "suppressed_primary")
    shown = re.findall(r"<(?:td|text)[^>]*>(.*?)</(?:td|text)>", page, flags=re.DOTALL)
    assert any(said.lower() in words_shown.lower() for words_shown in shown), said


@pytest.mark.parametrize("lang", LANGUAGES)
def test_victims_of_some_sexes_are_not_published_and_the_table_says_so(sample_edition, lang):
    folder = sample_edition.built.folder
    (path,) = (folder / "data").glob("focus_vif_table-victims-*.csv")
    rows = pd.read_csv(path)
    hidden = rows["numerator"].isna()
    assert 2 <= hidden.sum() < len(rows)
    assert set(rows.loc[hidden, "status"]) == {"suppressed"}
    assert rows.loc[hidden, ["value", "low", "high"]].isna().all(axis=None)
    page = (folder / f"focus_vif.{lang}.html").read_text(encoding="utf-8")
    said = words(lang).code("statuses", "suppressed_primary")
    cells = re.findall(r"<td[^>]*>(.*?)</td>", page, flags=re.DOTALL)
    assert sum(said.lower() in cell.lower() for cell in cells) >= hidden.sum()


def test_the_wholes_of_thefts_are_published(released):
    """Of family violence in so small a Region the sexual kind is withheld, and a whole with it."""
    for name in (n for n in released.names if n.split(".")[0] == "focus_vols"):
        table = released[name].table
        whole = table[table["territory"] == "04000"]
        assert len(whole), name
        assert not whole["status"].isin(HIDDEN).any(), name


def test_a_table_keeps_as_many_of_the_latest_periods_as_it_declares(released):
    """`last = 1` of the victims by sex; the table without it has every year delivered."""
    assert set(released["focus_vif.victims"].table["period"].astype("str")) == {"2024"}
    assert released["focus_vif.years"].table["period"].nunique() > 1
