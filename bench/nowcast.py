"""Coverage of the nowcast's interval where the truth is known: the table of docs/deliveries.md."""

import numpy as np

from obs.stats.series.nowcast import nowcast

DELAYS = np.array([0.55, 0.2, 0.1, 0.05, 0.04, 0.03, 0.02, 0.01])
MONTHS, RECENT, DRAWS = 24, 7, 300
CASES = [(2, 1), (10, 1), (50, 1), (500, 1), (50, 2), (500, 4)]


def draw(rng, mean, dispersion):
    """Draw the final counts of seasonal months, and the triangle known of them."""
    level = mean * (1 + 0.3 * np.sin(np.arange(MONTHS) / 6 * np.pi))
    cells = level[:, None] * DELAYS
    if dispersion > 1:
        full = rng.negative_binomial(cells / (dispersion - 1), 1 / dispersion)
    else:
        full = rng.poisson(cells)
    known = np.add.outer(np.arange(MONTHS), np.arange(len(DELAYS))) < MONTHS
    return full.sum(axis=1), np.where(known, full, np.nan)


def coverage(rng, mean, dispersion):
    """Give the share of recent months whose final count lies in the interval."""
    covered = []
    for _ in range(DRAWS):
        final, triangle = draw(rng, mean, dispersion)
        found = nowcast(triangle)
        inside = (found.low <= final) & (final <= found.high)
        covered.append(inside[-RECENT:].mean())
    return np.mean(covered)


if __name__ == "__main__":
    rng = np.random.default_rng(1)
    print("| facts a month | dispersion | coverage |\n|---|---|---|")
    for mean, dispersion in CASES:
        print(f"| {mean} | {dispersion} | {coverage(rng, mean, dispersion):.3f} |")
