"""Tables and patterns of other programs: ours is safe and loses no more than theirs."""

import numpy as np
import pandas as pd
import pytest

from obs.disclosure.cells.cell_list import Cells, Key
from obs.disclosure.sensitive.primary import mark_primary
from obs.disclosure.sensitive.rules import Rule
from obs.disclosure.suppress.secondary import EFFORTS
from obs.disclosure.suppress.secondary import protect_block as protect
from tests.disclosure.sdc_cases import as_doubtful_as, bounds, make_system, open_cells, sums_of


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


GEO = {"Total": ["Iceland", "Portugal", "Spain"], "EU": ["Portugal", "Spain"], "nonEU": ["Iceland"]}
SEEN = (  # table, our rule, whether zeros are known to be shown, the peer's open cells
    ("t1", Rule("t1", threshold=1, protect_zeros=True), False, []),
    ("t2", Rule("t2", threshold=3, protect_zeros=True), False, []),
    ("t4", Rule("t4", threshold=5), True, []),
    ("t5", Rule("t5", threshold=4), False, []),  # hides a zero as a partner
    ("t7", Rule("t7", threshold=1, protect_zeros=True), False, []),
    ("t8", Rule("t8", threshold=2), True, []),
    # Iceland + Portugal = 2 in 2016, each at least 1 since zeros are shown, and so on up
    (
        "t8none",
        Rule("t8none", threshold=2),
        True,
        [
            ("young", "Portugal", "Total"),
            ("young", "Iceland", "2016"),
            ("young", "Portugal", "2016"),
        ],
    ),
)


def primaries(values, rule):
    """Ask the rule itself which counts are sensitive."""
    cells = Cells()
    for i, value in enumerate(values):
        cells.find_or_add(Key("count (fact)", str(i), "2020"), float(value), rule).published = True
    mark_primary(cells)
    return np.array([bool(c.reason) for c in cells.of_key.values()])


def example1(cases, table):
    peer = pd.read_csv(cases / f"c06_ssb_example1_{table}_expected.csv", dtype={"year": "str"})
    dims = [c for c in ("age", "geo", "year") if c in peer]
    keys = list(peer[dims].itertuples(index=False, name=None))
    totals = [{"Total": ["old", "young"]}, GEO, {"Total": ["2014", "2015", "2016"]}]
    return peer, keys, sums_of(keys, totals[: len(dims)])


@pytest.mark.parametrize(("table", "rule", "zeros_shown", "left_open"), SEEN)
def test_ssb_example1_same_primaries_and_no_greater_loss(
    cases, table, rule, zeros_shown, left_open
):
    peer, keys, sums = example1(cases, table)
    primary = primaries(peer["freq"], rule)
    assert primary.tolist() == peer["primary"].tolist()
    system = make_system(peer["freq"], sums, primary, zeros_shown=zeros_shown)
    theirs = peer["suppressed"].to_numpy() | primary
    low, high = bounds(system, sums, theirs)
    assert open_cells(keys, low, high, primary) == left_open
    if not left_open:
        system = as_doubtful_as(system, low, high, primary)
    found = protect_block(system)
    if not left_open:
        assert found.loss <= system.weight[theirs & ~primary].sum()
    low, high = bounds(system, sums, found.hidden)
    assert (low[primary] <= system.need_low[primary]).all()
    assert (high[primary] >= system.need_high[primary]).all()
    assert open_cells(keys, low, high, primary) == []


@pytest.mark.parametrize("table", ["t1", "t2", "t4", "t5", "t8none"])  # others: singletons
def test_the_peer_of_the_bench_hides_what_the_program_hides(cases, table, root, monkeypatch):
    monkeypatch.syspath_prepend(root / "bench")
    from elimination import eliminate

    peer, _, sums = example1(cases, table)
    system = make_system(peer["freq"], sums, peer["primary"], zeros_shown=False)
    assert eliminate(system).tolist() == (peer["suppressed"] | peer["primary"]).tolist()


def test_two_formulas_are_one_system(cases):
    """Places in one table, age by union in another: only the hidden unions link them."""
    peer, keys, _ = example1(cases, "t3")
    keys += [("Total", "EU"), ("Total", "nonEU")]
    values = [*peer["freq"], 15, 5]
    sums = sums_of(keys, [{"Total": ["old", "young"]}, GEO])
    sums += [(0, [len(keys) - 2, len(keys) - 1])]
    assert len(sums) == 6
    unions = np.isin(np.arange(len(keys)), [len(keys) - 2, len(keys) - 1])
    primary = primaries(values, Rule("t3", threshold=3, protect_zeros=True))
    assert primary[~unions].tolist() == peer["primary"].tolist()
    system = make_system(values, sums, primary, zeros_shown=False)
    system.hidden[unions] = True  # no table shows them
    theirs = np.append(peer["suppressed"].to_numpy(), [True, True])
    low, high = bounds(system, sums, system.hidden)
    assert open_cells(keys, low, high, primary) == [("young", "nonEU")]
    low, high = bounds(system, sums, theirs)
    assert open_cells(keys, low, high, primary) == []  # 5 - old nonEU
    found = protect_block(system)
    assert found.loss <= system.weight[theirs & ~system.hidden].sum() == 3
    low, high = bounds(system, sums, found.hidden)
    assert open_cells(keys, low, high, primary) == []


def test_wide_enough_intervals_are_the_peer_s_and_cost_no_more(cases):
    """t9 asks a width of 5: two cells that sum to 4 leave 0 to 4 only."""
    peer, keys, sums = example1(cases, "t9")
    primary = primaries(peer["freq"], Rule("t9", threshold=4, protect_zeros=True))
    assert primary.tolist() == peer["primary"].tolist()
    system = make_system(peer["freq"], sums, primary, zeros_shown=False)
    system.need_low[primary], system.need_high[primary] = 0, peer["rlim_freq"][primary]
    old_too = primary | np.array(
        [k[0] == "old" and k[1] != "Spain" and k[1] != "Total" for k in keys]
    )
    for hidden, first, last in ((old_too, "lo_1", "up_1"), (peer["suppressed"], "lo", "up")):
        low, high = bounds(system, sums, np.asarray(hidden))
        assert low[primary].tolist() == peer.loc[primary, first].tolist()
        assert high[primary].tolist() == peer.loc[primary, last].tolist()
    found = protect_block(system)
    assert found.loss <= peer.loc[peer["suppressed"] & ~peer["primary"], "freq"].sum()
    low, high = bounds(system, sums, found.hidden)
    assert (high - low)[primary].min() >= 5
