"""Read data files of SPSS (.sav) and Stata (.dta): values by their labels, reasons of missing kept."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import pyreadstat

from obs.clean.read.cell_texts import cell_text
from obs.clean.read.file_checks import MOST_COLUMNS, Delivery
from obs.clean.read.file_formats import READ
from obs.errors import DeliveryError

__all__ = ["StatisticsTable", "read_statistics_file"]

_MOST_CELLS = 50_000_000
_READERS = {"sav": pyreadstat.read_sav, "dta": pyreadstat.read_dta}

_FAULTS = (
    *(pyreadstat.ReadstatError, pyreadstat.PyreadstatError),
    *(UnicodeDecodeError, ValueError, OverflowError, TypeError, KeyError),
)
StatisticsTable = tuple[list[str], list[str], list[list[str | None]]]


def read_statistics_file(delivery: Delivery, *, labels: bool, decimal: str) -> StatisticsTable:
    """Read a data file of SPSS or Stata.

    Parameters
    ----------
    delivery : Delivery
        The file; the driver is that of its content, whatever its name.
    labels : bool
        Whether a value that has a label is given by it ("Homme"), or as the code ("1").
    decimal : str
        Sign that numbers with a fraction are written with.

    Returns
    -------
    tuple
        Names of the columns; their labels, "" for none; per column its texts. Values that
        the file declares as missing come as values (their label, or their code), so that a
        refusal to answer stays apart from a blank.

    Raises
    ------
    DeliveryError
        If the file is damaged or without measure.
    """
    read, what = _READERS[delivery.kind], READ[delivery.kind]
    content = delivery.path.read_bytes() if delivery.content is None else delivery.content
    try:
        _, head = read(io.BytesIO(content), metadataonly=True)
        cells = (head.number_rows or 0) * len(head.column_names)
        if cells > _MOST_CELLS or len(head.column_names) > MOST_COLUMNS:
            raise DeliveryError(
                f"{delivery.name}: {what} of {len(head.column_names):,} columns and {cells:,} "
                f"cells; at most {MOST_COLUMNS:,} and {_MOST_CELLS:,} are read. Ask for fewer "
                "columns, or for Apache Parquet."
            )
        data, meta = read(io.BytesIO(content), user_missing=True, output_format="dict")
    except _FAULTS:
        raise _unread(delivery) from None
    names = [name or "" for name in meta.column_names]
    if list(data) != names:
        raise _unread(delivery)
    known = meta.variable_value_labels if labels else {}
    columns = [_value_texts(data[name], known.get(name, {}), decimal) for name in names]
    return names, [label or "" for label in meta.column_labels], columns


def _unread(delivery: Delivery) -> DeliveryError:
    return DeliveryError(
        f"{delivery.name}: {READ[delivery.kind]} whose content cannot be read to its end; ask for it "
        "again, or save it as CSV (UTF-8) with its labels."
    )


def _value_texts(
    values: Sequence[object], labels: Mapping[Any, str], decimal: str
) -> list[str | None]:
    """Write the values of a column, each distinct one once."""
    known = {v: labels[v] if v in labels else cell_text(v, decimal) for v in {*values}}
    return [known[value] for value in values]
