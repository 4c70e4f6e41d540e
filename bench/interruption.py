"""Coverage of the interrupted trend's intervals by simulation, and the Mexico City figures.

    python bench/interruption.py --samples 150 --shared ../shared --docs docs/interruption.md

Counts are drawn with a trend, a season, a fall of 20 % at the start and a disturbance of the rate
that remembers its past; each interval is compared with the truth. The Mexico City table needs the
folder of real files. With --docs the tables are written between the marks of that page.
"""

import argparse
import os
from pathlib import Path

for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402

from obs import interrupted_trend  # noqa: E402
from obs.stats.series.harmonics import harmonic_terms  # noqa: E402
from obs.stats.series.interruption import fit_interruption  # noqa: E402

ERRORS = ("autoregressive", "newey_west", "model")
SPANS = ((48, 30), (84, 54), (120, 84))  # months, and those before the start
MEANS = (2, 5, 20, 100)
DISTURBANCES = (0.1, 0.3)  # standard deviation of the logarithm of the rate
MEMORIES = (0.0, 0.3, 0.6, 0.8)
LEVEL = 0.8
LOCKDOWN = "2020-03-23"  # start of the national stay-at-home campaign
SERIES = {
    "domestic violence recorded": "domestic_violence",
    "calls, violence against women": "calls_vaw",
}


def main() -> None:
    """Simulate, read, and print or write the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, default=150, help="series a row of the table")
    parser.add_argument(
        "--shared", type=Path, default=Path("../shared"), help="folder of real files"
    )
    parser.add_argument("--docs", type=Path, help="page whose tables are rewritten")
    options = parser.parse_args()
    tables = {"coverage": coverage(options.samples)}
    if options.shared.is_dir():
        tables["mexico"] = mexico_city(options.shared)
        tables["stringency"] = stringency(options.shared)
    for name, lines in tables.items():
        print(f"\n{name}\n" + "\n".join(lines))
        if options.docs:
            write_between_marks(options.docs, name, lines)


def coverage(samples: int) -> list[str]:
    lines = [
        "| months (before) | mean a month | disturbance | memory | "
        + " | ".join(f"level, {e.replace('_', '-')}" for e in ERRORS)
        + " | slope | total | width of level |",
        "|---" * (len(ERRORS) + 7) + "|",
    ]
    chances = [(0.0, 0.0), *((spread, memory) for spread in DISTURBANCES for memory in MEMORIES)]
    for n, start in SPANS:
        for mean in MEANS:
            for spread, memory in chances:
                rng = np.random.default_rng(5)
                row = one_row(rng, samples, n, start, mean, spread, memory)
                shares = " | ".join(f"{100 * s:.0f} %" for s in row[:-1])
                lines.append(
                    f"| {n} ({start}) | {mean} | {100 * spread:.0f} % | {memory} | {shares} | "
                    f"×{row[-1]:.2f} |"
                )
    return lines


def one_row(
    rng: np.random.Generator,
    samples: int,
    n: int,
    start: int,
    mean: float,
    spread: float,
    memory: float,
) -> list[float]:
    """Give shares of intervals that hold the truth, and the median width of the level's."""
    held, widths = [], []
    while len(held) < samples:
        counts, without, season = simulate(rng, n, start, mean, spread, memory)
        if counts[:start].sum() == 0 or counts[start:].sum() == 0:
            continue  # refused: nothing to compare
        fits = [fit_interruption(counts, start=start, season=season, errors=e) for e in ERRORS]
        level = [f.level.low <= LEVEL <= f.level.high for f in fits]
        ours = fits[0]
        truth = counts[start:].sum() - without[start:].sum()
        total = ours.excess.low <= truth <= ours.excess.high
        held.append([*level, ours.slope.low <= 1 <= ours.slope.high, total])
        widths.append(ours.level.high / ours.level.low)
    return [*np.mean(held, axis=0), float(np.median(widths))]


def simulate(
    rng: np.random.Generator, n: int, start: int, mean: float, spread: float, memory: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw counts with the intervention, and what would have been counted without it."""
    t = np.arange(n)
    disturbance = rng.normal(size=n)
    for i in range(1, n):
        fresh = np.sqrt(1 - memory**2) * disturbance[i]
        disturbance[i] = memory * disturbance[i - 1] + fresh
    wave = 0.15 * np.cos(2 * np.pi * t / 12) + 0.05 * np.sin(4 * np.pi * t / 12)
    rate = mean * np.exp(wave + 0.002 * (t - start) + spread * disturbance)
    season, _ = harmonic_terms(t, period=12)
    counts = rng.poisson(rate * np.where(t >= start, LEVEL, 1.0)).astype(float)
    return counts, rng.poisson(rate), season


def mexico_city(shared: Path) -> list[str]:
    days = pd.read_csv(shared / "data" / "covid" / "mexico_city_daily_crime_2017_2020.csv")
    parts = [
        pd.DataFrame(
            {
                "indicator": name,
                "period": pd.PeriodIndex(days["fecha"], freq="D"),
                "numerator": days[column].astype("Int64"),
            }
        )
        for name, column in SERIES.items()
    ]
    daily = pd.concat(parts, ignore_index=True)
    lines = [
        "| series | counted by | effect | change | 95 % interval | verdict |",
        "|---|---|---|---|---|---|",
    ]
    for unit, table in (("day", daily), ("week", by_week(daily))):
        result = interrupted_trend(table, start=LOCKDOWN, placebos=12 if unit == "week" else 0)
        for row in result.effects.to_dict("records"):
            lines.append(
                f"| {row['indicator']} | {unit} | {row['effect'].replace('_', '-')} | "
                f"{100 * row['change']:+.1f} % | {100 * row['low']:+.1f} to "
                f"{100 * row['high']:+.1f} % | {row['verdict']} |"
            )
    for name, rows in result.placebo.groupby("indicator"):
        called = int(((rows["low"] > 0) | (rows["high"] < 0)).sum())
        lowest, highest = 100 * rows["change"].min(), 100 * rows["change"].max()
        lines.append(
            f"| {name} | week | {len(rows)} placebo dates, level | {lowest:+.1f} to "
            f"{highest:+.1f} % | | {called} of {len(rows)} called |"
        )
    return lines


def stringency(shared: Path) -> list[str]:
    """Give the index of restrictions before, at and after the start."""
    table = pd.read_csv(shared / "data" / "covid" / "stringency_long_9_countries.csv")
    mexico = table[table["CountryCode"] == "MEX"].set_index("date")["stringency_index"]
    days = ("2020-03-01", "2020-03-21", LOCKDOWN, "2020-03-30", "2020-05-31")
    told = ", ".join(f"{mexico[day]:.0f} on {day}" for day in days)
    return [f"Index of the strictness of national restrictions (0 to 100): {told}."]


def by_week(daily: pd.DataFrame) -> pd.DataFrame:
    """Whole weeks from Monday; a week with an unknown day is unknown."""
    weeks = daily["period"].dt.start_time.dt.to_period("W-SUN")
    grouped = daily.assign(period=weeks).groupby(["indicator", "period"])["numerator"]
    known, total = grouped.count(), grouped.sum()
    return total.where(known == 7).reset_index()


def write_between_marks(page: Path, name: str, lines: list[str]) -> None:
    text = page.read_text(encoding="utf-8")
    first, last = f"<!-- {name} -->", f"<!-- end {name} -->"
    head, rest = text.split(first)
    _, tail = rest.split(last)
    body = "\n".join(lines)
    page.write_text(f"{head}{first}\n{body}\n{last}{tail}", encoding="utf-8")


if __name__ == "__main__":
    main()
