"""Registered corrections: applied while the source is faulty, refused once it is mended."""

import datetime as dt
from dataclasses import replace

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from obs.clean.registry.corrections import APPLIED, Correction, apply_corrections, load_corrections
from obs.errors import CatalogueError, DeliveryError
from obs.schemas import check_table

REGISTER = """
[[correction]]
id = "jette-2021"
source = "police"
delivery = "june.csv"
reason = "burglaries of a street of Jette coded in Evere"
provider = "zone 5340"
reported = 2022-03-01
status = "confirmed"
rows = 2
where = { offence = "VOL-HAB", event_date = 2021-05-04 }
expect = { territory = "21006" }
set = { territory = "21010" }
"""


def facts(**columns):
    return pd.DataFrame(
        {
            "event_id": ["F1", "F2", "F3", "F4"],
            "event_date": pd.to_datetime(["2021-05-04"] * 3 + ["2021-05-05"]).astype(
                "datetime64[us]"
            ),
            "offence": ["VOL-HAB", "VOL-HAB", "COUPS", "VOL-HAB"],
            "territory": ["21006"] * 4,
            "relation": pd.Series(["couple", None, None, None], dtype="str"),
            "delivery": "june.csv",
            **columns,
        }
    )


@pytest.fixture
def register(tmp_path):
    path = tmp_path / "corrections.toml"
    path.write_text(REGISTER, encoding="utf-8")
    return path


@pytest.fixture
def correction(register):
    return load_corrections(register)[0]


def apply(table, *corrections):
    return apply_corrections(table, corrections, source="police")


def test_the_rows_named_are_corrected_and_no_other(correction):
    table = facts()
    before = table.copy()
    corrected, done = apply(table, correction)
    assert corrected["territory"].tolist() == ["21010", "21010", "21006", "21006"]
    assert_frame_equal(corrected.drop(columns="territory"), before.drop(columns="territory"))
    assert_frame_equal(table, before)
    row = check_table(done, APPLIED).iloc[0]
    assert row[["id", "rows", "outcome", "provider"]].tolist() == [
        *("jette-2021", 2, "applied", "zone 5340")
    ]


@pytest.mark.parametrize(
    ("territory", "says"),
    [
        (["21010", "21010", "21006", "21006"], "no longer holds what it expects in territory"),
        (["21010", "21006", "21006", "21006"], "no longer holds"),
    ],
)
def test_a_mended_source_fails_the_expectation(correction, territory, says):
    with pytest.raises(DeliveryError, match=rf"'jette-2021': .*{says}.*zone 5340.*'mended'"):
        apply(facts(territory=territory), correction)


def test_rows_that_came_or_went_fail_the_expectation(correction):
    with pytest.raises(DeliveryError, match="1 rows are as it says, it expects 2"):
        apply(facts().drop(index=0), correction)


def test_every_failed_expectation_is_told_at_once(correction):
    other = replace(correction, id="other", rows=7)
    table = facts(territory="21010")
    with pytest.raises(DeliveryError, match=r"(?s)'jette-2021'.*'other'"):
        apply(table, correction, other)


@pytest.mark.parametrize("status", ["mended", "withdrawn"])
def test_a_closed_correction_is_kept_and_not_applied(correction, status):
    table = facts(territory="21010")
    corrected, done = apply(table, replace(correction, status=status))
    assert_frame_equal(corrected, table)
    assert done[["rows", "outcome"]].to_numpy().tolist() == [[0, "closed"]]


def test_a_delivery_that_did_not_come_is_said(correction):
    corrected, done = apply(facts(delivery="other.csv"), correction)
    assert done["outcome"].tolist() == ["not_delivered"]
    assert set(corrected["territory"]) == {"21006"}


def test_an_empty_text_stands_for_a_missing_cell(correction):
    wrong = replace(
        correction,
        where={"event_id": "F2"},
        expect={"relation": ""},
        set={"relation": "couple"},
        rows=1,
    )
    corrected, _ = apply(facts(), wrong)
    assert corrected["relation"].tolist()[:2] == ["couple", "couple"]
    back = replace(wrong, expect={"relation": "couple"}, set={"relation": ""})
    assert pd.isna(apply(corrected, back)[0]["relation"][1])


