"""Rules between the keys of a profile, each with what it takes and what it refuses."""

import datetime as dt
from dataclasses import replace

import pytest

from obs.clean.profiles.code_vintages import CodeVintage
from obs.clean.profiles.file_layout import FileLayout
from obs.clean.profiles.other_layouts import OtherLayout
from obs.clean.profiles.profile import Line, NameEntry, OffenceEntry, Profile
from obs.clean.profiles.profile_rules import PROFILE_RULES
from obs.clean.profiles.territory_rule import TerritoryRule
from obs.declare import run_rules
from obs.reference import DeclaredCoverage

VOL = OffenceEntry(offence="VOL", phenomenon="theft")
EVENTS = Profile(
    *("own", "Own", "police", "events"),
    columns={name: (name,) for name in ("event_id", "event_date", "territory", "offence")},
    dates=("%Y-%m-%d",),
    offences=(VOL,),
)
COUNTS = Profile(
    *("own", "Own", "police", "counts"),
    columns={name: (name,) for name in ("territory", "period", "offence", "numerator")},
    period="%Y",
    offences=(VOL,),
)
WIDE = replace(
    COUNTS,
    shape="wide_counts",
    columns={"territory": ("nis",), "period": ("an",)},
    wide=("theft", "fraud"),
)
SERVICES = Profile(
    *("own", "Own", "services", "services"),
    columns={name: (name,) for name in ("territory", "period", "activity", "unit", "numerator")},
    period="%Y",
)


def faults(base, **changes):
    return [*run_rules(replace(base, **changes), PROFILE_RULES)]


@pytest.mark.parametrize("base", [EVENTS, COUNTS, WIDE, SERVICES])
def test_sound_profiles_have_no_fault(base):
    assert faults(base) == []


@pytest.mark.parametrize(
    ("base", "changes", "said"),
    [
        (COUNTS, {"kind": "helpline"}, "shape: of a helpline profile, 'counts' is not one of"),
        (COUNTS, {"file": FileLayout(thousands="..")}, "file.thousands: must be one character or none"),
        (COUNTS, {"file": FileLayout(decimal=",", thousands=",")}, "must differ"),
        (COUNTS, {"territory": TerritoryRule(match="pattern")}, "territory.pattern: the form of a code is missing"),
        (EVENTS, {"territory": TerritoryRule(match="point")}, "joined.territory: a place found by its point needs two columns"),
        (WIDE, {"wide": ()}, "wide: the columns that hold counts are missing"),
        (WIDE, {"wide_pattern": "x"}, "give the columns by name in `wide` or by a pattern, not both"),
        (WIDE, {"wide_optional": ("arson",)}, "wide_optional: 'arson' is not in wide"),
        (COUNTS, {"wide": ("x",)}, "wide: only wide_counts have such columns, not counts"),
        (WIDE, {"columns": WIDE.columns | {"offence": ("f",)}}, "columns.offence: comes from two places"),
        (WIDE, {"columns": WIDE.columns | {"numerator": ("n",)}}, "columns.numerator: comes from two places"),
        (COUNTS, {"joined": {"period": ("a", "b")}}, "columns.period: comes from two places"),
        (COUNTS, {"named": {"unit": NameEntry("file", "x")}}, "named.unit.pattern: needs a group in brackets"),
        (COUNTS, {"constants": {"unti": "fact"}}, "unknown key 'constants.unti'"),
        (COUNTS, {"unknown": {"place": ("x",)}}, "unknown.place: not in columns"),
        (EVENTS, {"mark_patterns": ("x",)}, "mark_patterns: only counts have it, not events"),
        (COUNTS, {"lines": {"EVC": Line({"fr": "x"})}}, "lines: only a helpline has them"),
        (COUNTS, {"coverage": (DeclaredCoverage(dt.date(2022, 1, 2), dt.date(2022, 1, 1)),)}, "coverage.0.end: the last day is before the first"),
        (Profile("o", "O", "survey", "interviews"), {}, "questionnaire: a profile of interviews names one"),
    ],
)  # fmt: skip
def test_what_is_refused(base, changes, said):
    assert any(said in one for one in faults(base, **changes)), faults(base, **changes)


@pytest.mark.parametrize(
    ("base", "changes"),
    [
        (COUNTS, {"file": FileLayout(decimal=",", thousands=".")}),
        (COUNTS, {"territory": TerritoryRule(match="pattern", pattern=r"\d+")}),
        (WIDE, {"wide": (), "wide_pattern": r"n_(\d+)"}),
        (WIDE, {"wide_optional": ("fraud",)}),
        (COUNTS, {"named": {"unit": NameEntry("file", "(x)")}}),
        (COUNTS, {"optional": ("offence",)}),
        (EVENTS, {"columns": EVENTS.columns | {"form": ("f",)}, "strict": ("form",)}),
        (COUNTS, {"unknown": {"territory": ("x",)}, "codes": {"offence": {"a": "b"}}}),
        (COUNTS, {"coverage": (DeclaredCoverage(dt.date(2022, 1, 1), dt.date(2022, 1, 1)),)}),
        (COUNTS, {"summed": ("sexe",), "left_out": {"sexe": "x"}}),
        (EVENTS, {"time_zone": "Europe/Brussels"}),
    ],
)
def test_what_is_taken(base, changes):
    assert faults(base, **changes) == []


