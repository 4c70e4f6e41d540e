"""How often survey intervals hold the truth: repeated samples of a population that is known.

    python bench/survey_coverage.py --samples 2000 --docs docs/survey.md

A finite population of about 60,000 persons in 57 strata (three per commune) of 40 blocks each is
sampled in two stages (4 blocks, 10 persons in each), and each interval is compared with the
population's own value. With --docs the table is written between the marks of that page.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from obs.stats.survey import (
    Cells,
    Frame,
    cluster_correlation,
    effective_size,
    frame_domains,
    make_design,
    ratio_cells,
    share_interval,
    t_interval,
    total_cells,
)

COMMUNES, STRATA, BLOCKS, TAKEN, PERSONS = 19, 57, 40, 4, 10
OUTCOMES = {"30 %": 0.30, "10 %": 0.10, "2 %": 0.02, "0.5 %": 0.005}
METHODS = ("logit", "beta", "wilson", "normal")
RULES = ("auto", "design")
MARKS = ("<!-- coverage: begin -->", "<!-- coverage: end -->")
SEED = 11


@dataclass(frozen=True)
class Population:
    """Everybody: design codes, domains, outcomes."""

    block: np.ndarray
    stratum: np.ndarray
    domains: dict[str, np.ndarray]
    outcomes: dict[str, np.ndarray]
    loss: np.ndarray


def main() -> None:
    """Simulate, print, and write the table if asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, default=2_000)
    parser.add_argument("--docs", type=Path, help="page to write the table in")
    options = parser.parse_args()
    rows = simulate(options.samples)
    text = write_table(rows, options.samples)
    print(text)
    if options.docs:
        page = options.docs.read_text(encoding="utf-8")
        head, rest = page.split(MARKS[0])
        tail = rest.split(MARKS[1])[1]
        page = f"{head}{MARKS[0]}\n{text}{MARKS[1]}{tail}"
        options.docs.write_text(page, encoding="utf-8")


def make_population() -> Population:
    """Make the population: blocks differ, so that clusters matter."""
    rng = np.random.default_rng(SEED)
    sizes = rng.integers(15, 40, STRATA * BLOCKS)
    block = np.repeat(np.arange(STRATA * BLOCKS), sizes)
    stratum = block // BLOCKS
    n = len(block)
    draws = rng.random(n)
    domains = {
        "region": np.zeros(n, dtype=np.intp),
        "commune": stratum % COMMUNES,
        "scattered 3 %": np.where(draws < 0.03, 0, 1),
        "scattered 1 %": np.where(draws > 0.99, 0, 1),
    }
    outcomes = {}
    for name, level in OUTCOMES.items():
        local = rng.beta(12 * level, 12 * (1 - level), STRATA * BLOCKS)
        outcomes[name] = (rng.random(n) < local[block]).astype(float)
    outcomes["5 %, whole blocks"] = (rng.random(STRATA * BLOCKS) < 0.05).astype(float)[block]
    loss = rng.gamma(0.8, 300, n) * rng.lognormal(0, 0.4, STRATA * BLOCKS)[block]
    return Population(block, stratum, domains, outcomes, loss)


