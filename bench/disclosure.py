"""Measure suppression: cells and facts withheld, proven gap, seconds, memory, safety.

Tables of commune x category x year, all with totals, drawn from a seeded Poisson model of
the size of a city's; of the synthetic sample, released by the public door and audited; with
--ssmsi DIR also the communes of the French base, assault as the sum of its two classes. With
--peer the drawn tables, it being enough that each primary count may be one higher, beside
what a program that looks at equations alone withholds. Usage:

    obs sample DIR
    python bench/disclosure.py [small medium large huge] [--seed 1] [years sex age quarters
        months --sample DIR] [--effort fast] [--ssmsi DIR]
    python bench/disclosure.py [small medium large huge] --peer
"""

from __future__ import annotations

import argparse
import resource
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import scipy.sparse as sp
from elimination import eliminate
from sample_tables import TABLES as OF_SAMPLE
from sample_tables import read_facts, tables_of

from obs.disclosure import audit, release
from obs.disclosure.feasible.linear_system import System
from obs.disclosure.feasible.moves import Moves, list_targets
from obs.disclosure.suppress import independent_blocks
from obs.disclosure.suppress.secondary import EFFORTS, protect_block
from obs.reference import make_territory

ASSAULT = "Coups et blessures volontaires"
ZONES = (2, 3, 3, 3, 4, 4)
FLAT19 = (20, [(19, list(range(19)))])
CATEGORIES = (
    17,
    [*((12 + i, [3 * i, 3 * i + 1, 3 * i + 2]) for i in range(4)), (16, [12, 13, 14, 15])],
)
TABLES = {  # name: dimensions, primary cells aimed at
    "small": ((FLAT19, CATEGORIES, (6, [(5, list(range(5)))])), 220),
    "medium": ((FLAT19, CATEGORIES, (11, [(10, list(range(10)))])), 417),
    "large": (("zones", CATEGORIES, (11, [(10, list(range(10)))]), (3, [(2, [0, 1])])), 1497),
    "huge": (("zones", CATEGORIES, (11, [(10, list(range(10)))]), (4, [(3, [0, 1, 2])])), 2000),
}


def communes_and_zones():
    sums, first = [], 0
    for i, size in enumerate(ZONES):
        sums.append((19 + i, list(range(first, first + size))))
        first += size
    return 26, [*sums, (25, list(range(19, 25)))]


def draw(dimensions, seed, scale):
    """Draw the leaves and add up every margin."""
    rng = np.random.default_rng(seed)
    leaves = [min(t for t, _ in sums) for _, sums in dimensions]
    spread = (0.8, 1.5, 0.15, 0.4)
    mean = np.ones(())
    for n, s in zip(leaves, spread, strict=False):
        weight = rng.lognormal(0, s, n)
        mean = np.multiply.outer(mean, weight / weight.sum())
    table = np.zeros([n for n, _ in dimensions])
    table[tuple(slice(0, n) for n in leaves)] = rng.poisson(mean * scale)
    for axis, (_, sums) in enumerate(dimensions):
        moved = np.moveaxis(table, axis, 0)
        for total, parts in sums:
            moved[total] = moved[parts].sum(axis=0)
    return table


def make_system(table, dimensions, *, threshold=5, cover=10):
    """Number the cells and write the sums, as release does."""
    number = np.arange(table.size).reshape(table.shape)
    rows, columns, signs, count = [], [], [], 0
    for axis, (_, sums) in enumerate(dimensions):
        lines = np.moveaxis(number, axis, 0).reshape(table.shape[axis], -1)
        for total, parts in sums:
            for line in range(lines.shape[1]):
                rows += [count] * (len(parts) + 1)
                columns += [lines[total, line], *lines[parts, line]]
                signs += [-1.0] + [1.0] * len(parts)
                count += 1
    value = table.ravel()
    matrix = sp.csr_array(sp.coo_array((signs, (rows, columns)), shape=(count, value.size)))
    primary = (value > 0) & (value < threshold)
    least = np.where(value > 0, 1.0, 0.0)
    imposed = least.copy()
    parts = sp.csr_array(matrix.multiply(matrix > 0))
    coo = matrix.tocoo()
    totals = np.zeros(count, dtype=int)
    totals[coo.coords[0][coo.data < 0]] = coo.coords[1][coo.data < 0]
    for _ in range(8):
        np.maximum.at(imposed, totals, parts @ imposed)
    return System(
        value=value,
        lower=least,
        upper=np.full(value.size, np.inf),
        hidden=primary.copy(),
        fixed=value == 0,
        need_low=np.where(primary, np.minimum(value, np.maximum(1, imposed)), np.nan),
        need_high=np.where(primary, cover, np.nan),
        weight=np.sqrt(np.maximum(value, 1.0)),
        owner=np.full(value.size, -1),
        equations=matrix,
    )


