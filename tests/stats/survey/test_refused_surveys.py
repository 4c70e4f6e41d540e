"""Samples of which nothing can be said are refused in words; tests and grades by hand."""

import numpy as np
import pytest
from scipy import stats

from obs.errors import ObsError
from obs.stats.survey import (
    fit_regression,
    frame_domains,
    make_design,
    make_replicates,
    ratio_cells,
    ratio_covariance,
    trim_weights,
    wald_test,
)
from obs.stats.survey.calibration_distances import make_link
from obs.stats.survey.changes import change_between, share_change
from obs.stats.survey.contrasts import standardised_cells
from obs.stats.survey.effective_sample_size import cluster_correlation, effective_size
from obs.stats.survey.grades import grade, judge, kish_size, why_withheld
from obs.stats.survey.hypotheses import independence_test, rank_scores, t_test
from obs.stats.survey.published_shares import published_difference
from obs.stats.survey.replicates import replicate_scale

TEN = make_design(np.ones(10))
HALVES = np.repeat([0, 1], 5)
ONE = np.ones(1)


def published(share=(0.5, 0.4), n=(100, 100), factor=(1.0, 1.0), **options):
    pairs = [tuple(np.ravel(v) * np.ones(2) for v in pair) for pair in (share, n, factor)]
    return published_difference(*pairs, **options)


def regression(y, family="gaussian"):
    x = np.column_stack([np.ones(10), np.arange(10.0)])
    return fit_regression(TEN, np.asarray(y, dtype=float), x, family=family)


def replicates(method, *sizes, **options):
    n = sum(sizes)
    first = np.concatenate([[0], np.cumsum(sizes)])
    return make_replicates(np.ones(n), np.arange(n), first, method=method, **options)


