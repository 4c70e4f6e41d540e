"""Maps that no test can read are refused in words; ties, islands and empty areas by hand."""

import numpy as np
import pytest

from obs.errors import ObsError
from obs.stats import class_breaks, equal_variance_rates, moran
from obs.stats.space.class_breaks import round_breaks
from obs.stats.space.global_tests import getis_ord, lee, spatial_weights, usable_areas
from obs.stats.space.local_tests import local_moran
from obs.stats.space.smoothing import chance_of_count, smooth_gamma, smooth_global, smooth_local

LINE = np.eye(5, k=1) + np.eye(5, k=-1)
RNG = np.random.default_rng(0)
REFUSED = {
    "an oblong": (lambda: spatial_weights([[0, 1, 0], [1, 0, 0]]), "a square matrix"),
    "a row": (lambda: spatial_weights([0, 1]), "a square matrix"),
    "a weight below 0": (lambda: spatial_weights([[0, -1], [1, 0]]), "without negative or missing"),
    "a missing weight": (
        lambda: spatial_weights([[0, np.nan], [1, 0]]),
        "without negative or missing",
    ),
    "style": (
        lambda: spatial_weights([[0, 1], [1, 0]], style="column"),
        "unknown style 'column'; choose row or binary",
    ),
    "a matrix of others": (lambda: moran([1, 2, 3, 4], LINE), "a matrix of 4 x 4 is needed"),
    "local, of others": (
        lambda: local_moran([1, 2, 3, 4], LINE, rng=RNG),
        "a matrix of 4 x 4 is needed",
    ),
    "local, confidence": (
        lambda: local_moran([1, 2, 3, 4, 5], LINE, rng=RNG, confidence=95),
        "confidence 95 must lie between 0 and 1",
    ),
    "local, three areas": (
        lambda: local_moran([1, 2, 3, np.nan, np.nan], LINE, rng=RNG),
        "at least four areas with neighbours",
    ),
    "local, all alike": (
        lambda: local_moran([2.0] * 5, LINE, rng=RNG),
        "not all of one value",
    ),
    "smoothing, of others": (
        lambda: smooth_local([1, 2], [10, 10], LINE),
        "a matrix of 2 x 2 is needed",
    ),
    "three areas": (lambda: moran([1, 2, 3, np.nan, np.nan], LINE), "at least four areas"),
    "all alike": (lambda: moran([2.0] * 5, LINE), "not all of one value"),
    "infinite": (lambda: moran([1, 2, 3, 4, np.inf], LINE), "an infinite value"),
    "below 0": (lambda: getis_ord([1, 2, 3, 4, -1], LINE), "values must be at least 0"),
    "one above 0": (lambda: getis_ord([0, 0, 3, 0, 0], LINE), "fewer than two values above 0"),
    "rates below 0": (
        lambda: equal_variance_rates([1, -1], [10, 10]),
        "counts and populations are at least 0",
    ),
    "people below 0": (
        lambda: equal_variance_rates([1, 1], [10, -10]),
        "counts and populations are at least 0",
    ),
    "infinite people": (lambda: equal_variance_rates([1, 1], [10, np.inf]), "an infinite value"),
    "smoothed below 0": (
        lambda: smooth_global([-1, -2, 3], [10, 10, 10]),
        r"2 area\(s\) with a negative count or population",
    ),
    "smoothed, infinite": (
        lambda: smooth_global([1, 2, 3], [10, np.inf, 10]),
        r"1 area\(s\) with an infinite count or population",
    ),
    "no one": (lambda: smooth_global([1, 2], [0, np.nan]), "no area has both"),
    "family": (
        lambda: smooth_global([1, 2], [10, 20], family="gamma"),
        "unknown family 'gamma'; choose poisson or binomial",
    ),
    "one area": (lambda: smooth_gamma([1, np.nan], [1, 1]), "at least two areas and one event"),
    "no event": (lambda: smooth_gamma([0, 0], [1, 1]), "at least two areas and one event"),
    "gamma, confidence": (
        lambda: smooth_gamma([1, 2], [1, 1], confidence=0.0),
        "confidence 0.0 must lie between 0 and 1",
    ),
    "a falling range": (lambda: round_breaks(2.0, 1.0), "a finite range from low to high"),
    "an endless range": (lambda: round_breaks(0.0, np.inf), "a finite range from low to high"),
    "no step": (lambda: round_breaks(0.0, 1.0, k=0), "a finite range from low to high"),
    "no value": (lambda: class_breaks([np.nan]), "there is no value, or an infinite one"),
    "scheme": (lambda: class_breaks([1, 2], scheme="kmeans", k=2), "unknown scheme 'kmeans'"),
    "no class": (lambda: class_breaks([1, 2], k=0), "do not make 0 classes"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_says_why(case):
    call, words = REFUSED[case]
    with pytest.raises(ObsError, match=words):
        call()


def test_areas_that_nothing_but_ties_can_give_are_no_cluster():
    """Around the one area that differs every exchange gives the map seen: the chance is 1."""
    found = local_moran([9.0, 1, 1, 1, 1], LINE, rng=np.random.default_rng(1), permutations=49)
    assert found.p_value[0] == 1.0
    assert found.kind.tolist() == ["none"] * 5


def test_islands_and_missing_areas_have_no_cluster():
    near = np.zeros((7, 7))
    near[:5, :5] = LINE
    near[5, 0] = near[0, 5] = 1
    values = [9.0, 8.0, 1.0, 2.0, 4.0, np.nan, 3.0]
    found = local_moran(values, near, rng=np.random.default_rng(1), permutations=9)
    assert found.kind.tolist()[5:] == ["missing", "isolated"]
    assert np.isnan(found.p_value[5:]).all()
    assert np.isnan(found.statistic[5:]).all()


def test_morans_i_of_a_line_by_hand():
    """Values 1 to 5: z is -2 to 2, the pairs give 2 (2 + 0 + 0 + 2), S0 is 8, z squared is 10."""
    found = moran([1, 2, 3, 4, 5], LINE, style="binary")
    assert found.statistic == pytest.approx(5 / 8 * 8 / 10)
    assert found.expected == pytest.approx(-1 / 4)


def test_own_weights_are_left_out_and_islands_stay_without():
    made = spatial_weights([[5, 1, 3], [1, 5, 0], [0, 0, 5]])
    assert made.tolist() == [[0, 0.25, 0.75], [1, 0, 0], [0, 0, 0]]
    values, weights = usable_areas([1, 2, 3, 4, 9], np.pad(LINE[:4, :4], (0, 1)), "binary")
    assert values.tolist() == [1, 2, 3, 4]
    assert weights.tolist() == LINE[:4, :4].tolist()


def test_lees_l_of_a_value_with_itself_is_its_smoothing():
    x = np.array([1.0, 2.0, 4.0, 8.0, 9.0])
    w = spatial_weights(LINE)
    z = x - x.mean()
    assert lee(x, x, LINE) == pytest.approx(float((w @ z) @ (w @ z) / (z @ z)))
    assert lee(x, -x, LINE) == pytest.approx(-lee(x, x, LINE))


def test_rates_of_equal_variance_by_hand():
    """Two areas of 100: rates 0.1 and 0.3, whole 0.2, variance 0.01 - 0.2 / 100 = 0.008."""
    found = equal_variance_rates([10, 30, np.nan, 5], [100, 100, 100, 0])
    assert found[:2] == pytest.approx(np.array([-0.1, 0.1]) / np.sqrt(0.008 + 0.002))
    assert np.isnan(found[2:]).all()


def test_chances_of_counts_by_hand():
    """Three areas alike expect 2 each: none has e^-2, two or more 1 - 3 e^-2, four from 4 up."""
    found = chance_of_count([0, 2, 4, np.nan], [10, 10, 10, 10])
    e = np.exp(-2.0)
    assert found[:3] == pytest.approx([e, 1 - 3 * e, 1 - e * (1 + 2 + 2 + 8 / 6)])
    assert np.isnan(found[3])


def test_an_area_alone_keeps_its_rate():
    found = smooth_local([5, 60, 900], [1_000, 10_000, 90_000], [[0, 1, 0], [1, 0, 0], [0, 0, 0]])
    assert found.rate[2] == pytest.approx(0.01)
    assert found.weight[2] == 1.0
    assert found.mean[:2] == pytest.approx([65 / 11_000] * 2)


def test_equal_rates_are_drawn_all_the_way_to_the_whole():
    found = smooth_global([1, 2, 3], [100, 200, 300])
    assert found.weight.tolist() == [0, 0, 0]
    assert found.rate == pytest.approx([0.01] * 3)
    gamma = smooth_gamma([10, 20, 30], [10, 20, 30])
    assert gamma.ratio == pytest.approx([1, 1, 1])
    assert gamma.shape == np.inf


@pytest.mark.parametrize(
    ("low", "high", "k", "steps"),
    [
        (0.0, 100.0, 5, [0, 20, 40, 60, 80, 100]),
        (1.0, 9.0, 4, [0, 2, 4, 6, 8, 10]),
        (3.0, 27.0, 5, [0, 5, 10, 15, 20, 25, 30]),
        (0.0, 3.0, 3, [0, 1, 2, 3]),
        (-1.0, 1.0, 2, [-1, 0, 1]),
    ],
)
def test_round_steps_are_those_of_r(low, high, k, steps):
    """R 4.3: pretty(c(low, high), n = k)."""
    assert round_breaks(low, high, k=k) == pytest.approx(steps)


@pytest.mark.parametrize(
    ("scheme", "breaks"),
    [
        ("equal", [1, 11, 21, 31]),
        ("maximum", [1, 6.5, 20.5, 31]),  # amid the gaps of 7 and 21
        ("quantile", [1, 2 + 1 / 3, 3 + 7 * 2 / 3, 31]),
        ("headtails", [1, 9.4, 20.5, 31]),  # two of five are above 9.4, one of two above 20.5
        ("fisher", [1, 6.5, 20.5, 31]),
        ("jenks", [1, 3, 10, 31]),
    ],
)
def test_classes_by_hand(scheme, breaks):
    found = class_breaks([1.0, 3.0, 10.0, 31.0, 2.0, np.nan], k=3, scheme=scheme)
    assert found == pytest.approx(breaks)
