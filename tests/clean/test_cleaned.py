"""What a cleaning holds: its account, its tables, what is written of them."""

from dataclasses import replace

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from obs.clean.cleaned import (
    Cleaned,
    erase_rows,
    read_cleaned,
    tidy_schema,
    to_arrow_table,
    type_tidy,
    write_arrow,
)
from obs.errors import DeliveryError
from obs.schemas import CASES, COUNTS, EVENTS, REJECTED, UNMATCHED, check_table, empty_table
from tests.clean.registry.tidy_deliveries import cleaned, facts

ROWS = (("F1", "2021-03-05", "21001"), ("F2", "2021-04-06", "21002"))


@pytest.fixture
def made(tmp_path):
    return cleaned(tmp_path / "a.csv", *ROWS)


def rejected(*rules, file="a.csv"):
    rows = {"file": file, "sheet": None, "row": range(len(rules)), "column": None, "rule": rules}
    table = pd.DataFrame({**rows, "message": "x"}).astype({"row": "Int64"})
    texts = dict.fromkeys(("file", "sheet", "column", "rule", "message"), "str")
    return check_table(table.astype(texts), REJECTED)


def report(made, *lines):
    """Give the report of files (name, read, kept, merged, rejected)."""
    parts = []
    for file, *counts in lines:
        told = dict(zip(("read", "kept", "merged", "rejected"), counts, strict=True))
        parts.append(made.report.assign(file=pd.Series([file], dtype="str"), **told))
    return pd.concat(parts, ignore_index=True)


def test_the_sum_of_all_files_comes_first_then_rules_by_their_rows(made):
    two = report(made, ("a.csv", 7, 1, 2, 4), ("b.csv", 1003, 1, 1002, 0))
    two = two.assign(identical=pd.array([2, 3], "Int64"))
    lost = rejected("totals_row", "future_date", "unknown_code", "future_date")
    told = rejected("far_date", "added_rows", "added_rows")
    said = replace(made, report=two, rejected=lost, flagged=told).summary()
    assert said == [
        "read 1,010, kept 2, merged 1,004, rejected 4",
        "identical rows within a file 5",
        "rejected by future_date: 2",
        "rejected by totals_row: 1",
        "rejected by unknown_code: 1",
        "remarked as added_rows: 2",
        "remarked as far_date: 1",
    ]


def test_counts_are_summed_and_places_said(made):
    sums = {
        f"sum_{name}": [n]
        for name, n in zip(("read", "kept", "merged", "rejected"), (9, 4, 3, 2), strict=True)
    }
    more = pd.DataFrame(sums | {"population": 5})
    told = report(made, ("a.csv", 2, 2, 0, 0)).join(more.astype("Int64"))
    places = pd.DataFrame({"text": ["Halle"], "rows": [2], "reason": ["Halle is none"]})
    places = check_table(
        places.astype({"text": "str", "reason": "str", "rows": "Int64"}), UNMATCHED
    )
    said = replace(made, report=told, unmatched=places).summary()
    assert said[1:] == [
        "counts: read 9, kept 4, merged 3, rejected 2",
        "no unit: Halle is none (2 rows)",
    ]


@pytest.mark.parametrize(
    ("lines", "rules", "named"),
    [
        ([("a.csv", 3, 2, 0, 0)], (), "a.csv"),
        ([("a.csv", 1, 2, 0, 0)], (), "a.csv"),
        ([("a.csv", 3, 2, 0, 1)], (), "a.csv"),  # a rejected row that is not listed
        ([("a.csv", 2, 2, 0, 0)], ("x",), "a.csv"),  # one listed that was not counted
        ([("a.csv", 3, 3, 0, 0)], (), "all files together"),  # a row more than the table has
        ([("a.csv", 2, 2, 0, 0), ("b.csv", 1, 0, 0, 0)], (), "b.csv"),
    ],
)
def test_an_account_that_does_not_close_keeps_nothing(made, lines, rules, named):
    with pytest.raises(DeliveryError, match=f"the account of {named} does not close"):
        replace(made, report=report(made, *lines), rejected=rejected(*rules))


