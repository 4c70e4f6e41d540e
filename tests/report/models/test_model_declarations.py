"""Models of a note: declared in its TOML, or refused with every fault and the nearest name."""

import pytest

from obs.errors import CatalogueError
from obs.report import load_note

NOTE = """
title.en = "Lockdowns"

[[table]]
id = "years"
indicators = ["burglary_dwelling", "vif_total", "vif_pv"]

[[table]]
id = "months"
indicators = ["vif_total"]
period = "month"
levels = ["top"]

[[table]]
id = "cases"
indicators = ["vif_cases"]
levels = ["top"]

[[incidence]]
id = "outcomes"
indicator = "vif_cases"
days = [90, 365]
shares = [50]

[[interruption]]
id = "lockdown"
of = "months"
start = "2020-03"
end = "2020-05"

[[comparison]]
id = "peers"
of = "years"
indicator = "burglary_dwelling"

[[rank]]
id = "ranks"
of = "years"
indicator = "burglary_dwelling"

[[reconciliation]]
id = "chain"
of = ["years", "cases"]
indicators = ["vif_total", "vif_pv", "vif_cases"]
"""


def read(folder, text):
    (folder / "focus.toml").write_text(text, encoding="utf-8")
    return load_note(folder / "focus.ipynb", languages=("en",))


def faults(folder, text):
    with pytest.raises(CatalogueError) as caught:
        read(folder, text)
    return [line.removeprefix("- ") for line in str(caught.value).split("\n")[1:]]


def test_a_note_knows_what_its_notebook_may_call(tmp_path):
    note = read(tmp_path, NOTE)
    assert note.ids == [
        *("years", "months", "cases", "outcomes", "outcomes_days"),
        *("lockdown", "lockdown_expected", "peers", "ranks", "chain"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            'of = "months"',
            'of = "month"',
            "interruption.0.of: interruption 'lockdown': no table 'month' (did you mean 'months'?)",
        ),
        ('of = "months"', 'of = "years"', "table 'years' has years; an interruption needs months"),
        (
            '"2020-03"',
            '"2020"',
            "interruption.0.start: interruption 'lockdown': '2020' is no month, as those of 'months':"
            ' write "2020-03"',
        ),
        ('"2020-05"', '"2020-13"', "interruption.0.end: interruption 'lockdown': '2020-13' is no"),
        ('"2020-05"', '"2020-01"', "'2020-01' is before the start, '2020-03'"),
        (
            'start = "2020-03"',
            'begin = "2020-03"',
            "unknown key 'interruption.0.begin'",
        ),
        (
            'of = "years"\nindicator = "burglary_dwelling"\n\n[[rank]]',
            'of = "years"\nindicator = "burglary_dweling"\n\n[[rank]]',
            "comparison.0.indicator: comparison 'peers': 'years' has no 'burglary_dweling' (did you "
            "mean 'burglary_dwelling'?); it has: burglary_dwelling, vif_total, vif_pv",
        ),
        (
            'of = "years"\nindicator = "burglary_dwelling"\n\n[[rec',
            'of = "cases"\nindicator = "vif_cases"\n\n[[rec',
            "rank.0.indicator: rank 'ranks': 'vif_cases' is a count; this takes a rate or a share",
        ),
        (
            '["years", "cases"]',
            '["years", "months"]',
            "reconciliation.0.of: reconciliation 'chain': the tables have periods of several lengths",
        ),
        ('"vif_pv", "vif_cases"]', '"vif_total"]', "'vif_total' is there twice"),
        ("shares = [50]", "shares = [55]", "incidence.0.shares.0: '55' is not one of 25, 50, 75"),
        (
            "days = [90, 365]",
            "days = [90, 100]",
            "incidence.0.days.1: '100' is not one of 30, 60, 90",
        ),
        (
            'indicator = "vif_cases"\ndays',
            'indicator = "vif_case"\ndays',
            "incidence.0.indicator: incidence 'outcomes': no indicator 'vif_case' (did you mean "
            "'vif_cases'?); cohorts: cases_context_told, cases_entered,",
        ),
        (
            'indicator = "vif_cases"\ndays',
            'indicator = "theft"\ndays',
            "'theft' counts no cases entered, which a cohort is made of; take cases_context_told or",
        ),
        (
            "[[rank]]",
            '[[incidence]]\nid = "all"\nindicator = "cases_entered"\n\n[[rank]]',
            "incidence.1.id: incidence 'all': a note follows one cohort",
        ),
        ('id = "chain"', 'id = "lockdown_expected"', "id 'lockdown_expected' is used twice"),
        (
            'id = "peers"',
            'id = "peers"\nkind = "peer"',
            "comparison.0.kind: 'peer' is not one of peers, funnel (did you mean 'peers'?)",
        ),
    ],
)
def test_a_fault_of_a_model_is_told_with_its_key(tmp_path, old, new, said):
    assert old in NOTE
    assert any(said in fault for fault in faults(tmp_path, NOTE.replace(old, new, 1)))


def test_every_fault_of_every_model_is_told_at_once(tmp_path):
    text = NOTE.replace('of = "months"', 'of = "moths"').replace('"2020-05"', '"May"')
    text = text.replace('"vif_pv", "vif_cases"]', '"vif_pw", "vif_cases"]')
    assert faults(tmp_path, text) == [
        "interruption.0.of: interruption 'lockdown': no table 'moths' (did you mean 'months'?)",
        "reconciliation.0.indicators.1: reconciliation 'chain': 'years' and 'cases' has no 'vif_pw' "
        "(did you mean 'vif_pv'?); it has: burglary_dwelling, vif_total, vif_pv, vif_cases",
    ]
