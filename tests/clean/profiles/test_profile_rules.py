"""Each rule of a profile is broken by one change of a sound one, and says what to do."""

import pytest

from obs.clean import load_profile
from obs.errors import CatalogueError

EVENTS = """
name = "mine"
title = "Mine"
kind = "police"
shape = "events"
dates = ["%Y-%m-%d"]
identical = "keep"
offences = [{ offence = "A|B", phenomenon = "theft" }]
[file]
separator = ";"
[territory]
level = "commune"
[columns]
event_date = "Date"
territory = "Commune"
offence = "Code"
"""
COUNTS = """
name = "mine"
title = "Mine"
kind = "police"
shape = "counts"
period = "%Y"
offences = [{ offence = "A|B", phenomenon = "theft" }]
[file]
separator = ";"
[territory]
level = "commune"
[columns]
territory = "nis"
period = "annee"
offence = "fait"
numerator = "n"
[constants]
unit = "fact"
"""
LINES = """
name = "mine"
title = "Mine"
kind = "helpline"
shape = "call_days"
dates = ["%Y-%m-%d"]
[file]
separator = ";"
[columns]
date = "Jour"
line = "Ligne"
numerator = "n"
[lines.EVC]
name_fr = "EVC"
name_nl = "ZGS"
name_en = "SVC"
hours = [9, 17]
"""


def load(tmp_path, text, *changes):
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path = tmp_path / "mine.toml"
    path.write_text(text)
    return load_profile(path)


def add_to(table, line):
    return (f"[{table}]\n", f"[{table}]\n{line}\n")


def add(line):
    return ('title = "Mine"\n', f'title = "Mine"\n{line}\n')


BROKEN = {
    "shape": (EVENTS, [('shape = "events"', 'shape = "calls"')], "shape: of a police profile, 'calls' is not one of"),
    "long thousands": (EVENTS, [add_to("file", 'thousands = ".."')], "file.thousands: must be one character or none"),
    "one mark for two": (EVENTS, [add_to("file", 'thousands = ","\ndecimal = ","')], "file.decimal and file.thousands: must differ"),
    "no group of a day": (EVENTS, [add_to("file", "extracted = '\\d+'")], "file.extracted: needs a group in brackets"),
    "no group of a year": (EVENTS, [add_to("file", "covers = '\\d+'")], "file.covers: needs a group in brackets"),
    "no pattern": (EVENTS, [('level = "commune"', 'match = "pattern"')], "territory.pattern: the form of a code is missing"),
    "an unknown column": (EVENTS, [add_to("columns", 'event_dat = "D"')], "unknown key 'columns.event_dat' .*'event_date'"),
    "a missing column": (EVENTS, [('offence = "Code"\n', "")], "columns: 'offence' is missing; columns of events: "),
    "wide, of events": (EVENTS, [add('wide = ["Vols"]')], "wide: only wide_counts have such columns, not events"),
    "optional that is none": (EVENTS, [add('optional = ["plce"]')], "optional: 'plce' is not in columns"),
    "strict that rejects": (EVENTS, [add('strict = ["event_date"]')], "strict: 'event_date' is no column that a row may lack"),
    "codes of no column": (EVENTS, [("[columns]", '[codes.form]\n"x" = "physical"\n[columns]')], "codes.form: not in columns"),
    "identical that is not said": (EVENTS, [('identical = "keep"\n', "")], "identical: say 'keep' or 'merge', since no column is event_id"),
    "summed, of events": (EVENTS, [add('summed = ["mois"]')], "summed: only counts have it, not events"),
    "left out, of events": (EVENTS, [add('left_out = { "sexe" = "total" }')], "left_out: only counts have it, not events"),
    "repeated, of events": (EVENTS, [add('repeated = "add"')], "repeated: only counts have it, not events"),
    "summed and repeated": (COUNTS, [add('summed = ["mois"]\nrepeated = "add"')], "repeated: adds whatever `summed` does not name"),
    "time zone": (EVENTS, [add('time_zone = "Europe/Brusels"')], "time_zone: 'Europe/Brusels' is no time zone .*Europe/Brussels"),
    "time zone of a file": (EVENTS, [add_to("file", 'time_zone = "UCT+1"')], "file.time_zone: 'UCT.1' is no time zone"),
    "two orders": (EVENTS, [('["%Y-%m-%d"]', '["%d/%m/%Y", "%m/%d/%Y"]')], "dates: '%d/%m/%Y' and '%m/%d/%Y' read the same text as two days"),
    "no format of days": (EVENTS, [('dates = ["%Y-%m-%d"]\n', "")], "dates: the formats are missing"),
    "no format of periods": (COUNTS, [('period = "%Y"\n', "")], "period: the format is missing"),
    "days for periods": (COUNTS, [('period = "%Y"', 'period = "%d/%m/%Y"')], "reads days, and counts are kept by month or year"),
    "questionnaire": (EVENTS, [add('questionnaire = "business"')], "questionnaire: a profile of interviews names one, and no other"),
    "a code that is none": (EVENTS, [add_to("columns", 'form = "Forme"'), ("[columns]", '[codes.form]\n"x" = "physicl"\n[columns]')], "codes.form.x: 'physicl' is not one of .*physical"),
    "no condition": (EVENTS, [('offence = "A|B", ', "")], "offence: needs a condition"),
    "an end before its start": (EVENTS, [('phenomenon = "theft"', 'phenomenon = "theft", from = 2022-01-02, until = 2022-01-01')], "until: the last day is before the first"),
    "hours that are one": (LINES, [("[9, 17]", "[9]")], "hours: must be the hours of opening and closing"),
    "hours that go back": (LINES, [("[9, 17]", "[17, 17]")], "hours: must be the hours of opening and closing"),
    "hours of a day of 25": (LINES, [("[9, 17]", "[9, 25]")], "hours: must be the hours of opening and closing"),
    "hours before midnight": (LINES, [("[9, 17]", "[-1, 17]")], "hours: must be the hours of opening and closing"),
    "an interruption that goes back": (LINES, [("hours = [9, 17]", "hours = [9, 17]\ninterruptions = [{ first = 2022-01-02, last = 2022-01-01, reason = 'broken' }]")], "last: the first day is after the last"),
    "two origins": (COUNTS, [("[constants]", '[named.period]\npattern = "(x)"\n[constants]')], "columns.period: comes from two places"),
    "layouts of one name": (EVENTS, [('offence = "Code"\n', 'offence = "Code"\n[[layout]]\nname = "old"\n[[layout]]\nname = "old"\n')], "layout: 'old' stands twice"),
    "absent that is none": (EVENTS, [('offence = "Code"\n', 'offence = "Code"\n[[layout]]\nname = "old"\nabsent = ["plce"]\n')], "layout.old.absent: 'plce' is not in columns"),
}  # fmt: skip


