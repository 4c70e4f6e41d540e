"""The funnel chart: limits of chance and widened ones, from what is shown alone."""

import numpy as np
import pytest

import obs
from obs.errors import ObsError
from obs.reference import load_exposure, load_territory
from obs.report.draw.funnel_plot import Funnel
from obs.stats.counts.overdispersion import adjusted_limits
from obs.trends import funnel
from tests.report.small_tables import ALT, brussels_rows, indicator_table, thefts

pytestmark = pytest.mark.slow

LAST = thefts().select(period=2024)
PLACE = load_territory()
COMMUNES = PLACE.codes("commune")
PEOPLE = load_exposure("population").query("year == 2024").set_index("territory")["exposure"]


def rates(factor, *, hide=()):
    """Release thefts of 2024: 20 per 1,000 times a factor by commune; some unknown."""
    count = {c: round(float(PEOPLE[c]) / 50 * f) for c, f in zip(COMMUNES, factor, strict=True)}
    rows = brussels_rows(years=(2024,), small=count)
    table = indicator_table(rows)
    lost = table["territory"].isin(hide)
    for column in ("numerator", "n", "value", "low", "high"):
        table[column] = table[column].mask(lost)
    table["status"] = table["status"].mask(lost, "missing")
    return obs.release({"years": table})["years"]


@pytest.fixture
def drawn(monkeypatch):
    """Collect every funnel that is drawn."""
    seen = []

    def noted(chart, lang, warning, *, wide):
        assert isinstance(chart, Funnel)
        if wide:
            seen.append(chart)
        return "<svg/>"

    monkeypatch.setattr("obs.report.figures.funnel_chart.funnel_svg", noted)
    return seen


def remark(block):
    return " ".join(r.text for r in block.notes if r.label.startswith(("Note", "Remarque", "Opm")))


def test_the_whole_is_named_by_its_own_name(drawn):
    """The communes together have 20 thefts per 1,000 inhabitants, in each and so in the whole."""
    obs.chart_funnel(rates(np.ones(len(COMMUNES))), lang="en", alt=ALT)
    assert drawn[0].centre_name.startswith("Brussels-Capital Region 20.0")


SPREAD = np.exp(np.random.default_rng(3).normal(0, 0.2, len(COMMUNES)))


def test_the_funnel_needs_the_whole():
    with pytest.raises(ObsError, match="rate of the whole territory"):
        obs.chart_funnel(LAST.select(level="commune"), lang="fr", alt=ALT)


def test_nothing_to_compare_where_nothing_happened():
    with pytest.raises(ObsError, match="rate of the whole is zero"):
        obs.chart_funnel(rates(np.zeros(len(COMMUNES))), lang="fr", alt=ALT)


@pytest.mark.parametrize("outlier", [1.0, 4.0])
def test_the_widened_limits_are_those_of_the_table_of_the_same_places(drawn, outlier):
    factor = SPREAD.copy()
    factor[2] *= outlier
    released = rates(factor)
    obs.chart_funnel(released, lang="en", alt=ALT)
    table = funnel(released.table).set_index("territory")
    chart = drawn[0]
    assert len(chart.wide) == 2
    for column, chosen in (("outer", 1), ("inner", 0)):
        for side in ("low", "high"):
            drawn_line = chart.wide[chosen][side == "high"]
            expected = np.interp(np.log(chart.exposure), np.log(chart.grid), drawn_line)
            assert expected == pytest.approx(
                table[f"{column}_{side}"].to_numpy(dtype=float), rel=2e-3
            )
    far = table.index[table["position"].str.startswith("far")]
    assert {PLACE.label(c, "en") for c in far} == {
        n for n, out in zip(chart.names, chart.outside, strict=True) if out
    }
    chance = (table["chance_position"].str.startswith("far")).sum()
    block = obs.chart_funnel(released, lang="en", alt=ALT)
    assert f"{chance} of {len(table)} lie beyond those of 99.8%" in remark(block)
    assert f"({len(far)} of {len(table)})" in remark(block)


