"""What becomes of every estimator of counts, places and lists on extreme inputs.

    python bench/count_extremes.py --seeds 8 --docs docs/statistics.md

Each number is compared with an independent one (tests/stats/extremes/plain_counts.py). With --docs
the table is written between the marks of that page.
"""

import argparse
import sys
from pathlib import Path

from survey_extremes import ROOT, publish, write_table


def main() -> None:
    """Run, print, and write the table if asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--docs", type=Path, help="page to write the table in")
    options = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    from tests.stats.extremes.count_extremes import outcomes

    found = outcomes(range(100, 100 + options.seeds))
    publish(write_table(found, options.seeds, "w withheld (missing)"), options.docs)


if __name__ == "__main__":
    main()
