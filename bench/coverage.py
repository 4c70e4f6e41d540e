"""Coverage of every interval kernel by simulation, and false alarms of the verdicts.

    python bench/coverage.py --out docs/coverage.md      the table of the documentation
    python bench/coverage.py --quick                     a look, in seconds

Each kernel is drawn many times at known truths over a grid of sizes. Coverage is the share of
intervals that hold the truth; the two misses tell on which side it lies. Seeds are fixed.
"""

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from false_alarms import alarms

from obs.lab import fay_herriot
from obs.stats import (
    abundance_profile,
    adjusted_limits,
    agresti_coull_interval,
    chapman,
    clopper_pearson_interval,
    closed_population,
    direct_rate,
    dobson_interval,
    durations_by_cause,
    fay_feuer_interval,
    funnel_limits,
    iterated_overdispersion,
    jeffreys_interval,
    lower_bound,
    mean_interval,
    newcombe_difference,
    overdispersion,
    poisson_interval,
    rank_draws,
    rank_intervals,
    rank_sets,
    rate_ratio,
    recent_ratio,
    scores,
    severity_index,
    share_limits,
    smooth_gamma,
    wilson_interval,
)

SEED = 20260101
MEANS = (0.5, 1, 2, 5, 9, 10, 15, 30, 100, 1_000)
SHARES = ((20, 0.02), (20, 0.3), (50, 0.1), (100, 0.01), (100, 0.5), (400, 0.02), (400, 0.86))
COMMUNES = 19


@dataclass(frozen=True)
class Row:
    """One line of the table: what was drawn, how often the truth was held, how it was missed."""

    kernel: str
    truth: str
    stated: float
    held: float
    too_low: float  # the whole interval lies below the truth
    too_high: float
    draws: int


