"""A table that is clean already is counted and kept as it is."""

import pandas as pd
import pytest

from obs.clean.read.tidy_input import accept_tidy
from obs.errors import DeliveryError
from tests.clean.registry.tidy_deliveries import TIDY, facts

ROWS = (("F1", "2021-03-05", "21001"), ("F2", None, "21002"), ("F3", "2021-01-06", "21002"))


def line(table):
    return accept_tidy(table, TIDY).report.iloc[0]


def test_rows_are_kept_and_the_days_are_those_of_the_rows():
    table = facts(*ROWS, extracted="2022-01-31")
    table.loc[1, "extracted"] = pd.Timestamp("2022-06-30")
    told = line(table)
    assert (told["file"], told["read"], told["kept"], told["merged"], told["rejected"]) == (
        "table",
        3,
        3,
        0,
        0,
    )
    assert (told["identical"], told["synthetic"]) == (0, True)
    days = [f"{told[name]:%Y-%m-%d}" for name in ("extracted", "covered_from", "covered_to")]
    assert days == ["2022-06-30", "2021-01-06", "2021-03-05"]
    pd.testing.assert_frame_equal(accept_tidy(table, TIDY).table[[*table]], table)


def test_rows_of_no_day_cover_none_and_real_rows_are_not_synthetic():
    table = facts(("F1", None, "21001"))
    told = line(table.assign(synthetic=pd.array([False], "boolean")))
    assert pd.isna(told["covered_from"])
    assert pd.isna(told["covered_to"])
    assert not told["synthetic"]
    one_of_two = facts(*ROWS[:2]).assign(synthetic=pd.array([False, True], "boolean"))
    assert line(one_of_two)["synthetic"]


def test_cases_are_dated_by_their_entry_or_its_period():
    n = 2
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
    blank = pd.Series(pd.NaT, range(n)).astype("datetime64[us]")
    table = pd.DataFrame(
        {
            "case_id": pd.Series(["C1", "C2"], dtype="str"),
            **{name: pd.Series([None] * n, dtype="str") for name in texts},
            **{"entry_date": blank, "decision_date": blank, "extracted": blank},
            "entry_period": pd.PeriodIndex(["2021", "2020"], freq="Y"),
        }
    )
    told = line(table)
    assert [f"{told[name]:%Y-%m-%d}" for name in ("covered_from", "covered_to")] == [
        "2020-01-01",
        "2021-12-31",
    ]
    assert not told["synthetic"]
    dated = table.assign(entry_date=blank.fillna(pd.Timestamp("2019-05-05")))
    assert f"{line(dated)['covered_to']:%Y-%m-%d}" == "2019-05-05"


def test_a_table_of_no_row_and_two_files_at_once_are_refused(tmp_path):
    with pytest.raises(DeliveryError, match="table: there is a header and no rows"):
        accept_tidy(facts(*ROWS).head(0), TIDY)
    paths = []
    for name in ("a", "b"):
        folder = tmp_path / name
        paths.append(
            accept_tidy(facts(*ROWS), TIDY).write(folder)[0].rename(tmp_path / f"{name}.parquet")
        )
    with pytest.raises(DeliveryError, match="one by one"):
        accept_tidy(paths, TIDY)
    made = accept_tidy(paths[0], TIDY)
    assert made.report["file"].tolist() == ["a.parquet"]
    assert made.report["sha256"].str.len().tolist() == [64]