def test_the_account_of_counts_closes_too(made):
    told = report(made, ("a.csv", 2, 2, 0, 0))
    told = told.assign(
        **{f"sum_{name}": pd.array([1], "Int64") for name in ("read", "kept", "merged", "rejected")}
    )
    with pytest.raises(DeliveryError, match="the account of a.csv does not close"):
        replace(made, report=told)
    zero = pd.array([0], "Int64")
    assert replace(made, report=told.assign(sum_merged=zero, sum_rejected=zero))
    unknown = told.assign(sum_read=pd.array([pd.NA], "Int64"))
    assert replace(made, report=unknown)


def test_rows_rejected_as_totals_are_tolerated(made):
    lost = rejected("totals_row", "future_date", "future_date")
    told = report(made, ("a.csv", 5, 2, 0, 3))
    assert replace(made, report=told, rejected=lost).intolerable == 2


def test_what_is_shown_in_a_notebook_is_the_account(made):
    assert repr(made) == "Cleaned(EVENTS: read 2, kept 2, merged 0, rejected 0)"
    shown = made._repr_html_()
    assert "EVENTS of obs.schemas, 2 rows" in shown
    assert "a.csv" in shown
    assert "21001" not in shown


def test_files_are_written_whole_and_former_ones_go(made, tmp_path):
    folder = tmp_path / "new" / "out"
    told = report(made, ("a.csv", 3, 2, 0, 1))
    full = replace(made, report=told, rejected=rejected("x"), flagged=rejected("y"))
    written = [path.name for path in full.write(folder)]
    assert written == ["events.parquet", "rejected.csv", "report.csv", "flagged.csv"]
    assert sorted(path.name for path in folder.iterdir()) == sorted(written)
    assert (
        folder / "rejected.csv"
    ).read_text() == "file,sheet,row,column,rule,message\na.csv,,0,,x,x\n"
    assert "2021-03-05" in (folder / "report.csv").read_text().splitlines()[1]
    assert (folder / "report.csv").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in made.write(folder)] == written[:3]
    assert sorted(path.name for path in folder.iterdir()) == sorted(written[:3])
    pd.testing.assert_frame_equal(read_cleaned(folder / "events.parquet"), made.table)
    (tmp_path / "file").write_text("x")
    with pytest.raises(DeliveryError, match="file: is a file; give a folder"):
        made.write(tmp_path / "file")


def test_the_table_is_typed_and_kept_and_another_may_stand_for_it(made):
    assert made.table is made.table
    assert made.frame() is not made.frame()
    other = made.with_table(made.table.assign(filing=pd.Series(["x", "y"], dtype="str")))
    assert other.table["filing"].tolist() == ["x", "y"]
    assert other.deliveries == ()
    assert (made.name, list(made.arrow_tables)) == ("events", ["events"])


@pytest.mark.parametrize(
    ("periods", "freq"), [(["2021", "2022"], "Y-DEC"), (["2021-01", "2022-02"], "M")]
)
def test_periods_are_written_as_texts_and_typed_again(tmp_path, periods, freq):
    frame = pd.DataFrame(
        {
            **{"territory": "21001", "period": pd.PeriodIndex(periods, freq=freq)},
            **{
                "phenomenon": "theft_other",
                "unit": "fact",
                "numerator": pd.array([1, None], "Int64"),
            },
            **{"status": ["ok", "missing"], "delivery": "a", "source": "police"},
            "extracted": pd.Series(pd.NaT, range(2)).astype("datetime64[us]"),
            "synthetic": pd.array([True, True], "boolean"),
        }
    )
    arrow = to_arrow_table(frame)
    assert arrow["period"].to_pylist() == periods
    assert arrow.column_names == list(frame)
    write_arrow(arrow, tmp_path / "counts.parquet")
    back = read_cleaned(tmp_path / "counts.parquet")
    assert back["period"].dtype == f"period[{freq}]"
    assert back["numerator"].tolist()[0] == 1
    assert (str(back["numerator"].dtype), str(back["synthetic"].dtype)) == ("Int64", "boolean")


def cases(**more):
    blank = pd.Series(pd.NaT, range(2)).astype("datetime64[us]")
    texts = (
        "mother_id",
        "report_id",
        "charge",
        "context",
        "section",
        "decision",
        "territory",
        "delivery",
    )
    return pd.DataFrame(
        {
            "case_id": pd.Series(["C1", "C2"], dtype="str"),
            **{name: pd.Series([None] * 2, dtype="str") for name in texts},
            **{"entry_date": blank, "decision_date": blank, "extracted": blank},
            **more,
        }
    )