def main() -> None:
    """Simulate, print or write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, help="Markdown file to write")
    parser.add_argument("--quick", action="store_true", help="a tenth of the draws")
    options = parser.parse_args()
    n = 2_000 if options.quick else 20_000
    text = page(list(intervals(n)), list(alarms(n // 100)))
    if options.out:
        options.out.write_text(text, encoding="utf-8")
    else:
        print(text)


def intervals(n: int) -> Iterator[Row]:
    """Simulate every interval kernel."""
    rng = np.random.default_rng(SEED)
    for part in (counts, shares, differences, ratios, standardised, others, places, hidden):
        yield from part(n, rng)
    yield from added(n, np.random.default_rng(SEED + 1))


def added(n: int, rng: np.random.Generator) -> Iterator[Row]:
    """Kernels that came later, from draws of their own: the rows above stay as they are."""
    n = min(n, 4_000)
    for new, old in ((3, 3), (8, 12), (20, 20), (30, 60), (1_000, 1_000)):
        found = rate_ratio(rng.poisson(new, n), 1, rng.poisson(old, n), 1, method="score")
        yield row("Rate ratio, score", f"{new} and {old} events", new / old, found.low, found.high)
    for mean, spread in ((10, 0.0), (40, 0.0), (40, 0.2), (200, 0.4)):
        rate = rng.gamma(spread**-2, mean * spread**2, (n, 9)) if spread else np.full((n, 9), mean)
        week = rng.poisson(rate)
        found = recent_ratio(week[:, 0], week[:, 1:])
        truth = f"9 weeks, mean {mean}, rates vary by {spread:.0%}"
        yield row("A week beside eight", truth, 1.0, found.low, found.high)
    for size, day in ((30, 0.2), (30, 1.0), (300, 0.2), (300, 1.0)):
        yield from _durations(size, day, n // 4, rng)


def _durations(size: int, day: float, n: int, rng: np.random.Generator) -> Iterator[Row]:
    """Exponential durations that end in two ways, of which a third is still open."""
    shares = np.empty((n, 2, 2))
    for draw in range(n):
        end, seen = rng.exponential(1, size), rng.uniform(0.2, 4, size)
        cause = np.where(end <= seen, rng.integers(1, 3, size), 0)
        found = durations_by_cause(np.minimum(end, seen), cause, horizons=[day], n_causes=2)
        limits = (found.open_low, found.open_high), (found.ended_low[0], found.ended_high[0])
        shares[draw] = np.array(limits)[:, :, 0]
    gone = 1 - np.exp(-day)
    shares = np.where(np.isnan(shares), [[0.0, 1.0]], shares)  # not followed so far: held
    for place, (name, truth) in enumerate((("still open", 1 - gone), ("one cause", gone / 2))):
        told = f"{size} cases, {truth:.0%}"
        yield row(f"Durations, {name}", told, truth, *shares[:, place].T)


def counts(n: int, rng: np.random.Generator) -> Iterator[Row]:
    """Poisson means, and means of counts that vary more than Poisson."""
    for method in ("auto", "exact", "byar", "midp"):
        for mean in MEANS:
            low, high = poisson_interval(rng.poisson(mean, n), method=method)
            low = np.where(np.isnan(low), 0.0, low)  # Byar gives none for the smallest
            yield row(f"Poisson, {method}", f"mean {mean:g}", mean, low, high)
    for mean, index in ((30, 2), (30, 4), (1_000, 2)):
        drawn = rng.negative_binomial(mean / (index - 1), 1 / index, n)
        low, high = poisson_interval(drawn)
        truth = f"mean {mean}, variance {index} times it"
        yield row("Poisson, auto", truth, mean, low, high)


def shares(n: int, rng: np.random.Generator) -> Iterator[Row]:
    """Shares of simple samples."""
    kernels: dict[str, Callable] = {
        "Wilson": wilson_interval,
        "Wilson, continuity": lambda x, m: wilson_interval(x, m, continuity=True),
        "Clopper-Pearson": clopper_pearson_interval,
        "Jeffreys": jeffreys_interval,
        "Agresti-Coull": agresti_coull_interval,
    }
    for name, kernel in kernels.items():
        for size, share in SHARES:
            low, high = kernel(rng.binomial(size, share, n), size)
            yield row(name, f"{share:g} of {size}", share, low, high)


def differences(n: int, rng: np.random.Generator) -> Iterator[Row]:
    """Differences of two shares."""
    for size, new, old in ((50, 0.1, 0.1), (100, 0.02, 0.05), (400, 0.4, 0.3), (1_000, 0.9, 0.85)):
        limits = newcombe_difference(
            rng.binomial(size, new, n), size, rng.binomial(size, old, n), size
        )
        yield row("Newcombe difference", f"{new:g} and {old:g} of {size}", new - old, *limits)


def ratios(n: int, rng: np.random.Generator) -> Iterator[Row]:
    """Ratios of two Poisson counts; 0 over 0 tells nothing and is held."""
    n = min(n, 4_000)
    for method in ("auto", "exact", "midp"):
        for new, old in ((3, 3), (8, 12), (20, 20), (30, 60), (1_000, 1_000)):
            result = rate_ratio(rng.poisson(new, n), 1, rng.poisson(old, n), 1, method=method)
            low, high = (
                np.nan_to_num(result.low),
                np.where(np.isnan(result.high), np.inf, result.high),
            )
            yield row(f"Rate ratio, {method}", f"{new} and {old} events", new / old, low, high)


def standardised(n: int, rng: np.random.Generator) -> Iterator[Row]:
    """Standardised rates of 18 age bands, independent events and repeated ones."""
    standard = np.array([5, 5.5, 5.5, 5.5, 6, 6, 6.5, 7, 7, 7, 7, 6.5, 6, 5.5, 5, 4, 2.5, 2.5])
    people = 1_000 * standard[::-1]
    shape = np.linspace(3, 0.3, 18)
    for total in (10, 15, 30, 100, 1_000):
        means = total * shape * people / (shape * people).sum()
        drawn = rng.poisson(means, (n, 18))
        drawn = drawn[drawn.sum(axis=1) >= 10]  # fewer are not published
        rate, variance = direct_rate(drawn, people, standard)
        truth = float((standard * means / people).sum() / standard.sum())
        limits = dobson_interval(rate, variance, drawn.sum(axis=1))
        yield row("Dobson", f"{total} expected, 10 or more seen", truth, *limits)
        largest = (standard / people).max() / standard.sum()
        drawn = rng.poisson(means, (n, 18))
        limits = fay_feuer_interval(*direct_rate(drawn, people, standard), largest)
        yield row("Fay-Feuer gamma", f"{total} expected", truth, *limits)
    yield from repeated(n, rng, standard, people)


def repeated(
    n: int, rng: np.random.Generator, standard: np.ndarray, people: np.ndarray
) -> Iterator[Row]:
    """Let one person in five have three events."""
    means = 200 * people / people.sum()
    once, thrice = rng.poisson(0.8 * means, (n, 18)), rng.poisson(0.2 * means, (n, 18))
    events, squares = once + 3 * thrice, once + 9 * thrice
    truth = float((standard * 1.4 * means / people).sum() / standard.sum())
    for name, spread in (("Dobson, repeated events", squares), ("Dobson, if ignored", None)):
        rate, variance = direct_rate(events, people, standard, squares=spread)
        limits = dobson_interval(rate, variance, events.sum(axis=1))
        yield row(name, "one person in five has three", truth, *limits)


def others(n: int, rng: np.random.Generator) -> Iterator[Row]:
    """Means, severity indices, small areas, smoothed ratios."""
    for size in (5, 30):
        yield row(
            "Student mean", f"{size} normal values", 0, *mean_interval(rng.normal(size=(n, size)))
        )
    weights, means = np.array([30, 300, 7_000.0]), np.array([5_000, 200, 12.0])
    result = severity_index(rng.poisson(means, (n, 3)), weights, 1e6, base=1.0)
    truth = 100 * float(weights @ means) / 1e6
    yield row("Severity index", "12 grave events expected", truth, result.low, result.high)
    yield from small_areas(max(n // 40, 50), rng)
    yield from smoothed(max(n // 200, 20), rng)


def small_areas(n: int, rng: np.random.Generator) -> Iterator[Row]:
    """Fay-Herriot over 19 areas, plus or minus 1.96 root mean squared errors."""
    spread = np.linspace(0.5, 2.5, COMMUNES)
    for method in ("reml", "ml", "fh"):
        truth = rng.normal(0, 1, (n, COMMUNES))
        fits = [
            fay_herriot(t + rng.normal(0, np.sqrt(spread)), spread, method=method) for t in truth
        ]
        centre = np.array([f.estimate for f in fits])
        half = 1.96 * np.sqrt([f.mse for f in fits])
        yield row(f"Fay-Herriot, {method}", "19 areas", truth, centre - half, centre + half)


def smoothed(n: int, rng: np.random.Generator) -> Iterator[Row]:
    """Posterior limits of ratios that the model has drawn."""
    for areas in (COMMUNES, 200):
        expected = rng.uniform(5, 60, areas)
        truth = rng.gamma(10, 0.1, (n, areas))
        fits = [smooth_gamma(rng.poisson(t * expected), expected) for t in truth]
        low, high = np.array([f.low for f in fits]), np.array([f.high for f in fits])
        yield row("Poisson-gamma smoothing", f"{areas} areas", truth, low, high)


def places(n: int, rng: np.random.Generator) -> Iterator[Row]:
    """Control limits of places that do not differ, or differ as they usually do; ranks."""
    expected = rng.uniform(5, 400, n)
    drawn = rng.poisson(expected)
    for confidence in (0.95, 0.998):
        low, high = funnel_limits(expected, confidence=confidence)
        yield row(
            f"Funnel, counts, {confidence:.1%}", "no difference", drawn, low, high, confidence
        )
        sizes = rng.integers(20, 800, n)
        part = rng.binomial(sizes, 0.2) / sizes
        limits = share_limits(sizes, 0.2, confidence=confidence)
        yield row(f"Funnel, shares, {confidence:.1%}", "no difference", part, *limits, confidence)
    yield from differing(max(n // 20, 50), rng)
    yield from ranked(max(n // 40, 50), rng)


def differing(n: int, rng: np.random.Generator) -> Iterator[Row]:
    """Draw 19 places that differ by a tenth on the root scale."""
    expected = np.geomspace(50, 5_000, COMMUNES)
    ratio = rng.normal(1, 0.1, (n, COMMUNES)) ** 2
    seen = rng.poisson(ratio * expected) / expected
    for name, estimate in (
        ("as in obs.funnel", iterated_overdispersion),
        ("as published", overdispersion),
    ):
        for confidence in (0.95, 0.998):
            held = [held_by(s, expected, estimate, confidence) for s in seen]
            value, low, high = (np.array(side) for side in zip(*held, strict=True))
            kernel = f"Funnel, over-dispersed, {name}"
            yield row(kernel, "19 places, usual differences", value, low, high, confidence)
    low, high = (side / expected for side in funnel_limits(expected))
    yield row("Funnel, counts, 95.0%", "the same, differences ignored", seen, low, high)


def held_by(
    seen: np.ndarray, expected: np.ndarray, estimate: Callable, confidence: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give values and limits around the rate of the whole, as a funnel has them."""
    centre = (seen * expected).sum() / expected.sum()
    value, size = seen / centre, expected * centre
    tau2 = estimate(*scores(value, size)).tau2
    return value, *adjusted_limits(size, tau2, confidence=confidence)


