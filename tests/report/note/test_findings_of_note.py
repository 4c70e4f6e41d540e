"""What a note binds for its summary: level and change of one period, turning points, one table."""

import json
import re

import pandas as pd
import pytest

import obs
from obs.errors import ObsError
from obs.report.note.note import Note
from obs.trends import compare_periods
from tests.report.small_tables import brussels_rows, indicator_table


def region(*numbers, first=2019, **columns):
    fixed = {"indicator": "theft", "territory": "04000", "level": "region", "denominator": 1e6}
    return [
        {**fixed, "period": first + i, "numerator": n, **columns} for i, n in enumerate(numbers)
    ]


def note_of(rows, *, base="previous", lang="en", changes=None):
    years = indicator_table(rows)
    made = {"n.years": years}
    made["n.change"] = compare_periods(years, base=base) if changes is None else changes(years)
    return Note("n", lang, 2022, {}, obs.release(made))


def test_a_level_and_its_change_are_of_one_period():
    """The case found: a level of 2024 beside the change that 2023 had."""
    rows = region(1000, 1100, 1250)
    rows[-1] |= {"status": "provisional", "days": 300}
    rows[-1] |= {"covered_from": "2021-01-01", "covered_to": "2021-10-27"}
    for row in rows[:-1]:
        row["days"] = 365
    table = pd.DataFrame(rows)
    for column in ("covered_from", "covered_to"):
        table[column] = pd.to_datetime(table[column])
    (item,) = note_of(table.to_dict("records")).headline(["theft"], level="years", change="change")
    assert str(item.level.period) == str(item.change.period) == "2021"
    assert not item.change.known
    assert item.change.verdict == "not comparable"


def test_a_note_tells_peak_trough_and_first_year():
    turn = note_of(region(1000, 1500, 1490, 800)).turning(
        "years", obs.turning_points, indicator="theft"
    )
    assert str(turn.peak.base) == str(turn.peak_level.period) == "2020"
    assert turn.peak.verdict == "down"
    assert turn.at_trough
    assert not turn.at_peak
    assert str(turn.since.base) == "2019"
    assert turn.since.value == pytest.approx(-0.2)


def test_turning_points_of_what_is_not_there_are_unknown():
    turn = note_of(region(1000, 1500)).turning("years", obs.turning_points, indicator="theft")
    assert not turn.peak.known
    absent = note_of(region(1, 2, 3)).turning("years", obs.turning_points, indicator="robbery")
    assert not absent.since.known


def test_a_title_says_what_was_found_and_the_caption_of_what_it_is():
    note = note_of(region(1000, 1500, 1490, 800))
    turn = note.turning("years", obs.turning_points, indicator="theft")
    block = note.show(obs.chart_trend, "years", level="top", indicator="theft", finding=turn.since)
    assert block.title == "Theft and extortion: rate down 20% on 2019"
    assert block.caption.startswith("Theft and extortion, Brussels-Capital Region, 2019")
    assert block.alt.startswith("Theft and extortion: rate down 20% on 2019.")


def test_one_table_has_numbers_rates_and_changes_and_its_file_too():
    rows = brussels_rows((2021,), per_thousand=20, small={})
    rows += brussels_rows((2022,), per_thousand=30, small={})
    note = note_of(rows)
    block = note.with_change("years", "change", level="base", indicator=["theft"])
    heads = [c.label for c in block.table.columns]
    assert heads[-2:] == ["Change of the rate since 2021", "Verdict on the change"]
    (row,) = (r for r in block.table.rows if r.header == "City of Brussels")
    assert row.cells[-2:] == ("+50%", "rise")
    head, *lines = block.csv.text.splitlines()
    assert {"change", "change_verdict", "change_base"} <= set(head.split(","))
    assert any(",21004," in line and ",up,2021" in line for line in lines)


def test_a_count_is_not_shown_twice_beside_its_change():
    rows = brussels_rows((2021, 2022), indicator="street_findings")
    years = indicator_table(rows, scale="count", unit="finding").assign(source="services")
    made = {"n.years": years, "n.change": compare_periods(years, base="previous")}
    note = Note("n", lang="en", edition=2022, about={}, tables=obs.release(made))
    block = note.with_change("years", "change", level="top", indicator=["street_findings"])
    heads = [c.label for c in block.table.columns]
    assert heads == [
        "Findings",
        "95% interval",
        "Change of the number since 2021",
        "Verdict on the change",
    ]


def test_classes_come_with_the_largest_first():
    rows = [
        {"territory": "04000", "level": "region", "denominator": 1e6, "indicator": "vif_total"}
        | {"period": 2022, "form": form, "numerator": number}
        for form, number in {
            "all": 600,
            "economic": 40,
            "physical": 300,
            "psychological": 260,
        }.items()
    ]
    note = Note("n", "en", 2022, {}, obs.release({"n.years": indicator_table(rows)}))
    found = note.classes("years", indicator="vif_total")
    assert [one.level.numerator for one in found] == [300, 260, 40]


def test_a_dutch_clause_of_change_follows_its_period_or_a_linking_word(root):
    """Its verb comes first: "; verschilde het aantal" is no Dutch."""
    wrong = []
    for path in sorted((root / "notebooks").glob("*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if "lang-nl" in cell["metadata"].get("tags", ()):
                text = "".join(cell["source"])
                before = re.findall(r"(\S+|\|period \}\}) \{\{ [\w.]+\|told", text)
                wrong += [
                    (path.name, word) for word in before if word not in ("daarmee", "|period }}")
                ]
    assert wrong == []


def test_a_point_that_a_comparison_lacks_is_unknown_and_a_misspelt_one_is_refused():
    note = note_of(region(1000, 1500, 1490, 800), changes=obs.turning_points)
    assert note.fact("change", indicator="theft", point="peak").known
    assert not note.fact("change", indicator="theft", point="two_years_before").known
    with pytest.raises(ObsError, match="'point' has no 'pek'"):
        note.fact("change", indicator="theft", point="pek")


def test_a_series_that_begins_later_has_no_change_of_its_own_first_year():
    """Thefts from 2019, bicycles from 2020: 600 of 400, and nothing of 2020 itself."""
    rows = [*region(1000, 1500, 1200), *region(400, 600, first=2020, indicator="bicycle_theft")]
    note = note_of(rows, base="first")
    change = note.fact("change", indicator="bicycle_theft", period="2021")
    assert (str(change.base), change.value) == ("2020", pytest.approx(0.5, abs=0.005))
    assert note.fact("change", indicator="theft", period="2020").known
    assert not note.fact("change", indicator="bicycle_theft", period="2020").known


@pytest.mark.parametrize(
    ("levels", "finest"),
    [
        (("commune", "zone", "region"), "base"),
        (("zone", "region"), "middle"),  # a supplier that tells of zones alone
        (("region",), "top"),
    ],
)
def test_the_finest_level_is_that_of_which_the_table_tells(levels, finest):
    rows = [row for row in brussels_rows() if row["level"] in levels]
    note = note_of(rows)
    assert note.finest("years") == finest
    drawn = note.show(obs.map_territory, "years", level="base", indicator="theft", period="2024")
    assert (drawn is not None) == (finest == "base")  # nothing is drawn of places without a row
    mapped = note.show(obs.map_territory, "years", level=finest, indicator="theft", period="2024")
    assert (mapped is not None) == (finest == "base")  # tiles are those of communes


def test_a_level_that_is_missing_is_not_told():
    rows = [
        {**row, "status": "missing", "numerator": None} if row["level"] == "commune" else row
        for row in brussels_rows()
    ]
    assert note_of(rows).finest("years") == "middle"
