"""The flow of a cohort: each branch is a published share, and what is hidden is one branch."""

import pytest

import obs
from obs.disclosure import release
from obs.errors import ObsError
from obs.indicators import case_incidence
from obs.reference import load_codelist
from obs.report.draw.flow import Branch
from tests.disclosure.followed_cases import ONE, cases_of
from tests.report.small_tables import ALT, thefts


@pytest.fixture(scope="module")
def outcomes():
    made = case_incidence(cases_of(ONE), indicator="vif_cases", years=[2021], days=[90, 365])
    return release({"focus.outcomes": made})["focus.outcomes"]


@pytest.fixture
def drawn(monkeypatch):
    """Collect the branches that are drawn."""
    seen = []

    def noted(head, branches, *, warning, wide):
        assert all(isinstance(branch, Branch) for branch in branches)
        if wide:
            seen.extend(branches)
        return "<svg/>"

    monkeypatch.setattr("obs.report.figures.model_charts.flow_chart.draw_flow", noted)
    return seen


def test_branches_are_the_published_shares_and_one_for_the_rest(outcomes, drawn):
    rows = outcomes.select(within="90").table
    obs.chart_flow(outcomes.select(within="90"), lang="en", alt=ALT)
    shown = rows[rows["value"].notna() & (rows["value"] > 0)]
    ended = shown[shown["decision"] != "open"]
    order = load_codelist("decision")["code"].tolist()
    ended = ended.sort_values("decision", key=lambda codes: codes.map(order.index))
    assert [b.share for b in drawn if b.kind == "ended"] == [float(v) for v in ended["value"]]
    open_ = shown.loc[shown["decision"] == "open", "value"].item()
    assert [b.share for b in drawn if b.kind == "open"] == [float(open_)]
    hidden = rows["status"].astype("str").str.startswith("suppressed").any()
    assert ([b.kind for b in drawn][-1] == "hidden") == hidden
    assert sum(b.share for b in drawn) == pytest.approx(1, abs=0.006)


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("fr", "374 affaires entrées en 2021 : ce qu’elles sont devenues dans les 90 jours"),
        ("nl", "374 zaken ingekomen in 2021: wat ervan geworden is binnen 90 dagen"),
        ("en", "374 cases entered in 2021: what became of them within 90 days"),
    ],
)
def test_title_and_alternative_text_say_the_cohort_and_its_branches(outcomes, lang, words):
    block = obs.chart_flow(outcomes.select(within="90"), lang=lang, alt=ALT)
    assert block.title.replace("\xa0", " ") == words
    assert "16" in block.alt
    assert block.svg.startswith("<?xml")
    assert block.narrow.startswith("<?xml")


def test_several_horizons_and_other_tables_are_refused(outcomes):
    with pytest.raises(ObsError, match="one year at one horizon"):
        obs.chart_flow(outcomes, lang="en", alt=ALT)
    with pytest.raises(ObsError, match="what became of a cohort"):
        obs.chart_flow(thefts(), lang="en", alt=ALT)


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("fr", "issue selon le délai depuis l’entrée, Région"),
        ("nl", "afloop volgens de termijn sinds inkomst, Brussels"),
        ("en", "outcome by time since entry, Brussels"),
    ],
)
def test_a_table_of_outcomes_says_that_it_is_one(outcomes, lang, words):
    assert words in obs.show_table(outcomes, lang=lang).title
