"""The same attacker on surveys: bases, answers that share them out, domains, one item of any.

Everything is counted in respondents, weighted where the row is; a weighted sum that leaves
something over is taken for exact with what it leaves, though no reader knows that.
"""

from collections import defaultdict

import numpy as np
import pandas as pd

from obs.schemas import BREAKDOWNS
from tests.disclosure.attack.figures import ASKED, UNTOLD, WITHHELD
from tests.disclosure.attack.linear_reader import ALMOST, Knowledge
from tests.disclosure.attack.verdict import Found

LEAST_BASE = 20
POINTS = 0.05  # of a base, that must stay open of a value withheld for its quality


def attack(released, originals, catalogue, territory):
    """Bound every withheld share of a survey; a base found, or a value, is a recovery."""
    rows = list(_rows(released, originals, catalogue))
    knowledge, truth = Knowledge({}, {}), {}
    for row in rows:
        _read(row, knowledge, truth)
    for row in rows:
        _suppose_base(row, catalogue, knowledge)
    for row in rows:
        _share_out(row, catalogue, knowledge, truth)
    for total, parts in _domains(rows, catalogue, territory):
        for name in ("base", "answered"):
            _add_up(total[name], [part[name] for part in parts], knowledge, truth)
    found = Found()
    for row in rows:
        if row["status"] in WITHHELD:
            found += _judge(row, knowledge)
    return found


def _rows(released, originals, catalogue):
    for name, frame in originals.items():
        shown = released[name].table if name in released.names else released.table
        for row, seen in zip(frame.to_dict("records"), shown.to_dict("records"), strict=True):
            if row["unit"] not in ASKED or row.get("status") in UNTOLD or row["scale"] != "share":
                continue
            marks = {c: row[c] for c in BREAKDOWNS if isinstance(row.get(c), str)}
            marks = {c: v for c, v in marks.items() if v != "all"}
            asked = catalogue[row["indicator"]].asked
            code = marks.pop("answer", None)
            shares = dict(asked.shares)
            joined = tuple(shares[code] if code else next(iter(shares.values())))
            where = (row["territory"], str(row["period"]), tuple(sorted(marks.items())))
            question = (*asked.questionnaires, asked.question)
            yield {
                "status": seen["status"],
                "indicator": row["indicator"],
                "joined": joined,
                "where": where,
                "question": question,
                "base": ("base", question, where),
                "answered": ("answered", question, joined, where),
                "n": row["n"],
                "value": row["value"],
                "shown": (seen["n"], seen["value"]),
            }


def _read(row, knowledge, truth):
    """Take the base as the weight: the towns are not weighted."""
    truth[row["base"]] = float(row["n"])
    knowledge.least[row["base"]] = 1.0
    if not pd.isna(row["value"]):
        truth[row["answered"]] = float(row["n"]) * float(row["value"])
    n, value = row["shown"]
    if not pd.isna(n):
        knowledge.known[row["base"]] = float(n)
        if not pd.isna(value):
            knowledge.known[row["answered"]] = float(n) * float(value)


def _suppose_base(row, catalogue, knowledge):
    """Take who was asked of any item for who was asked of one."""
    asked, (place, period, marks) = catalogue[row["indicator"]].asked, row["where"]
    rest = tuple(m for m in marks if m[0] != asked.by_item)
    some = ("base", row["question"], (place, period, rest))
    if asked.any_item and some in knowledge.known:
        knowledge.known.setdefault(row["base"], knowledge.known[some])


def _share_out(row, catalogue, knowledge, truth):
    asked = catalogue[row["indicator"]].asked
    atoms = {a: ("atom", row["question"], row["where"], a) for a in asked.answers}
    knowledge.link({**dict.fromkeys(atoms.values(), 1.0), row["base"]: -1.0}, 0.0, 0.0)
    joined = {atoms[a]: 1.0 for a in row["joined"]}
    knowledge.link({**joined, row["answered"]: -1.0}, 0.0, 0.0)
    if asked.any_item:
        place, period, marks = row["where"]
        rest = tuple(m for m in marks if m[0] != asked.by_item)
        some = ("answered", row["question"], row["joined"], (place, period, rest))
        if rest != marks and truth.get(some, -1) >= truth.get(row["answered"], np.inf) - ALMOST:
            knowledge.link({row["answered"]: 1.0, some: -1.0}, -np.inf, 0.0)


def _domains(rows, catalogue, territory):
    groups = defaultdict(dict)
    for row in rows:
        groups[row["question"], row["joined"]][row["where"]] = row
    for group in groups.values():
        for (place, period, marks), row in group.items():
            parts = defaultdict(list)
            asked = catalogue[row["indicator"]].asked
            for (code, when, own), other in group.items():
                added = [m for m in own if m not in marks]
                if when != period:
                    continue
                if own == marks and territory.parent(code) == place:
                    parts["area"].append(other)
                finer = code == place and set(marks) < set(own) and len(added) == 1
                if finer and added[0][0] not in asked.within:
                    parts[added[0][0]].append(other)
            for members in parts.values():
                yield row, members


def _add_up(total, parts, knowledge, truth):
    if not truth.keys() >= {total, *parts}:
        return
    left = truth[total] - sum(truth[p] for p in parts)
    terms = {**dict.fromkeys(parts, 1.0), total: -1.0}
    if total[0] == "base" and left > 0:
        knowledge.link(terms, -np.inf, 0.0)
    elif total[0] == "answered":
        bases = [("base", *c[1:2], c[3]) for c in (total, *parts)]
        untold = truth[bases[0]] - sum(truth[b] for b in bases[1:])
        if untold > 0:  # respondents of no group shown may have answered anything
            knowledge.link(terms, -max(untold, left), max(-left, 0.0))
        else:
            knowledge.link(terms, -left, -left)
    else:
        knowledge.link(terms, 0.0, 0.0)


def _judge(row, knowledge):
    base, cell = row["base"], row["answered"]
    low, high = (knowledge.known[base],) * 2 if base in knowledge.known else knowledge.bounds(base)
    name = (row["indicator"], row["joined"], row["where"])
    if row["status"] == "suppressed_primary" and row["n"] < LEAST_BASE:
        narrow = () if high >= LEAST_BASE - ALMOST else ((name, row["n"], low, high),)
        return Found(1, (), narrow)
    least, most = knowledge.bounds(cell)
    if most - least < min(0.5, POINTS * low) - ALMOST:
        return Found(1, ((name, row["value"]),))
    open_enough = row["status"] == "suppressed_secondary" or most - least >= POINTS * low - ALMOST
    return Found(1, (), () if open_enough else ((name, row["value"], least, most),))
