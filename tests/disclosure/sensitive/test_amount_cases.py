"""Magnitude tables of other programs: incomes, a tau-Argus table, four linked turnover tables."""

from collections import Counter
from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
import pytest

from obs.disclosure.sensitive.dominance import (
    Contributions,
    judge_contributions,
    judge_sum,
    protection_level,
)
from obs.disclosure.sensitive.rules import Rule
from obs.disclosure.suppress.secondary import EFFORTS, protect_block
from tests.disclosure.sdc_cases import as_doubtful_as, bounds, make_system, open_cells, sums_of

NATION = {"Total": ["America", "Europe"], "America": ["USA"], "Europe": ["Denmark", "France"]}
AGE = {"Total": ["old", "young"]}
TURNOVER = Rule("turnover", min_contributors=3, dominance=(1, 0.85), margin=0.10)


@pytest.fixture
def cases(shared):
    return shared / "cases" / "disclosure"


def amounts_system(values, sums, primary, doubt, *, weight=None):
    """Ask of each sensitive sum that it may be so much more, or less, as far as it goes."""
    system = make_system(values, sums, primary, weight=weight)
    step = np.ceil(doubt)
    return replace(
        system,
        lower=np.zeros(len(system.value)),
        need_low=np.where(primary, system.value - np.minimum(step, np.floor(system.value)), np.nan),
        need_high=np.where(primary, system.value + step, np.nan),
    )


def protected(system, sums, hidden):
    """Tell of each sensitive cell whether the attack leaves it all the doubt it needs."""
    low, high = bounds(system, sums, hidden)  # whole numbers, rounded inwards
    cells = system.sensitive
    enough = (low <= np.ceil(system.need_low)) & (high >= np.floor(system.need_high))
    return enough[cells]


def incomes(cases, name):
    micro = pd.read_csv(cases / "c07_ssb_paris2025_micro.csv")
    peer = pd.read_csv(cases / f"c07_ssb_paris2025_expected_{name}.csv")
    keys = list(peer[["nation", "age"]].itertuples(index=False, name=None))
    amounts = []
    for nation, age in keys:
        part = micro[(micro["age"] == age) | (age == "Total")]
        inside = (part["nation"] == nation) | (part["continent"] == nation) | (nation == "Total")
        amounts.append(sorted(part.loc[inside, "income"], reverse=True))
    return peer, keys, amounts, sums_of(keys, [NATION, AGE])


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("maxN2", Rule("maxN2", min_contributors=3)),
        ("maxN3", Rule("maxN3", min_contributors=4)),
    ],
)
def test_minimum_contributors(cases, name, rule):
    peer, keys, amounts, sums = incomes(cases, name)
    primary = np.array([bool(judge_sum(a, rule=rule)) for a in amounts])
    assert primary.tolist() == peer["primary"].tolist()
    assert [len(a) for a in amounts] == peer["freq"].tolist()
    system = make_system(peer["freq"], sums, primary)
    theirs = peer["suppressed"].to_numpy() | primary
    low, high = bounds(system, sums, theirs)
    assert open_cells(keys, low, high, primary) == []
    system = as_doubtful_as(system, low, high, primary)
    found = protect_block(system, effort=EFFORTS["thorough"])
    assert found.loss <= peer.loc[theirs & ~primary, "freq"].sum()
    assert protected(system, sums, found.hidden).all()


@pytest.mark.parametrize(
    ("name", "rule"),
    [("nk", Rule("nk", dominance=(2, 0.9))), ("p10", Rule("p10", p_percent=0.10))],
)
def test_dominance_and_p_percent(cases, name, rule):
    """The interval is the rule's own protection level, from the true contributions."""
    peer, _, amounts, sums = incomes(cases, name)
    primary = np.array([bool(judge_sum(a, rule=rule)) for a in amounts])
    assert primary.tolist() == peer["primary"].tolist()
    assert [sum(a) for a in amounts] == peer["income"].tolist()
    doubt = [
        protection_level(Contributions(sum(a), len(a), tuple(map(float, a))), rule=rule)
        for a in amounts
    ]
    system = amounts_system(peer["income"], sums, primary, doubt)
    theirs = peer["suppressed"].to_numpy() | primary
    assert protected(system, sums, theirs).all()
    found = protect_block(system, effort=EFFORTS["thorough"])
    assert found.loss <= peer.loc[theirs & ~primary, "income"].sum()
    assert protected(system, sums, found.hidden).all()


@pytest.mark.slow
def test_a_magnitude_table_with_regions(cases):
    """tau-Argus: 9 unsafe cells (status 3), 12 withheld besides (11), empty ones (14) are 0.

    Who contributes is not in the file: each unsafe sum must be able to be 10 % more or less.
    """
    peer = pd.read_csv(
        cases / "c09_tauargus_simple2d_expected.csv", dtype={"Size": "str", "Region": "str"}
    )
    regions = pd.read_csv(cases / "c09_tauargus_simple2d_regions.csv", dtype="str")
    keys = list(peer[["Size", "Region"]].itertuples(index=False, name=None))
    tree = {parent: list(group["child"]) for parent, group in regions.groupby("parent")}
    sizes = {"Total": [s for s in peer["Size"].unique() if s != "Total"]}
    sums = sums_of(keys, [sizes, tree])
    value = peer["value"].fillna(0).to_numpy()
    assert max(abs(value[t] - value[p].sum()) for t, p in sums) < 1e-6
    primary = (peer["status"] == 3).to_numpy()
    theirs = primary | (peer["status"] == 11).to_numpy()
    assert (primary.sum(), theirs.sum()) == (9, 21)
    system = amounts_system(value, sums, primary, 0.10 * value)
    assert protected(system, sums, theirs).all()
    found = protect_block(system, effort=EFFORTS["thorough"])
    assert found.loss <= value[theirs & ~primary].sum()
    assert protected(system, sums, found.hidden).all()


