"""Every code of a data file is said in words, in every language."""

import pytest

from obs.locale import languages
from obs.report.edition.code_words import CODED, code_in_words
from obs.schemas.codes import INTERRUPTIONS, TURNS


@pytest.mark.parametrize("lang", languages())
@pytest.mark.parametrize("code", [*TURNS, *INTERRUPTIONS])
def test_the_point_that_a_change_is_against_has_words(code, lang):
    assert "point" in CODED
    said = code_in_words("point", code, lang, {})
    assert said[:1].isupper()
    assert " " in said


def test_a_peak_is_said_as_each_language_says_it():
    assert "peak" in code_in_words("point", "peak", "en", {}).lower()
    assert "sommet" in code_in_words("point", "peak", "fr", {}).lower()
