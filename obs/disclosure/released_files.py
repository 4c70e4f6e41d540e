"""Write a `Released` to disk and read it back: one file per table, with their checksums.

A file that was damaged or edited since is refused. The territory goes with the tables, its register
of breaks and its mergers too: what is compared or audited later depends on them.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pandas as pd

from obs.declare.json_files import parse_json
from obs.disclosure.released import _MAKER, Released
from obs.disclosure.released_comparisons import REVEALING
from obs.errors import CodeError, DisclosureError, SchemaError
from obs.reference.mergers import Merger
from obs.reference.territory import Beyond, Territory
from obs.schemas import COMPARISONS, DETECTABLE, POINTS, TRENDS, WITHHELD, check_table

__all__ = ["read_released", "write_released"]

_SHEET = "released.json"
_BREAKS = "breaks.toml"
_FORMAT = 2
_COUNTS = (
    *("numerator", "value", "n", "change", "base_numerator", "low", "high"),
    *("p_value", "p_unadjusted", "censored", *POINTS, *DETECTABLE),
    *(c for c in REVEALING if c not in ("p_value", "verdict")),
)
_OF_TRENDS = ("numerator", "base_numerator")


def write_released(
    released: Released, directory: str | Path, *, boundaries: Path | None = None
) -> None:
    """Write released tables to a folder, each sealed by its checksum.

    Parameters
    ----------
    released : Released
        What `release` made.
    directory : str or Path
        Made if absent; files of the same names are replaced.
    boundaries : Path, optional
        Where the boundary file of the territory is read from then; where it is now by default.

    Raises
    ------
    DisclosureError
        If it is not a Released.
    """
    if not isinstance(released, Released):
        raise DisclosureError("only what obs.release made can be written as released.")
    folder = Path(directory)
    folder.mkdir(parents=True, exist_ok=True)
    territory = released.territory
    frames = {f"table_{i}": released[name].table for i, name in enumerate(released.names)}
    frames |= {"actions": released.actions, "units": territory.units}
    frames |= {"aliases": territory.aliases, "levels": territory.level_names}
    files = {}
    breaks = _register_of_breaks(territory)
    if breaks is not None:
        (folder / _BREAKS).write_bytes(breaks)
    for name, frame in frames.items():
        content = _parquet_bytes(frame)
        files[name] = hashlib.sha256(content).hexdigest()
        (folder / f"{name}.parquet").write_bytes(content)
    sheet = {
        "format": _FORMAT,
        "names": list(released.names),
        "rule": released.rule,
        "synthetic": released.synthetic,
        "structure": released.structure,
        "territory": _describe_territory(territory, boundaries),
        "sha256": files,
        "release": released.seal,
    }
    sheet["seal"] = _sheet_digest(sheet)
    text = json.dumps(sheet, ensure_ascii=False, indent=1, sort_keys=True)
    (folder / _SHEET).write_text(text + "\n", encoding="utf-8")


def read_released(directory: str | Path, *, keep_parts: bool = False) -> Released:
    """Read released tables back, if nobody touched them.

    Parameters
    ----------
    directory : str or Path
        A folder that `write_released` made.
    keep_parts : bool
        Whether parts and comparisons asked of it are made once and kept, for a process that asks
        for the same ones again and again.

    Returns
    -------
    Released
        Equal to the one written; the territory has all but postal codes, for matching names.

    Raises
    ------
    DisclosureError
        If a file is absent, damaged or edited.
    """
    folder = Path(directory)
    sheet = _read_sheet(folder)
    frames = {name: _read_frame(folder, name, sheet) for name in sheet["sha256"]}
    tables = {name: frames[f"table_{i}"] for i, name in enumerate(sheet["names"])}
    for name, frame in tables.items():
        _refuse_revealing(name, frame)
    return Released(
        tables,
        actions=frames["actions"],
        rule=sheet["rule"],
        territory=_territory(sheet["territory"], frames, folder),
        synthetic=sheet["synthetic"],
        structure=sheet["structure"],
        maker=_MAKER,
        seal=sheet["release"],
        keep_parts=keep_parts,
    )


def _parquet_bytes(frame: pd.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.to_parquet(buffer, index=False)
    return buffer.getvalue()


def _read_sheet(folder: Path) -> dict[str, Any]:
    try:
        sheet = parse_json((folder / _SHEET).read_bytes(), dict[str, Any])
        whole = sheet["format"] == _FORMAT and sheet.pop("seal") == _sheet_digest(sheet)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DisclosureError(
            f"'{folder.name}' holds no readable {_SHEET}: release the tables again."
        ) from error
    if not whole:
        raise DisclosureError(
            f"{_SHEET} in '{folder.name}' was changed since the release: refused. "
            "Release the tables again."
        )
    return dict(sheet)


def _read_frame(folder: Path, name: str, sheet: Mapping[str, Any]) -> pd.DataFrame:
    content = _unchanged(folder / f"{name}.parquet", sheet["sha256"][name])
    return pd.read_parquet(io.BytesIO(content))


def _unchanged(path: Path, digest: str) -> bytes:
    """Read a file, and refuse it if it is absent or another than was written."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DisclosureError(f"'{path.name}' is absent: release the tables again.") from error
    if hashlib.sha256(content).hexdigest() != digest:
        raise DisclosureError(
            f"'{path.name}' was changed since the release: refused. Release the tables again."
        )
    return content


