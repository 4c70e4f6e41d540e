"""The plan's measures against the report's annex; the breaks in series."""

import html
import re
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path

import pandas as pd
import pytest

import obs.reference
from obs.catalogue import load_catalogue
from obs.errors import CatalogueError
from obs.locale import languages
from obs.reference import (
    is_bridged,
    load_breaks,
    load_measures,
    load_observatory,
    load_phenomena,
    load_territory,
    make_territory,
)

PER_THEME = [9, 8, 9, 10, 7, 9, 8, 8, 9]


@pytest.fixture(scope="module")
def report(shared):
    text = (shared / "seeds" / "002_96e1848d0026ff36.txt").read_text(encoding="utf-8")
    return html.unescape(re.sub(r"<[^>]+>", "", text))


def test_there_are_77_measures_in_nine_themes():
    measures = load_measures()
    assert len(measures) == 77
    assert measures["measure"].is_unique
    assert measures.groupby("theme").size().tolist() == PER_THEME
    assert (measures["measure"].str.split(".").str[0] == measures["theme"]).all()
    order = measures["measure"].map(lambda m: tuple(map(int, m.split("."))))
    assert order.is_monotonic_increasing


def test_each_text_is_in_the_report_word_for_word(report):
    for measure, text in load_measures()[["measure", "text_fr"]].itertuples(index=False):
        assert f"{measure}\t{text}" in report, measure


def test_theme_titles_are_those_of_the_report(report):
    themes = load_measures()[["theme", "theme_fr", "theme_nl", "theme_en"]].drop_duplicates()
    assert len(themes) == 9
    assert not themes.isna().any(axis=None)
    for theme, title in themes[["theme", "theme_fr"]].itertuples(index=False):
        assert f"Thématique {theme} : {title}" in report


def test_repeated_texts_of_the_annex_are_recorded_as_what_they_are(report):
    measures = load_measures().set_index("measure")
    for first, second in (("1.2", "1.3"), ("3.3", "4.2"), ("8.6", "8.7")):
        assert measures.at[first, "text_fr"] == measures.at[second, "text_fr"]
        assert first in measures.at[second, "annex_note"]
    noted = measures.index[measures["annex_note"].notna()]
    assert list(noted) == ["1.2", "1.3", "3.3", "4.2", "8.6", "8.7"]
    assert set(measures.index[measures["text_fr"].duplicated(keep=False)]) == set(noted)
    chapter = measures.at["1.3", "text_chapter_fr"]
    assert chapter in report
    assert "contrôles d'identité" in chapter
    assert measures["text_chapter_fr"].notna().sum() == 1


def test_breaks_are_dated_explained_and_known_units():
    breaks = load_breaks()
    assert pd.api.types.is_datetime64_dtype(breaks["date"])
    assert set(breaks["effect"]) <= {"refuse", "note"}
    assert set(breaks["territory"]) <= set(load_territory().units["code"])
    assert not breaks.isna().any(axis=None)
    assert not breaks.duplicated(["indicator", "territory", "date"]).any()
    for lang in languages():
        assert breaks[f"reason_{lang}"].str.endswith(".").all()


def test_the_prosecutor_is_compared_from_2015_on():
    rows = load_breaks().loc[lambda t: t["date"] == pd.Timestamp("2015-01-01")]
    assert rows["reason_en"].str.contains("Halle-Vilvoorde").all()
    of_prosecutor = {i for i, one in load_catalogue().items() if one.source == "prosecutor"}
    touched = {i for i in load_catalogue() if any(fnmatchcase(i, p) for p in rows["indicator"])}
    assert of_prosecutor == touched


def test_each_pattern_of_a_shipped_break_touches_something_of_the_house():
    # a class of facts without an indicator as yet is touched as soon as one is named after it
    names = {*load_catalogue(), *load_phenomena()["code"]}
    files = Path(obs.reference.__file__).parent.glob("*/breaks.toml")
    registers = {f.parent.name: load_breaks(territory=f.parent.name) for f in files}
    assert "brussels" in registers
    lost = [
        (name, pattern)
        for name, breaks in registers.items()
        for pattern in breaks["indicator"]
        if not any(fnmatchcase(code, pattern) for code in names)
    ]
    assert lost == []


