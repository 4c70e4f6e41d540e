"""What cleaning costs is counted, not timed: Python judges distinct texts, however many rows hold them."""

import sys
import tracemalloc

import pyarrow as pa
import pytest

from obs.clean import clean_police
from obs.clean.parts import key_fates, streamed_cleaning
from obs.clean.parts.stored_table import Store
from obs.clean.read import file_checks, text_lines
from tests.clean.deliveries import HEADER, NOTICE, line

PLACES = ("Ixelles", "Forest", "Uccle", "Etterbeek")


def delivery(folder, rows, label="Coups"):
    facts = [
        line(
            NUM_FAIT=f"F{n}",
            COMMUNE=PLACES[n % 4],
            DATE_FAIT=f"{1 + n % 5:02}/03/2021",
            LIB_FAIT=label.format(n=n),
        )
        for n in range(rows)
    ]
    path = folder / f"police_2021_2022013{1 if rows > 5_000 else 0}.csv"
    path.write_text("\n".join([NOTICE, HEADER, *facts]) + "\n", encoding="utf-8")
    return path


def calls_of(path):
    """Count the Python functions that a cleaning calls, its table written included."""
    counted = 0

    def count(_, event, __):
        nonlocal counted
        counted += event == "call"

    sys.setprofile(count)
    try:
        cleaned = clean_police(path, profile="obs_sample")
        cleaned.write(path.parent / path.stem)
    finally:
        sys.setprofile(None)
    return counted, cleaned


@pytest.mark.slow
def test_twenty_times_the_rows_take_hardly_more_calls(tmp_path):
    few, many = delivery(tmp_path, 2_000), delivery(tmp_path, 40_000)
    clean_police(few, profile="obs_sample")  # what is looked up once a process
    (less, small), (more, large) = calls_of(few), calls_of(many)
    assert (int(small.report["kept"].sum()), int(large.report["kept"].sum())) == (2_000, 40_000)
    assert more < 1.25 * less


def test_a_row_is_held_in_a_byte_for_each_column_of_few_texts(tmp_path):
    cleaned = clean_police(delivery(tmp_path, 2_000), profile="obs_sample")
    held = {column.type for column in cleaned.arrow_tables["events"].columns}
    narrow = [kind for kind in held if str(kind).startswith("dictionary")]
    assert {kind.index_type.bit_width for kind in narrow} == {8, 16}


PART = 1_000  # rows


def held_at_most(path, monkeypatch):
    """Give the most bytes that a cleaning holds: of Python and NumPy ever, of Arrow at each part."""
    arrow, before = [0], pa.total_allocated_bytes()
    next_path = Store.next_path

    def noted(store):
        arrow.append(pa.total_allocated_bytes() - before)
        return next_path(store)

    monkeypatch.setattr(Store, "next_path", noted)
    tracemalloc.start()
    try:
        cleaned = clean_police(path, profile="obs_sample")
        return tracemalloc.get_traced_memory()[1] + max(arrow), int(cleaned.report["kept"].sum())
    finally:
        tracemalloc.stop()
        monkeypatch.setattr(Store, "next_path", next_path)


def test_a_cleaning_in_parts_holds_some_parts_and_no_whole_file(tmp_path, monkeypatch):
    """Blocks and parts are made small, so that a few thousand rows are as a delivery of gigabytes."""
    two, six = (delivery(tmp_path, n * PART, label="Coups {n} " * 20) for n in (2, 6))
    for module in (text_lines, file_checks):
        monkeypatch.setattr(module, "BLOCK", 1 << 15)
    monkeypatch.setattr(key_fates, "_AT_ONCE", PART)
    monkeypatch.setattr(streamed_cleaning, "ROWS", PART)
    monkeypatch.setattr(streamed_cleaning, "LARGE", 0)
    clean_police(two, profile="obs_sample")  # what is looked up once a process
    (small, few), (large, many) = (held_at_most(path, monkeypatch) for path in (two, six))
    assert (few, many) == (2 * PART, 6 * PART)
    assert large < 1.3 * small
