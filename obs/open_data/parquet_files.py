"""Write open tables as Apache Parquet: typed columns, their meaning and that of the file inside.

A column is made of plain values, so that nothing stands behind an empty cell, in its pages or in
the statistics of its footer.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from obs.open_data.about_edition import AboutEdition
from obs.open_data.csv_files import column_title
from obs.open_data.open_tables import OpenTable, kind_of

__all__ = ["parquet_bytes"]

_TYPES = {
    "count": pa.int64(),
    "number": pa.float64(),
    "flag": pa.bool_(),
    "date": pa.date32(),
}


def parquet_bytes(table: OpenTable, about: AboutEdition, *, langs: Sequence[str]) -> bytes:
    """Write a table as Apache Parquet."""
    fields = [
        pa.field(
            column.replace("__", "_"),
            _TYPES.get(kind_of(column), pa.string()),
            nullable=column not in table.key,
            metadata=_encoded({f"title_{lang}": column_title(column, lang) for lang in langs}),
        )
        for column in table.cells
    ]
    told = {f"title_{lang}": table.titles[lang] for lang in langs}
    told |= {f"publisher_{lang}": text for lang, text in about.publisher.items()}
    told |= {"edition": about.edition, "licence": about.licence, "identifier": about.name}
    schema = pa.schema(fields, metadata=_encoded(told))
    arrays = [
        pa.array(cells, type=one.type)
        for one, cells in zip(schema, table.cells.values(), strict=True)
    ]
    content = io.BytesIO()
    pq.write_table(pa.Table.from_arrays(arrays, schema=schema), content, compression="zstd")
    return content.getvalue()


def _encoded(texts: Mapping[str, Any]) -> dict[bytes, bytes]:
    return {key.encode(): str(text).encode() for key, text in texts.items()}
