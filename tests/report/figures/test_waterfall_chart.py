"""The waterfall of a reconciled chain: each step signed, in its place, with its rule in words."""

import pytest

import obs
from obs.disclosure import ReleasedModel, add_models, release
from obs.errors import ObsError
from obs.report.draw.waterfall import Step
from obs.trends import reconcile
from tests.report.small_tables import ALT, indicator_table

REGION = {"territory": "04000", "level": "region", "period": 2021, "denominator": None}
CHAIN = ("vif_total", "vif_pv", "vif_cases")


def parts(indicator, unit, **codes):
    """Rows of a count shared out by filing, with their total."""
    rows = [{"filing": "all", "numerator": sum(codes.values())}]
    rows += [{"filing": code, "numerator": n} for code, n in codes.items()]
    return indicator_table(
        [{"indicator": indicator, **REGION, **row} for row in rows], scale="count", unit=unit
    )


@pytest.fixture(scope="module")
def chain():
    tables = {
        "facts": indicator_table(
            [{"indicator": "vif_total", **REGION, "numerator": 500}], scale="count"
        ),
        "reports": parts("vif_pv", "pv", filed=150, not_filed=220, recent=80),
        "origins": parts("vif_cases", "case", from_report=160, other_report=30, no_number=20),
    }
    model = ReleasedModel(
        ids=("chain",), of=tuple(tables), make=reconcile, options={"indicators": CHAIN}
    )
    return add_models(release(tables), (model,))["chain"]


@pytest.fixture
def drawn(monkeypatch):
    """Collect the steps that are drawn."""
    seen = []

    def noted(steps, *, measure, lang, warning, wide):
        assert all(isinstance(step, Step) for step in steps)
        if wide:
            seen.extend(steps)
        return "<svg/>"

    monkeypatch.setattr("obs.report.figures.model_charts.waterfall_chart.draw_waterfall", noted)
    return seen


def test_each_step_begins_where_the_one_before_ended(chain, drawn):
    obs.chart_waterfall(chain, lang="en", alt=ALT)
    assert [(s.kind, s.value, s.start, s.end) for s in drawn] == [
        ("level", "500", 0, 500),
        ("loss", "−50", 500, 450),
        ("level", "450", 0, 450),
        ("loss", "−80", 450, 370),
        ("loss", "−220", 370, 150),
        ("gain", "+10", 150, 160),
        ("gain", "+30", 160, 190),
        ("gain", "+20", 190, 210),
        ("level", "210", 0, 210),
    ]
    assert drawn[1].name == "Unit: offences counted as police reports"
    assert drawn[-2].name.startswith("Not explained: case without the number")


@pytest.mark.parametrize(
    ("lang", "title"),
    [
        ("fr", "De 500 faits à 210 affaires"),
        ("nl", "Van 500 feiten naar 210 zaken"),
        ("en", "From 500 offences to 210 cases"),
    ],
)
def test_title_and_alternative_text_say_the_steps(chain, lang, title):
    block = obs.chart_waterfall(chain, lang=lang, alt=ALT)
    assert block.title.replace("\xa0", " ").startswith(title)
    for number in ("−50", "−220", "+10", "+20", "210"):
        assert number in block.alt
    assert block.svg.count("hatch") + block.svg.count("<pattern") > 0
    rows = block.csv.text.splitlines()
    assert "step" in rows[0]
    assert len(rows) == 1 + 8


def test_a_step_that_is_not_published_has_words_and_no_bar(drawn):
    tables = {
        "facts": indicator_table(
            [{"indicator": "vif_total", **REGION, "numerator": 500}], scale="count"
        ),
        "reports": parts("vif_pv", "pv", filed=150, not_filed=297, recent=3),
        "origins": parts("vif_cases", "case", from_report=160, other_report=30, no_number=20),
    }
    model = ReleasedModel(
        ids=("chain",), of=tuple(tables), make=reconcile, options={"indicators": CHAIN}
    )
    obs.chart_waterfall(add_models(release(tables), (model,))["chain"], lang="en", alt=ALT)
    hidden = [s for s in drawn if s.kind == "unknown"]
    assert len(hidden) >= 2  # the small one, and one that would give it away
    assert {s.value for s in hidden} == {"not published"}
    assert not any(s.value.strip("−+") == "3" for s in drawn)
    assert drawn[-1].value == "210"


def test_another_table_is_refused(chain):
    one = release(
        {"facts": indicator_table([{"indicator": "vif_total", **REGION, "numerator": 9}])}
    )
    with pytest.raises(ObsError, match="shows a reconciliation"):
        obs.chart_waterfall(one["facts"], lang="en", alt=ALT)


def test_no_row_of_a_chain_is_read_as_an_example(chain):
    """Its first row is a rate where the count has a denominator, and the bars are numbers."""
    block = obs.chart_waterfall(chain, lang="en", alt=ALT)
    assert [note.label for note in block.notes if note.label == "Reading:"] == []
