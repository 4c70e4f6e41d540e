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
import pyarrow.compute as pc
from numpy.typing import NDArray

from obs.clean.folded_texts import UNSEEN

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
    "look_up",
    "repeat",
    "take",
    "to_arrow",
    "whole_numbers",
]

Codes = NDArray[Any]  # whole numbers, as narrow as the texts allow
_MOST_GROUPS = 2**31
_NARROW = (
    (2**7 - 2, "int8"),
    (2**15 - 2, "int16"),
)  # so many texts, and the position after the last
_MISSING = np.int32(-1)
_MAYBE_BLANK = r"^[^\x21-\x7e]|[^\x21-\x7e]$"  # begins or ends with what `strip` may take


@dataclass(frozen=True, eq=False)
class Coded:
    """A column of texts: each distinct text once; per row its position, or -1 for none."""

    texts: pa.Array
    codes: Codes

    def __post_init__(self) -> None:
        kind = next((kind for most, kind in _NARROW if len(self.texts) <= most), "int32")
        if self.codes.dtype == kind:  # is equivalent: they would be copied as they are
            return
        if len(self.codes) and int(self.codes.max()) >= len(self.texts):
            raise IndexError("a code of a column has no text")  # narrowed, it would be another one
        object.__setattr__(self, "codes", self.codes.astype(kind))

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

    def seen(self) -> Coded:
        """Take signs of no width out of each text; a column without any is given as it is."""
        if pc.all(pc.string_is_ascii(self.texts)).as_py():
            return self
        doubtful = pc.match_substring_regex(self.texts, f"[{UNSEEN}]")
        if not pc.any(doubtful).as_py():
            return self
        found = encode(pc.replace_substring_regex(self.texts, f"[{UNSEEN}]", ""))
        return drop_unused(Coded(found.texts, np.append(found.codes, _MISSING)[self.codes]))

    def trimmed(self) -> Coded:
        """Take the blanks around each text away; a column without any is given as it is."""
        doubtful = pc.match_substring_regex(self.texts, _MAYBE_BLANK)
        if not pc.any(doubtful).as_py():
            return self
        bare = [text.strip() for text in self.texts.filter(doubtful).to_pylist()]
        texts = pc.replace_with_mask(self.texts, doubtful, pa.array(bare, pa.string()))
        found = encode(texts)
        return Coded(found.texts, np.append(found.codes, _MISSING)[self.codes])


Column = Coded | np.ndarray | pd.api.extensions.ExtensionArray


def encode(array: pa.Array | pa.ChunkedArray) -> Coded:
    """Code an Arrow column of texts; empty texts count as missing."""
    if isinstance(array, pa.ChunkedArray):
        array = array.unify_dictionaries().combine_chunks()
    coded = array if pa.types.is_dictionary(array.type) else array.dictionary_encode()
    codes = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype("int32", copy=False)
    texts = coded.dictionary.cast(pa.string())
    blank = np.flatnonzero(np.asarray(pc.equal(pc.binary_length(texts), 0)))
    if len(blank):
        codes = np.where(np.isin(codes, blank), np.int32(-1), codes)
    return drop_unused(Coded(texts, codes))


def drop_unused(column: Coded) -> Coded:
    """Leave out the texts that no row has: a file's own dictionary may hold many."""
    used = np.zeros(len(column.texts) + 1, dtype=bool)
    used[column.codes] = True
    used = used[:-1]  # the last place is that of missing cells
    if used.all():
        return column
    places = np.append(np.cumsum(used, dtype="int32") - 1, _MISSING)
    return Coded(column.texts.filter(pa.array(used)), places[column.codes])


def encode_list(values: Sequence[str | None]) -> Coded:
    """Code a list of texts."""
    return encode(pa.array(values, pa.string()))


def look_up(values: Sequence[str | None], places: Codes) -> Coded:
    """Code a column by the position of each row's text in a list, -1 for none."""
    found = encode_list([*values, None])
    return drop_unused(Coded(found.texts, found.codes[places]))


def repeat(text: str | None, n: int) -> Coded:
    """Give a column that holds one text in every row."""
    texts = pa.array([] if text is None else [text], pa.string())
    return Coded(texts, np.full(n, -1 if text is None else 0, dtype="int32"))


def concat(columns: Sequence[Coded]) -> Coded:
    """Put columns under one another."""
    if len(columns) == 1:
        return columns[0]
    merged = pa.concat_arrays([column.texts for column in columns]).dictionary_encode()
    places = merged.indices.to_numpy(zero_copy_only=False)
    ends = np.cumsum([0, *(len(column.texts) for column in columns)])
    own = [np.append(places[a:b], _MISSING) for a, b in zip(ends, ends[1:], strict=False)]
    codes = [where[column.codes] for where, column in zip(own, columns, strict=True)]
    return drop_unused(Coded(merged.dictionary, np.concatenate(codes)))


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