def test_a_small_business_table_has_the_peer_s_statuses_and_pattern(cases):
    """rtauargus: A few contributors, B one dominates, D withheld besides, V shown."""
    table = pd.read_csv(cases / "c12_rtauargus_ex1_expected.csv", dtype={"ACTIVITY": "str"})
    keys = list(table[["ACTIVITY", "SIZE"]].itertuples(index=False, name=None))
    sums = sums_of(keys, [{"Total": ["01", "02", "06"]}, {"Total": ["tr1", "tr2"]}])
    given = [Contributions(row.VAL, row.N_OBS, (row.MAX,)) for row in table.itertuples(index=False)]
    why = [judge_contributions(g, rule=TURNOVER) for g in given]
    told = {"A": "fewer than 3 contributors", "B": "one contributor dominates"}
    assert why == [told.get(s, "") for s in table["Status"]]
    primary = np.array([bool(w) for w in why])
    doubt = [protection_level(g, rule=TURNOVER) for g in given]
    system = amounts_system(table["VAL"], sums, primary, doubt)
    theirs = primary | (table["Status"] == "D").to_numpy()
    assert protected(system, sums, theirs).all()
    found = protect_block(system, effort=EFFORTS["thorough"])
    assert found.loss <= table.loc[table["Status"] == "D", "VAL"].sum()
    assert protected(system, sums, found.hidden).all()


TABLES = {  # table: unsafe for few, for dominance, withheld besides, as the peer's manual prints
    "act_size": (52, 25, 83),
    "act_cj": (35, 25, 90),
    "nuts_size": (55, 17, 82),
    "nuts_cj": (45, 20, 101),
}
CROSSED = {
    "act_size": ("ACTIVITY", "SIZE"),
    "act_cj": ("ACTIVITY", "CJ"),
    "nuts_size": ("NUTS", "SIZE"),
    "nuts_cj": ("NUTS", "CJ"),
}
DIMS = ("ACTIVITY", "NUTS", "CJ", "SIZE")


def codes_below(path):
    """Read a hierarchy from a table of codes, finest last; a code alone under itself is one."""
    frame = pd.read_csv(path, dtype="str").assign(Total="Total")
    columns = ["Total", *(c for c in frame if c != "Total")]
    below = {}
    for up, down in zip(columns, columns[1:], strict=False):
        for parent, code in frame[[up, down]].drop_duplicates().itertuples(index=False):
            if parent != code:
                below.setdefault(parent, []).append(code)
    return below


def turnover(cases, names):
    """Give linked tables as one: contributions by key, keys by table, and all sums."""
    trees = {
        "ACTIVITY": codes_below(cases / "c11_rtauargus_activity_corr_table.csv"),
        "NUTS": codes_below(cases / "c11_rtauargus_nuts23_fr_corr_table.csv"),
        "CJ": {"Total": ["LL", "PA", "SP"]},
        "SIZE": {"Total": ["tr1", "tr2", "tr3"]},
    }
    given, tables = {}, {}
    for name in names:
        frame = pd.read_csv(
            cases / f"c11_rtauargus_turnover_{name}.csv", dtype={"ACTIVITY": "str", "NUTS": "str"}
        )
        tables[name] = []
        for row in frame.to_dict("records"):
            key = tuple(row.get(d, "Total") for d in DIMS)
            one = Contributions(row["TOT"], row["N_OBS"], (row["MAX"],))
            assert given.setdefault(key, one) == one  # the margins are shared
            tables[name].append(key)
    for first, second in map(CROSSED.get, names):  # a combination not listed has no business
        codes = dict.fromkeys([*trees[first], *sum(trees[first].values(), [])])
        for code, other in product(codes, ("Total", *trees[second]["Total"])):
            key = tuple({first: code, second: other}.get(d, "Total") for d in DIMS)
            given.setdefault(key, Contributions(0.0, 0, ()))
    return given, tables, sums_of(list(given), list(trees.values()))


@pytest.mark.slow
@pytest.mark.parametrize(
    "names",
    [("act_size", "act_cj"), pytest.param(tuple(TABLES), marks=pytest.mark.proof)],
    ids=["two", "four"],
)
def test_linked_turnover_tables(cases, names):
    """As many cells withheld as the peer at most, and every interval proven over all of them.

    The peer protects table after table until nothing changes, with 10 % at first and nothing
    asked of the intervals later; which cells it withheld is not published, their number is.
    """
    given, tables, sums = turnover(cases, names)
    keys = list(given)
    few = {k for k, g in given.items() if 0 < g.contributors < 3}
    primary = np.array([bool(judge_contributions(g, rule=TURNOVER)) for g in given.values()])
    unsafe = {k for k, p in zip(keys, primary, strict=True) if p}
    for name in names:
        a, b, _ = TABLES[name]
        own = set(tables[name])
        assert (len(own & few), len(own & unsafe - few)) == (a, b)
    value = [g.total for g in given.values()]
    doubt = [protection_level(g, rule=TURNOVER) if g.contributors else 0.0 for g in given.values()]
    times = Counter(k for own in tables.values() for k in own)  # a margin stands in two tables
    weight = [times[k] + 1e-3 for k in keys]
    system = amounts_system(value, sums, primary, doubt, weight=weight)
    found = protect_block(system, effort=EFFORTS["quick"])
    assert protected(system, sums, found.hidden).all()
    hidden = {k for k, h in zip(keys, found.hidden, strict=True) if h}
    ours = sum(len(set(own) & hidden - unsafe) for own in tables.values())
    assert ours <= sum(TABLES[name][2] for name in names)
