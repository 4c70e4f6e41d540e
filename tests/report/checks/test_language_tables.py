"""Figures of the tables of a page, compared between its languages: digits and their signs."""

import pytest

from obs.report.checks.language_tables import table_differences

PAGE = "<table><tr><th>Vols</th><td>{}</td><td>2015\u20132024</td></tr></table>"


def faults(tmp_path, fr, en):
    pages = {}
    for lang, cell in (("fr", fr), ("en", en)):
        pages[lang] = tmp_path / f"note.{lang}.html"
        pages[lang].write_text(PAGE.format(cell), encoding="utf-8")
    return list(table_differences(pages))


@pytest.mark.parametrize(
    ("fr", "en"),
    [
        ("\u22125,2\u00a0% (\u22129,0 à +1,3)", "-5.2% (\u22129.0 to +1.3)"),
        ("&#8722;1\u202f234", "\u22121,234"),
        ("<b>+</b>3\u00a0%", "+3%"),
        ("1\u00a0à\u00a03", "1-3"),  # a span, no sign
    ],
)
def test_the_same_figures_in_other_writing_are_no_difference(tmp_path, fr, en):
    assert faults(tmp_path, fr, en) == []


@pytest.mark.parametrize(
    ("fr", "en"), [("\u22125\u00a0%", "5%"), ("\u22125\u00a0%", "+5%"), ("(-9 à -1)", "(-9 to 1)")]
)
def test_a_sign_that_one_language_lacks_is_a_difference(tmp_path, fr, en):
    assert faults(tmp_path, fr, en) == [
        ("en", "has tables with other figures than another language (2 rows)")
    ]