def test_only_what_usual_differences_do_not_explain_is_named(drawn):
    factor = SPREAD.copy()
    factor[COMMUNES.index("21012")] = 5.0
    obs.chart_funnel(rates(factor), lang="fr", alt=ALT)
    chart = drawn[0]
    assert np.array(chart.names)[chart.outside].tolist() == [PLACE.label("21012", "fr")]


def test_withheld_places_do_not_move_the_limits(drawn):
    """Two towns with the same shown rows, and other counts behind the withheld ones."""
    for counts in ({"21008": 3, "21011": 2}, {"21008": 2, "21011": 3}):
        table = indicator_table(brussels_rows(years=(2024,), small=counts))
        obs.chart_funnel(obs.release({"years": table})["years"], lang="nl", alt=ALT)
    one, two = drawn
    assert len(one.names) < len(COMMUNES)
    for a, b in zip(one.wide, two.wide, strict=True):
        assert np.array_equal(a.lower, b.lower)
        assert np.array_equal(a.upper, b.upper)


WORDS = {
    "fr": ("limites élargies", "losanges", "pas un classement", "ne peuvent être estimées"),
    "nl": ("verruimde grenzen", "ruiten", "geen rangschikking", "niet geschat"),
    "en": ("widened limits", "Diamonds", "not a ranking", "cannot be estimated"),
}


@pytest.mark.parametrize("lang", WORDS)
def test_the_limits_are_explained_in_each_language(lang):
    wide, diamonds, ranking, few = WORDS[lang]
    block = obs.chart_funnel(rates(SPREAD), lang=lang, alt=ALT)
    assert wide in block.caption
    text = remark(block)
    assert all(word in text for word in (wide, diamonds, ranking))
    assert few not in text
    small = obs.chart_funnel(rates(SPREAD, hide=COMMUNES[:10]), lang=lang, alt=ALT)
    assert few in remark(small)
    assert wide not in small.caption
    assert ranking in remark(small)


def test_ten_places_are_enough_and_nine_too_few(drawn):
    for hidden in (9, 10):
        obs.chart_funnel(rates(SPREAD, hide=COMMUNES[:hidden]), lang="en", alt=ALT)
    enough, few = drawn
    assert (len(enough.names), len(enough.wide)) == (10, 2)
    assert (len(few.names), len(few.wide)) == (9, 0)


def test_places_alike_keep_the_limits_of_chance_and_it_is_said(drawn):
    block = obs.chart_funnel(rates(np.ones(len(COMMUNES))), lang="en", alt=ALT)
    assert drawn[0].wide == ()
    assert "differ no more than by chance" in remark(block)
    assert not drawn[0].outside.any()


def test_the_lines_are_named_at_their_ends():
    from matplotlib.figure import Figure

    from obs.report.draw.funnel_plot import Limit, draw_funnel

    grid = np.geomspace(10_000, 200_000, 50)
    limits = tuple(
        Limit(*(20 * x for x in adjusted_limits(grid * 0.02, tau2, confidence=c)), f"{name} {c}")
        for name, tau2 in (("chance", 0.0), ("widened", 0.01))
        for c in (0.95, 0.998)
    )
    chart = Funnel(
        names=tuple("abcde"),
        exposure=grid[::10],
        rate=np.array([20.0, 21, 19, 60, 20]),
        outside=np.array([False, False, False, True, False]),
        centre=20.0,
        centre_name="Region 20",
        grid=grid,
        limits=limits[:2],
        wide=limits[2:],
        kind="rate",
        measure="Facts",
        exposure_name="Inhabitants",
    )
    axes = Figure().add_subplot()
    draw_funnel(axes, chart, "en", wide=True)
    names = {
        t.get_text(): t.xyann[1]
        for t in axes.texts
        if t.get_text() in {"Region 20", *(limit.name for limit in limits)}
    }
    assert len(names) == 5
    heights = sorted(names.values())
    assert min(np.diff(heights)) >= axes.get_ylim()[1] * 0.055 - 1e-9
    assert heights[-1] <= axes.get_ylim()[1]
    assert names["widened 0.998"] > names["widened 0.95"] > names["chance 0.998"]
