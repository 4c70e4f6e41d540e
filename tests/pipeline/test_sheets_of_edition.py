"""The sheets of an edition: there, linked, and for every commune what pandas counts from its facts."""

import json
import re
from pathlib import Path

import pandas as pd
import pikepdf
import pytest

import obs
from obs.disclosure import read_released
from obs.errors import CatalogueError, CodeError
from obs.pipeline.publication.edition_sheets import edition_sheets, need_declared_sheets
from obs.reference import load_exposure, load_observatory, load_territory
from obs.report import load_note
from obs.report.sheet.place_figures import gather_figures, of_place
from tests.conftest import SHEETS

LANGUAGES = ("fr", "nl", "en")
PEOPLE = load_exposure("population").set_index(["territory", "year"])["exposure"].astype(float)
OFFENCES = {
    "burglary_dwelling": "burglary_dwelling",
    "theft_from_vehicle": "theft_from_vehicle",
    "vehicle_theft": "vehicle_theft",
    "bicycle_theft": "bicycle_theft",
    "pickpocketing": "pickpocketing",
    "robbery": "robbery",
}


def counted(events):
    """Count, with pandas alone, the facts of each commune and year by indicator of the sheets."""
    key = [events["territory"], events["event_date"].dt.year]
    found = {
        indicator: (events["phenomenon"] == offence).groupby(key).sum()
        for indicator, offence in OFFENCES.items()
    }
    within = events["form"].notna() & events["relation"].isin(
        ["couple", "descendant", "other_family", "family"]
    )
    found["vif_total"] = within.groupby(key).sum()
    couple = (events["form"] == "physical") & (events["relation"] == "couple")
    found["vif_couple_physical"] = couple.groupby(key).sum()
    return found


@pytest.fixture(scope="module")
def internal(sample_edition):
    folder = sample_edition.base / "processed" / "brussels" / "2024"
    return read_released(folder / "released"), pd.read_parquet(
        folder / "clean" / "police-0" / "events.parquet"
    )


def test_each_commune_has_the_sums_of_its_facts_on_its_inhabitants(internal):
    released, events = internal
    found = counted(events)
    figures = gather_figures(released, load_observatory().sheets, compare=obs.compare_peers)
    withheld, compared = 0, 0
    for code in load_territory().codes("commune"):
        place = of_place(released, figures, code)
        rows = place.subject.table
        for indicator, counts in found.items():
            for _, row in rows[rows["indicator"] == indicator].iterrows():
                if str(row["status"]).startswith("suppressed"):
                    assert pd.isna(row["numerator"])
                    withheld += 1
                    continue
                year = row["period"].year
                own = counts.get((code, year), 0)
                assert row["numerator"] == own, (code, indicator, year)
                people = PEOPLE[code, year]
                assert row["value"] == pytest.approx(own / people * 1000)
                compared += 1
        for one in place.figures:
            last = rows[(rows["indicator"] == one.indicator) & (rows["period"] == "2024")]
            assert one.level.numerator == (
                None if pd.isna(last["numerator"].iloc[0]) else last["numerator"].iloc[0]
            )
    assert compared > 19 * 8 * 2
    assert withheld


@pytest.mark.parametrize("lang", LANGUAGES)
def test_sheets_are_there_and_linked_from_the_front_page_and_the_tables(sample_edition, lang):
    folder = sample_edition.built.folder
    wanted = {f"{code}.{lang}.{kind}" for code in SHEETS for kind in ("html", "pdf")}
    assert {p.name for p in (folder / "communes").glob(f"*.{lang}.*")} == wanted
    front = (folder / f"index.{lang}.html").read_text(encoding="utf-8")
    note = (folder / f"focus_vols.{lang}.html").read_text(encoding="utf-8")
    for code in SHEETS:
        assert f'href="communes/{code}.{lang}.html"' in front
        assert f'<th scope="row"><a href="communes/{code}.{lang}.html">' in note
        own = (folder / "communes" / f"{code}.{lang}.html").read_text(encoding="utf-8")
        assert f'href="../index.{lang}.html"' in own
        for address in re.findall(r'href="(\.\./data/[^"#]+)["#]', own):
            assert (folder / "communes" / address).resolve().is_file()
        with pikepdf.open(folder / "communes" / f"{code}.{lang}.pdf") as paper:
            assert len(paper.pages) == 1


def test_the_manifest_lists_sheets_apart_from_notes(sample_edition):
    text = (sample_edition.built.folder / "manifest.json").read_text(encoding="utf-8")
    manifest = json.loads(text)
    assert [*manifest["sheets"]] == [f"communes/{code}" for code in SHEETS]
    assert not {*manifest["sheets"]} & {*manifest["notes"]}
    assert manifest["sheets"][f"communes/{SHEETS[0]}"]["nl"]["numbers"]


def declared(tmp_path, indicators):
    text = load_observatory().path.read_text(encoding="utf-8")
    text = re.sub(r"(?s)(\[sheets\]\nindicators = )\[.*?\]", rf"\1{json.dumps(indicators)}", text)
    path = tmp_path / "observatory.toml"
    path.write_text(text, encoding="utf-8")
    return load_observatory(path)


def specs(root, observatory):
    return [load_note(Path(root) / "notebooks" / f"{name}.ipynb") for name in observatory.notes]


def test_a_sheet_of_what_no_note_publishes_by_place_is_refused(tmp_path, root):
    observatory = declared(tmp_path, ["theft", "bicycle_thefts", "vif_sexual"])
    said = (
        r"observatory.toml, \[sheets\]: no note publishes 'bicycle_thefts', 'vif_sexual' "
        r"\(did you mean bicycle_theft.*by place and year without a breakdown"
    )
    with pytest.raises(CatalogueError, match=said):
        need_declared_sheets(observatory, specs(root, observatory), None)


def test_a_sheet_of_no_place_is_refused(internal):
    options = {"about": {}, "edition": 2024, "langs": ["fr"], "say": lambda _: None}
    with pytest.raises(
        CodeError, match=r"no sheet of '21099' \(did you mean 2\d{4}.*places are 21001"
    ):
        edition_sheets(load_observatory(), internal[0], asked=["21099"], **options)
    assert edition_sheets(load_observatory(), internal[0], asked=[], **options) == []
