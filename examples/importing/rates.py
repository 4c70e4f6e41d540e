"""Compute burglary rates from one delivery, as a team that imports `obs` does.

Run it after `obs sample data/raw/sample`. It passes mypy in strict mode (`make lint` checks it).
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd

import obs
from obs.errors import ObsError
from obs.stats import poisson_interval


def burglary_rates(delivery: Path) -> pd.DataFrame:
    """Clean one delivery of the police and give the rate of each commune."""
    cleaned: obs.Cleaned = obs.clean_police(delivery, profile="obs_sample")
    rates = obs.compute("burglary_dwelling", {"police": cleaned.table})
    return rates[rates["level"] == "commune"]


def limits_of(counts: list[int]) -> tuple[list[float], list[float]]:
    """Give exact Poisson limits, by the array function alone."""
    low, high = poisson_interval(np.asarray(counts))
    return low.tolist(), high.tolist()


def main(path: str) -> int:
    """Print the three highest rates, or why they cannot be computed."""
    try:
        rates = burglary_rates(Path(path))
        released: obs.Released = obs.release(rates)
        bound = obs.fact(released, territory="21001")
    except ObsError as error:
        print(error, file=sys.stderr)
        return 2
    print(released, repr(bound))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
