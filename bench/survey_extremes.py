"""What becomes of every survey estimator on extreme inputs: equal, graded, refused or wrong.

    python bench/survey_extremes.py --seeds 8 --docs docs/survey.md

Each estimate is compared with a textbook formula in extended precision
(tests/indicators/survey/plain_formulas.py), in samples at random, of clusters in strata, and with
jackknife replicates. With --docs the table is written between the marks of that page.
"""

import argparse
import sys
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
MARKS = ("<!-- extremes: begin -->", "<!-- extremes: end -->")


def main() -> None:
    """Run, print, and write the table if asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--docs", type=Path, help="page to write the table in")
    options = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    from tests.indicators.survey.extreme_inputs import KINDS, outcomes

    found = outcomes(range(100, 100 + options.seeds))
    publish(write_table(found, options.seeds * len(KINDS)), options.docs)


def publish(text: str, page: Path | None) -> None:
    """Print a table, and put it between the marks of a page."""
    print(text)
    if page:
        head, rest = page.read_text(encoding="utf-8").split(MARKS[0])
        tail = rest.split(MARKS[1])[1]
        page.write_text(f"{head}{MARKS[0]}\n{text}{MARKS[1]}{tail}", encoding="utf-8")


def write_table(found: pd.DataFrame, runs: int, letter: str = "g graded C or F") -> str:
    """Write the outcomes as a Markdown table, a scenario a column."""
    scenarios = list(dict.fromkeys(found["scenario"]))
    lines = [
        f"{runs} run(s) a cell: = equal, {letter}, r refused, ! wrong.",
        "",
        f"| estimator | {' | '.join(scenarios)} |",
        f"|---|{'---|' * len(scenarios)}",
    ]
    for name, rows in found.groupby("estimator", sort=False):
        cells = [_cell(row) for _, row in rows.iterrows()]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _cell(row: pd.Series) -> str:
    marks = {"equal": "=", "graded": "g", "withheld": "w", "refused": "r", "wrong": "!"}
    return " ".join(f"{int(row[o])}{m}" for o, m in marks.items() if o in row and row[o])


if __name__ == "__main__":
    main()
