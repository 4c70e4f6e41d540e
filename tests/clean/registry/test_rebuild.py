"""One table from the tables of several deliveries, by hand."""

import datetime as dt

import pandas as pd
import pytest

from obs.clean.cleaned import to_arrow_table, write_arrow
from obs.clean.registry.rebuild import Part, rebuild
from obs.errors import DeliveryError
from tests.clean.registry.tidy_deliveries import facts

JANUARY, JUNE = "2022-01-31", "2022-06-30"


@pytest.fixture
def part(tmp_path):
    """Give a function that stores rows as a part."""

    def store(*rows, name="a", schema="EVENTS", day=JANUARY, extracted=None):
        path = tmp_path / f"{name}.parquet"
        write_arrow(to_arrow_table(facts(*rows, delivery=name, extracted=extracted)), path)
        return Part(schema, path, day)

    return store


def places(table):
    return dict(zip(table["event_id"], table["territory"], strict=True))


def test_the_later_extraction_stands_for_a_record(part):
    parts = [
        part(("F1", "2021-03-05", "21001"), ("F2", "2021-03-06", "21002"), name="a", day=JUNE),
        part(("F1", "2021-03-05", "21009"), ("F3", "2021-03-07", "21003"), name="b"),
    ]
    made = rebuild(parts, until=None)
    assert places(made) == {"F1": "21001", "F2": "21002", "F3": "21003"}
    assert made["extracted"].dt.strftime("%m").tolist() == ["06", "06", "01"]
    assert places(rebuild(parts, until=dt.date(2022, 6, 29))) == {"F1": "21009", "F3": "21003"}
    assert len(rebuild(parts, until=dt.date(2022, 6, 30))) == 3


def test_records_of_one_day_that_agree_are_one_whatever_delivered_them(part):
    row = ("F1", "2021-03-05", "21001")
    assert places(rebuild([part(row, name="a"), part(row, name="b")], until=None)) == {
        "F1": "21001"
    }


def test_records_of_one_day_that_differ_are_left_out(part):
    parts = [
        part(("F1", "2021-03-05", "21001"), ("F2", "2021-03-05", "21001"), name="a"),
        part(("F1", "2021-03-05", "21002"), name="b"),
    ]
    assert places(rebuild(parts, until=None)) == {"F2": "21001"}


def test_a_row_keeps_the_day_that_it_tells_and_else_has_its_deliverys(part):
    own = part(("F1", "2021-03-05", "21001"), name="a", day=JUNE, extracted="2022-02-01")
    assert rebuild([own], until=None)["extracted"].tolist() == [pd.Timestamp("2022-02-01")]
    undated = part(("F2", "2021-03-05", "21001"), name="b", day=None)
    made = rebuild([own, undated], until=dt.date(2022, 1, 1))
    assert places(made) == {"F2": "21001"}  # a row of no day comes before all others
    assert made["extracted"].isna().all()


def test_deliveries_of_several_tables_are_refused(part):
    row = ("F1", "2021-03-05", "21001")
    with pytest.raises(DeliveryError, match=r"several tables \(CALLS, EVENTS\)"):
        rebuild([part(row), part(row, schema="CALLS")], until=None)


def counts(path, numerators, *, place):
    n = len(numerators)
    made = pd.DataFrame(
        {
            **{"territory": "21001", "period": pd.PeriodIndex(["2021"] * n, freq="Y")},
            **{"phenomenon": "theft_other", "unit": "fact", "place": place},
            **{"numerator": pd.array(numerators, "Int64"), "status": "ok", "delivery": path.stem},
            **{"source": "police", "synthetic": pd.array([True] * n, "boolean")},
            "extracted": pd.Series(pd.NaT, range(n)).astype("datetime64[us]"),
        }
    )
    texts = ["territory", "phenomenon", "unit", "place", "status", "delivery", "source"]
    write_arrow(to_arrow_table(made.astype(dict.fromkeys(texts, "str"))), path)
    return Part("COUNTS", path, JANUARY)


def test_counts_of_different_breakdowns_are_different_records(tmp_path):
    parts = [
        counts(tmp_path / "a.parquet", [3, 4], place=["home", "street"]),
        counts(tmp_path / "b.parquet", [3, 5], place=["home", "shop"]),
    ]
    made = rebuild(parts, until=None)
    assert dict(zip(made["place"], made["numerator"], strict=True)) == {
        **{"home": 3, "street": 4, "shop": 5}
    }
    parts.append(counts(tmp_path / "c.parquet", [6], place=["home"]))
    assert rebuild(parts, until=None)["numerator"].tolist() == [4, 5]


def test_answers_are_one_for_each_question_of_a_respondent(tmp_path):
    def stored(name, *values):
        path = tmp_path / name
        rows = {"respondent_id": "R1", "question": "Q1", "item": ["a", "b"], "value": values}
        rows |= {"status": "ok", "reason": ""}
        write_arrow(to_arrow_table(pd.DataFrame(rows).astype("str")), path)
        return path

    parts = [
        Part("ANSWERS", stored("a", "1", "2"), JANUARY),
        Part("ANSWERS", stored("b", "1", "3"), JUNE),
    ]
    made = rebuild(parts, until=None)
    assert list(made.columns) == ["respondent_id", "question", "item", "value", "status", "reason"]
    assert sorted(zip(made["item"], made["value"], strict=True)) == [("a", "1"), ("b", "3")]
