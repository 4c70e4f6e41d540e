"""Every code that cleaning can give has words in three languages."""

import pytest

from obs.clean import list_profiles, load_profile
from obs.reference import label
from obs.schemas import BREAKDOWNS, STATUSES, UNITS, VERDICTS

LANGUAGES = ("fr", "nl", "en")


def codes_given():
    for name in list_profiles()["name"]:
        profile = load_profile(name)
        if profile.kind != "police":  # the others' relations and places are not published yet
            continue
        for column in BREAKDOWNS:
            for code in sorted(set(profile.codes.get(column, {}).values())):
                yield name, column, code


@pytest.mark.parametrize(("profile", "column", "code"), sorted(codes_given()))
def test_a_code_that_a_profile_gives_has_words(profile, column, code):
    assert all(label(column, code, lang) for lang in LANGUAGES)


@pytest.mark.parametrize(
    ("codelist", "code"),
    [("units", u) for u in UNITS]
    + [("statuses", s) for s in STATUSES]
    + [("verdicts", v) for v in VERDICTS],
)
def test_a_code_of_the_schemas_has_words(codelist, code):
    assert all(label(codelist, code, lang) for lang in LANGUAGES)
