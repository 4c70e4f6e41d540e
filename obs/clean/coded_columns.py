"""Keep columns of texts as distinct texts and codes, so that a rule looks at each text once.

A delivery of a million rows holds a few thousand distinct texts. Every rule judges those;
rows carry whole numbers, and a row's outcome is looked up by its code.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

__all__ = [
    "Coded",
    "choose",
    "coalesce",
    "concat",
    "decimals",
    "drop_unused",
    "encode",
    "encode_list",
    "flags",
    "group_rows",
    "is_missing",
    "join_texts",
    "repeat",
    "take",
    "to_arrow",
    "whole_numbers",
]

Codes = NDArray[np.int32]
_MOST_GROUPS = 2**31


@dataclass(frozen=True, eq=False)
class Coded:
    """A column of texts: each distinct text once; per row its position, or -1 for none."""

    texts: pa.Array
    codes: Codes

    def __len__(self) -> int:
        return len(self.codes)

    def to_series(self) -> pd.Series:
        """Give the texts row by row, missing where there is none."""
        return pd.Series(to_arrow(self).to_pandas(), dtype="str")

    def distinct(self) -> list[str]:
        """List the distinct texts, in the order of the codes."""
        listed: list[str] = self.texts.to_pylist()
        return listed

    def has(self, texts: Sequence[str]) -> NDArray[np.bool_]:
        """Tell the rows that have one of some texts."""
        hit = np.append(np.isin(self.texts.to_numpy(zero_copy_only=False), texts), False)  # noqa: FBT003
        found: NDArray[np.bool_] = hit[self.codes]
        return found

    def map(self, values: Sequence[str | None]) -> Coded:
        """Replace text i by `values[i]`; a last value beyond the texts stands for missing cells."""
        padded = [*values, None] if len(values) == len(self.texts) else values
        found = encode_list(padded)
        return Coded(found.texts, found.codes[self.codes])


Column = Coded | np.ndarray | pd.api.extensions.ExtensionArray


def encode(array: pa.Array | pa.ChunkedArray) -> Coded:
    """Code an Arrow column of texts; empty texts count as missing."""
    if isinstance(array, pa.ChunkedArray):
        array = array.unify_dictionaries().combine_chunks()
    coded = array if pa.types.is_dictionary(array.type) else array.dictionary_encode()
    codes = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype("int32")
    texts = coded.dictionary.cast(pa.string())
    blank = texts.index(pa.scalar("", pa.string())).as_py()
    if blank >= 0:
        codes = np.where(codes == blank, np.int32(-1), codes)
    return drop_unused(Coded(texts, codes))


def drop_unused(column: Coded) -> Coded:
    """Leave out the texts that no row has: a file's own dictionary may hold many."""
    used = np.bincount(column.codes + 1, minlength=len(column.texts) + 1)[1:] > 0
    if used.all():
        return column
    places = np.append(np.cumsum(used) - 1, -1).astype("int32")
    return Coded(column.texts.filter(pa.array(used)), places[column.codes])


def encode_list(values: Sequence[str | None]) -> Coded:
    """Code a list of texts."""
    return encode(pa.array(values, pa.string()))


def repeat(text: str | None, n: int) -> Coded:
    """Give a column that holds one text in every row."""
    texts = pa.array([] if text is None else [text], pa.string())
    return Coded(texts, np.full(n, -1 if text is None else 0, dtype="int32"))


def concat(columns: Sequence[Coded]) -> Coded:
    """Put columns under one another."""
    if len(columns) == 1:
        return columns[0]
    merged = pa.chunked_array([_dictionary(c) for c in columns]).unify_dictionaries()
    return encode(merged)


def coalesce(first: Coded, second: Coded) -> Coded:
    """Give the first column's text, the second's where there is none."""
    both = concat([first, second])
    n = len(first)
    return Coded(both.texts, np.where(first.codes >= 0, both.codes[:n], both.codes[n:]))


def join_texts(columns: Sequence[Coded]) -> Coded:
    """Join the texts of each row by a blank, each distinct combination once."""
    group = group_rows(columns)
    _, first = np.unique(group, return_index=True)
    cells = [Coded(c.texts, c.codes[first]).to_series() for c in columns]
    rows = zip(*cells, strict=True)
    joined = [" ".join(text.strip() for text in row if isinstance(text, str)) for row in rows]
    coded = encode_list(joined)
    return Coded(coded.texts, coded.codes[group])


def choose(which: NDArray[np.bool_], first: Coded, second: Coded) -> Coded:
    """Give the first column's text where `which` says so, else the second's."""
    both = concat([first, second])
    n = len(first)
    return Coded(both.texts, np.where(which, both.codes[:n], both.codes[n:]))


def take(column: Column, rows: NDArray[Any]) -> Column:
    """Give some rows of a column, by position or by mask."""
    return Coded(column.texts, column.codes[rows]) if isinstance(column, Coded) else column[rows]


def is_missing(column: Column) -> NDArray[np.bool_]:
    """Tell the rows without a value."""
    if isinstance(column, Coded):
        return column.codes < 0
    return np.asarray(pd.isna(column), dtype=bool)


def whole_numbers(column: Column) -> pd.arrays.IntegerArray:
    """Give a column of numbers as nullable whole numbers, a copy."""
    made: pd.arrays.IntegerArray = _as_array(column, "Int64")
    return made


def decimals(column: Column) -> pd.arrays.FloatingArray:
    """Give a column of numbers as nullable numbers with decimals, a copy."""
    made: pd.arrays.FloatingArray = _as_array(column, "Float64")
    return made


def flags(column: Column) -> pd.arrays.BooleanArray:
    """Give a column of yes and no as nullable booleans, a copy."""
    made: pd.arrays.BooleanArray = _as_array(column, "boolean")
    return made


def _as_array(column: Any, kind: str) -> Any:
    assert not isinstance(column, Coded)  # noqa: S101 (the caller names a column of values)
    return pd.array(column, dtype=kind)


def to_arrow(column: Column) -> pa.Array:
    """Give a column in Arrow's types; texts stay distinct texts and codes."""
    if isinstance(column, Coded):
        return _dictionary(column)
    if isinstance(column, np.ndarray) and column.dtype.kind == "M":
        return pa.array(column.astype("datetime64[us]"))
    return pa.array(column, from_pandas=True)


def group_rows(columns: Sequence[Column]) -> NDArray[np.int64]:
    """Give each row a number, the same to rows that agree in every column, missing included."""
    group = np.zeros(len(columns[0]), dtype="int64")
    size = 1
    for column in columns:
        codes, n = _numbers(column)
        if size * (n + 1) > _MOST_GROUPS:
            group, size = _dense(group)
        group = group * (n + 1) + (codes + 1)
        size *= n + 1
    return _dense(group)[0]


def _numbers(column: Column) -> tuple[NDArray[np.int64], int]:
    """Give a number for each value, -1 for missing, and how many there are."""
    if isinstance(column, Coded):
        return column.codes.astype("int64"), len(column.texts)
    codes, values = pd.Series(column).factorize()
    return codes.astype("int64"), len(values)


def _dense(group: NDArray[np.int64]) -> tuple[NDArray[np.int64], int]:
    codes, values = pd.factorize(group)
    return codes.astype("int64"), max(len(values), 1)


def _dictionary(column: Coded) -> pa.DictionaryArray:
    codes = pa.array(column.codes, mask=column.codes < 0)
    return pa.DictionaryArray.from_arrays(codes, column.texts)
