"""What cleaning costs is counted, not timed: Python judges distinct texts, however many rows hold them."""

import sys

import pytest

from obs.clean import clean_police
from tests.clean.deliveries import HEADER, NOTICE, line

PLACES = ("Ixelles", "Forest", "Uccle", "Etterbeek")


def delivery(folder, rows):
    facts = [
        line(NUM_FAIT=f"F{n}", COMMUNE=PLACES[n % 4], DATE_FAIT=f"{1 + n % 5:02}/03/2021")
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