def find_scale(dimensions, seed, wanted):
    scales = np.geomspace(300, 3e6, 60)
    small = [
        int(((t := draw(dimensions, seed, s)) > 0).sum() - (t >= 5).sum()) if s > 1_000 else 0
        for s in scales
    ]
    return scales[int(np.argmin(np.abs(np.array(small) - wanted)))]


def draw_system(name, seed):
    dimensions, wanted = TABLES[name]
    dimensions = tuple(communes_and_zones() if d == "zones" else d for d in dimensions)
    return make_system(draw(dimensions, seed, find_scale(dimensions, seed, wanted)), dimensions)


def count(system, hidden):
    """Count the cells and facts that go besides, and the ends of intervals that are not open."""
    second = hidden & ~system.hidden
    closed = Moves(system, hidden.astype(float)).unreachable(list_targets(system))
    return int(second.sum()), int(system.value[second].sum()), len(closed)


def tell_gap(loss, bound):
    return f"{(loss - bound) / loss:.1%}" if bound else "none known"


def measure_peer(name, seed, effort):
    """Ask only that each primary count may be one higher; the peer asks for less."""
    system = draw_system(name, seed)
    second = np.where(system.hidden, system.value + 1, np.nan)
    least = np.where(system.hidden, system.value, np.nan)
    system = replace(system, need_low=least, need_high=second)
    begun = time.perf_counter()
    theirs = eliminate(system)
    between = time.perf_counter()
    found = protect_block(system, effort=EFFORTS[effort])
    ended = time.perf_counter()
    cells, facts, narrow = count(system, theirs)
    ours = count(system, found.hidden)
    print(
        f"{name} {seed}, one higher: {system.value.size:,} cells, {int(system.hidden.sum()):,} "
        f"primary; by equations alone {cells:,} cells, {facts:,} facts, too narrow {narrow:,}, "
        f"{between - begun:.1f} s; ours ({effort}) {ours[0]:,}, {ours[1]:,}, {ours[2]:,}, "
        f"gap {tell_gap(found.loss, found.bound)}, "
        f"{ended - between:.0f} s; ratio of cells {ours[0] / cells:.2f}, of facts {ours[1] / facts:.2f}",
        flush=True,
    )


def measure(name, seed, effort):
    system = draw_system(name, seed)
    wall, cpu = time.perf_counter(), time.process_time()
    found = protect_block(system, effort=EFFORTS[effort])
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    cells, facts, closed = count(system, found.hidden)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{name} {seed} ({effort}): {system.value.size:,} cells, {int(system.hidden.sum()):,} primary; withheld besides "
        f"{cells:,} cells, {facts:,} facts; gap {tell_gap(found.loss, found.bound)}; {wall:.0f} s wall, {cpu:.0f} s CPU, {memory:.0f} MiB; "
        f"ends of intervals not open: {closed}",
        flush=True,
    )


def release_watched(tables, **options):
    """Release by the public door; give also what each block lost, its bound, and CPU seconds."""
    blocks = []

    def watched(*given, **more):
        blocks.append(protect_block(*given, **more))
        return blocks[-1]

    independent_blocks.protect_block, begun = watched, time.process_time()
    try:
        released = release(tables, **options)
    finally:
        independent_blocks.protect_block = protect_block
    return released, blocks, time.process_time() - begun


def report(name, tables, released, blocks, spent):
    """Attack what was released, and print what it cost."""
    begun = time.process_time()
    found = audit(released)
    audited = time.process_time() - begun
    before = pd.concat(tables.values() if isinstance(tables, dict) else [tables])
    status = released.table["status"].to_numpy()
    primary, besides = status == "suppressed_primary", status == "suppressed_secondary"
    facts = int(before["numerator"].to_numpy()[besides].sum())
    loss, bound = sum(b.loss for b in blocks), sum(b.bound for b in blocks)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{name}: {len(before):,} cells, {int(primary.sum()):,} primary; withheld besides "
        f"{int(besides.sum()):,} cells, {facts:,} facts; gap {tell_gap(loss, bound)}; {spent:.0f} s CPU, audit "
        f"{audited:.1f} s CPU, {memory:.0f} MiB; unsafe {int((~found['safe']).sum())} of {len(found):,}",
        flush=True,
    )