def test_the_law_of_2022_and_the_penal_code_of_2026_are_breaks():
    dates = load_breaks().groupby("date")["indicator"].agg(set)
    assert {"rape*", "indecent_assault*", "sexual_violence*"} <= dates[pd.Timestamp("2022-06-01")]
    code = load_breaks().loc[lambda t: t["date"] == pd.Timestamp("2026-04-08")]
    assert {"theft*", "vif_total*", "cases_*"} <= set(code["indicator"])
    assert set(code["effect"]) == {"refuse"}
    assert set(code["bridged"]) == {""}


PASSAGE = """
[[breaks]]
indicator = "robbery*"
territory = "04000"
date = 2023-01-01
effect = "refuse"
source = "letter of the police"
reason.fr = "Classe revue."
reason.nl = "Klasse herzien."
reason.en = "Class revised."

[[breaks.passage]]
indicators = "robbery"
old = ["VOL-V", "VOL-A"]
new = "VOL-VA"
source = "letter of the police, annex 2"
"""


def test_an_observatory_adds_breaks_and_its_table_of_passage(tmp_path):
    (tmp_path / "breaks.toml").write_text(PASSAGE, encoding="utf-8")
    packaged = load_territory().folder.parent / "brussels" / "observatory.toml"
    (tmp_path / "observatory.toml").write_text(packaged.read_text("utf-8"), encoding="utf-8")
    own = load_breaks(territory=load_observatory(tmp_path / "observatory.toml").territory())
    assert len(own) == len(load_breaks()) + 1
    row = own.loc[own["date"] == pd.Timestamp("2023-01-01")].iloc[0].to_dict()
    assert is_bridged("robbery", row)
    assert not is_bridged("robbery_armed", row)


def test_a_line_of_passage_without_its_source_is_refused(tmp_path):
    text = PASSAGE.replace('source = "letter of the police, annex 2"\n', "")
    (tmp_path / "breaks.toml").write_text(text, encoding="utf-8")
    place = replace(load_territory(), breaks=tmp_path / "breaks.toml")
    with pytest.raises(CatalogueError, match=r"key 'breaks\.0\.passage\.0\.source' is absent"):
        load_breaks(territory=place)


def test_a_territory_without_a_register_has_no_break():
    units = pd.DataFrame(
        {"code": ["1", "0"], "level": ["area", "city"], "parent": ["0", None]}
    ).assign(name_fr="A", name_nl="A", name_en="A")
    breaks = load_breaks(territory=make_territory(units, name="town", levels=("area", "city")))
    assert breaks.empty
    assert list(breaks.columns) == list(load_breaks().columns)


def test_a_faulty_register_of_breaks_is_refused_whole(tmp_path):
    text = (load_territory().folder / "breaks.toml").read_text(encoding="utf-8")
    text = text.replace("date = 2015-01-01", 'date = "2015"', 1).replace('"refuse"', '"refused"', 1)
    text = text.replace('"04000"', '"4000"', 2).replace("source = ", "sourse = ", 1)
    (tmp_path / "breaks.toml").write_text(text, encoding="utf-8")
    with pytest.raises(CatalogueError) as caught:
        load_breaks(territory=replace(load_territory(), folder=tmp_path))
    lines = str(caught.value).split("\n")
    assert lines[0] == "register breaks.toml:"
    assert [line.split(";")[0] for line in lines[1:4]] == [
        "- 'breaks.0.date' must be a day such as 2024-01-31, without quotes, not a text",
        "- breaks.0.effect: 'refused' is not one of refuse, note (did you mean 'refuse'?)",
        "- key 'breaks.0.source' is absent",
    ]
    assert lines[4].startswith("- unknown key 'breaks.0.sourse' (did you mean 'source'?); keys he")
    assert [line.split(" is not")[0] for line in lines[5:]] == [
        "- breaks.0.territory: '4000'",
        "- breaks.1.territory: '4000'",
    ]
