"""The rest of the case of rate ratios: changes in per cent and adjusted p-values of R."""

import json

import numpy as np

from obs.stats import adjust_p_values, rate_ratio


def test_changes_and_adjusted_p_values_are_those_of_r(shared):
    folder = shared / "cases" / "rate_ratio_two_periods"
    case = json.loads((folder / "expected.json").read_text())
    rows, rtol = case["expected"]["rows"], case["meta"]["tolerance_hint"]

    def column(name):
        return np.array([np.nan if r[name] is None else r[name] for r in rows], dtype=float)

    ours = rate_ratio(*(column(c) for c in ("x1", "t1", "x0", "t0")), method="exact")
    change = np.where(np.isfinite(ours.ratio), 100 * (ours.ratio - 1), np.nan)
    np.testing.assert_allclose(change, column("pct_change"), rtol=rtol)
    for method in ("holm", "bh"):
        adjusted = adjust_p_values(ours.p_value, method=method)
        np.testing.assert_allclose(adjusted, column(f"{method}_p"), rtol=rtol)