def _refuse_revealing(name: str, frame: pd.DataFrame) -> None:
    """Check once more what is about to be called released."""
    try:
        checked = check_table(frame, TRENDS if "base" in frame.columns else COMPARISONS)
    except SchemaError as error:
        raise DisclosureError(f"released table '{name}': {error}") from error
    hidden = checked["status"].isin(WITHHELD)
    counts = hidden
    if "base" in checked:  # a change too shaky to say, of counts that may be shown
        counts = hidden & (checked["status"] != "unreliable")
    shown = [
        c
        for c in _COUNTS
        if c in checked and checked.loc[counts if c in _OF_TRENDS else hidden, c].notna().any()
    ]
    if shown:
        raise DisclosureError(
            f"released table '{name}': withheld rows carry {', '.join(shown)}: refused."
        )


def _sheet_digest(sheet: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(sheet, sort_keys=True).encode()).hexdigest()


def _describe_territory(territory: Territory, boundaries: Path | None) -> dict[str, Any]:
    file = boundaries or territory.boundaries
    breaks = _register_of_breaks(territory)
    return {
        "name": territory.name,
        "levels": list(territory.levels),
        "boundaries": str(file) if file else None,
        "boundary_key": territory.boundary_key,
        "boundary_level": territory.boundary_level,
        "breaks": None if breaks is None else hashlib.sha256(breaks).hexdigest(),
        "beyond": [{**asdict(one), "names": dict(one.names)} for one in territory.beyond],
        "mergers": [
            {**asdict(one), "parts": dict(one.parts), "date": one.date.isoformat()}
            for one in territory.mergers
        ],
    }


def _register_of_breaks(territory: Territory) -> bytes | None:
    file = territory.breaks
    return file.read_bytes() if file is not None and file.is_file() else None


def _territory(
    about: Mapping[str, Any], frames: Mapping[str, pd.DataFrame], folder: Path
) -> Territory:
    own: dict[str, Any] = {}
    if about["boundaries"]:
        own |= {key: about[key] for key in ("boundary_key", "boundary_level")}
        own["boundaries"] = Path(about["boundaries"])
    if about.get("breaks"):
        _unchanged(folder / _BREAKS, about["breaks"])
        own["breaks"] = folder / _BREAKS
    if about.get("beyond"):
        own["beyond"] = tuple(Beyond(**one) for one in about["beyond"])
    if about.get("mergers"):
        own["mergers"] = tuple(
            Merger(**{**one, "date": dt.date.fromisoformat(one["date"])})
            for one in about["mergers"]
        )
    place = _packaged_or_made(about, frames)
    return replace(place, **own) if own else place


def _packaged_or_made(about: Mapping[str, Any], frames: Mapping[str, pd.DataFrame]) -> Territory:
    from obs.reference import load_territory, make_territory

    try:
        packaged = load_territory(about["name"])
        if packaged.units.equals(frames["units"]):
            return packaged
    except CodeError:
        pass  # not a packaged territory: made again from its own units below
    return make_territory(
        frames["units"],
        name=about["name"],
        levels=tuple(about["levels"]),
        aliases=frames["aliases"],
        level_names=frames["levels"],
    )