def measure_sample(facts, name, effort):
    """Release one table of the synthetic sample with all its totals."""
    tables = tables_of(facts, name)
    options = {"catalogue": {"recorded_facts": entry(over=("area", "time", "offence"))}}
    report(f"{name} ({effort})", tables, *release_watched(tables, effort=effort, **options))


def measure_ssmsi(folder, effort):
    """Release the communes of the French base: 708 communes, 8 years, every class."""
    raw = pd.read_parquet(next(Path(folder).glob("communes_76*.parquet")))
    units = pd.DataFrame({"code": sorted(raw["CODGEO_2024"].astype("str").unique())}, dtype="str")
    units = units.assign(level="commune", parent="76")
    top = pd.DataFrame({"code": ["76"], "level": ["departement"], "parent": [None]})
    units = pd.concat([units, top], ignore_index=True)
    for lang in ("fr", "nl", "en"):
        units[f"name_{lang}"] = units["code"]
    territory = make_territory(units, name="76", levels=("commune", "departement"))
    table = pd.DataFrame(
        {
            "indicator": raw["classe"].astype("str"),
            "territory": raw["CODGEO_2024"].astype("str"),
            "period": pd.PeriodIndex("20" + raw["annee"].astype("str").str[-2:], freq="Y"),
            "numerator": raw["faits"].astype("Int64"),
            "denominator": raw["POP"].astype("Float64"),
        }
    )
    known = table["numerator"].notna()
    table["status"] = np.where(
        known, np.where(table["numerator"].fillna(1) == 0, "zero", "ok"), "suppressed_source"
    )
    table = table.assign(value=table["numerator"].astype("Float64"), low=pd.NA, high=pd.NA)
    table = table.astype({"low": "Float64", "high": "Float64"})
    table = table.assign(unit="fact", n=table["numerator"], grade=None, scale="count")
    table["grade"] = table["grade"].astype("str")
    entries = {i: entry() for i in table["indicator"].unique()}
    entries[ASSAULT].parts = tuple(
        c for c in entries if ASSAULT.lower() in c.lower() and c != ASSAULT
    )
    options = {"territory": territory, "catalogue": entries, "effort": effort}
    report(f"ssmsi ({effort})", table, *release_watched(table, **options))


def entry(over=("area", "time")):
    return SimpleNamespace(
        disclosure="default", additive_over=over, parts=(), kind="count", unit="fact"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tables", nargs="*", help=", ".join([*TABLES, *OF_SAMPLE]))
    parser.add_argument("--sample", help="folder that `obs sample` wrote, for its tables")
    parser.add_argument("--ssmsi", help="folder of the French communal base")
    parser.add_argument("--seed", type=int, default=1, help="which tables are drawn")
    parser.add_argument("--peer", action="store_true", help="beside equations alone")
    parser.add_argument("--effort", default="fast", choices=list(EFFORTS))
    given = parser.parse_args()
    of_sample = [t for t in given.tables if t in OF_SAMPLE]
    if unknown := [t for t in given.tables if t not in {**TABLES, **OF_SAMPLE}]:
        parser.error(f"no table {', '.join(unknown)}; there are {', '.join([*TABLES, *OF_SAMPLE])}")
    if of_sample and not given.sample:
        parser.error(f"{', '.join(of_sample)}: name the folder of the sample with --sample")
    if given.peer and (of_sample or given.ssmsi):
        parser.error(f"--peer is for the drawn tables: {', '.join(TABLES)}")
    for table_name in [t for t in given.tables if t in TABLES]:
        (measure_peer if given.peer else measure)(table_name, given.seed, given.effort)
    if of_sample:
        with ProcessPoolExecutor(1) as apart:  # the memory of cleaning is not that of suppression
            facts = apart.submit(read_facts, given.sample).result()
        for table_name in of_sample:
            measure_sample(facts, table_name, given.effort)
    if given.ssmsi:
        measure_ssmsi(given.ssmsi, given.effort)
