"""Turn a published table with totals into a numeric system, and bound its cells by LP."""

from dataclasses import replace

import numpy as np
import scipy.sparse as sp

from obs.disclosure.audit.attack_bounds import bound_cells
from obs.disclosure.feasible.linear_system import System


def make_system(values, sums, primary, *, cover=None, zeros_shown=True, weight=None):
    """Number the cells of a table.

    `cover`: array of the upper ends wanted; by default any second value will do.
    """
    value = np.asarray(values, dtype=float)
    n = len(value)
    rows = [
        (i, j, s) for i, (t, ps) in enumerate(sums) for j, s in [(t, -1.0), *((p, 1.0) for p in ps)]
    ]
    i, j, s = zip(*rows, strict=True)
    primary = np.asarray(primary, dtype=bool)
    lower = np.where((value > 0) & zeros_shown, 1.0, 0.0)
    high = value + 1 if cover is None else np.maximum(cover, value)
    return System(
        value=value,
        lower=lower,
        upper=np.full(n, np.inf),
        hidden=primary.copy(),
        fixed=(value == 0) & zeros_shown & ~primary,
        need_low=np.where(primary, value, np.nan),
        need_high=np.where(primary, high, np.nan),
        weight=np.maximum(value, 1.0) if weight is None else np.asarray(weight, dtype=float),
        owner=np.full(n, -1),
        equations=sp.csr_array(sp.coo_array((s, (i, j)), shape=(len(sums), n))),
    )


def bounds(system, sums, hidden):
    """Compute what a reader can know of each hidden cell."""
    known = {c: float(system.value[c]) for c in np.flatnonzero(~hidden)}
    asked = np.flatnonzero(hidden).tolist()
    return bound_cells(sums, known, least=system.lower, asked=asked)


def sums_of(keys, totals):
    """Write the sums of a table whose keys hold total codes.

    `totals`: for each dimension, a mapping of total code to its parts.
    """
    place = {k: i for i, k in enumerate(keys)}
    sums = []
    for key in keys:
        for d, parents in enumerate(totals):
            if key[d] in parents:
                parts = [(*key[:d], part, *key[d + 1 :]) for part in parents[key[d]]]
                if all(p in place for p in parts):
                    sums.append((place[key], [place[p] for p in parts]))
    return sums


def as_doubtful_as(system, low, high, primary):
    """Ask of each sensitive cell the doubt, one step each way, that another pattern leaves.

    `low`, `high`: what a reader can know under that pattern.
    """
    step_down = np.maximum(low, system.value - 1)
    step_up = np.minimum(high, system.value + 1)
    return replace(
        system,
        need_low=np.where(primary, step_down, np.nan),
        need_high=np.where(primary, step_up, np.nan),
    )


def open_cells(keys, low, high, primary):
    """List the sensitive cells of which a reader knows the value."""
    return [keys[i] for i in np.flatnonzero(primary & (low == high))]
