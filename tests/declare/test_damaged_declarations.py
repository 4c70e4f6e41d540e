"""Every value of every kind of declaration, damaged in turn: told in words, or still sound."""

import copy
import datetime as dt
import tomllib
from pathlib import Path

import pytest

from obs.catalogue import Indicator
from obs.catalogue.indicator_rules import INDICATOR_RULES
from obs.clean import Profile
from obs.clean.profiles.profile_rules import PROFILE_RULES
from obs.clean.profiles.questionnaire import Questionnaire
from obs.clean.profiles.questionnaire_rules import QUESTIONNAIRE_RULES
from obs.clean.registry.corrections import CORRECTION_RULES, CorrectionsFile
from obs.declare import check
from obs.reference.observatory_file import OBSERVATORY_RULES, ObservatoryFile
from obs.reference.registers import BreaksFile
from obs.report.note.declaration import NOTE_RULES, NoteFile
from tests.clean.registry.test_corrections import REGISTER

ROOT = Path(__file__).resolve().parents[2]
KINDS = {
    "observatory": ("examples/chicago/observatory.toml", ObservatoryFile, OBSERVATORY_RULES),
    "profile": ("obs/clean/profiles/obs_sample_call_days.toml", Profile, PROFILE_RULES),
    "events": ("obs/clean/profiles/chicago_incidents.toml", Profile, PROFILE_RULES),
    "questionnaire": (
        *("obs/clean/questionnaires/women_2017.toml", Questionnaire),
        QUESTIONNAIRE_RULES,
    ),
    "indicator": ("obs/catalogue/indicators/business_dark_share.toml", Indicator, INDICATOR_RULES),
    "note": ("notebooks/focus_vif.toml", NoteFile, NOTE_RULES),
    "breaks": ("obs/reference/brussels/breaks.toml", BreaksFile, ()),
    "corrections": ("", CorrectionsFile, CORRECTION_RULES),
}
ODD = (
    *(3, -1, 10**30, 2.5, float("nan"), True, "", " ", "odd", "a/b", "(", dt.date(2024, 1, 1)),
    *(dt.time(1), [], [[]], [3], ["odd"], {}, {"odd": 3}, [{}], [{"odd": 1}], "x" * 5000),
)


def raw_of(kind):
    file = KINDS[kind][0]
    return tomllib.loads((ROOT / file).read_text(encoding="utf-8") if file else REGISTER)


def places(value, path=()):
    """Give the path of each value, the first two of a long list standing for all."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value[:2])
    for key, one in pairs:
        yield (*path, key)
        if isinstance(one, dict | list):
            yield from places(one, (*path, key))


def damaged(raw, path, odd):
    made = copy.deepcopy(raw)
    inside = made
    for key in path[:-1]:
        inside = inside[key]
    inside[path[-1]] = odd
    return made


@pytest.mark.parametrize(
    "each", [pytest.param(8, id="few"), pytest.param(1, id="all", marks=pytest.mark.proof)]
)
@pytest.mark.parametrize("kind", KINDS)
def test_a_damaged_value_is_told_or_harmless(kind, each):
    _, model, rules = KINDS[kind]
    raw = raw_of(kind)
    assert check(raw, model, rules=rules).faults == ()
    told = harmless = 0
    for n, path in enumerate(places(raw)):
        for odd in ODD[n % each :: each]:
            declared = check(damaged(raw, path, odd), model, rules=rules)
            assert all(isinstance(fault, str) and "\n" not in fault for fault in declared.faults)
            assert not any("pydantic" in f or "Input should" in f for f in declared.faults)
            told += bool(declared.faults)
            harmless += not declared.faults
            assert declared.model is not None or declared.faults
    assert told > 2 * harmless


@pytest.mark.parametrize("kind", KINDS)
def test_a_key_misspelt_or_taken_away_is_told_or_harmless(kind):
    _, model, rules = KINDS[kind]
    raw = raw_of(kind)
    for path in (p for p in places(raw) if isinstance(p[-1], str)):
        made = copy.deepcopy(raw)
        inside = made
        for key in path[:-1]:
            inside = inside[key]
        value = inside.pop(path[-1])
        assert all(map(str, check(made, model, rules=rules).faults))
        inside[f"{path[-1]}_odd"] = value
        if len(path) == 1:
            faults = check(made, model, rules=rules).faults
            assert any(f.startswith(f"unknown key '{path[0]}_odd'") for f in faults)
