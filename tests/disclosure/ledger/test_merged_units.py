"""A unit of today and the parts that earlier editions showed are one system of equations."""

from dataclasses import replace

import pandas as pd
import pytest

import obs
from obs.disclosure import Ledger, audit, read_released, release, write_released
from obs.reference import make_territory
from tests.indicators.count.test_merged_units import CORON, NORTH, counts, land

OLD = make_territory(
    pd.DataFrame(
        {
            "code": ["A", "B", "C", "E", "F", "T"],
            "level": ["commune"] * 5 + ["region"],
            "parent": ["T"] * 5 + [None],
        }
    ).assign(name_fr=list("ABCEFT"), name_nl="x", name_en="x"),
    name="land",
    levels=("commune", "region"),
)


def today():
    place = land(NORTH)
    more = [place.units.iloc[[1]].assign(code=code) for code in "EF"]
    units = pd.concat([place.units, *more], ignore_index=True)
    made = make_territory(units, name="land", levels=place.levels)
    return replace(made, mergers=place.mergers)


@pytest.fixture
def ledger(tmp_path):
    return Ledger(tmp_path / "ledger.csv")


def figures(rows, place):
    return obs.compute("bicycle_theft", {"police": counts(*rows)}, territory=place)


BEFORE = (("A", 2022, 30), ("B", 2022, 3), ("C", 2022, 80), ("E", 2022, 12), ("F", 2022, 14))
AFTER = (("N", 2023, 50), ("C", 2023, 70), ("E", 2023, 40), ("F", 2023, 30))


def statuses(released, period):
    table = released.table
    return table[table["period"] == period].set_index("territory")["status"].to_dict()


def test_the_sum_of_a_merged_unit_does_not_give_away_what_an_edition_withheld(ledger):
    first = release(figures(BEFORE, OLD), territory=OLD)
    then = statuses(first, "2022")
    assert then["A"] == "ok"  # the 30 are known to every reader
    assert then["B"].startswith("suppressed")
    ledger.append(first, edition="2022")
    second = release(figures([*BEFORE, *AFTER], today()), territory=today(), ledger=ledger)
    now = statuses(second, "2022")
    assert now["N"].startswith("suppressed")  # 33 less 30 are the 3 of Borra
    assert statuses(second, "2023")["N"] == "ok"
    assert audit(second, known=ledger)["safe"].all()


def test_an_audit_of_what_was_read_back_knows_the_merger_too(ledger, tmp_path):
    ledger.append(release(figures(BEFORE, OLD), territory=OLD), edition="2022")
    place = today()
    made = release(figures([*BEFORE, *AFTER], place), territory=place, ledger=ledger)
    write_released(made, tmp_path / "released")
    again = read_released(tmp_path / "released")
    found = audit(again, known=ledger)
    pd.testing.assert_frame_equal(found, audit(made, known=ledger))
    of_merged = found[found["territory"] == "N"]
    assert (of_merged["low"] >= 30).all()  # the 30 of Almar are part of it
    assert len(of_merged)


def test_a_merged_unit_of_which_every_part_was_shown_is_shown(ledger):
    rows = (("A", 2022, 30), ("B", 2022, 20), ("C", 2022, 80), ("E", 2022, 60), ("F", 2022, 40))
    ledger.append(release(figures(rows, OLD), territory=OLD), edition="2022")
    second = release(figures([*rows, *AFTER], today()), territory=today(), ledger=ledger)
    assert set(statuses(second, "2022").values()) == {"ok"}


def test_the_part_whose_code_the_merged_unit_took_is_told_apart(ledger):
    rows = (("C", 2022, 30), ("D", 2022, 3), ("N", 2022, 80), ("E", 2022, 12), ("F", 2022, 14))
    old = make_territory(
        OLD.units.assign(code=["D", "N", "C", "E", "F", "T"]), name="land", levels=OLD.levels
    )
    first = release(figures(rows, old), territory=old)
    assert statuses(first, "2022")["C"] == "ok"
    ledger.append(first, edition="2022")
    place = replace(today(), mergers=(CORON,))
    second = release(figures([*rows, *AFTER], place), territory=place, ledger=ledger)
    assert statuses(second, "2022")["C"].startswith("suppressed")  # 33 less 30
