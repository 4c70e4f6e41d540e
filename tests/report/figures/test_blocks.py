import base64

import pytest

from obs.errors import DisclosureError, PublicationError
from obs.report.figures.blocks import (
    MIME,
    Block,
    Column,
    CsvFile,
    FigureNote,
    Row,
    TableBody,
    preview,
)
from tests.report.small_tables import ALT, thefts

SVG = "<svg xmlns='http://www.w3.org/2000/svg'></svg>"
SCRIPT = "<script>alert(1)</script>"


def figure(**changes):
    parts = {"kind": "figure", "id": "trend-theft", "lang": "fr", "title": "Vols", "alt": ALT}
    return Block(released=thefts(), **({"svg": SVG} | parts | changes))


def test_a_block_carries_the_release_mark_and_says_that_data_are_synthetic():
    block = figure().to_json()
    assert block["status"] == thefts().mark()
    assert block["synthetic"] is True
    assert block["synthetic_label"].startswith("Données synthétiques")


@pytest.mark.parametrize("thing", [None, {"theft": 3}, thefts().table])
def test_only_a_released_makes_a_block(thing):
    with pytest.raises(DisclosureError, match=r"only what obs\.release made"):
        Block(released=thing, kind="text", id="a", lang="fr", title="Vols")


@pytest.mark.parametrize("alt", ["", "Graphique", " " * 40])
def test_a_figure_without_a_real_alternative_text_is_refused(alt):
    with pytest.raises(PublicationError, match="alternative text has"):
        figure(alt=alt)


def test_every_fault_of_a_block_is_told_at_once():
    with pytest.raises(PublicationError, match=r"slug.*no title.*must be lower-case"):
        figure(id="Trend theft", title=" ", csv=CsvFile("../theft.csv", "a"))


def test_a_table_with_ragged_rows_is_refused():
    body = TableBody("Commune", (Column("2024"),), (Row("Evere", ("1", "2")),))
    with pytest.raises(PublicationError, match="1 row"):
        figure(kind="table", table=body)


def test_the_preview_lets_no_markup_of_the_data_act():
    body = TableBody(SCRIPT, (Column(SCRIPT),), (Row(SCRIPT, (SCRIPT,)),))
    remark = FigureNote(SCRIPT, SCRIPT)
    block = figure(kind="table", title=SCRIPT, caption=SCRIPT, notes=(remark,), table=body)
    assert "<script" not in preview(block)
    assert preview(block).count("&lt;script&gt;") == 8
    assert "<script" not in preview(figure(alt=SCRIPT * 2))


def test_a_preview_leaves_room_for_texts_in_another_font():
    drawn = '<svg width="504pt" height="208.8pt" viewBox="0 0 504 208.8"></svg>'
    image = preview(figure(svg=drawn)).partition("base64,")[2].partition('"')[0]
    shown = base64.b64decode(image).decode()
    assert shown == '<svg width="560pt" height="208.8pt" viewBox="-28 0 560 208.8"></svg>'


def test_jupyter_is_given_the_block_and_its_preview():
    bundle = figure()._repr_mimebundle_()
    assert set(bundle) == {MIME, "text/html"}
    assert bundle[MIME]["svg"] == SVG
