"""What each column of a row becomes, by hand: faults that reject and those that are remarked."""

import pytest

from obs.clean.judge.value_mapping import map_columns
from obs.clean.profiles.code_vintages import CodeVintage
from obs.clean.profiles.file_layout import FileLayout
from obs.clean.profiles.profile import Profile
from obs.clean.profiles.territory_rule import TerritoryRule
from tests.clean.judge.some_rows import faults, remarks, rows_of, told


def mapped(shape="events", kind="police", keys=None, **texts):
    """Map the texts of some columns by a profile of a shape."""
    n = max(map(len, texts.values()))
    columns = {name: (name,) for name in texts}
    profile = Profile("own", "Own", kind, shape, **{"columns": columns} | (keys or {}))
    rows = rows_of(n, **texts)
    map_columns(rows, profile)
    return rows


DAYS = {"dates": ("%d/%m/%Y", "%m/%Y", "%Y")}


def test_a_day_of_the_fact_may_be_a_month_and_any_other_may_not():
    rows = mapped(
        keys=DAYS,
        event_date=["05/03/2021", "03/2021", "2021", "x", None],
        report_date=["06/03/2021", "03/2021", "2021", "x", None],
    )
    assert told(rows.to["event_date"]) == ["2021-03-05", "2021-03-01", "2021-01-01", None, None]
    assert told(rows.to["date_precision"]) == ["day", "month", "year", None, None]
    assert told(rows.to["report_date"]) == ["2021-03-06", None, None, None, None]
    assert faults(rows) == [None, None, None, ("event_date", "impossible_date"), None]
    assert remarks(rows) == [
        ("report_date", "not_a_day", [1, 2]),
        ("report_date", "impossible_date", [3]),
    ]


def test_texts_without_a_judge_are_trimmed_and_kept():
    rows = mapped(event_id=[" F1 ", None], offence=["VOL ", "VOL"], detail=["a", " a"])
    assert told(rows.to["event_id"]) == ["F1", None]
    assert told(rows.to["offence"]) == ["VOL", "VOL"]
    assert rows.to["detail"].distinct() == ["a"]


@pytest.mark.parametrize(
    ("strict", "rejected"),
    [((), [None, None]), (("attempt",), [None, ("attempt", "unknown_code")])],
)
def test_a_faulty_attribute_is_remarked_unless_the_profile_is_strict(strict, rejected):
    keys = {"flags": {"attempt": {"true": "O", "false": "N"}}, "strict": strict}
    rows = mapped(keys=keys, attempt=["O", "?"])
    assert told(rows.to["attempt"]) == [True, None]
    assert faults(rows) == rejected
    assert remarks(rows) == ([] if strict else [("attempt", "unknown_code", [1])])


def test_codes_are_those_of_the_profile_else_of_the_house():
    keys = {
        "codes": {"place": {"D": "home"}},
        "dated_codes": (CodeVintage("place", "R", "street"),),
    }
    rows = mapped(
        keys=keys,
        place=["d", "R", "x"],
        form=["physical", "PHYSICAL", "P"],
        relation=["couple", "", None],
    )
    assert told(rows.to["place"]) == ["home", "street", None]
    assert told(rows.to["form"]) == ["physical", "physical", None]
    assert told(rows.to["relation"]) == ["couple", None, None]
    assert remarks(rows) == [("place", "unknown_code", [2]), ("form", "unknown_code", [2])]


def test_facts_of_which_only_the_whole_is_known_are_remarked():
    keys = {"territory": TerritoryRule(level="commune"), "unknown": {"territory": ("inconnu",)}}
    rows = mapped(keys=keys, territory=["04000", "21001", "Nowhere"])
    assert told(rows.to["territory"]) == ["04000", "21001", None]
    assert ("territory", "unplaced", [0]) in remarks(rows)
    assert faults(rows)[2] == ("territory", "unknown_territory")
    counts = mapped("counts", keys={"territory": TerritoryRule()}, territory=["04000"])
    assert remarks(counts) == []


def test_cases_and_calls_take_place_in_a_unit_of_the_finest_level():
    cells = ["21001", "5339", "04000"]
    calls = mapped("calls", "helpline", territory=cells)
    assert told(calls.to["territory"])[0] == "21001"
    assert [rule for _, rule, hit in remarks(calls) if hit == [1, 2]] == ["unknown_territory"]
    cases = mapped("cases", "prosecutor", territory=cells)
    assert [f and f[1] for f in faults(cases)] == [None, "unknown_territory", "unknown_territory"]
    facts = mapped("events", territory=cells)
    assert told(facts.to["territory"]) == cells


