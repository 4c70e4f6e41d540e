"""What may be shown of a question is decided with all that was published; what may not has a way out."""

import pandas as pd
import pytest

import obs
from obs.disclosure import Ledger
from obs.errors import ObsError
from obs.pipeline.answers.asked import asked_of
from obs.pipeline.answers.released_answers import ReleasedAnswers, figures_asked
from obs.reference import load_observatory, load_territory
from tests.report.small_tables import brussels_rows, indicator_table

SMALL, TWIN, LARGE = "21008", "21011", "21004"
WHEN = {"month": "2024-01", "quarter": "2024Q1"}
TABLE = indicator_table(brussels_rows(small={SMALL: 3}))


def released(ledger):
    return ReleasedAnswers(
        lambda period: TABLE if period == "year" else small_town(period),
        territory=load_territory(),
        ledger=ledger,
        rule="default",
    )


def small_town(period):
    """One month or quarter in which the commune that is large has three facts, the others 30 each."""
    place, rows = load_territory(), []
    count = {code: 3 if code == LARGE else 30 for code in place.codes("commune")}
    for level in place.levels:
        for code in place.codes(level):
            number = sum(count[member] for member in place.members(code))
            own = {"indicator": "theft", "level": level, "denominator": 1000.0}
            rows.append({**own, "territory": code, "period": WHEN[period], "numerator": number})
    return indicator_table(rows, freq=period[0].upper())


def asked(place, period="2024"):
    options = {"question": "Combien ?", "indicator": "theft", "lang": "fr"}
    places = place.split(",")
    return asked_of(load_observatory(), load_territory(), places=places, period=period, **options)


def test_a_small_figure_is_withheld_and_its_twin_with_it(tmp_path):
    made = released(Ledger(tmp_path / "ledger.csv"))
    table, _ = made.of(asked(f"{SMALL},{LARGE}"))
    assert figures_asked(table, asked(f"{SMALL},{LARGE}")) == (1, 1)
    withheld = table.table["status"].str.startswith("suppressed")
    zone = load_territory().parent(SMALL)
    in_zone = table.table["territory"].isin(load_territory().members(zone)) & withheld
    assert in_zone.sum() >= 2  # else the zone less the others gives it away


def test_what_was_published_before_counts_although_nobody_asks_for_it(tmp_path):
    """Published: the zone's other communes. Then the zone itself would give the small one away."""
    place, ledger = load_territory(), Ledger(tmp_path / "ledger.csv")
    zone = place.parent(SMALL)
    whole = obs.release(indicator_table(brussels_rows(small={})))
    others = [code for code in place.members(zone) if code != SMALL]
    ledger.append(whole.select(territory=others), edition="2023")
    alone = released(ledger)
    table, _ = alone.of(asked(zone))
    assert figures_asked(table, asked(zone)) == (0, 1)
    free, _ = released(Ledger(tmp_path / "none.csv")).of(asked(zone))
    assert figures_asked(free, asked(zone)) == (1, 0)


def test_the_nearest_table_is_a_coarser_place_or_a_longer_period(tmp_path):
    made = released(Ledger(tmp_path / "ledger.csv"))
    zone = load_territory().parent(LARGE)
    question = asked(LARGE, "2024-01")
    table, _ = made.of(question)
    assert figures_asked(table, question) == (0, 1)
    coarser, longer = made.nearest(question)
    assert f"--places {zone} --period 2024-01" in coarser or "--places 04000" in coarser
    assert f"--places {LARGE} --period 2024 " in longer


def test_the_nearest_table_hides_nothing_when_it_is_asked_for(tmp_path):
    made = released(Ledger(tmp_path / "ledger.csv"))
    (command,) = made.nearest(asked(SMALL))
    place = command.split("--places ")[1].split()[0]
    assert place in {load_territory().parent(SMALL), load_territory().top}
    table, _ = made.of(asked(place))
    assert figures_asked(table, asked(place)) == (1, 0)


def test_a_period_that_no_delivery_tells_of_is_refused_with_those_that_are(tmp_path):
    made = released(Ledger(tmp_path / "ledger.csv"))
    with pytest.raises(ObsError, match="nothing of 'theft' in 2019: they tell of 2022 to 2024"):
        made.of(asked(LARGE, "2019"))


def test_a_year_asked_of_three_is_protected_as_that_year(tmp_path):
    table, tables = released(Ledger(tmp_path / "ledger.csv")).of(asked(LARGE, "2023..2024"))
    assert set(table.table["period"]) == {pd.Period("2023", "Y"), pd.Period("2024", "Y")}
    assert len(tables["question.figures"]) == 2 * 26
