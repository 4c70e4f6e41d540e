"""Tables and patterns of other programs: ours is safe and loses no more than theirs."""

import numpy as np
import pandas as pd
import pytest
from sdc_cases import bounds, make_system, sums_of

from obs.disclosure import get_rule, round_counts
from obs.disclosure.contributors import judge_sum
from obs.disclosure.rules import Rule
from obs.disclosure.secondary import EFFORTS
from obs.disclosure.secondary import protect_block as protect


def protect_block(system):
    return protect(system, effort=EFFORTS["thorough"])


@pytest.fixture
def cases(shared):
    return shared / "cases" / "disclosure"


def flat(frame, columns, total):
    parents = []
    for column in columns:
        parts = [v for v in frame[column].unique() if v != total]
        parents.append({total: parts})
    return parents


def load(frame, columns, total):
    keys = list(frame[columns].itertuples(index=False, name=None))
    return keys, sums_of(keys, flat(frame, columns, total))


def test_the_classic_table_has_its_published_optimum(cases):
    """Fischetti and Salazar-Gonzalez: II,C = 22 must span 14 to 32; the optimum loses 59..."""
    frame = pd.read_csv(cases / "c08_fischetti_salazar_cells.csv")
    _, sums = load(frame, ["activity", "region"], "Total")
    primary = frame["primary"] == 1
    system = make_system(frame["value"], sums, primary, zeros_shown=False)
    need = np.flatnonzero(primary)
    system.need_low[need], system.need_high[need] = 20, 24
    found = protect_block(system)
    peer = frame["suppressed"].to_numpy() == 1
    low, high = bounds(system, sums, peer)
    assert low[need[0]] <= 20
    assert high[need[0]] >= 24  # the peer's pattern is safe
    ours = found.loss
    assert ours <= frame.loc[peer & ~primary, "value"].sum()
    low, high = bounds(system, sums, found.hidden)
    assert low[need[0]] <= 20
    assert high[need[0]] >= 24


def test_the_attack_finds_the_intervals_and_the_cell_a_heuristic_left_open(cases):
    cells = pd.read_csv(cases / "c01_sdctable_heuristic_cells.csv", dtype={"strID": "str"})
    expected = pd.read_csv(cases / "c01_sdctable_heuristic_attack_before.csv")
    _, sums = load(cells, ["v1_o", "v2_o"], "tot")
    hidden = (cells["sdcStatus"] == "u").to_numpy()
    system = make_system(cells["freq"], sums, hidden, zeros_shown=False)
    low, high = bounds(system, sums, hidden)
    ids = expected["id"].to_numpy() - 1
    assert cells["freq"].to_numpy()[ids].tolist() == expected["freq"].tolist()
    assert low[ids].tolist() == expected["low"].tolist()
    assert high[ids].tolist() == expected["up"].tolist()
    assert low[7] == high[7] == 47  # w, b: recoverable though withheld
    ours = protect_block(system).hidden
    low, high = bounds(system, sums, ours)
    assert (high[hidden] > low[hidden]).all()


def test_linked_tables_share_their_cells(cases):
    """A second table by county gives K away unless N goes in both."""
    leaf = pd.read_csv(cases / "c02_sdctable_linked_leaf.csv")
    names = ["total", *leaf["region"], "small", "big", "county-1", "county-2"]
    by = {g: leaf.loc[leaf["group"] == g, "region"].tolist() for g in ("small", "big")}
    by |= {c: leaf.loc[leaf["county"] == c, "region"].tolist() for c in ("county-1", "county-2")}
    value = {"total": leaf["n"].sum(), **dict(zip(leaf["region"], leaf["n"], strict=True))}
    value |= {k: sum(value[m] for m in members) for k, members in by.items()}
    place = {n: i for i, n in enumerate(names)}
    sums = [(place[k], [place[m] for m in members]) for k, members in by.items()]
    sums += [
        (place["total"], [place[a], place[b]])
        for a, b in (("small", "big"), ("county-1", "county-2"))
    ]
    values = [value[n] for n in names]
    primary = [n in set(leaf["region"]) and value[n] <= 3 for n in names]
    assert sum(primary) == 5
    system = make_system(values, sums, primary)
    found = protect_block(system)
    assert [names[i] for i in np.flatnonzero(found.hidden & ~system.hidden)] == ["N"]
    low, high = bounds(system, sums, system.hidden)
    assert low[place["K"]] == high[place["K"]] == 3  # what linking discloses


@pytest.mark.parametrize("method", ["OPT", "GAUSS"])
def test_two_way_from_microdata(cases, method):
    expected = pd.read_csv(cases / "c03_sdctable_microdata1_expected.csv")
    peer = expected[expected["method"] == method].reset_index(drop=True)
    _, sums = load(peer, ["region", "gender"], "total")
    primary = peer["sdcStatus"] == "u"
    system = make_system(peer["Freq"], sums, primary)
    found = protect_block(system)
    assert found.loss <= peer.loc[peer["sdcStatus"] == "x", "Freq"].sum()
    low, high = bounds(system, sums, found.hidden)
    assert (high[primary] > low[primary]).all()