def counted(*, numerator, status=None, **keys):
    texts = {"numerator": numerator} | ({"status": status} if status else {})
    return mapped(
        "counts",
        keys={"marks": {"-": "zero", "<5": "suppressed_source", "": "missing"}} | keys,
        **texts,
    )


def test_counts_have_the_status_of_their_mark():
    rows = counted(numerator=["3", "0", "-", "<5", None, "x"])
    assert told(rows.to["numerator"]) == [3, 0, 0, None, None, None]
    assert told(rows.to["status"]) == ["ok", "zero", "zero", "suppressed_source", "missing", None]
    assert faults(rows)[5] == ("numerator", "not_a_number")
    assert faults(rows)[:5] == [None] * 5


@pytest.mark.parametrize(
    ("number", "said", "value", "status", "fault"),
    [
        ("3", "A", 3, "ok", None),
        ("0", "A", 0, "zero", None),
        ("3", None, 3, "ok", None),
        ("3", "P", 3, "provisional", None),
        ("3", "U", 3, "unreliable", None),
        ("3", "Q", None, "suppressed_source", None),  # an estimate beside "none is given"
        ("3", "M", None, "not_applicable", None),
        ("3", "O", None, "missing", None),
        ("NaN", "O", None, "missing", None),
        ("nan", "Q", None, "suppressed_source", None),
        ("x", "O", None, "missing", "not_a_number"),
        ("NaN", "A", None, None, "not_a_number"),
        ("-3", "O", None, "missing", "negative_count"),
        ("3", "?", 3, "ok", "unknown_code"),
    ],
)
def test_a_status_of_its_own_stands_beside_the_number(number, said, value, status, fault):
    rows = mapped("counts", numerator=[number, "7"], status=[said, "A"])
    assert told(rows.to["numerator"]) == [value, 7]
    assert told(rows.to["status"])[0] == status
    assert told(rows.to["status"])[1] == "ok"
    assert [f and f[1] for f in faults(rows)] == [fault, None]


def test_a_blank_number_beside_a_status_that_says_none_is_no_fault():
    rows = mapped("counts", keys={"marks": {}}, numerator=[None, None, "4"], status=["O", "A", "A"])
    assert told(rows.to["status"])[0] == "missing"
    assert [f and f[1] for f in faults(rows)] == [None, "not_a_number", None]


def test_hours_are_put_together_with_their_day():
    keys = {**DAYS, "file": FileLayout(time_zone="UTC"), "time_zone": "Europe/Brussels"}
    rows = mapped(keys=keys, event_date=["05/07/2021", "05/07/2021"], event_hour=["23:30", "10:00"])
    assert told(rows.to["event_date"]) == ["2021-07-06", "2021-07-05"]  # two hours ahead in summer
    assert told(rows.to["event_hour"]) == [1, 12]
    alone = mapped("calls", "helpline", keys=DAYS, hour=["23:30"])
    assert told(alone.to["hour"]) == [23]


def test_ages_numbers_versions_and_closed_lists():
    rows = mapped(
        keys={"bands": (18,)}, victim_age_band=["17", "18", "200"], version=["1", "2.5", "x"]
    )
    assert told(rows.to["victim_age_band"]) == ["0-17", "18+", None]
    assert told(rows.to["version"]) == [1.0, 2.5, None]
    assert faults(rows)[2] == ("version", "not_a_number")
    free = mapped(victim_age_band=["17"])
    assert faults(free) == [None]
    assert remarks(free) == [("victim_age_band", "unknown_code", [0])]
    reports = mapped(keys={"report_id": "belgian_pv"}, report_id=["BR11LA4633/2018", "x"])
    assert told(reports.to["report_id"]) == ["BR.11.LA.004633/2018", None]


def test_topics_of_calls_are_yes_or_no_by_their_words():
    keys = {"flags": {"topic": {"true": "oui", "false": "non"}}}
    rows = mapped("calls", "helpline", keys=keys, topic_money=["oui", "non", "?"])
    assert told(rows.to["topic_money"]) == [True, False, None]
    assert remarks(rows) == [("topic_money", "unknown_code", [2])]
