"""A small town of two zones, its catalogue, and a maker of whole tables from base counts."""

from types import SimpleNamespace

import numpy as np
import pandas as pd

from obs.reference import make_territory

ZONES = {"Z1": ("A", "B"), "Z2": ("C", "D", "E")}
BASE = tuple(c for members in ZONES.values() for c in members)
_NUMBERS = {"numerator": "Int64", "n": "Int64", "days": "Int64"} | dict.fromkeys(
    ("denominator", "value", "low", "high"), "Float64"
)


def make_town():
    parents = {c: z for z, members in ZONES.items() for c in members}
    parents |= dict.fromkeys(ZONES, "R")
    levels = {**dict.fromkeys(BASE, "commune"), **dict.fromkeys(ZONES, "zone"), "R": "region"}
    units = pd.DataFrame(
        {"code": list(levels), "level": list(levels.values())}, dtype="str"
    ).assign(parent=lambda d: d["code"].map(parents))
    for lang in ("fr", "nl", "en"):
        units[f"name_{lang}"] = units["code"]
    return make_territory(units, name="town", levels=("commune", "zone", "region"))


def entry(**given):
    known = {
        "disclosure": "default",
        "additive_over": ("area", "time", "offence"),
        "parts": (),
        "kind": "rate",
        "unit": "fact",
    }
    return SimpleNamespace(**(known | given))


def whole(counts, *, indicator="theft", period="2022", per=1000, scale="per_1000_inhabitants"):
    """Make the INDICATORS table of base counts, zones and Region summed.

    Keys of `counts`: commune, or (commune, form) for a table with the margin of forms.
    """
    full = {}
    for key, count in counts.items():
        place, *form = (key,) if isinstance(key, str) else key
        zone = next(z for z, members in ZONES.items() if place in members)
        for where in (place, zone, "R"):
            for f in {*form, "all"} if form else {""}:
                full[where, f] = full.get((where, f), 0) + count
    rows = [{"territory": t, "form": f, "numerator": n} for (t, f), n in full.items()]
    table = pd.DataFrame(rows)
    if (table["form"] == "").all():
        table = table.drop(columns="form")
    return dress(table, indicator=indicator, period=period, per=per, scale=scale)


def dress(table, *, indicator, period, per=1000, scale="per_1000_inhabitants"):
    """Give a table of territory and numerator the other columns of INDICATORS."""
    table = table.assign(
        indicator=indicator,
        period=pd.PeriodIndex([period] * len(table), freq="M" if "-" in period else "Y"),
        denominator=10_000.0,
        value=lambda d: d["numerator"] / 10_000 * per,
        low=lambda d: d["value"] * 0.9,
        high=lambda d: d["value"] * 1.1,
        status=lambda d: np.where(d["numerator"] == 0, "zero", "ok"),
        unit="fact",
        n=lambda d: d["numerator"],
        grade=pd.Series([None] * len(table), dtype="str"),
        scale=scale,
    )
    return table.astype({c: t for c, t in _NUMBERS.items() if c in table})


def status(released, **key):
    """Map territory to status in the rows that match."""
    found = released.select(**key).table if key else released.table
    return dict(zip(found["territory"], found["status"], strict=True))
