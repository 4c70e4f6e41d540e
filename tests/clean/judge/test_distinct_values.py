"""What a distinct text of each kind of column becomes, and the rule that it breaks."""

import pytest

from obs.clean.judge.distinct_values import (
    Form,
    judge_bands,
    judge_codes,
    judge_counts,
    judge_flags,
    judge_numbers,
    judge_places,
    judge_report_ids,
    share_of_fractions,
)
from tests.clean.profile_texts import COUNTS, profile

PLAIN = profile(COUNTS)
MARKED = profile(
    COUNTS,
    more='mark_patterns = [{ pattern = "(\\\\d+)[*]", status = "provisional" }, '
    '{ pattern = "c[.]", status = "suppressed_source" }]',
)
COMMA = profile(COUNTS, file='decimal = ","\nthousands = "."')


def one(judged):
    return judged.values["value"][0], judged.faults[0]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Été", ("summer", None)),
        ("été", ("season", None)),  # a spelling that the map has exactly goes first
        ("ETE", ("summer", None)),
        (" e  te ", (None, "unknown_code")),
        ("1.0", ("one", None)),
        ("1.5", (None, "unknown_code")),
        ("nothing", (None, None)),
        ("", (None, None)),
        ("  ", (None, None)),
    ],
)
def test_codes(text, found):
    codes = {"Été": "summer", "été": "season", "1": "one", "nothing": ""}
    assert one(judge_codes([text], codes)) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("oui", (True, None)),
        ("OUI", (True, None)),
        ("ouï", (True, None)),
        ("non", (False, None)),
        ("oui non", (None, "unknown_code")),
        ("", (None, None)),
    ],
)
def test_flags(text, found):
    assert one(judge_flags([text], {"true": "oui", "false": "non|oui"})) == found
    assert one(judge_flags(["non"], {"true": "oui"})) == (None, "unknown_code")


def test_a_pattern_that_has_no_plain_form_is_taken_as_it_is():
    assert Form("[à-ä]").match("â")
    assert Form("a  b") is not None
    assert Form("A B").match(" a   b ")
    assert not Form("a").match("ab")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("0", ("0-11", None)),
        ("11", ("0-11", None)),
        ("12", ("12-17", None)),
        ("17.0", ("12-17", None)),
        ("18", ("18+", None)),
        ("120", ("18+", None)),
        ("121", (None, "impossible_age")),
        ("12-17", ("12-17", None)),
        ("18+", ("18+", None)),
        ("17.5", (None, "impossible_age")),
        ("-1", (None, "impossible_age")),
        ("1" * 19, (None, "impossible_age")),
        ("", (None, None)),
    ],
)
def test_bands_of_ages(text, found):
    assert one(judge_bands([text], [18, 12])) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("0", (0.0, None)),
        ("12.5", (12.5, None)),
        ("1e3", (1000.0, None)),
        ("-0.5", (None, "not_a_number")),
        ("9" * 18, (None, "not_a_number")),  # it rounds to the least that is too great
        ("1e18", (None, "not_a_number")),
        ("1e17", (1e17, None)),
        ("NaN", (None, None)),
        ("nan x", (None, "not_a_number")),
        ("1 234", (1234.0, None)),
        ("1 23", (None, "not_a_number")),
        ("", (None, None)),
    ],
)
def test_numbers(text, found):
    assert one(judge_numbers([text], PLAIN)) == found


@pytest.mark.parametrize(
    ("text", "number", "status", "fault"),
    [
        ("7", 7, "ok", None),
        ("0", 0, "zero", None),
        ("7.0", 7, "ok", None),
        ("7.00", None, None, "not_a_number"),
        ("7.5", None, None, "not_a_number"),
        ("-3", None, None, "negative_count"),
        ("-", 0, "zero", None),
        ("N.D.", None, "missing", None),
        ("<5", None, "suppressed_source", None),
        ("", None, "missing", None),
        ("9" * 18, int("9" * 18), "ok", None),
        ("9" * 19, None, None, "not_a_number"),
        ("12*", 12, "provisional", None),
        ("C.", None, "suppressed_source", None),
        ("x", None, None, "not_a_number"),
        (None, None, "missing", None),
    ],
)
def test_counts_and_their_marks(text, number, status, fault):
    found = judge_counts([text], MARKED)
    assert found.values["value"] == [number]
    assert found.values["status"] == [status]
    assert found.faults == [fault]


def test_counts_with_a_point_for_thousands():
    found = judge_counts(["1.234", "12.34", "1234", "1.234.567"], COMMA)
    assert found.values["value"] == [1234, None, 1234, 1234567]


@pytest.mark.parametrize(
    ("texts", "share"),
    [
        (["1", "2"], 0.0),
        (["1.5", "2"], 0.5),
        (["0", "0.0", "1.5"], 1.0),
        (["12%", "3"], 0.5),
        (["0 %", "x"], 0.0),
        ([], 0.0),
    ],
)
def test_shares_of_fractions(texts, share):
    assert share_of_fractions(texts, PLAIN) == share


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("BR.11.LA.004633/2018", ("BR.11.LA.004633/2018", None)),
        ("br11la46332018", ("BR.11.LA.004633/2018", None)),
        ("BR 11 LA 4633 / 2018", ("BR.11.LA.004633/2018", None)),
        ("BR.11.LA.0046331/2018", (None, "malformed_report_id")),
        ("B.11.LA.004633/2018", (None, "malformed_report_id")),
        ("", (None, None)),
    ],
)
def test_report_numbers(text, found):
    assert one(judge_report_ids([text])) == found


@pytest.mark.parametrize(
    ("text", "code", "fault"),
    [
        ("21004", "21004", None),
        ("'21004", "21004", None),
        ("21004.0", "21004", None),
        ("Ixelles", "21009", None),
        ("Chose", None, "unknown_territory"),
        ("Total", None, "totals_row"),
        ("", None, "missing_key"),
        ("chez moi", "21001", None),
    ],
)
def test_places(text, code, fault):
    rule = 'level = "commune"\ntotals = "total.*"\nnames = { "Chez moi" = "21001" }'
    named = profile(COUNTS.replace('level = "commune"', rule))
    found = judge_places([text], named)
    assert (found.values["value"], found.faults) == ([code], [fault])