def test_points_need_two_columns_and_a_reference_system():
    columns = {name: (name,) for name in ("event_id", "event_date", "offence")}
    rule = TerritoryRule(match="point")
    points = replace(EVENTS, columns=columns, joined={"territory": ("x", "y")}, territory=rule)
    assert faults(points) == []
    for crs in ("", "EPSG:999999", "nothing"):
        assert any(
            "is no reference system" in one
            for one in faults(points, territory=replace(rule, crs=crs))
        )
    assert any("needs two columns" in one for one in faults(points, joined={"territory": ("x",)}))


FORM = replace(EVENTS, columns=EVENTS.columns | {"form": ("f",)})
FROM = dt.date(2022, 1, 1)


@pytest.mark.parametrize(
    ("codes", "vintages", "said"),
    [
        ({"form": {"P": "physical", "X": ""}}, (), None),
        ({"form": {"P": "physicl"}}, (), "codes.form.P: 'physicl' is not one of"),
        ({"form": {"P": "physical"}}, (CodeVintage("form", "S", "sexual", FROM),), None),
        ({"form": {"P": "physical"}}, (CodeVintage("form", "S", "", FROM),), None),
        ({"form": {"P": "physical"}}, (CodeVintage("form", "S", "sexul", FROM),), "dated_codes.0.means: 'sexul' is not one of"),
        ({"form": {"P": "physical"}}, (CodeVintage("form", "S", "sexual"),), "dated_codes.0: needs `from` or `until`"),
        ({"form": {"P": "physical"}}, (CodeVintage("form", "p", "sexual", FROM),), "dated_codes.0.code: 'p' is in codes.form too"),
        ({}, (CodeVintage("form", "S", "sexual", FROM),), "dated_codes.0.column: 'form' has no map in `codes`"),
        ({"form": {}}, (CodeVintage("form", "S", "sexual", FROM, dt.date(2021, 1, 1)),), "dated_codes.0.until: the last day is before the first"),
        ({"form": {}}, (CodeVintage("form", "S", "sexual", FROM, FROM),), None),
    ],
)  # fmt: skip
def test_codes_and_those_of_some_days(codes, vintages, said):
    found = faults(FORM, codes=codes, dated_codes=vintages)
    assert (found == []) if said is None else any(said in one for one in found), found


@pytest.mark.parametrize(
    ("until", "code", "means_two"),
    [
        (dt.date(2021, 12, 31), "S", False),
        (FROM, "s", True),
        (dt.date(2023, 1, 1), "S", True),
        (dt.date(2023, 1, 1), "T", False),
    ],
)
def test_a_code_means_one_thing_on_a_day(until, code, means_two):
    vintages = (
        CodeVintage("form", "S", "sexual", FROM),
        CodeVintage("form", code, "physical", None, until),
    )
    found = faults(FORM, codes={"form": {}}, dated_codes=vintages)
    assert (found != []) == means_two
    if means_two:
        assert f"dated_codes.1: '{code}' means two things on one day (see dated_codes.0)" in found


def test_some_shapes_have_codes_of_their_own():
    assert faults(SERVICES, codes={"unit": {"x": "anything"}}) == []
    assert any(
        "codes.unit.x" in one
        for one in faults(
            replace(COUNTS, columns=COUNTS.columns | {"unit": ("u",)}),
            codes={"unit": {"x": "anything"}},
        )
    )


@pytest.mark.parametrize(
    ("dates", "said"),
    [
        (("%d/%m/%Y", "%Y-%m-%d"), None),
        (("excel", "%d/%m/%Y"), None),
        (("%d/%m/%Y", "%d/%m/%y"), None),
        (("%d/%m/%Y", "%m/%d/%Y"), "read the same text as two days"),
        (("%Y-%m-%d", "%Y-%d-%m"), "read the same text as two days"),
    ],
)
def test_two_formats_read_no_text_as_two_days(dates, said):
    found = faults(EVENTS, dates=dates)
    assert (found == []) if said is None else any(said in one for one in found)
    assert len(found) <= 1


def layouts(*others, base=EVENTS):
    return faults(base, layout=others)


def other(name="old", **keys):
    return OtherLayout(**{"name": name, "header": ("X",)} | keys)


def test_other_layouts_are_judged_as_the_profile_is():
    assert layouts(other()) == []
    assert layouts(other(columns={"event_date": ("Jour",)})) == []
    assert "layout: 'old' stands twice" in layouts(other(), other())
    assert any(
        "layout.old.absent: 'form' is not in columns" in one
        for one in layouts(other(absent=("form",)))
    )
    assert any(
        "layout.old: columns: 'offence' is missing" in one
        for one in layouts(other(absent=("offence",)))
    )
    assert any(
        "layout.old: 'event_id' stands in one layout alone" in one
        for one in layouts(other(absent=("event_id",)))
    )
    assert any(
        "layout.old: 'victim_sex' stands in one layout alone" in one
        for one in layouts(other(columns={"victim_sex": ("S",)}))
    )


def test_a_fault_of_the_profile_itself_is_told_once():
    found = faults(EVENTS, dates=(), layout=(other(),))
    assert found == ["dates: the formats are missing, as '%d/%m/%Y'"]


def test_interviews_have_one_layout_and_no_coverage():
    base = Profile("o", "O", "survey", "interviews", questionnaire="women_2017")
    assert faults(base) == []
    assert any(
        "layout: a profile of interviews has one layout" in one
        for one in layouts(other(), base=base)
    )
    days = (DeclaredCoverage(dt.date(2022, 1, 1), dt.date(2022, 1, 1)),)
    assert any(
        "coverage: a profile of interviews has none" in one for one in faults(base, coverage=days)
    )
