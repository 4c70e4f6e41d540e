"""Households of the US National Crime Victimization Survey 2021, estimated with `obs`.

    python examples/ncvs/households.py PATH/ncvs_2021_household.csv.gz

Shares and totals of tenure and income by urbanicity, with their standard errors; what was left
out is said. Nothing is written.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import pandas as pd

import obs
from obs.indicators.survey import add_detectable_change

TENURE = {1: "owned", 2: "rented", 3: "no cash rent"}  # V2015; 8 is a residue code
URBANICITY = {1: "urban", 2: "suburban", 3: "rural"}  # V2143
INCOME = {**dict.fromkeys(range(1, 13), "under $50,000"), 13: "$50,000 to $74,999"}
INCOME |= dict.fromkeys((15, 16, 17, 18), "$75,000 or more")  # SC214A; 98 is a residue code
SHOWN = ["n", "estimate", "se", "low", "high", "deff", "grade", "n_missing"]


def main() -> None:
    """Read the file, state what is in it, print three tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("path", help="household file of the survey")
    path = Path(parser.parse_args().path)
    if not path.is_file():
        parser.error(f"there is no file '{path}': give ncvs_2021_household.csv.gz with its folder")
    households = read_households(path)
    design = make_design(households)
    tenure = add_detectable_change(design.share("tenure", by="urbanicity"))
    income = design.share("income", by=["urbanicity", "tenure"])
    change = design.contrast("tenure", by="urbanicity", base="urban", of="share")
    show(f"{design!r}\n")
    show(describe_residue(households))
    show(tenure[["urbanicity", "level", *SHOWN, "detectable_change"]])
    show(design.total("tenure")[["level", *SHOWN]])
    show(income[["urbanicity", "tenure", "level", *SHOWN]])
    show(change[["urbanicity", "base", "level", "estimate", "low", "high", "verdict"]])


def read_households(path: Path) -> pd.DataFrame:
    """Read the file and name the codes; a residue code becomes a missing answer."""
    raw = pd.read_csv(path, dtype={"IDHH": "str"})
    return raw.assign(
        tenure=raw["V2015"].map(TENURE),
        urbanicity=raw["V2143"].map(URBANICITY),
        income=raw["SC214A"].map(INCOME),
        interviewed=np.where(raw["WGTHHCY"] > 0, "interview", "non-interview"),
    )


def make_design(households: pd.DataFrame) -> obs.SurveyDesign:
    """Pseudo-strata and half-samples: unit codes start again in each stratum.

    Non-interviews have weight 0: they stay in the design and out of the estimates.
    """
    return obs.SurveyDesign(
        households, weight="WGTHHCY", stratum="V2117", cluster="V2118", nested=True
    )


def describe_residue(households: pd.DataFrame) -> pd.DataFrame:
    """Count interviews and missing answers, non-interviews apart."""
    grouped = households.groupby("interviewed")
    missing = grouped[["tenure", "urbanicity", "income"]].agg(lambda column: column.isna().sum())
    return missing.add_prefix("missing ").assign(rows=grouped.size()).reset_index()


def show(what: pd.DataFrame | str) -> None:
    """Write a table, or a line, to the screen."""
    text = what if isinstance(what, str) else what.to_string(index=False)
    sys.stdout.write(f"{text}\n")


if __name__ == "__main__":
    main()
