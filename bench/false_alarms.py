"""False alarms of the verdicts where nothing happens; a part of bench/coverage.py."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from obs.reference import load_exposure
from obs.trends import compare_periods

SEED = 20260101
YEARS, COMMUNES = 10, 19


def alarms(n: int) -> Iterator[tuple[str, str, float, float]]:
    """Count false verdicts where nothing happens: per comparison, and per year of a note."""
    rng = np.random.default_rng(SEED)
    for rate in (0.0008, 0.005, 0.03):
        for adjust in ("holm", "bh", "none"):
            flags = np.vstack([verdicts(rate, adjust, rng, 100) for _ in range(max(n // 10, 1))])
            one, any_one = float(flags.mean()), float(flags.any(axis=1).mean())
            yield f"{rate * 1000:g} per 1,000 inhabitants", adjust, one, any_one


def verdicts(rate: float, adjust: str, rng: np.random.Generator, decades: int) -> np.ndarray:
    """Compare each of ten years with the one before in 19 communes: years x communes."""
    people = load_exposure().query("year == 2020").set_index("territory")["exposure"]
    people = people[people.index.str.startswith("21")].astype(float)
    years = pd.period_range("2010", periods=YEARS + 1, freq="Y")
    key = [[f"series {k}" for k in range(decades)], years, people.index]
    table = pd.MultiIndex.from_product(key, names=["phenomenon", "period", "territory"])
    table = table.to_frame(index=False)
    size = table["territory"].map(people)
    number = rng.poisson(size * rate)
    table = table.assign(
        indicator="theft",
        numerator=pd.array(number, dtype="Int64"),
        denominator=size,
        value=1_000 * number / size,
        low=np.nan,
        high=np.nan,
        status="ok",
        unit="fact",
        n=pd.array(number, dtype="Int64"),
        grade=pd.Series(None, index=table.index, dtype="str"),
        level="commune",
        scale="per_1000_inhabitants",
    )
    trend = compare_periods(table, base="previous", adjust=adjust)
    return trend["verdict"].isin(["up", "down"]).to_numpy().reshape(-1, COMMUNES)
