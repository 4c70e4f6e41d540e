"""Build text columns as a whole, for files of hundreds of thousands of rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from obs.sample.draws import Ints, Stream

__all__ = [
    "Columns",
    "csv_bytes",
    "date_texts",
    "interleave",
    "join_text",
    "number_texts",
    "pick_text",
    "repeat_text",
]

Columns = dict[str, pa.Array]


def pick_text(texts: Sequence[str], positions: Ints) -> pa.Array:
    """Give the text at each position; position -1 reads the last text."""
    found = np.where(positions < 0, len(texts) + positions, positions)
    return pa.array(list(texts), pa.string()).take(pa.array(found))


def repeat_text(text: str, n: int) -> pa.Array:
    """Give the same text n times."""
    return pa.array([text], pa.string()).take(pa.array(np.zeros(n, dtype=np.int64)))


def join_text(*parts: str | pa.Array) -> pa.Array:
    """Set texts side by side, row by row."""
    return pc.binary_join_element_wise(*parts, "")


def number_texts(numbers: Ints, width: int = 1) -> pa.Array:
    """Write whole numbers, zeros in front up to a width."""
    return pc.utf8_lpad(pa.array(numbers).cast(pa.string()), width, "0")


def date_texts(days: Any, *, iso: Ints | None = None) -> pa.Array:
    """Write dates as dd/mm/yyyy, or yyyy-mm-dd where `iso` is 1; no date gives a blank."""
    blank = np.isnat(days)
    if blank.all():
        return repeat_text("", len(days))
    first = days[~blank].min()
    place = np.where(blank, -1, (days - first).astype(np.int64))
    as_iso = [str(first + np.timedelta64(d, "D")) for d in range(int(place.max()) + 1)]
    european = [f"{d[8:]}/{d[5:7]}/{d[:4]}" for d in as_iso]
    shift = 0 if iso is None else iso * len(as_iso)
    return pick_text([*european, *as_iso, ""], np.where(blank, -1, place + shift))


def interleave(rows: Columns, extra: Columns, stream: Stream) -> Columns:
    """Put extra rows anywhere among the others, which keep their order."""
    n, m = (len(next(iter(c.values()))) for c in (rows, extra))
    place = np.concatenate([np.arange(n), stream.below(max(n, 1), m)])
    order = pa.array(np.argsort(place, kind="stable"))
    return {k: pa.concat_arrays([rows[k], extra[k]]).take(order) for k in rows}


def csv_bytes(
    columns: list[pa.Array],
    *,
    header: list[str],
    first_line: str,
    encoding: str = "utf-8",
    newline: str = "\n",
) -> bytes:
    """Give a text file as bytes from text columns; no cell may hold a semicolon."""
    head = newline.join([first_line, ";".join(header), ""])
    lines = pc.binary_join_element_wise(*columns, ";")
    whole = pc.binary_join(
        pa.ListArray.from_arrays(pa.array([0, len(lines)], pa.int32()), lines), newline
    )
    return f"{head}{whole[0].as_py()}{newline}".encode(encoding)