def test_a_month_is_a_month_beside_cases_of_none():
    assert "entry_period" not in type_tidy(cases(), CASES)
    typed = type_tidy(cases(entry_period=pd.Series(["2021-02", None], dtype="str")), CASES)
    assert typed["entry_period"].dtype == "period[M]"
    assert str(typed["entry_period"][0]) == "2021-02"


def test_texts_are_held_as_codes_and_given_as_texts(made):
    held = to_arrow_table(made.table)
    for name in ("territory", "event_id"):
        coded = held[name].dictionary_encode()
        held = held.set_column(held.column_names.index(name), name, coded)
    table = replace(made, _arrow=held).table
    assert table["territory"].tolist() == ["21001", "21002"]
    assert table["territory"].dtype == "str"


def test_a_table_is_recognised_by_the_columns_that_it_needs():
    assert tidy_schema(list(facts(*ROWS).columns), "a") is EVENTS
    needed = [name for name, column in COUNTS.columns.items() if column.required]
    assert tidy_schema([*needed, "more"], "a") is COUNTS
    with pytest.raises(DeliveryError, match="a: not a tidy table"):
        tidy_schema(needed[:-1], "a")


def test_what_is_no_tidy_file_is_refused(tmp_path):
    with pytest.raises(DeliveryError, match="none.parquet: there is no such file"):
        read_cleaned(tmp_path / "none.parquet")
    (tmp_path / "b.parquet").write_text("text")
    with pytest.raises(DeliveryError, match="b.parquet: not an Apache Parquet file, or damaged"):
        read_cleaned(tmp_path / "b.parquet")
    with pytest.raises(DeliveryError, match="there is no such file"):
        read_cleaned(tmp_path)


def test_texts_that_seldom_repeat_are_written_plainly(tmp_path):
    often, seldom = pa.array(["a"] * 8), pa.array([f"t{i // 4}" for i in range(8)])
    rare = pa.array([*(f"t{i}" for i in range(3)), *["t0"] * 5])
    columns = {"often": often, "seldom": seldom, "rare": rare}
    table = pa.table({name: column.dictionary_encode() for name, column in columns.items()})
    table = table.append_column("n", pa.array(range(8)))
    write_arrow(table, tmp_path / "a.parquet")
    file = pq.ParquetFile(tmp_path / "a.parquet")
    coded = {
        file.schema_arrow.names[i]: "RLE_DICTIONARY"
        in file.metadata.row_group(0).column(i).encodings
        for i in range(4)
    }
    assert coded == {"often": True, "seldom": True, "rare": False, "n": True}
    kinds = {name: str(file.schema_arrow.field(name).type) for name in columns}
    assert kinds["rare"] == "string"
    assert file.read()["rare"].to_pylist() == rare.to_pylist()


def test_rows_of_a_delivery_are_erased_and_others_stay(tmp_path):
    path = tmp_path / "events.parquet"
    both = pd.concat(
        [facts(ROWS[0], delivery="a"), facts(ROWS[1], delivery="b")], ignore_index=True
    )
    write_arrow(to_arrow_table(both), path)
    assert erase_rows(path, "c") == 0
    assert erase_rows(path, "a") == 1
    assert pq.read_table(path)["event_id"].to_pylist() == ["F2"]
    answers = pd.DataFrame({"respondent_id": ["R1", "R2", "R1"], "value": ["x", "y", "z"]})
    write_arrow(to_arrow_table(answers.astype("str")), path)
    assert erase_rows(path, "a") == 0
    assert erase_rows(path, "a", respondents={"R1"}) == 2
    assert pq.read_table(path)["value"].to_pylist() == ["y"]


def test_columns_that_are_absent_are_not_typed():
    frame = facts(*ROWS)
    assert "filing" not in type_tidy(frame, EVENTS)
    with pytest.raises(ValueError, match="event_id"):
        type_tidy(frame.drop(columns="event_id"), EVENTS)


def test_an_account_of_no_rejected_row_may_be_empty(made):
    assert made.rejected.equals(empty_table(REJECTED))
    assert isinstance(made, Cleaned)