def ranked(n: int, rng: np.random.Generator) -> Iterator[Row]:
    """Ranks of 19 places, some equal: every rank an equal place can have must be in."""
    rates = np.repeat([0.02, 0.03, 0.031, 0.06], [6, 5, 5, 3])
    people = np.linspace(5_000, 50_000, COMMUNES)
    best = 1 + (rates[None, :] > rates[:, None]).sum(axis=1)
    worst = COMMUNES - (rates[None, :] < rates[:, None]).sum(axis=1)
    inside = {"one by one": [], "sets, all together": []}
    for _ in range(n):
        seen = rng.poisson(rates * people)
        _, low, high = rank_intervals(rank_draws(seen, people, rng=rng, draws=1_000))
        inside["one by one"].append((low <= best) & (worst <= high))
        low, high = rank_sets(np.sqrt((seen + 3 / 8) / people), 1 / (2 * np.sqrt(people)))
        inside["sets, all together"].append([((low <= best) & (worst <= high)).all()])
    for name, held in inside.items():
        share = float(np.mean(held))
        yield Row(
            f"Ranks, {name}", "19 places, 16 tied", 0.95, share, np.nan, np.nan, np.size(held)
        )


def hidden(n: int, rng: np.random.Generator) -> Iterator[Row]:
    """Populations found by two and three independent lists."""
    n = max(n // 100, 30)
    for size, chances in ((300, (0.3, 0.2)), (2_000, (0.2, 0.1)), (1_000, (0.3, 0.25, 0.2))):
        profile, bound, corrected = [], [], []
        for _ in range(n):
            lists, number = histories(size, chances, rng)
            profile.append(abundance_profile(closed_population(lists, number))[1:])
            bound.append(lower_bound(lists, number)[2:])
            if len(chances) == 2:
                on = lists.T @ number
                both = number[lists.all(axis=1)].sum()
                total, error = chapman(*on, both)
                corrected.append((total - 1.96 * error, total + 1.96 * error))
        truth = f"{size} persons, {len(chances)} lists"
        yield row("Capture-recapture, profile", truth, size, *np.array(profile).T)
        yield row("Chao's bound", truth + ", independent", size, *np.array(bound).T)
        if corrected:
            yield row("Chapman, plus or minus 1.96", truth, size, *np.array(corrected).T)


def histories(
    size: int, chances: tuple[float, ...], rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Put persons on lists; those on none are not seen."""
    caught = rng.random((size, len(chances))) < np.array(chances)
    return np.unique(caught[caught.any(axis=1)].astype(int), axis=0, return_counts=True)


def row(
    kernel: str,
    truth: str,
    value: np.ndarray | float,
    low: np.ndarray,
    high: np.ndarray,
    stated: float = 0.95,
) -> Row:
    """Tell how often the limits hold a value."""
    below, above = np.mean(high < value), np.mean(low > value)
    held = float(np.mean((low <= value) & (value <= high)))
    drawn = int(np.broadcast(value, low).size)
    return Row(kernel, truth, stated, held, float(below), float(above), drawn)


def page(rows: list[Row], false: list[tuple[str, str, float, float]]) -> str:
    """Write the page of the documentation."""
    lines = [
        *INTRODUCTION,
        "",
        "| kernel | truth | stated | held | missed below | missed above | draws |",
    ]
    lines.append("| --- | --- | ---: | ---: | ---: | ---: | ---: |")
    for r in rows:
        cells = (f"{r.stated:.1%}", f"{r.held:.1%}", percent(r.too_low), percent(r.too_high))
        lines.append(f"| {r.kernel} | {r.truth} | {' | '.join(cells)} | {r.draws:,} |")
    lines += [
        "",
        *VERDICTS,
        "",
        "| rate | adjustment | comparisons flagged | years with any flag |",
    ]
    lines.append("| --- | --- | ---: | ---: |")
    lines += [
        f"| {rate} | {adjust} | {one:.2%} | {any_one:.1%} |" for rate, adjust, one, any_one in false
    ]
    return "\n".join(lines) + "\n"


def percent(value: float) -> str:
    """Print a share, or nothing where it is not counted."""
    return "" if np.isnan(value) else f"{value:.1%}"


INTRODUCTION = (
    "# Coverage by simulation",
    "",
    "Made by `python bench/coverage.py --out docs/coverage.md`; seeds are fixed. Each line draws",
    "data from a known truth and counts how often the interval holds it. 'Missed below' is an",
    "interval that lies wholly below the truth. For control limits the thing held is the value of",
    "a place that does not differ. Exact intervals hold more than stated because counts are whole.",
    "",
    "What to read from it: intervals of counts tell Poisson variation only, and fall far short when",
    "counts vary more (the lines with a larger variance); rank intervals of single places fail among",
    "ties, which is why tables print the sets; the published estimate of what places differ by lets",
    "the over-dispersed funnel flag twice what is stated, that of obs.funnel does not;",
    "Chao's bound is one only where lists are of like size (300 persons: 0.3 and 0.2; 2,000: 0.2, 0.1).",
    "Interrupted trends have their own table in `interruption.md`, seasonal adjustment in `seasonal.md`.",
)
VERDICTS = (
    "## False alarms of the verdicts",
    "",
    "Ten year-on-year comparisons in 19 communes where nothing happens, by `compare_periods` at 95 %.",
    "With Holm the chance of any flag in one year's 19 comparisons is at most 5 % (20,000 years, plus",
    "or minus 0.5 points: a year is compared twice); with BH too, when",
    "nothing happens anywhere; without adjustment 5 % of comparisons are flagged. Fewer than 20",
    "events in a year are never flagged, so small rates stay below.",
)


if __name__ == "__main__":
    main()
