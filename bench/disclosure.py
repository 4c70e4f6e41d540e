"""Measure suppression: cells and facts withheld, proven gap, seconds, memory, safety.

Tables of commune x category x year, all with totals, drawn from a seeded Poisson model of
the size of a city's; with --ssmsi DIR also the communes of the French base. Usage:

    python bench/disclosure.py [small medium large huge] [--effort fast] [--ssmsi DIR]
"""

from __future__ import annotations

import argparse
import resource
import time
from pathlib import Path

import numpy as np
import pandas as pd
import scipy.sparse as sp

from obs.disclosure import audit, release
from obs.disclosure.moves import Moves, list_targets
from obs.disclosure.secondary import EFFORTS, protect_block
from obs.disclosure.system import System
from obs.reference import make_territory

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


def find_scale(dimensions, wanted):
    scales = np.geomspace(300, 3e6, 60)
    small = [
        int(((t := draw(dimensions, 1, s)) > 0).sum() - (t >= 5).sum()) if s > 1_000 else 0
        for s in scales
    ]
    return scales[int(np.argmin(np.abs(np.array(small) - wanted)))]


def measure(name, effort):
    dimensions, wanted = TABLES[name]
    dimensions = tuple(communes_and_zones() if d == "zones" else d for d in dimensions)
    table = draw(dimensions, 1, find_scale(dimensions, wanted))
    system = make_system(table, dimensions)
    wall, cpu = time.perf_counter(), time.process_time()
    found = protect_block(system, effort=EFFORTS[effort])
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    second = found.hidden & ~system.hidden
    open_ends = Moves(system, found.hidden.astype(float)).out_of_reach(list_targets(system))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{name} ({effort}): {table.size:,} cells, {int(system.hidden.sum()):,} primary; withheld besides "
        f"{int(second.sum()):,} cells, {int(system.value[second].sum()):,} facts; "
        f"gap {found.gap:.1%}; {wall:.0f} s wall, {cpu:.0f} s CPU, {memory:.0f} MiB; "
        f"ends of intervals not open: {len(open_ends)}",
        flush=True,
    )


def measure_ssmsi(folder):
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
    started = time.perf_counter()
    released = release(table, territory=territory, catalogue=entries)
    spent = time.perf_counter() - started
    found = audit(released)
    print(
        f"ssmsi: {len(table):,} rows, {int((~known).sum()):,} withheld by the source; withheld "
        f"by us {int((released.table['status'] == 'suppressed_secondary').sum()):,}; "
        f"{spent:.1f} s; not safe: {int((~found['safe']).sum())} of {len(found):,}"
    )


def entry():
    from types import SimpleNamespace

    return SimpleNamespace(
        disclosure="default", additive_over=("area", "time"), parts=(), kind="count", unit="fact"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tables", nargs="*", default=list(TABLES), help=", ".join(TABLES))
    parser.add_argument("--ssmsi", help="folder of the French communal base")
    parser.add_argument("--effort", default="fast", choices=list(EFFORTS))
    given = parser.parse_args()
    for table_name in given.tables:
        measure(table_name, given.effort)
    if given.ssmsi:
        measure_ssmsi(given.ssmsi)
