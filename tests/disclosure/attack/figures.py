"""Read tables as plain figures: what was published of each, and what is true."""

from dataclasses import dataclass, field
from types import SimpleNamespace

import pandas as pd

from obs.disclosure.sensitive.rules import get_rule, rule_of
from obs.schemas import BREAKDOWNS

WITHHELD = ("suppressed_primary", "suppressed_secondary", "suppressed_source", "unreliable")
UNTOLD = ("missing", "not_applicable")
ASKED = ("business", "respondent", "household")


@dataclass
class Figures:
    """Counts by name, (measure, marks), place and period: the truth, what is shown, the rules."""

    truth: dict = field(default_factory=dict)
    shown: dict = field(default_factory=dict)
    status: dict = field(default_factory=dict)
    rule: dict = field(default_factory=dict)
    whole: dict = field(default_factory=dict)
    index: dict = field(default_factory=dict)  # sums and series, by what an attacker calls them


def signature(name, entry):
    """Name what an indicator counts, whatever it makes of it, and the restriction that it has."""
    if not hasattr(entry, "numerator"):
        return (name,), {}
    marks = {c: "|".join(sorted(codes)) for c, codes in entry.where.items()}
    if entry.attempts != "included":
        marks["attempt"] = str(entry.attempts == "only").lower()
    alone = len(entry.phenomena) == 1 and not entry.exclude
    if alone:
        marks["phenomenon"] = entry.phenomena[0]
    left = () if alone else tuple(sorted(entry.phenomena))
    about = (entry.source, entry.place_rule, entry.date_rule, *left, *sorted(entry.exclude))
    return (*about, *getattr(entry, "activities", ())), marks


def truth_of(originals, catalogue):
    """Read tables that nothing withholds."""
    return read(_AsTheyAre(originals), originals, catalogue)


class _AsTheyAre:
    def __init__(self, originals):
        self.originals = originals
        self.names = tuple(originals)

    def __getitem__(self, name):
        return SimpleNamespace(table=self.originals[name])


def read(released, originals, catalogue):
    """Read counts of released tables, and of the tables before the release."""
    found = Figures()
    for name, frame in originals.items():
        shown = released[name].table if name in released.names else released.table
        for row, seen in zip(frame.to_dict("records"), shown.to_dict("records"), strict=True):
            if row["unit"] in ASKED or row.get("status") in UNTOLD:
                continue
            for period, column in (("period", "numerator"), ("base", "base_numerator")):
                if row.get(column) is not None and not pd.isna(row[column]):
                    _note(found, row, seen, catalogue, str(row[period]), column)
    return found


def _note(found, row, seen, catalogue, period, column):
    entry = catalogue[row["indicator"]]
    counted, own = signature(row["indicator"], entry)
    given = {c: row[c] for c in BREAKDOWNS if isinstance(row.get(c), str) and row[c] != "all"}
    marks = tuple(sorted({**own, **given}.items()))
    cell = ((*counted, row["unit"]), marks, row["territory"], period)
    found.truth[cell] = float(row[column])
    rule = rule_of(marks, get_rule(entry.disclosure))
    if cell not in found.rule or rule.cover > found.rule[cell].cover:
        found.rule[cell] = rule
    if not pd.isna(seen[column]):
        found.shown[cell] = float(seen[column])
    elif column == "numerator" and "base" not in row:  # withheld, whatever another table shows
        found.status[cell] = seen["status"]
    if row.get("scale") == "share" and not pd.isna(row["denominator"]):
        whole = ((*cell[0], "whole"), *cell[1:])
        if getattr(entry, "whole", None):
            counted, own = signature(entry.whole, catalogue[entry.whole])
            own = tuple(sorted({**own, **given}.items()))
            whole = ((*counted, row["unit"]), own, *cell[2:])
        found.truth[whole] = float(row["denominator"])
        found.rule[whole] = rule
        found.whole[cell] = whole
        if not pd.isna(seen["denominator"]):
            found.shown[whole] = float(seen["denominator"])
