"""Models that a note declares: computed of its released tables, and shown in every language."""

import pandas as pd
import pytest

import obs
from obs.disclosure import release
from obs.pipeline.incidences import incidence_of
from obs.pipeline.note_models import compute_models
from obs.reference import load_territory
from obs.report import Note, load_note
from tests.disclosure.followed_cases import ONE, PLAIN, cases_of
from tests.report.small_tables import brussels_rows, indicator_table

NOTE = """
title.en = "Lockdown"

[[table]]
id = "years"
indicators = ["theft", "burglary_dwelling"]

[[table]]
id = "months"
indicators = ["vif_total"]
period = "month"
levels = ["top"]

[[table]]
id = "chain_years"
indicators = ["vif_total", "vif_pv"]
levels = ["top"]

[[table]]
id = "calls"
indicators = ["helpline_calls"]
period = "month"
levels = ["top"]

[[incidence]]
id = "outcomes"
indicator = "vif_cases"
days = [90, 365]
shares = [25]

[[interruption]]
id = "lockdown"
of = "months"
start = "2020-03"
end = "2020-05"

[[interruption]]
id = "calls_lockdown"
of = "calls"
start = "2020-03"

[[rank]]
id = "ranks"
of = "years"
indicator = "theft"

[[comparison]]
id = "peers"
of = "years"
indicator = "theft"

[[reconciliation]]
id = "chain"
of = ["chain_years"]
indicators = ["vif_total", "vif_pv"]
"""
REGION = {"territory": "04000", "level": "region", "denominator": None}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The tables of the note without its helpline, released, with its models; and what was said."""
    folder = tmp_path_factory.mktemp("models")
    (folder / "focus.toml").write_text(NOTE, encoding="utf-8")
    spec = load_note(folder / "focus.ipynb", languages=("en",))
    months = pd.period_range("2017-01", "2020-12", freq="M")
    counts = [10 * m.days_in_month * (2 if "2020-03" <= str(m) <= "2020-05" else 1) for m in months]
    tables = {
        "focus.years": indicator_table(brussels_rows((2020,))),
        "focus.months": indicator_table(
            [
                {"indicator": "vif_total", "period": str(m), "numerator": n, **REGION}
                for m, n in zip(months, counts, strict=True)
            ],
            scale="count",
            freq="M",
        ),
        "focus.chain_years": pd.concat(
            indicator_table(
                [{"indicator": i, "period": 2020, "numerator": n, **REGION}],
                scale="count",
                unit=u,
            )
            for i, n, u in (("vif_total", sum(counts[36:]), "fact"), ("vif_pv", 4000, "pv"))
        ).reset_index(drop=True),
    }
    said = []
    shown = compute_models([spec], release(tables), said.append)
    return spec, shown, said


def note_of(made, lang):
    spec, shown, _ = made
    return Note("focus", lang, 2020, {"notes": {"focus": {"tables": spec.ids}}}, shown)


def notes(block):
    return [note.text for note in block.notes]


def test_a_model_without_its_figures_is_left_out_and_said(made):
    _, shown, said = made
    assert said == [
        "left out: focus, model 'calls_lockdown': its figures are not in the deliveries"
    ]
    assert set(shown.names) >= {
        f"focus.{i}" for i in ("lockdown", "lockdown_expected", "ranks", "peers", "chain")
    }


def test_a_doubling_is_found_and_bound(made):
    """Twenty a day instead of ten for 92 days: 100 % more than expected, and than two years before."""
    note = note_of(made, "en")
    against = note.fact("lockdown", indicator="vif_total", point="counterfactual")
    naive = note.fact("lockdown", indicator="vif_total", point="two_years_before")
    assert against.verdict == naive.verdict == "up"
    assert against.value == pytest.approx(1.0, abs=1e-4)
    assert naive.value == pytest.approx(1.0, abs=1e-4)
    april = note["lockdown_expected"].select(period="2020-04").table.iloc[0]
    assert (april["numerator"], bool(april["under"])) == (600, True)
    assert april["expected"] == pytest.approx(300, abs=0.1)


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", ("observed against expected", "against the two years before", "+100%")),
        ("fr", ("observé par rapport à l’attendu", "deux années précédentes", "+100")),
        ("nl", ("waargenomen tegenover verwacht", "twee jaren ervoor", "+100")),
    ],
)
def test_effects_are_a_table_in_words(made, lang, words):
    block = note_of(made, lang).show(obs.show_table, "lockdown")
    text = " ".join(
        [*(r.header for r in block.table.rows), *(c for r in block.table.rows for c in r.cells)]
    )
    assert all(word.casefold() in text.casefold() for word in words)


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", ("counting rule", "starting point", "do not add up")),
        ("fr", ("règle de comptage", "point de départ", "ne s’additionnent pas")),
        ("nl", ("telregel", "vertrekpunt", "mogen niet worden opgeteld")),
    ],
)
def test_a_chain_is_a_table_in_words(made, lang, words):
    block = note_of(made, lang).show(obs.show_table, "chain")
    cells = [c for r in block.table.rows for c in r.cells]
    text = " ".join([*cells, *notes(block)])
    assert all(word in text for word in words)
    total = 10 * 366 + 10 * 92
    assert any(str(4000 - total)[-3:] in cell for cell in cells)


def test_what_was_expected_stands_beside_what_was_counted(made):
    block = note_of(made, "en").show(
        obs.show_table, "lockdown_expected", period=["2020-03", "2020-04", "2020-05"]
    )
    assert [r.cells[:2] for r in block.table.rows] == [
        ("620", "310"),
        ("600", "300"),
        ("620", "310"),
    ]
    assert "estimate of a model" in " ".join(notes(block))
    assert "expected_low" in block.csv.text.splitlines()[0]


def test_ranks_and_peers_are_shown_under_their_ids(made):
    note = note_of(made, "en")
    assert "ranking" in " ".join(notes(note.show(obs.show_table, "ranks")))
    assert note.show(obs.show_table, "peers") is not None
    ranked = note["ranks"].table
    hidden = ranked["status"].str.startswith("suppressed")
    assert hidden.any()
    assert ranked.loc[hidden, ["rank_low", "rank_high"]].isna().all(axis=None)


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", ("within 90 days", "direct summons", "16%", "n.p.", "not published")),
        ("fr", ("dans les 90 jours", "citation directe", "16", "non publié")),
        ("nl", ("binnen 90 dagen", "rechtstreekse dagvaarding", "16%", "niet gepubliceerd")),
    ],
)
def test_what_became_of_cases_is_a_table_in_words(made, lang, words):
    """60 of 374 cases are dismissed within 90 days; one that ended in mediation is not shown."""
    spec, _, _ = made
    cases = cases_of(ONE)
    (model,) = spec.incidences
    made = incidence_of(model, {"prosecutor": cases}, load_territory(), 2024, coverage={})
    assert list(made) == ["outcomes", "outcomes_days"]
    assert set(made["outcomes"]["period"].astype(str)) == {"2021"}
    released = release({f"focus.{name}": table for name, table in made.items()})
    about = {"notes": {"focus": {"tables": spec.ids}}}
    note = Note("focus", lang, 2024, about, released)
    fact = note.fact("outcomes", indicator="vif_cases", decision="technical", within="90")
    assert fact.value == pytest.approx(0.16)
    block = note.show(obs.show_table, "outcomes", period="2021")
    heads = [c.label for c in block.table.columns]
    text = " ".join([*heads, *notes(block), *(r.header for r in block.table.rows)])
    text += " ".join(c for r in block.table.rows for c in r.cells)
    assert all(word.casefold() in text.casefold() for word in words)
    quarter = note.fact("outcomes_days", indicator="vif_cases", ended_share="25")
    assert quarter.value == 80  # of 374: 72 by day 40, 102 on day 80; 93.5 are needed
    written = note.sentence("{{ quarter|estimate }} {{ quarter|measure }}", quarter=quarter)
    assert "80" in written
    assert note.show(obs.show_table, "outcomes_days").table.rows


def test_no_cohort_is_made_of_what_no_delivery_tells(made):
    (model,) = made[0].incidences
    assert incidence_of(model, {}, load_territory(), 2024, coverage={}) == {}
    cases = cases_of(PLAIN)
    early = incidence_of(model, {"prosecutor": cases}, load_territory(), 2019, coverage={})
    assert early == {}
    bare = cases.drop(columns="lead_id")
    assert incidence_of(model, {"prosecutor": bare}, load_territory(), 2024, coverage={}) == {}