def draw(population: Population, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw blocks in each stratum, then persons in each block: rows and weights."""
    chosen = np.argsort(rng.random((STRATA, BLOCKS)), axis=1)[:, :TAKEN]
    blocks = (chosen + np.arange(STRATA)[:, None] * BLOCKS).ravel()
    starts = np.searchsorted(population.block, np.arange(STRATA * BLOCKS + 1))
    rows, weights = [], []
    for b in blocks.tolist():
        size = starts[b + 1] - starts[b]
        rows.append(starts[b] + rng.permutation(size)[:PERSONS])
        weights.append(np.full(PERSONS, BLOCKS / TAKEN * size / PERSONS))
    return np.concatenate(rows), np.concatenate(weights)


def simulate(samples: int) -> dict[tuple[str, str], dict[str, float]]:
    """Repeat the survey and count how often each interval holds the truth."""
    population, rng = make_population(), np.random.default_rng(SEED + 1)
    tally: dict[tuple[str, str], dict[str, list[np.ndarray]]] = {}
    for _ in range(samples):
        rows, weight = draw(population, rng)
        block, stratum = population.block[rows], population.stratum[rows]
        design = make_design(weight, strata=[stratum], clusters=[block])
        whole = design.degrees_of_freedom()
        everyone = frame_domains(design, np.zeros(len(rows), dtype=np.intp), 1)
        for domain, codes in population.domains.items():
            last = 1 if domain.startswith("scattered") else int(codes.max()) + 1
            inside = np.where(codes[rows] < last, codes[rows], -1)
            frame = frame_domains(design, inside, last)
            degrees = {rule: frame.degrees_of_freedom(whole, rule=rule) for rule in RULES}
            for outcome, answers in population.outcomes.items():
                truth = by_domain(answers, codes, last)
                cells = ratio_cells(frame, answers[rows])
                alike = cluster_correlation(ratio_cells(everyone, answers[rows]))
                sizes = effective_size(cells, alike)
                limits = share_limits(cells, degrees, sizes)
                note(tally, (domain, outcome), cells, limits, truth)
            note_amounts(tally, domain, frame, population, rows, degrees, last)
    return {key: summarise(found) for key, found in tally.items()}


def by_domain(values: np.ndarray, codes: np.ndarray, last: int) -> np.ndarray:
    """Give the population's own mean in each domain."""
    kept = codes < last
    sums = np.bincount(codes[kept], weights=values[kept], minlength=last)
    return sums / np.bincount(codes[kept], minlength=last)


def share_limits(
    cells: Cells, degrees: dict[str, np.ndarray], sizes: np.ndarray
) -> dict[str, tuple]:
    """Make every interval of a share; those of R are undefined at 0 and 1."""
    limits = {
        method: share_interval(
            cells.estimate, cells.variance, cells.n, degrees["auto"], method=method, size=sizes
        )
        for method in METHODS
    }
    limits["logit, design df"] = share_interval(
        cells.estimate, cells.variance, cells.n, degrees["design"], size=sizes
    )
    edge = (cells.estimate == 0) | (cells.estimate == 1)
    low, high = limits["logit, design df"]
    limits["R"] = np.where(edge, np.nan, low), np.where(edge, np.nan, high)
    return limits


def note(
    tally: dict, key: tuple[str, str], cells: Cells, limits: dict[str, tuple], truth: np.ndarray
) -> None:
    """Keep whether each interval holds the truth, in one sample."""
    found = tally.setdefault(key, {})
    found.setdefault("n", []).append(cells.n)
    found.setdefault("at 0", []).append(cells.estimate == 0)
    for name, (low, high) in limits.items():
        found.setdefault(name, []).append((low <= truth + 1e-12) & (truth - 1e-12 <= high))


def note_amounts(
    tally: dict,
    domain: str,
    frame: Frame,
    population: Population,
    rows: np.ndarray,
    degrees: dict[str, np.ndarray],
    last: int,
) -> None:
    """Keep the Student intervals of a skewed mean and of a total."""
    codes, loss = population.domains[domain], population.loss
    kept = codes < last
    total = np.bincount(codes[kept], weights=loss[kept], minlength=last)
    pairs = (
        ("mean, skewed", ratio_cells(frame, loss[rows]), by_domain(loss, codes, last)),
        ("total", total_cells(frame, loss[rows]), total),
    )
    for name, cells, truth in pairs:
        se = np.sqrt(cells.variance)
        limits = {
            "normal": t_interval(cells.estimate, se, degrees["auto"]),
            "normal, design df": t_interval(cells.estimate, se, degrees["design"]),
        }
        note(tally, (domain, name), cells, limits, truth)


def summarise(found: dict[str, list[np.ndarray]]) -> dict[str, float]:
    """Average over samples and domains."""
    return {name: float(np.mean(np.concatenate(parts))) for name, parts in found.items()}


def write_table(rows: dict[tuple[str, str], dict[str, float]], samples: int) -> str:
    """Write the coverage as a Markdown table."""
    columns = [*METHODS, "logit, design df", "R"]
    lines = [
        f"{samples:,} samples of {STRATA * TAKEN * PERSONS:,} persons; nominal 95 %.",
        "",
        f"| domain | outcome | n | at 0 % | {' | '.join(columns)} |",
        f"|---|---|---:|---:|{'---:|' * len(columns)}",
    ]
    for (domain, outcome), found in rows.items():
        found = {
            **found,
            "logit, design df": found.get("logit, design df", found.get("normal, design df")),
        }
        cells = [f"{found[name]:.1%}" if name in found else "" for name in columns]
        start = f"| {domain} | {outcome} | {found['n']:.0f} | {found['at 0']:.1%} | "
        lines.append(start + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
