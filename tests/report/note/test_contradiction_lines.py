"""How a contradiction of a report is told: the words follow the direction of the numbers."""

import pytest

from obs.reference import load_territory
from obs.report.note.contradiction_lines import contradiction_lines

FALL = {"fr": "la baisse", "nl": "de daling", "en": "the fall"}
RISE = {"fr": "la hausse", "nl": "de stijging", "en": "the rise"}


def day_mean(value, of):
    one = {"kind": "day_mean", "subject": "homeless_interventions", "value": value, "of": of}
    return one | {"period": "2015/2017", "other": "4633", "other_period": "2018"}


@pytest.mark.parametrize("lang", sorted(FALL))
def test_a_mean_of_days_is_said_to_fall_or_to_rise_as_its_numbers_do(lang):
    """4,633 in 365 days are 12.7 a day: less than 14, more than 9."""
    place = load_territory()
    (fell,) = contradiction_lines({"day_mean": [day_mean(14, 12.7)]}, lang, territory=place)
    (rose,) = contradiction_lines({"day_mean": [day_mean(9, 12.7)]}, lang, territory=place)
    assert (FALL[lang] in fell, RISE[lang] in fell) == (True, False)
    assert (FALL[lang] in rose, RISE[lang] in rose) == (False, True)
