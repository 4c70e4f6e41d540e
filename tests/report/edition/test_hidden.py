from types import SimpleNamespace

import pandas as pd
import pytest

import obs
from obs.report.checks.data_checks import found_secrets
from obs.report.checks.small_secrets import Secret, tell_secrets
from obs.report.edition.withheld_numbers import hidden_numbers, small_numbers
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


def test_a_small_count_is_looked_for_beside_its_place(tables, released):
    small = small_numbers(tables, released)
    assert Secret(frozenset({"Ganshoren"}), "3") in small
    withheld = released.table.query("status != 'ok'")["territory"]
    names = {released.territory.label(code, "fr") for code in withheld}
    assert {name for secret in small for name in secret.names} >= names - {"Région de Bruxelles"}
    assert not any(secret.digits in ("0", "2022") for secret in small)


@pytest.mark.parametrize(
    ("page", "told"),
    [
        ("<p>Vols à Ganshoren : 3.</p>", 1),
        ("<h2>3 vols à <em>Ganshoren</em></h2>", 1),
        ('<img alt="Barres, dont 3 à Ganshoren">', 1),
        ('<svg aria-label="Ganshoren 3"></svg>', 1),
        ('<meta name="description" content="Ganshoren, 3 vols">', 1),
        ("<svg><title>Ganshoren : 3</title></svg>", 1),
        ("<svg><text>Ganshoren 3</text></svg>", 1),
        ("<svg><text>Ganshoren</text><text>3</text></svg>", 0),
        ("<figcaption>Ganshoren (3)</figcaption>", 1),
        ("<p>Vols à Ganshoren : non publié ; 3 à Evere.</p>", 0),
        ("<p>Ganshoren : 3,4 pour 1 000 ; Ganshoren : −3 % ; Ganshoren : 13.</p>", 0),
        ("<p>Ganshoren : 3 %.</p><p>3 vols ailleurs.</p>", 0),
        ("<table><tr><th>Ganshoren</th><td>3</td></tr></table>", 0),
        ("<p>Ganshoren, 3\u202f120 faits</p>", 0),
        ("<li>Figure 3 – Thefts, Ganshoren (CSV, 3 kB)</li>", 0),
        ("<li>Under 5,000 inhabitants on 3 January 2020: Ganshoren, Jette.</li>", 0),
        ("<p>Op 3 januari 2020: Ganshoren; au 3 mars : Ganshoren, mesure 3.</p>", 0),
    ],
)
def test_where_a_small_count_tells(page, told):
    assert tell_secrets(page, {Secret(frozenset({"Ganshoren"}), "3")}) == told


def test_a_day_of_a_month_written_with_other_accents_is_no_count():
    secrets = [Secret(frozenset({"Dorna"}), "1")]
    assert tell_secrets("<li>On 1 Ĵáñúáŕý 2020: Dorna.</li>", secrets) == 0
    assert tell_secrets("<li>Úñđéŕ 1: Dorna.</li>", secrets) == 1


class Made(dict):
    """Released tables as `hidden_numbers` reads them."""

    names = property(list)

    def __getitem__(self, name):
        return SimpleNamespace(table=super().__getitem__(name))


def test_a_withheld_change_that_other_published_years_also_make_is_no_secret():
    # 34 cases of 366 days, then 38 of 365 in 2021 (withheld) and in 2022: 38/34 x 366/365 - 1
    counts = pd.DataFrame(
        {
            "indicator": "vif_cases",
            "territory": "04000",
            "period": pd.PeriodIndex(["2020", "2021", "2022"], freq="Y-DEC"),
            "numerator": pd.array([34, 38, 38], dtype="Int64"),
            "days": pd.array([366, 365, 365], dtype="Int64"),
            "value": [34.0, 38.0, 38.0],
            "status": ["ok", "suppressed_secondary", "ok"],
        }
    )
    change = pd.DataFrame(
        {
            "indicator": "vif_cases",
            "territory": "04000",
            "period": pd.PeriodIndex(["2021"], freq="Y-DEC"),
            "base": pd.PeriodIndex(["2020"], freq="Y-DEC"),
            "change": [38 / 34 * 366 / 365 - 1],
            "change_of": "count_per_day",
            "numerator": pd.array([38], dtype="Int64"),
            "base_numerator": pd.array([34], dtype="Int64"),
            "days": pd.array([365], dtype="Int64"),
            "base_days": pd.array([366], dtype="Int64"),
            "status": "suppressed_secondary",
        }
    )
    tables = {"years": counts, "changes": change}
    blank = counts.assign(
        numerator=counts["numerator"].where(counts["status"] == "ok"),
        value=counts["value"].where(counts["status"] == "ok"),
    )
    blank_change = change.assign(change=float("nan"), numerator=pd.NA)
    made = Made(years=blank, changes=blank_change)
    assert hidden_numbers(tables, made) == frozenset()
    # 2022 of another count, or of other days, or of another place: the change is a secret
    for column, other in [("numerator", 39), ("days", 360), ("territory", "21001")]:
        moved = blank.copy()
        moved.loc[2, column] = other
        assert hidden_numbers(tables, Made(years=moved, changes=blank_change)) == {"0.120709"}
    rates = change.assign(change_of="rate")
    assert hidden_numbers(tables | {"changes": rates}, made) == {"0.120709"}
