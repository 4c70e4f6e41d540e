import pytest

import obs
from obs.report.checks.data_checks import found_secrets
from obs.report.edition.withheld_numbers import hidden_numbers
from obs.report.figures.data_file import csv_text
from tests.report.small_tables import SMALL, brussels_rows, indicator_table

NAME = "focus_vols.years"


@pytest.fixture(scope="module")
def tables():
    return {NAME: indicator_table(brussels_rows())}


@pytest.fixture(scope="module")
def released(tables):
    return obs.release(tables)


def test_the_rates_of_withheld_rows_are_hidden_and_no_short_number(tables, released):
    hidden = hidden_numbers(tables, released)
    table = tables[NAME]
    small = table[table["territory"].isin(list(SMALL))]
    for value in small["value"]:
        assert f"{value:.6f}".rstrip("0") in hidden
    assert not any(len(n.replace(".", "").lstrip("0")) < 5 for n in hidden)


def test_what_is_published_is_not_hidden(tables, released):
    hidden = hidden_numbers(tables, released)
    region = tables[NAME].query("territory == '04000'")["value"].iloc[0]
    assert f"{region:.6f}".rstrip("0") not in hidden


def test_the_data_file_holds_none_of_them_and_the_internal_table_all(tables, released):
    hidden = hidden_numbers(tables, released)
    assert hidden
    assert found_secrets(csv_text(released[NAME]), hidden) == 0
    internal = tables[NAME].select_dtypes("number").round(6).to_csv(index=False)
    assert found_secrets(internal, hidden) == len(hidden)