@pytest.mark.parametrize("text", [EVENTS, COUNTS, LINES])
def test_sound_profiles_are_sound(tmp_path, text):
    assert load(tmp_path, text).name == "mine"


@pytest.mark.parametrize("case", BROKEN)
def test_one_change_breaks_one_rule(tmp_path, case):
    text, changes, words = BROKEN[case]
    with pytest.raises(CatalogueError, match=words):
        load(tmp_path, text, *changes)


SOUND = {
    "no thousands": (EVENTS, [add_to("file", 'thousands = ""')]),
    "thousands and decimals": (EVENTS, [add_to("file", 'thousands = "."\ndecimal = ","')]),
    "a group": (EVENTS, [add_to("file", "covers = '_(\\d{4})'")]),
    "two formats of one order": (EVENTS, [('["%Y-%m-%d"]', '["%d/%m/%Y", "%d/%m/%y"]')]),
    "a spreadsheet's days": (EVENTS, [('["%Y-%m-%d"]', '["excel", "%d/%m/%Y"]')]),
    "one day": (EVENTS, [('phenomenon = "theft"', 'phenomenon = "theft", from = 2022-01-01, until = 2022-01-01')]),
    "a name of rows": (EVENTS, [('identical = "keep"\n', ""), add_to("columns", 'event_id = "ID"')]),
    "days that are summed": (COUNTS, [('period = "%Y"', 'period = "%d/%m/%Y"\nsummed = ["period"]')]),
    "all day": (LINES, [("[9, 17]", "[0, 24]")]),
    "a day of interruption": (LINES, [("hours = [9, 17]", "hours = [9, 17]\ninterruptions = [{ first = 2022-01-01, last = 2022-01-01, reason = 'broken' }]")]),
}  # fmt: skip


@pytest.mark.parametrize("case", SOUND)
def test_the_last_value_that_a_rule_takes(tmp_path, case):
    text, changes = SOUND[case]
    assert load(tmp_path, text, *changes).name == "mine"
