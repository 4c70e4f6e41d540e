"""Read which columns Apache Parquet files of events have, and refuse a folder of files that differ."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from obs.errors import ObsError

__all__ = ["columns_alike"]


def columns_alike(path: Path) -> tuple[list[Path], dict[str, pa.DataType]]:
    """Give the Apache Parquet files at a path, and the columns that all have alike.

    Raises `ObsError` if there is none, one cannot be read, or they differ: an engine would leave out
    columns that the first lacks, or fill them with nothing.
    """
    files = sorted(path.rglob("*.parquet")) if path.is_dir() else [path]
    try:
        schemas = [pq.read_schema(file) for file in files]
    except (OSError, pa.ArrowException):
        raise ObsError(f"{path.name} is not a readable Apache Parquet file of events") from None
    if not schemas:
        raise ObsError(f"{path.name} is not a readable Apache Parquet file of events")
    first = {field.name: _plain_type(field.type) for field in schemas[0]}
    for file, schema in zip(files[1:], schemas[1:], strict=True):
        own = {field.name: _plain_type(field.type) for field in schema}
        other = sorted(n for n in first.keys() | own.keys() if first.get(n) != own.get(n))
        if other:
            raise ObsError(
                f"{path.name}: {file.name} and {files[0].name} differ in column(s) {', '.join(other)}; "
                "all files of a folder must have the same columns, of the same types"
            )
    return files, first


def _plain_type(kind: pa.DataType) -> pa.DataType:
    """Give the type of values, however they are coded."""
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return pa.string() if pa.types.is_large_string(kind) else kind
