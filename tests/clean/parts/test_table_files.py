"""Facts are written with one file a year: the same bytes however they were cut, changed years alone anew."""

import datetime as dt
import pickle

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from obs.clean import clean_police, read_cleaned
from obs.clean.cleaned import erase_rows
from obs.clean.parts.table_files import read_table, write_years
from obs.query_engine.open_engine import open_engine
from tests.clean.deliveries import line
from tests.clean.parts.test_streamed_cleaning import in_parts, random_lines, write

OF_YEARS = [line(NUM_FAIT=f"F{n}", DATE_FAIT=f"05/03/{2019 + n % 3}") for n in range(9)]


def years(folder):
    return {p.parent.name: p for p in sorted((folder / "events.parquet").rglob("*.parquet"))}


@pytest.fixture
def cleaned(tmp_path):
    return clean_police(write(tmp_path, "police_20220131.csv", OF_YEARS), profile="obs_sample")


def test_each_year_has_its_file_and_all_of_them_are_the_table(tmp_path, cleaned):
    path, *others = cleaned.write(tmp_path / "out", by_year=True)
    assert path == tmp_path / "out" / "events.parquet"
    assert [*years(tmp_path / "out")] == ["year=2019", "year=2020", "year=2021"]
    expected = cleaned.table.sort_values("event_date", kind="stable", ignore_index=True)
    pd.testing.assert_frame_equal(read_cleaned(path), expected)
    assert pd.read_parquet(path)["event_id"].tolist() == expected["event_id"].tolist()
    one = years(tmp_path / "out")["year=2020"]
    assert set(read_cleaned(one)["event_date"].dt.year) == {2020}
    assert {p.stat().st_mode & 0o777 for p in (one, *others)} == {0o600}
    assert {p.stat().st_mode & 0o777 for p in (path, one.parent)} == {0o700}
    with open_engine() as engine:
        counted = engine.read(path).execute()
    assert (len(counted), sorted(counted["year"].unique())) == (9, [2019, 2020, 2021])


def test_a_year_has_the_same_bytes_wherever_a_delivery_is_cut(tmp_path, monkeypatch):
    lines = [*random_lines(np.random.default_rng(6), 40), *OF_YEARS]
    path = write(tmp_path, "police_20220131.csv", lines)
    clean_police(path, profile="obs_sample").write(tmp_path / "0", by_year=True)
    whole = {name: p.read_bytes() for name, p in years(tmp_path / "0").items()}
    for rows in (3, 1000):
        made = in_parts(monkeypatch, path, rows, profile="obs_sample")
        made.write(tmp_path / str(rows), by_year=True)
        assert {n: p.read_bytes() for n, p in years(tmp_path / str(rows)).items()} == whole


def test_a_correction_to_another_year_rewrites_these_two_alone(tmp_path, cleaned):
    cleaned.write(tmp_path / "a", by_year=True)
    moved = line(NUM_FAIT="F0", DATE_FAIT="06/03/2020", VERSION="2")
    path = write(tmp_path, "police_20220131.csv", [*OF_YEARS, moved])
    after = clean_police(path, profile="obs_sample")
    after.write(tmp_path / "b", by_year=True, before=tmp_path / "a")
    same = {n: p.samefile(years(tmp_path / "a")[n]) for n, p in years(tmp_path / "b").items()}
    assert same == {"year=2019": False, "year=2020": False, "year=2021": True}
    dates = read_cleaned(tmp_path / "b" / "events.parquet").set_index("event_id")["event_date"]
    assert dates["F0"] == pd.Timestamp(2020, 3, 6)
    pickle.loads(pickle.dumps(after)).write(tmp_path / "c", by_year=True)  # as a build keeps it
    assert [p.read_bytes() for p in years(tmp_path / "c").values()] == [
        p.read_bytes() for p in years(tmp_path / "b").values()
    ]


def test_a_damaged_year_is_written_again(tmp_path, cleaned):
    cleaned.write(tmp_path / "a", by_year=True)
    before = {name: p.read_bytes() for name, p in years(tmp_path / "a").items()}
    years(tmp_path / "a")["year=2020"].write_bytes(b"PAR1")
    cleaned.write(tmp_path / "b", by_year=True, before=tmp_path / "a")
    assert {name: p.read_bytes() for name, p in years(tmp_path / "b").items()} == before


def test_rows_of_no_known_year_have_a_file_and_a_table_of_no_row_too(tmp_path):
    days = pa.array([dt.date(2020, 1, 1), None, dt.date(2019, 5, 5)])
    table = pa.table({"n": [1, 2, 3], "event_date": days})
    write_years(table, tmp_path / "a", when="event_date", before=None)
    assert read_table(tmp_path / "a")["n"].to_pylist() == [3, 1, 2]
    with open_engine() as engine:
        rows = engine.read(tmp_path / "a").execute().set_index("n")["year"]
    assert (rows[1], rows[3], bool(pd.isna(rows[2]))) == (2020, 2019, True)
    write_years(table.slice(0, 0), tmp_path / "none", when="event_date", before=None)
    assert read_table(tmp_path / "none").schema.names == ["n", "event_date"]


def test_a_file_and_a_folder_of_years_stand_for_one_another(tmp_path, cleaned):
    for by_year in (False, True, True, False):
        path, *_ = cleaned.write(tmp_path / "out", by_year=by_year)
        assert path.is_dir() == by_year
        assert len(read_cleaned(path)) == 9
    assert not [*(tmp_path / "out").glob(".*")]


def test_rows_of_a_delivery_are_erased_from_a_year(tmp_path, cleaned):
    cleaned.write(tmp_path / "out", by_year=True)
    path = years(tmp_path / "out")["year=2021"]
    assert erase_rows(path, "police_20220131.csv") == 3
    left = read_cleaned(tmp_path / "out" / "events.parquet")
    assert (len(left), "year" in left) == (6, False)
