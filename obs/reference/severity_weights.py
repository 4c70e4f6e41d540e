"""Read the weights of a severity index, as an observatory gives them."""

from __future__ import annotations

import io
from itertools import takewhile
from pathlib import Path

import numpy as np
import pandas as pd

from obs.errors import ObsError, SchemaError
from obs.reference.codelists import descendants, load_phenomena

__all__ = ["load_severity_weights"]

_COLUMNS = ("phenomenon", "weight", "source", "year")


def load_severity_weights(source: pd.DataFrame | str | Path) -> pd.DataFrame:
    """Read and check the weights of a severity index.

    Parameters
    ----------
    source : DataFrame, str or Path
        A table, or a CSV file in UTF-8 with a comma, its first lines that begin with "#"
        left aside as remarks, of the columns `phenomenon` (a code of
        `load_phenomena`), `weight` (at least 0; 0 says that the phenomenon is left out on
        purpose), `source` (where the weight comes from) and `year` (that it holds for). Other
        columns are left aside. Not modified.

    Returns
    -------
    DataFrame
        phenomenon (str), weight (float), source (str), year (Int64), by phenomenon.

    Raises
    ------
    SchemaError
        With every fault: a column or a value that is absent, an unknown phenomenon, one with
        two weights, a weight below 0 or not finite, no weight above 0, a phenomenon weighed
        again within a branch that has a weight (its facts would count twice).
    ObsError
        If there is no such file, or it is not a CSV.

    Examples
    --------
    >>> import pandas as pd
    >>> weights = pd.DataFrame({"phenomenon": ["theft", "assault"], "weight": [30, 120.5],
    ...     "source": "courts, mean days of custody", "year": 2019})
    >>> load_severity_weights(weights)["weight"].tolist()
    [120.5, 30.0]
    """
    table = _read_weights(source)
    absent = [c for c in _COLUMNS if c not in table.columns]
    if absent:
        raise SchemaError(
            f"severity weights: column(s) {', '.join(absent)} are absent; needed are "
            f"{', '.join(_COLUMNS)}. Every weight says where it comes from and for which year."
        )
    typed = pd.DataFrame(
        {
            "phenomenon": table["phenomenon"].astype("str"),
            "weight": pd.to_numeric(table["weight"], errors="coerce").astype("float64"),
            "source": table["source"].astype("str"),
            "year": pd.to_numeric(table["year"], errors="coerce").astype("Float64"),
        }
    )
    if faults := _faults(typed):
        raise SchemaError(f"severity weights: {'; '.join(faults)}.")
    typed["year"] = typed["year"].astype("Int64")
    return typed.sort_values("phenomenon", ignore_index=True)


def _read_weights(source: pd.DataFrame | str | Path) -> pd.DataFrame:
    if isinstance(source, pd.DataFrame):
        return source.reset_index(drop=True)
    path = Path(source)
    if not path.is_file():
        raise ObsError(f"severity weights: there is no file called {path.name}")
    try:
        text = path.read_text(encoding="utf-8-sig")
        remarks = len(list(takewhile(lambda line: line.startswith("#"), io.StringIO(text))))
        types = {"phenomenon": "str", "source": "str"}
        return pd.read_csv(io.StringIO(text), dtype=types, skiprows=remarks)
    except ValueError:  # no UTF-8, or what pandas raises for a file it cannot part
        raise ObsError(f"severity weights: {path.name} is not a CSV file in UTF-8") from None


def _faults(table: pd.DataFrame) -> list[str]:
    known, codes = set(load_phenomena()["code"]), table["phenomenon"]
    weight = table["weight"]
    unknown = sorted({str(c)[:40] for c in codes.dropna() if c not in known})
    faults = [f"'{code}' is not a phenomenon of the codelist" for code in unknown]
    rules = {
        "no phenomenon": codes.isna(),
        "a phenomenon that has a weight already": codes.duplicated() & codes.notna(),
        "a weight that is not a number of at least 0": ~(weight >= 0) | ~np.isfinite(weight),
        "no source": table["source"].isna() | (table["source"].str.strip() == ""),
        "no year": table["year"].isna() | (table["year"] % 1 != 0).fillna(value=True),
    }
    for fault, rows in rules.items():
        if rows.any():
            first = ", ".join(map(str, np.flatnonzero(rows)[:5]))
            faults.append(f"{int(rows.sum())} row(s) have {fault} (first positions: {first})")
    if not (weight > 0).any():
        faults.append("no weight is above 0")
    return [*faults, *_nested({c for c in codes if c in known})]


def _nested(codes: set[str]) -> list[str]:
    """Tell the weights inside a branch that has its own."""
    return [
        f"'{code}' and {', '.join(inner)} within it both have a weight, so facts count twice"
        for code in sorted(codes)
        if (inner := [d for d in descendants(code)[1:] if d in codes])
    ]