REFUSED = {
    "no error": (lambda: t_test(2.0, 0.0, 9), "its variance is 0 or unknown"),
    "an unknown error": (lambda: t_test(2.0, np.nan, 9), "its variance is 0 or unknown"),
    "no unit to spare": (
        lambda: wald_test(np.ones(1), np.eye(1), 0),
        "needs more sampling units than this design has",
    ),
    "one value twice": (
        lambda: wald_test(np.ones(2), np.ones((2, 2)), 9),
        "A Wald test of 2 values needs more sampling units",
    ),
    "a value without error": (
        lambda: wald_test(np.ones(2), np.diag([1.0, 0.0]), 9),
        "A Wald test of 2 values needs more sampling units",
    ),
    "statistic": (
        lambda: independence_test(TEN, HALVES, HALVES, statistic="chi2"),
        "Unknown statistic 'chi2'. Allowed: F, Wald",
    ),
    "one answer": (
        lambda: independence_test(TEN, HALVES, np.zeros(10, dtype=int)),
        "needs two questions with two answers each",
    ),
    "one answer of the rows": (
        lambda: independence_test(TEN, np.zeros(10, dtype=int), HALVES),
        "needs two questions with two answers each",
    ),
    "the same question twice": (
        lambda: independence_test(TEN, HALVES, HALVES),
        "no error to compare with: the shares do not vary",
    ),
    "scale": (
        lambda: replicate_scale("jk2", 4),
        "Unknown replicate method 'jk2'. Allowed: ",
    ),
    "rho of 1": (lambda: replicate_scale("fay", 4, rho=1.0), "from 0 to below 1, not 1"),
    "rho below 0": (lambda: replicate_scale("fay", 4, rho=-0.1), "from 0 to below 1, not -0.1"),
    "jk1 of strata": (
        lambda: replicates("jk1", 5, 5),
        "jk1 is for a design of one stratum. Use jkn",
    ),
    "a stratum of one unit": (
        lambda: replicates("jkn", 1, 5),
        "1 strata have a single unit: replicate weights cannot be made",
    ),
    "a vast jackknife": (
        lambda: replicates("jk1", 20_000),
        "A jackknife of 20000 units needs 400,000,000 factors. Use bootstrap",
    ),
    "brr of fives": (
        lambda: replicates("brr", 5, 2, 3),
        "2 strata do not have exactly two units",
    ),
    "bootstrap without rng": (
        lambda: replicates("bootstrap", 5),
        "need a random generator: give rng",
    ),
    "single": (
        lambda: make_design(np.ones(2), single="ignore"),
        "Unknown policy for single-unit strata 'ignore'. Allowed: ",
    ),
    "distance": (lambda: make_link("chi2", None), "Unknown calibration method 'chi2'"),
    "bounds of raking": (lambda: make_link("raking", (0.5, 2.0)), "and only with them"),
    "no bounds": (lambda: make_link("logit", None), "Bounds go with"),
    "bounds below 0": (lambda: make_link("logit", (-0.1, 2.0)), "must be 0 <= low < 1 < high"),
    "bounds that begin at 1": (lambda: make_link("bounded", (1.0, 2.0)), "0 <= low < 1 < high"),
    "bounds that end at 1": (lambda: make_link("bounded", (0.5, 1.0)), "0 <= low < 1 < high"),
    "no upper bound": (lambda: make_link("bounded", (0.5, np.inf)), "0 <= low < 1 < high"),
    "limits above the mean": (
        lambda: trim_weights(np.array([1.0, 3.0]), lower=2.5, where="in replicate 3"),
        r"The weights in replicate 3 cannot be trimmed to \[2.5, inf\]: their mean is 2",
    ),
    "limits below the mean": (
        lambda: trim_weights(np.array([1.0, 3.0]), upper=1.5),
        r"The weights cannot be trimmed to \[0, 1.5\]",
    ),
    "percentages": (lambda: published((0.5, [0.4, 40])), "divide percentages by 100"),
    "no base": (lambda: published(n=([0, 9], 100)), "numbers above 0"),
    "no factor": (lambda: published(factor=(1.0, [1.0, 0.0])), "numbers above 0"),
    "endless base": (lambda: published(n=(9, [np.inf, 100])), "numbers above 0"),
    "rounding": (lambda: published(rounding=0.5), "half a unit of the last decimal, not 0.5"),
    "rounding below 0": (lambda: published(rounding=-0.1), "half a unit of the last decimal"),
    "published confidence": (lambda: published(confidence=95), "must be between 0 and 1"),
    "family": (lambda: regression(np.arange(10.0), family="probit"), "Unknown family 'probit'"),
    "shares above 1": (
        lambda: regression(np.arange(10.0), family="binomial"),
        "lies between 0 and 1; it does not in 8 rows",
    ),
    "counts below 0": (
        lambda: regression(np.arange(-2.0, 8.0), family="poisson"),
        "lies between 0 and inf; it does not in 2 rows",
    ),
    "an infinite outcome": (
        lambda: regression([np.inf, *range(9)]),
        "infinite in 1 rows",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_says_why(case):
    call, words = REFUSED[case]
    with pytest.raises(ObsError, match=words):
        call()


@pytest.mark.parametrize(
    ("method", "scale"),
    [("jk1", 3 / 4), ("jkn", 1.0), ("brr", 1 / 4), ("fay", 1 / (4 * 0.49)), ("bootstrap", 1 / 3)],
)
def test_scales_of_replicates(method, scale):
    assert replicate_scale(method, 4, rho=0.3) == pytest.approx(scale)


def test_factors_of_a_jackknife_and_of_a_balanced_half_sample():
    """Left out, a unit counts 0 and the rest of its stratum n / (n - 1); half samples count 2."""
    made = replicates("jkn", 2, 3)
    assert made.factor[:, 0].tolist() == [0, 2, 1, 1, 1]
    assert made.factor[:, 4].tolist() == [1, 1, 1.5, 1.5, 0]
    assert made.rscales.tolist() == pytest.approx([1 / 2, 1 / 2, 2 / 3, 2 / 3, 2 / 3])
    half = replicates("brr", 2, 2)
    assert set(half.factor.ravel()) == {0.0, 2.0}
    assert (half.factor[0] + half.factor[1] == 2).all()
    fay = replicates("fay", 2, 2, rho=0.3)
    assert set(fay.factor.ravel().round(12)) == {0.3, 1.7}
    part = replicates("jkn", 2, 3, fraction=np.array([0.5, 0.0]))
    assert part.rscales.tolist() == pytest.approx([1 / 4, 1 / 4, 2 / 3, 2 / 3, 2 / 3])
    drawn = replicates("bootstrap", 3, n=4, rng=np.random.default_rng(1))
    assert drawn.factor.sum(axis=0) == pytest.approx([3, 3, 3, 3])  # two draws, each worth 3/2


def test_rho_may_be_0():
    assert replicate_scale("fay", 4, rho=0.0) == replicate_scale("brr", 4)


def test_students_t_and_walds_f_are_one_for_one_value():
    t, f = t_test(-3.0, 4.0, 7), wald_test(np.array([-3.0]), np.array([[4.0]]), 7)
    assert (t.statistic, f.statistic) == (-1.5, 2.25)
    assert t.p_value == f.p_value == pytest.approx(2 * stats.t.sf(1.5, 7))
    two = wald_test(np.array([2.0, 3.0]), np.diag([4.0, 9.0]), 7)
    assert (two.statistic, two.df1, two.df2) == (1.0, 2, 7)
    assert two.p_value == pytest.approx(stats.f.sf(1.0, 2, 7))


def test_the_units_of_an_estimate_change_no_wald_test():
    rng = np.random.default_rng(3)
    root = rng.normal(size=(3, 3))
    units = np.array([1e-9, 1.0, 1e9])
    b, v = rng.normal(size=3), root @ root.T + np.eye(3)
    found = wald_test(b, v, 20).statistic
    assert wald_test(units * b, np.outer(units, units) * v, 20).statistic == pytest.approx(found)
    assert found == pytest.approx(float(b @ np.linalg.inv(v) @ b) / 3)


def test_independence_of_a_simple_sample_is_pearsons():
    """Equal weights, no clusters: chi-squared over its degree of freedom, times (n - 1) / n."""
    rows, columns = np.repeat([0, 0, 1, 1], [8, 12, 15, 5]), np.repeat([0, 1, 0, 1], [8, 12, 15, 5])
    found = independence_test(make_design(np.ones(40)), rows, columns)
    pearson = stats.chi2_contingency([[8, 12], [15, 5]], correction=False).statistic
    assert found.statistic == pytest.approx(pearson * 39 / 40, rel=1e-9)
    untold = np.where(np.arange(44) < 40, 1, -1)
    more = independence_test(
        make_design(np.ones(44)),
        np.where(untold > 0, np.append(rows, [0] * 4), -1),
        np.append(columns, [0, 1, 0, 1]),
    )
    assert more.statistic == pytest.approx(pearson, rel=0.05)  # the untold are left out


def test_ranks_of_a_population_by_hand():
    design = make_design(np.array([1.0, 2.0, 1.0, 0.0]))
    values = np.array([5.0, 1.0, 9.0, 7.0])  # of four persons: two of 1, one of 5, one of 9
    assert rank_scores(design, values)[:3] == pytest.approx([0.625, 0.25, 0.875])
    assert rank_scores(design, values, kind="median")[:3].tolist() == [1, 0, 1]
    waerden = rank_scores(design, values, kind="waerden")
    assert waerden[:3] == pytest.approx(stats.norm.ppf([0.625, 0.25, 0.875]))
    assert np.isnan(waerden[3])


@pytest.mark.parametrize(
    ("cv", "base", "letter"),
    [
        (0.166, 50, "A"),
        (0.1661, 50, "C"),
        (0.166, 49.9, "C"),
        (0.333, 20, "C"),
        (0.3331, 50, "F"),
        (0.1, 19.9, "F"),
        (np.nan, 500, "C"),
        (np.nan, 19, "F"),
        (0.1, np.nan, "F"),
    ],
)
def test_grades_at_their_limits(cv, base, letter):
    assert grade(np.array([cv]), np.array([base])).tolist() == [letter]


def judged(reason=None, **given):
    usual = {"cv": 0.1, "base": 90.0, "df": 5.0, "se": 1.0, "low": 0.0, "high": 2.0}
    parts = {name: value * ONE for name, value in {**usual, **given}.items()}
    letters, reasons = judge(**parts, reason=np.array([reason], dtype=object))
    return letters[0], reasons[0]


@pytest.mark.parametrize("given", [{"se": np.inf}, {"low": -np.inf}, {"high": np.nan}, {"df": 0.0}])
def test_without_an_interval_there_is_no_grade(given):
    assert judged(**given) == ("F", "no interval at this base")
    assert judged("one respondent", **given) == ("F", "one respondent")


def test_what_is_withheld_fails_and_what_is_fixed_is_no_finding():
    assert judged() == ("A", None)
    assert judged("one respondent") == ("F", "one respondent")
    assert judged("fixed by the calibration") == ("C", "fixed by the calibration")
    whole = "the whole population is in the sample"
    assert judged(whole) == ("C", whole)
    assert judged(low=1.0, high=1.0) == ("C", None)
    assert judged(low=1.0, high=1.0, cv=0.5) == ("F", None)


def test_why_a_domain_is_withheld():
    unit = np.array([0, 0, 1, 1, 2, 2])
    design = make_design(np.array([1.0, 1, 1, 1, 1, 0]), clusters=[unit])
    frame = frame_domains(design, np.array([0, 0, 1, 1, 2, 3]), 5)
    y = np.array([1.0, 2.0, np.nan, 4.0, 5.0, 6.0])
    assert why_withheld(frame, ratio_cells(frame, y)).tolist() == [
        *("one sampling unit", "one respondent", "one respondent", "no answer", "no answer")
    ]
    flat = frame_domains(design, np.zeros(6, dtype=int), 1)
    assert why_withheld(flat, ratio_cells(flat, np.ones(6)))[0] == (
        "no variation between sampling units"
    )


def test_effective_sizes_by_hand():
    assert kish_size(np.array([3.0, 3.0, 0.0])) == 2.0
    assert kish_size(np.zeros(3)) == 0.0
    assert kish_size(np.array([1e200, 1e200])) == 2.0  # squares that no number holds
    design = make_design(np.array([1.0, 1, 2, 2]), clusters=[np.array([0, 0, 1, 1])])
    cells = ratio_cells(frame_domains(design, np.zeros(4, dtype=int), 1), np.array([0.0, 0, 1, 1]))
    kish = 36 / 10
    assert effective_size(cells, np.array([0.0]))[0] == pytest.approx(kish)
    assert effective_size(cells, np.array([0.5]))[0] == pytest.approx(kish / 1.5)
    assert cluster_correlation(cells)[0] == 1.0  # clusters all alike inside


def test_published_shares_by_hand():
    """0.5 and 0.4 of 100: the error is the root of 0.0025 + 0.0024 = 0.07."""
    found = published()
    assert found.estimate[0] == pytest.approx(0.1)
    assert found.se[0] == pytest.approx(0.07)
    assert found.statistic[0] == pytest.approx(0.1 / 0.07)
    assert found.high[0] - found.low[0] == pytest.approx(2 * 1.959964 * 0.07, rel=1e-6)
    assert found.p_value[0] == pytest.approx(2 * stats.norm.sf(0.1 / 0.07))
    rounded = published(rounding=0.005)
    assert rounded.statistic[0] == pytest.approx(0.09 / 0.07)
    assert rounded.high[0] - found.high[0] == pytest.approx(0.01)
    assert published((0.4, 0.4), rounding=0.005).statistic[0] == 0
    wide = published(factor=(2.0, 1.0))
    assert wide.size[0] == 25
    assert wide.se[0] == pytest.approx(np.sqrt(0.25 / 25 + 0.0024))


@pytest.mark.parametrize(("n", "normal"), [(50, True), (49, False)])
def test_five_answers_on_either_side_make_a_share_normal(n, normal):
    assert published((0.1, 0.9), (n, 500)).is_normal[0] == normal
    assert published((0.5, 0.1), (500, n)).is_normal[0] == normal


def test_shares_of_nothing_and_all_are_published_without_a_test():
    found = published((1.0, 0.0))
    assert (found.estimate[0], found.se[0]) == (1, 0)
    assert np.isnan(found.statistic[0])


def test_a_change_of_two_means_by_hand():
    """Means 3 and 7 of four each, deviations of two: each error 4 x 4 / 3 / 4 ... by the frame."""
    y, pair = np.array([1.0, 5, 1, 5, 5, 9, 5, 9]), (np.array([1]), np.array([0]))
    frame = frame_domains(make_design(np.ones(8)), np.repeat([0, 1], 4), 2)
    cells, both = ratio_cells(frame, y), ratio_covariance(frame, y)
    made = change_between(cells, both, pair, np.full(2, 7.0))
    se = np.sqrt(2 * 8 / 7 * 4 * 4 / 16)  # two domains, each n / (n - 1) of 4 squares of 4 over 16
    assert made.cells.estimate[0] == 4
    assert np.sqrt(made.cells.variance[0]) == pytest.approx(se)
    assert made.p_value[0] == pytest.approx(2 * stats.t.sf(4 / se, 7))
    ratio = change_between(cells, both, pair, np.full(2, 7.0), compare="ratio")
    log = np.sqrt(8 / 7 * (1 / 9 + 1 / 49))
    assert ratio.cells.estimate[0] == pytest.approx(7 / 3)
    assert np.sqrt(ratio.cells.variance[0]) == pytest.approx(7 / 3 * log)
    assert ratio.p_value[0] == pytest.approx(2 * stats.t.sf(np.log(7 / 3) / log, 7))
    half = stats.t.ppf(0.975, 7) * log
    assert ratio.low[0] == pytest.approx(7 / 3 * np.exp(-half))
    assert ratio.high[0] == pytest.approx(7 / 3 * np.exp(half))


def test_of_shares_at_one_the_interval_is_squared_and_added():
    """Of 20, none and all: (0, 0.168) and (0.832, 1) give 1 - root 2 of 0.168, up to 1."""
    y, group = np.repeat([0.0, 1.0], 20), np.repeat([0, 1], 20)
    frame = frame_domains(make_design(np.ones(40)), group, 2)
    cells, pair, df = ratio_cells(frame, y), (np.array([1]), np.array([0])), np.full(2, 1e9)
    plain = change_between(cells, ratio_covariance(frame, y), pair, df)
    made = share_change(plain, cells, pair, df)
    edge = 1 - 0.025 ** (1 / 20)
    assert made.low[0] == pytest.approx(1 - np.sqrt(2) * edge, abs=2e-3)
    assert made.high[0] == pytest.approx(1.0)
    assert made.cells.estimate[0] == 1
    error = (made.high[0] - made.low[0]) / 2 / stats.norm.ppf(0.975)
    assert np.sqrt(made.cells.variance[0]) == pytest.approx(error, rel=1e-6)
    wide = share_change(plain, cells, pair, df, confidence=0.5)
    assert wide.low[0] > made.low[0]
    assert wide.cells.variance[0] != pytest.approx(made.cells.variance[0], rel=1e-3)
    assert 0 < made.p_value[0] < 1e-4


def test_shares_inside_keep_their_interval():
    y, group = np.tile([0.0, 1.0, 1.0, 0.0], 10), np.repeat([0, 1], 20)
    frame = frame_domains(make_design(np.ones(40)), group, 2)
    cells, pair, df = ratio_cells(frame, y), (np.array([1]), np.array([0])), np.full(2, 39.0)
    plain = change_between(cells, ratio_covariance(frame, y), pair, df)
    assert share_change(plain, cells, pair, df) is plain


def test_a_standardised_mean_with_a_missing_answer_by_hand():
    """Two classes, weights 1 and 3 in four: means 2 and 6 make 5; the untold answer counts in
    neither the mean nor its error."""
    domain, y = np.repeat([0, 1], 4), np.array([1.0, 3, 1, 3, 4, 8, 6, np.nan])
    frame = frame_domains(make_design(np.ones(8)), domain, 2)
    made = standardised_cells(frame, y, np.array([0.25, 0.75]))
    assert made.estimate[0] == pytest.approx(5)
    influence = np.array([-0.25, 0.25, -0.25, 0.25, 0, 0, 0, 0]) / 4
    influence += np.array([0, 0, 0, 0, -2, 2, 0, 0]) * 0.75 / 3
    spread = influence - influence.mean()
    assert made.variance[0] == pytest.approx(8 / 7 * float(spread @ spread))
    assert (made.n[0], made.n_missing[0]) == (7, 1)


def test_trimmed_weights_keep_their_sum_and_leave_those_of_0():
    made = trim_weights(np.array([0.0, 1.0, 1.0, 10.0]), upper=6.0)
    assert made.tolist() == [0, 3, 3, 6]
    made = trim_weights(np.array([0.0, 1.0, 9.0, 8.0]), lower=3.0)
    assert made == pytest.approx([0, 3, 8, 7])
    even = trim_weights(np.array([1.0, 3.0]), lower=2.0, upper=2.0)
    assert even.tolist() == [2, 2]
