"""Time of rates and standardised rates against what pip and apt can install, answers compared.

    python bench/rates.py

Two jobs in one run: 3,800 directly standardised rates (19 communes, 20 offences, 10 years) of 18
age bands with Dobson's interval, and 456,000 crude rates with limits. Rivals: vectorised base R
and epitools (apt install r-base r-cran-epitools) for the first, statsmodels and base R for the
second; a hand-written pandas version stands for a spreadsheet habit. The best of three is kept.
epitools' own exact limits search for each rate alone and take minutes for the second job.
"""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from statsmodels.stats.rates import confint_poisson

from obs import add_rate, standardise
from obs.stats import direct_rate, dobson_interval, poisson_interval

BANDS, GROUPS, RATES = 18, 3_800, 456_000
SEED, REPEATS = 7, 3


def main() -> None:
    """Run both jobs and print seconds, ratios and the greatest disagreement."""
    rng = np.random.default_rng(SEED)
    table, standard = make_strata(rng)
    print(f"{GROUPS:,} standardised rates, {BANDS} age bands")
    report(standardised_tools(table, standard))
    counts = make_counts(rng)
    print(f"\n{len(counts):,} rates with interval")
    report(rate_tools(counts))


def make_strata(rng: np.random.Generator) -> tuple[pd.DataFrame, pd.Series]:
    """Make counts and people of every group and age band; at least ten events a group."""
    keys = pd.MultiIndex.from_product([range(GROUPS), range(BANDS)], names=["group", "band"])
    people = rng.integers(500, 9_000, len(keys))
    table = keys.to_frame(index=False).assign(
        numerator=rng.poisson(people * 0.01) + 1, denominator=people
    )
    return table, pd.Series(rng.integers(1_000, 7_000, BANDS), index=range(BANDS))


def make_counts(rng: np.random.Generator) -> pd.DataFrame:
    """Make counts of 19 communes, 200 offences, 10 years, 12 months; many small."""
    people = rng.integers(20_000, 190_000, RATES)
    return pd.DataFrame(
        {"numerator": rng.poisson(people * rng.gamma(0.5, 4e-4, RATES)), "denominator": people}
    )


def standardised_tools(table: pd.DataFrame, standard: pd.Series) -> dict[str, tuple]:
    """Name each way to standardise -> seconds and the array of rates and limits."""
    tools: dict[str, Callable[[], np.ndarray]] = {
        "obs.standardise (table)": lambda: numbers(
            standardise(table, by="group", strata="band", standard=standard)
        ),
        "obs.stats kernels (arrays)": lambda: kernels(table, standard),
        "pandas groupby.apply": lambda: by_apply(table, standard),
    }
    timed = {name: best_of(tool) for name, tool in tools.items()}
    if shutil.which("Rscript"):
        timed |= in_r(table.assign(standard=table["band"].map(standard)), R_STANDARDISED)
    return timed


def rate_tools(counts: pd.DataFrame) -> dict[str, tuple]:
    """Name each way to make rates -> seconds and the array of rates and limits."""

    def peer() -> np.ndarray:
        events, people = counts["numerator"].to_numpy(), counts["denominator"].to_numpy()
        low, high = confint_poisson(events, 1, method="exact-c")
        return 1_000 * np.column_stack([events, low, high]) / people[:, None]

    def kernel() -> np.ndarray:
        events, people = counts["numerator"].to_numpy(), counts["denominator"].to_numpy()
        low, high = poisson_interval(events, method="exact")
        return 1_000 * np.column_stack([events, low, high]) / people[:, None]

    timed = {
        "obs.add_rate (table)": best_of(lambda: numbers(add_rate(counts))),
        "obs.stats exact (arrays)": best_of(kernel),
        "statsmodels exact (arrays)": best_of(peer),
    }
    if shutil.which("Rscript"):
        timed |= in_r(counts, R_RATES)
    return timed


def numbers(table: pd.DataFrame) -> np.ndarray:
    """Give value and limits as numbers."""
    return table[["value", "low", "high"]].to_numpy(dtype=float, na_value=np.nan)


def kernels(table: pd.DataFrame, standard: pd.Series) -> np.ndarray:
    """Standardise from arrays, already in a grid."""
    events = table["numerator"].to_numpy().reshape(GROUPS, BANDS)
    people = table["denominator"].to_numpy().reshape(GROUPS, BANDS)
    rate, variance = direct_rate(events, people, standard.to_numpy())
    limits = dobson_interval(rate, variance, events.sum(axis=1))
    return 100_000 * np.column_stack([rate, *limits])


