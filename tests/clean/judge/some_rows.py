"""Rows of a few texts, as a reading would give them, for rules that take rows."""

import numpy as np

from obs.clean.coded_columns import encode_list, repeat
from obs.clean.judge.judged_rows import Rows


def rows_of(n, *, file=None, extracted=None, to=None, by=None, **texts):
    """Give n rows, with the texts of some of our columns."""
    made = Rows(
        file=np.zeros(n, dtype="int32") if file is None else np.array(file, dtype="int32"),
        place=np.arange(n),
        cell=np.zeros(n, dtype="int32"),
        texts={name: encode_list(cells) for name, cells in texts.items()},
        content=repeat(None, n),
        delivery=repeat("a.csv", n),
        source="police",
        extracted=np.array(extracted or ["NaT"] * n, dtype="datetime64[D]"),
        synthetic=np.zeros(n, dtype=bool),
        version=np.full(n, np.nan),
    )
    made.to |= {name: encode_list(cells) for name, cells in (to or {}).items()}
    made.by |= {name: encode_list(cells) for name, cells in (by or {}).items()}
    return made


def faults(rows):
    """Give the rule and the column of the fault of each row, None for a sound one."""
    return [None if i < 0 else (rows.faults[i].target, rows.faults[i].rule) for i in rows.fault]


def remarks(rows):
    """Give what is said of rows: column, rule, positions."""
    return [(said.target, said.rule, np.flatnonzero(hit).tolist()) for hit, said in rows.remarks]


def told(column):
    """Give the values of a column, None for a missing one."""
    if hasattr(column, "to_series"):
        return [None if one is None or one != one else one for one in column.to_series()]
    if isinstance(column, np.ndarray) and column.dtype.kind == "M":
        return [None if np.isnat(one) else str(one) for one in column]
    return [None if str(one) == "<NA>" else one for one in column]
