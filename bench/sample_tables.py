"""Tables of police facts for bench/disclosure.py: the synthetic sample, cleaned and counted with every total.

Communes < zones < Region, offences < their branches < all, months < quarters < year, victims < all.
"""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd

import obs
from obs.reference import load_phenomena, load_territory

__all__ = ["TABLES", "read_facts", "tables_of"]

FIRST, YEAR = 2015, 2024
LEFT_OUT = ("family_dispute", "non_payment")  # no offences against persons or property
AGES = {
    **dict.fromkeys(("0-11", "12-17"), "minor"),
    **dict.fromkeys(("25-34", "35-44"), "25-44"),
    **dict.fromkeys(("45-54", "55-64"), "45-64"),
}
AGE_AND_SEX = ("victim_sex", "victim_age_band", "wide_age")
TABLES = {  # name: branch (all offences if empty), first year, frequencies, breakdowns of victims
    "years": ("", FIRST, "Y", ()),
    "sex": ("", YEAR, "Y", ("victim_sex",)),
    "age": ("", YEAR, "Y", ("wide_age",)),
    "quarters": ("theft", YEAR, "YQ", ("victim_age_band",)),
    "months": ("theft", YEAR, "YQM", ("victim_sex",)),
}


def read_facts(folder):
    """Clean the sample's police deliveries as the pipeline does; keep the located facts."""
    files = sorted(Path(folder).glob("police/*.csv"))
    facts = obs.clean_police(files, profile="obs_sample").table
    facts = facts[facts["territory"].notna() & ~facts["phenomenon"].isin(LEFT_OUT)]
    sex = facts["victim_sex"].where(facts["victim_sex"].isin(["female", "male"]), "unknown")
    age = facts["victim_age_band"].fillna("unknown")
    facts = facts.assign(victim_sex=sex, victim_age_band=age, wide_age=age.replace(AGES))
    return facts[["territory", "phenomenon", "event_date", *AGE_AND_SEX]]


def tables_of(facts, name):
    """Count facts over every combination of codes and totals; give one table per frequency."""
    branch, first, frequencies, victims = TABLES[name]
    facts = facts[facts["event_date"].dt.year >= first]
    lines = {
        "territory": lines_of_places(),
        "phenomenon": lines_of_offences(facts["phenomenon"].unique(), branch),
        **{
            column: {code: [code, "all"] for code in sorted(facts[column].unique())}
            for column in victims
        },
    }
    facts = facts[facts["phenomenon"].isin(lines["phenomenon"])]
    return {
        f: count(facts, lines, f, first).rename(columns={"wide_age": "victim_age_band"})
        for f in frequencies
    }


def lines_of_places():
    """Give each commune with the places above it."""
    town = load_territory("brussels")
    communes = town.units.loc[town.units["level"] == town.levels[0], "code"]
    return {code: line(code, town.parent) for code in communes}


def lines_of_offences(codes, branch):
    """Give each offence of a branch with the branches above it, its own as "all"."""
    parent = load_phenomena().set_index("code")["parent"].to_dict()
    every = {
        code: [c for c in line(code, parent.get) if isinstance(c, str)] for code in sorted(codes)
    }
    if not branch:
        return {code: [*above, "all"] for code, above in every.items()}
    return {
        code: [*above[: above.index(branch)], "all"]
        for code, above in every.items()
        if branch in above
    }


def line(code, parent):
    above = [code]
    while isinstance(above[-1], str) and parent(above[-1]) is not None:
        above.append(parent(above[-1]))
    return above


def count(facts, lines, frequency, first):
    """Count every combination, zeros included, as an INDICATORS table."""
    frame = facts[list(lines)].assign(period=facts["event_date"].dt.to_period(frequency))
    frame = (
        frame.groupby([*lines, "period"], observed=True).size().rename("numerator").reset_index()
    )
    for column, upwards in lines.items():
        pairs = [(code, up) for code, ups in upwards.items() for up in ups]
        link = pd.DataFrame(pairs, columns=[column, "up"])
        frame = frame.merge(link, on=column).drop(columns=column).rename(columns={"up": column})
        frame = frame.groupby([*lines, "period"], observed=True)["numerator"].sum().reset_index()
    codes = [sorted({up for ups in upwards.values() for up in ups}) for upwards in lines.values()]
    periods = pd.period_range(f"{first}-01", f"{YEAR}-12", freq="M").asfreq(frequency).unique()
    grid = pd.DataFrame(list(product(*codes, periods)), columns=[*lines, "period"])
    table = grid.merge(frame, how="left", on=[*lines, "period"])
    table["numerator"] = table["numerator"].fillna(0).astype("Int64")
    return dress(table.astype(dict.fromkeys(lines, "str")))


def dress(table):
    """Give counts the other columns of INDICATORS."""
    empty = pd.array([pd.NA] * len(table), dtype="Float64")
    return table.assign(
        indicator="recorded_facts",
        denominator=empty,
        value=table["numerator"].astype("Float64"),
        low=empty,
        high=empty,
        status=np.where(table["numerator"] == 0, "zero", "ok"),
        unit="fact",
        n=table["numerator"],
        grade=pd.array([None] * len(table), dtype="str"),
        scale="count",
    )