def test_counts_of_a_period_are_corrected(correction):
    counts = pd.DataFrame(
        {
            "territory": "21006",
            "period": pd.PeriodIndex(["2020", "2021"], freq="Y"),
            "numerator": pd.array([14, 1400], dtype="Int64"),
        }
    )
    typed_twice = replace(
        correction,
        delivery="",
        where={"period": "2021"},
        expect={"numerator": 1400},
        set={"numerator": 14},
        rows=1,
    )
    corrected, _ = apply(counts, typed_twice)
    assert corrected["numerator"].tolist() == [14, 14]
    assert corrected["numerator"].dtype == "Int64"


@pytest.mark.parametrize(("given", "becomes"), [("2019", "2019"), ("", "NaT")])
def test_a_period_is_corrected_to_another_or_to_none(correction, given, becomes):
    counts = pd.DataFrame({"entry_period": pd.PeriodIndex(["2020", "2021"], freq="Y"), "n": [1, 2]})
    wrong = replace(
        correction,
        delivery="",
        where={"entry_period": "2021"},
        expect={"entry_period": "2021"},
        set={"entry_period": given},
        rows=1,
    )
    corrected, _ = apply(counts, wrong)
    assert corrected["entry_period"].dtype == pd.PeriodDtype("Y")
    assert [str(period) for period in corrected["entry_period"]] == ["2020", becomes]


def test_corrections_of_another_source_are_left_aside(correction):
    corrected, done = apply_corrections(facts(), [correction], source="prosecutor")
    assert_frame_equal(corrected, facts())
    assert len(check_table(done, APPLIED)) == 0


def test_an_unknown_column_is_refused(correction):
    with pytest.raises(CatalogueError, match="column 'colour' is not in the table"):
        apply(facts(), replace(correction, where={"colour": "red"}))


def test_an_absent_register_is_empty(tmp_path):
    assert load_corrections(tmp_path / "corrections.toml") == ()


def test_the_register_is_read(correction):
    assert isinstance(correction, Correction)
    assert correction.reported == dt.date(2022, 3, 1)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('status = "confirmed"', 'status = "maybe"', "correction.0.status: is not one of reported"),
        ("rows = 2", "rows = 0", "'correction.0.rows' must be a whole number from 1 up"),
        ("rows = 2", 'rows = "2"', "'correction.0.rows' must be a whole number, not a text"),
        ('provider = "zone 5340"', "", "key 'correction.0.provider' is absent"),
        (
            "rows = 2",
            "rows = 2\nauthor = 1",
            "unknown key 'correction.0.author'; keys here: id, source",
        ),
        ('set = { territory = "21010" }', 'set = { place = "x" }', "the same columns"),
        ("rows = 2", "rows = ", "not valid TOML"),
        ('source = "police"', 'source = "polise"', "correction.0.source: is not one of police"),
        (
            "[[correction]]",
            "[[corrections]]",
            "unknown key 'corrections' .did you mean 'correction'",
        ),
        ("reported = 2022-03-01", 'reported = "2022-03-01"', "must be a day such as 2024-01-31"),
        ('set = { territory = "21010" }', "set = {}", "'correction.0.set' is empty"),
        ("[[correction]]", "[correction]", r"each under \[\[correction\]\], not a table"),
    ],
)
def test_a_faulty_register_is_refused(register, old, new, says):
    register.write_text(REGISTER.replace(old, new), encoding="utf-8")
    with pytest.raises(CatalogueError, match=says):
        load_corrections(register)


def test_an_id_is_used_once_and_identity_is_never_corrected(register):
    entry = REGISTER.replace("{ territory", "{ event_id")
    register.write_text(REGISTER + entry, encoding="utf-8")
    with pytest.raises(
        CatalogueError, match=r"event_id cannot be corrected\n- 'jette-2021' is used"
    ):
        load_corrections(register)


def test_what_a_cell_holds_is_never_repeated(register):
    text = REGISTER.replace('"confirmed"', '"Jeanne Dupont"').replace(
        "rows = 2", 'rows = "J. Dupont"'
    )
    register.write_text(text.replace('"21006"', '["Jeanne"]'), encoding="utf-8")
    with pytest.raises(CatalogueError) as caught:
        load_corrections(register)
    assert "correction.0.expect.territory' must be a text, a number" in str(caught.value)
    assert "Dupont" not in str(caught.value)
    assert "Jeanne" not in str(caught.value)
