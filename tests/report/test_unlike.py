"""Pages say why two periods were not compared, in three languages, in sentences and tables."""

import csv
import io

import pandas as pd
import pytest

import obs
from obs.reference import label
from obs.report.facts.fact import fact
from obs.report.facts.filters import filters
from obs.report.facts.words import verdict_words
from obs.report.note.note import Note
from obs.schemas import REASONS, VERDICTS
from tests.report.small_tables import ALT, brussels_rows, indicator_table

pytestmark = pytest.mark.slow

LANGUAGES = ("fr", "nl", "en")
ALIKE = {"fr": "Non comparable", "nl": "Niet vergelijkbaar", "en": "Not comparable"}


def changes(spoil, *, indicator="theft", **options):
    """Release the counts of every place in 2023 and 2024, after spoiling some, and the change."""
    rows = [
        {**row, "indicator": indicator, "numerator": 100 + 10 * i}
        for i, row in enumerate(r for r in brussels_rows() if r["period"] > 2022)
        if row["level"] == "commune"
    ]
    table = spoil(indicator_table(rows))
    trend = obs.compare_periods(table, base="previous", **options)
    return obs.release({"n.years": table, "n.change": trend})["n.change"]


def partial(table):
    """Cover 100 days of the last year in Anderlecht alone."""
    part = (table["territory"] == "21001") & (table["period"] == "2024")
    return table.assign(
        days=table["days"].mask(part, 100),
        covered_from=table["period"].dt.start_time.where(part),
        covered_to=pd.Series(pd.Timestamp("2024-04-09"), index=table.index).where(part),
    )


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_verdict_says_its_reason_and_only_where_it_needs_one(lang):
    for reason in REASONS:
        words = verdict_words("not comparable", lang, reason=reason)
        assert words.endswith(f"({label('reasons', reason, lang)})")
    for verdict in set(VERDICTS) - {"not comparable"}:
        assert verdict_words(verdict, lang, reason="few_events") == verdict_words(verdict, lang)
    assert len({label("reasons", r, lang) for r in REASONS}) == len(REASONS)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_sentence_and_the_note_of_the_table_give_the_reason(lang):
    released = changes(partial)
    bound = fact(released, indicator="theft", territory="21001", period="2024")
    assert bound.reason == "partial_period"
    reason = label("reasons", "partial_period", lang)
    assert filters(lang)["verdict"](bound).endswith(f"({reason})")
    told = [r.text for r in obs.show_table(released, lang=lang).notes]
    lines = [t for t in told if t.startswith(ALIKE[lang])]
    assert len(lines) == 1
    assert reason in lines[0]
    assert released.territory.label("21001", lang) in lines[0]
    assert released.territory.label("21002", lang) not in lines[0]


def test_a_break_is_named_with_its_date_and_its_reason(monkeypatch):
    known = pd.DataFrame(
        {
            "indicator": ["theft*"],
            "territory": ["5339"],
            "date": [pd.Timestamp("2023-07-01")],
            "effect": ["refuse"],
            **{f"reason_{lang}": ["Other software."] for lang in LANGUAGES},
        }
    )
    monkeypatch.setattr("obs.report.facts.series_breaks.load_breaks", lambda territory: known)
    released = changes(lambda table: table, breaks=known)
    notes = [r.text for r in obs.show_table(released, lang="en").notes]
    line = next(t for t in notes if t.startswith("Not comparable"))
    assert "break in the series" in line
    assert "Ixelles" in line  # of zone 5339
    assert "Anderlecht" not in line
    assert "Break in the series on 1 July 2023. Other software." in notes


def test_many_rows_are_counted_and_all_rows_need_no_name():
    every = changes(lambda table: table.assign(unit=["fact", "pv"] * (len(table) // 2)))
    some = changes(
        lambda t: t.assign(
            unit=t["unit"].mask((t["period"] == "2024") & (t["territory"] < "21008"), "pv")
        )
    )
    for released, wanted in ((every, "differ."), (some, "differ (7 values).")):
        lines = [r.text for r in obs.show_table(released, lang="en").notes]
        line = next(t for t in lines if t.startswith("Not comparable"))
        assert line == f"Not comparable: the counting units {wanted}"


def test_a_table_that_compares_all_says_nothing():
    lines = [r.text for r in obs.show_table(changes(lambda t: t), lang="en").notes]
    assert not any("omparable" in t for t in lines)


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("fr", "1 sans comparaison possible"),
        ("nl", "1 niet vergelijkbaar"),
        ("en", "1 not comparable"),
    ],
)
def test_a_reader_who_does_not_see_the_figure_is_told_how_many(lang, said):
    alt = obs.chart_bars(changes(partial), lang=lang, alt=ALT).alt
    assert f"{said}." in alt
    assert "not comparable" not in obs.chart_bars(changes(lambda t: t), lang="en", alt=ALT).alt


def test_the_data_file_has_the_reason_of_what_is_shown():
    text = obs.show_table(changes(partial), lang="en").csv.text
    rows = {r["territory"]: r for r in csv.DictReader(io.StringIO(text))}
    assert rows["21001"]["reason"] == "partial_period"
    assert not any(r["reason"] for code, r in rows.items() if code != "21001")


def test_a_comparison_across_a_registered_remark_tells_it():
    """The circular of 12 October 2015 lies in the base year: compared, and said."""
    rows = [
        {"indicator": "vif_total", "territory": "04000", "level": "region", "period": year}
        | {"numerator": n, "denominator": 1e6}
        for year, n in ((2015, 900), (2016, 1000), (2017, 1000))
    ]
    table = indicator_table(rows)
    made = {
        "n.years": table,
        "n.since": obs.compare_periods(table, base=2015),
        "n.change": obs.compare_periods(table, base="previous"),
    }
    note = Note("n", "en", 2017, {}, obs.release(made))
    assert note.breaks(note.fact("since", indicator="vif_total")) == [
        "Break in the series on 12 October 2015. Circular COL 4/2006 on violence between "
        "partners was revised on 12 October 2015."
    ]
    assert note.breaks(note.fact("change", indicator="vif_total")) == []
    assert note.breaks(note.fact("change", indicator="theft")) == []
