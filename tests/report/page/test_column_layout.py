"""Columns of a table: decimals under decimals, marks in their own place, heads that fit."""

import pytest

import obs
from obs.report.page.column_layout import column_widths, paddings
from tests.report.small_tables import ALT, thefts


def table(*cells, align="right", head="Value"):
    rows = [{"header": "Ixelles", "cells": [cell]} for cell in cells]
    columns = [{"label": head, "align": align}]
    return {"row_header_label": "Area", "columns": columns, "rows": rows}


@pytest.mark.parametrize(
    ("lang", "cells", "pads"),
    [
        ("fr", ("58,7", "0,98", "12"), ("0", "", ",00")),
        ("nl", ("1.234", "0,5"), (",0", "")),
        ("en", ("1,234", "0.5"), (".0", "")),
        ("fr", ("−4,7\u00a0%", "+2\u00a0%"), ("", ",0")),
        ("fr", ("0,93\u00a0à\u00a01,04", "58,2\u00a0à\u00a059,1"), ("", "0")),
        ("en", ("17%*", "63%", "n.p."), ("", "*", "")),
        ("en", ("3.1 (p)", "4.2"), ("", " (p)")),
        ("fr", ("non publié", "inconnu"), ("", "")),
    ],
)
def test_a_cell_lacks_what_others_have_after_their_units(lang, cells, pads):
    assert [row[0] for row in paddings(table(*cells), lang)] == list(pads)


def test_words_are_not_padded():
    assert paddings(table("up 3", "down 2.5", align="left"), "en") == [[""], [""]]


def test_a_long_head_folds_before_it_meets_its_neighbour():
    from obs.report.draw.axes import text_width

    heads = ["95%-interval", "Tegenover vergelijkbare gebieden"] * 3
    columns = [{"label": head, "align": "right"} for head in heads]
    rows = [{"header": "Sint-Lambrechts-Woluwe", "cells": ["4,1 tot 4,8"] * len(heads)}]
    wide = {"row_header_label": "Gebied", "columns": columns, "rows": rows}
    widths = column_widths(wide, [[""] * len(heads)])
    longest = [max(head.split(), key=len) for head in heads]
    for width, word in zip(widths[1:], longest, strict=True):
        assert text_width([word], size=9, bold=True) * 72 < width


def test_a_short_table_fills_the_page():
    assert sum(column_widths(table("4.2"), [[""]])) == pytest.approx(481.8)


@pytest.mark.slow
def test_what_holds_for_all_figures_is_told_apart_from_what_one_shows():
    places = {n.label: n.place for n in obs.chart_trend(thefts(), lang="en", alt=ALT).notes}
    assert places["Source:"] == places["Scope:"] == "source"
    assert places["Reading:"] == "note"
    assert places["Interval:"] == "general"