def by_apply(table: pd.DataFrame, standard: pd.Series) -> np.ndarray:
    """Standardise group by group, as a spreadsheet would."""
    weights = standard.to_numpy()

    def one(group: pd.DataFrame) -> tuple[float, ...]:
        events, people = group["numerator"].to_numpy(), group["denominator"].to_numpy()
        rate = (weights * events / people).sum() / weights.sum()
        variance = (weights**2 * events / people**2).sum() / weights.sum() ** 2
        total = events.sum()
        low, high = poisson_interval(total)
        step = np.sqrt(variance / total)
        return rate, rate + step * (low - total), rate + step * (high - total)

    groups = table.groupby("group")[["numerator", "denominator"]]
    return 100_000 * np.array(groups.apply(one).tolist(), dtype=float)


def best_of(tool: Callable[[], np.ndarray]) -> tuple[float, np.ndarray]:
    """Run a tool some times; keep the shortest."""
    seconds, answer = float("inf"), np.array([])
    for _ in range(REPEATS):
        start = time.perf_counter()
        answer = tool()
        seconds = min(seconds, time.perf_counter() - start)
    return seconds, answer


def in_r(table: pd.DataFrame, scripts: dict[str, str]) -> dict[str, tuple]:
    """Time R from data in memory to results in memory; reading and writing do not count."""
    timed = {}
    with tempfile.TemporaryDirectory() as folder:
        data, out = Path(folder) / "in.csv", Path(folder) / "out.csv"
        table.to_csv(data, index=False)
        for name, script in scripts.items():
            code = R_FRAME.replace("DATA", str(data)).replace("OUT", str(out))
            code = code.replace("BODY", script).replace("REPEATS", str(REPEATS))
            done = subprocess.run(
                ["Rscript", "-e", code], capture_output=True, text=True, check=False
            )
            if done.returncode:
                print(f"  {name}: not installed")
                continue
            timed[name] = (float(done.stdout.split()[-1]), pd.read_csv(out).to_numpy(float))
    return timed


def report(timed: dict[str, tuple[float, np.ndarray]]) -> None:
    """Print seconds, how many times the first is quicker, and the greatest disagreement."""
    first, answer = next(iter(timed.values()))
    for name, (seconds, theirs) in timed.items():
        with np.errstate(invalid="ignore"):
            gap = [np.nanmax(np.abs(theirs[:, k] / answer[:, k] - 1)) for k in range(3)]
        print(
            f"  {name:32} {seconds:8.3f} s  x{seconds / first:7.1f}"
            f"  rate {gap[0]:.0e}, limits {max(gap[1:]):.0e}"
        )


R_FRAME = """
d <- read.csv('DATA'); best <- Inf; run <- function() { BODY }
for (i in 1:REPEATS) { s <- system.time(r <- run())[['elapsed']]; best <- min(best, s) }
write.csv(r, 'OUT', row.names = FALSE); cat(best)
"""
R_STANDARDISED = {
    "base R rowsum, Dobson and Byar": """
sums <- rowsum(cbind(d$standard, d$numerator, d$standard * d$numerator / d$denominator,
                     d$standard^2 * d$numerator / d$denominator^2), d$group)
w <- sums[, 1]; x <- sums[, 2]; rate <- sums[, 3] / w; step <- sqrt(sums[, 4] / w^2 / x)
z <- qnorm(0.975); u <- x + 1
low <- x * (1 - 1 / (9 * x) - z / (3 * sqrt(x)))^3
high <- u * (1 - 1 / (9 * u) + z / (3 * sqrt(u)))^3
1e5 * cbind(rate, rate + step * (low - x), rate + step * (high - x))
""",
    "epitools gamma limits (R)": """
library(epitools)
t(sapply(split(d, d$group), function(g)
  ageadjust.direct(g$numerator, g$denominator, stdpop = g$standard)[c(2, 3, 4)])) * 1e5
""",
}
R_RATES = {
    "base R qchisq, exact": """
x <- d$numerator
cbind(x, qchisq(0.025, 2 * x) / 2, qchisq(0.975, 2 * x + 2) / 2) / d$denominator * 1000
""",
}


if __name__ == "__main__":
    main()