def test_singletons_as_an_insider_uses_them(cases):
    """a = 1 and c = 1 withheld, total shown: whoever is a knows c, so another must go."""
    leaf = pd.read_csv(cases / "c04_sdctable_singletons_leaf.csv")
    values = [*leaf["n"], leaf["n"].sum()]
    sums = [(4, [0, 1, 2, 3])]
    system = make_system(values, sums, [v == 1 for v in values], zeros_shown=False)
    assert protect_block(system).loss == 0
    system.owner[:4] = range(4)
    found = protect_block(system).hidden & ~system.hidden
    assert found.sum() == 1


def test_ssb_z1_same_primaries_and_no_greater_loss(cases):
    peer = pd.read_csv(cases / "c05_ssb_z1_expected.csv")
    keys, sums = load(peer, ["region", "hovedint"], "Total")
    primary = (peer["ant"] > 0) & (peer["ant"] < 5)
    flagged = peer["primary"].astype(bool)
    assert not (flagged & ~primary).any()
    system = make_system(peer["ant"], sums, flagged)
    found = protect_block(system)
    theirs = (peer["suppressed"].astype(bool) | flagged).to_numpy()
    low, high = bounds(system, sums, theirs)
    if (high[flagged] > low[flagged]).all():
        assert found.loss <= peer["ant"][theirs & ~flagged].sum()
    low, high = bounds(system, sums, found.hidden)
    assert (high[flagged] > low[flagged]).all()


@pytest.mark.parametrize("table", ["t1", "t4", "t5"])
def test_ssb_example1_same_primaries_and_no_greater_loss(cases, table):
    peer = pd.read_csv(cases / f"c06_ssb_example1_{table}_expected.csv")
    keys = list(peer[["age", "geo"]].itertuples(index=False, name=None))
    geo = {"Total": ["Iceland", "Portugal", "Spain"], "EU": ["Portugal", "Spain"]}
    geo |= {"nonEU": ["Iceland"]}
    sums = sums_of(keys, [{"Total": ["old", "young"]}, geo])
    flagged = peer["primary"].astype(bool).to_numpy()
    if not flagged.any():
        assert not peer["suppressed"].any()
        return
    zeros = bool((peer.loc[~flagged, "freq"] == 0).any()) or not (peer["freq"] == 0).any()
    system = make_system(peer["freq"], sums, flagged, zeros_shown=zeros)
    found = protect_block(system)
    theirs = peer["suppressed"].astype(bool).to_numpy() | flagged
    low, high = bounds(system, sums, theirs)
    if (high[flagged] > low[flagged]).all():
        weight = np.maximum(peer["freq"], 1)
        assert found.loss <= weight[theirs & ~flagged].sum()
    low, high = bounds(system, sums, found.hidden)
    assert (high[flagged] > low[flagged]).all()


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("nk", Rule("nk", dominance=(2, 0.9))),
        ("p10", Rule("p10", p_percent=0.10)),
    ],
)
def test_dominance_marks_the_peer_s_primary_cells(cases, name, rule):
    micro = pd.read_csv(cases / "c07_ssb_paris2025_micro.csv")
    expected = pd.read_csv(cases / f"c07_ssb_paris2025_expected_{name}.csv")
    for row in expected.itertuples():
        part = micro
        if row.nation != "Total":
            part = part[(part["nation"] == row.nation) | (part["continent"] == row.nation)]
        if row.age != "Total":
            part = part[part["age"] == row.age]
        assert bool(judge_sum(part["income"], rule=rule)) == bool(row.primary), (
            row.nation,
            row.age,
        )


def test_rounding_to_base_five_is_additive_and_closer_than_the_peer(cases):
    publish = pd.read_csv(cases / "c10_smallcountrounding_exPSD_base5_publish.csv")
    leaf = pd.read_csv(cases / "c10_smallcountrounding_exPSD_leaf.csv")
    rows, cols = sorted(leaf["rows"].unique()), sorted(leaf["cols"].unique())
    inner = leaf.set_index(["rows", "cols"])["freq"]
    keys = [(r, c) for r in [*rows, "Total"] for c in [*cols, "Total"]]
    counts = [
        int(inner[[k for k in inner.index if r in (k[0], "Total") and c in (k[1], "Total")]].sum())
        for r, c in keys
    ]
    sums = sums_of(keys, [{"Total": rows}, {"Total": cols}])
    rounded = round_counts(counts, sums, base=5)
    assert all(v % 5 == 0 for v in rounded)
    assert all(rounded[t] == sum(rounded[p] for p in parts) for t, parts in sums)
    assert max(abs(a - b) for a, b in zip(counts, rounded, strict=True)) <= 5
    shown = {(r, c) for r, c in publish[["rows", "cols"]].itertuples(index=False, name=None)}
    assert len(shown) == len(publish)


def test_a_business_table_has_the_peer_s_primary_statuses(cases):
    """rtauargus example: A = too few contributors, B = one dominates."""
    table = pd.read_csv(cases / "c12_rtauargus_ex1_expected.csv", dtype={"ACTIVITY": "str"})
    few = table["N_OBS"] < get_rule("business").min_contributors
    assert table.loc[few, "Status"].tolist() == ["A"]
    dominated = (table["MAX"] > 0.85 * table["VAL"]) & ~few
    assert table.loc[dominated, "Status"].tolist() == ["B"]
