"""Profiles: the packaged ones load, and a faulty one is told all its faults."""

import pytest

from obs.clean import list_profiles, load_profile
from obs.errors import CatalogueError

GOOD = """
name = "mine"
title = "Mine"
kind = "police"
shape = "events"
dates = ["%Y-%m-%d"]
identical = "keep"
offences = [{ offence = "A|B", phenomenon = "theft" }]
[territory]
level = "commune"
[columns]
event_date = "Date"
territory = ["Commune", "Gemeente"]
offence = "Code"
"""


def write(tmp_path, text):
    path = tmp_path / "mine.toml"
    path.write_text(text)
    return path


def test_packaged_profiles_load_and_say_what_they_are():
    listed = list_profiles()
    assert {"obs_sample", "ssmsi_communes", "ssmsi_departements", "chicago_incidents"} <= {
        *listed["name"]
    }
    for name in listed["name"]:
        profile = load_profile(name)
        assert profile.name == name
        assert profile.title
        assert profile.shape == "tidy" or profile.place_rule


def test_profiles_of_an_observatory_are_listed_with_their_path(tmp_path):
    path = write(tmp_path, GOOD)
    listed = list_profiles(tmp_path).set_index("name")
    assert listed.at["mine", "path"] == str(path)
    assert listed["path"].notna().sum() == 1


def test_one_name_or_several_are_the_same_kind_of_value(tmp_path):
    profile = load_profile(write(tmp_path, GOOD))
    assert profile.columns["event_date"] == ("Date",)
    assert profile.columns["territory"] == ("Commune", "Gemeente")
    assert load_profile(profile) is profile


def test_all_faults_are_listed_at_once(tmp_path):
    text = GOOD.replace('identical = "keep"', 'identical = "perhaps"')
    text = text.replace('"theft"', '"thefts"').replace('offence = "A|B"', 'offence = "A(B"')
    text = text.replace("[columns]", '[columns]\nvictim_name = "Nom"')
    with pytest.raises(CatalogueError) as caught:
        load_profile(write(tmp_path, text))
    message = str(caught.value)
    for fault in (
        "identical: 'perhaps' is not one of (none), keep, merge",
        "offences.0.phenomenon: 'thefts' is not one of",
        "offences.0.offence: not a regular expression",
        "unknown key 'columns.victim_name'",
    ):
        assert fault in message


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('title = "Mine"', "", "key 'title' is absent"),
        ('title = "Mine"', 'titel = "Mine"', "unknown key 'titel' (did you mean 'title'?)"),
        ('title = "Mine"', "title = 3", "'title' must be a text"),
        ('kind = "police"', 'kind = "polis"', "kind: 'polis' is not one of police"),
        ('shape = "events"', 'shape = "rows"', "shape: 'rows' is not one of"),
        ('dates = ["%Y-%m-%d"]', "", "dates: the formats are missing"),
        ('dates = ["%Y-%m-%d"]', "dates = [3]", "'dates.0' must be a text"),
        ('identical = "keep"', "", "identical: say 'keep' or 'merge'"),
        ('level = "commune"', 'match = "pattern"', "territory.pattern: the form of a code"),
        ('level = "commune"', 'levle = "commune"', "'territory.levle' (did you mean 'level'?)"),
        ('offence = "Code"', "", "columns: 'offence' is missing"),
        ("[columns]", '[codes.form]\nP = "fysical"\n[columns]', "codes.form: not in columns"),
        (
            "[columns]",
            '[flags.place]\ntrue = "x"\n[columns]',
            "unknown key 'flags.place'; keys here: attempt, synthetic",
        ),
        ("[columns]", '[marks]\nx = "hidden"\n[columns]', "marks.x: 'hidden' is not one of"),
        ("[columns]", '[file]\nextracted = "[0-9]+"\n[columns]', "needs a group in brackets"),
        ("[columns]", '[file]\nskip = "1"\n[columns]', "'file.skip' must be a whole number"),
        ("[columns]", '[file]\nencodings = ["utf-9"]\n[columns]', "'utf-9' is no encoding"),
        ("[columns]", '[file]\nquote = ""\n[columns]', "'file.quote' must be one character"),
        ("[columns]", '[file]\nthousands = "."\n[columns]', "must differ"),
        ("[columns]", "[columns", "not valid TOML"),
    ],
)
def test_a_fault_is_told(tmp_path, old, new, fault):
    with pytest.raises(CatalogueError) as caught:
        load_profile(write(tmp_path, GOOD.replace(old, new)))
    assert fault in str(caught.value)


def test_an_unknown_profile_lists_the_known_ones():
    with pytest.raises(CatalogueError, match="no profile 'obs_simple': give one of .*obs_sample"):
        load_profile("obs_simple")
    with pytest.raises(CatalogueError, match=r"no profile 'absent\.toml'"):
        load_profile("folder/absent.toml")


def test_a_profile_cannot_be_changed():
    profile = load_profile("obs_sample")
    with pytest.raises(AttributeError):
        profile.name = "other"
    with pytest.raises(TypeError):
        profile.codes["form"]["P"] = "sexual"
