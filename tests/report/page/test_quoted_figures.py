"""Figures that sentences quote stand in a data file, each once, alike in every language."""

import csv
import io

from obs.report.page.exporters import _raise_ordinals
from obs.report.page.quoted_figures import quoted_text

LEVEL = {
    "kind": "rate",
    "value": 4.7,
    "numerator": 5902,
    "low": 4.6,
    "high": 4.9,
    "status": "ok",
    "unit": "fact",
    "scale": "per_1000_inhabitants",
    "verdict": None,
    "key": {"indicator": "burglary_dwelling", "territory": "04000", "period": "2024"},
    "origin": {"table": "focus_vols.years"},
}
CHANGE = {
    **LEVEL,
    **{"kind": "change", "value": -0.35, "low": -0.37, "high": -0.33, "verdict": "down"},
    **{"numerator": None, "scale": "change", "origin": {"table": "focus_vols.since"}},
    "key": {**LEVEL["key"], "base": "2015"},
}


def rows(numbers):
    return list(csv.DictReader(io.StringIO(quoted_text(numbers, synthetic=True))))


def test_a_fact_is_a_row_however_often_and_in_whatever_order_it_is_quoted():
    assert quoted_text([LEVEL, CHANGE, LEVEL], synthetic=True) == quoted_text(
        [CHANGE, LEVEL], synthetic=True
    )
    change, level = rows([LEVEL, CHANGE])
    assert (level["table"], level["numerator"], level["value"]) == ("years", "5902", "4.7")
    assert (change["base"], change["change"], change["verdict"]) == ("2015", "-0.35", "down")
    assert change["value"] == level["change"] == ""
    assert level["synthetic"] == "true"


def test_a_withheld_fact_keeps_its_status_and_has_no_number():
    hidden = {**LEVEL, "value": None, "numerator": None, "low": None, "high": None}
    (row,) = rows([{**hidden, "status": "suppressed"}])
    assert row["status"] == "suppressed"
    assert not {"value", "numerator", "low", "high"} & set(row)


def test_what_the_sources_do_not_have_gives_no_file():
    assert quoted_text([{"kind": "unknown", "key": {}}], synthetic=False) == ""


def test_quarters_are_written_as_in_other_data_files():
    (row,) = rows([{**LEVEL, "key": {**LEVEL["key"], "period": "2024Q1"}}])
    assert row["period"] == "2024-Q1"


def test_the_first_of_a_month_is_raised_in_french_text_alone():
    page = '<head><title>1er</title></head><body><img alt="au 1er mai"><p>au 1er mai</p></body>'
    raised = _raise_ordinals(page, "fr")
    assert raised.count("<sup>er</sup>") == 1
    assert "<p>au 1<sup>er</sup> mai</p>" in raised
    assert _raise_ordinals(page, "en") == page
