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
