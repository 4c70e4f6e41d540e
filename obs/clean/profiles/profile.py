"""Profiles: one TOML says how one supplier's files map onto the tables of `obs`.

A profile is data. It holds patterns (regular expressions that must match a whole
cell, whatever the case) and codes; it has no conditions beyond the first entry of
`offences` that matches. All its faults are listed at once.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from obs.clean.profiles.profile_keys import faults_of, make
from obs.errors import CatalogueError

__all__ = [
    "FileLayout",
    "Interruption",
    "Line",
    "Profile",
    "TerritoryRule",
    "list_profiles",
    "load_profile",
    "profile_of",
]

_PACKAGED = Path(__file__).parent


@dataclass(frozen=True)
class FileLayout:
    """How the file is written.

    `extracted` and `covers` are patterns searched in the file name: their first group
    is the day of extraction, and the year that the file covers whole. `synthetic` is
    a text of the opening comment lines that says the data are synthetic.
    """

    format: str = "csv"
    encodings: tuple[str, ...] = ("utf-8-sig",)
    separator: str = ","
    quote: str = '"'
    decimal: str = "."
    thousands: str = ""
    skip: int = 0
    comment: str = ""
    sheet: str = ""
    extracted: str = ""
    covers: str = ""
    synthetic: str = ""
    longest_text: int = 500


@dataclass(frozen=True)
class TerritoryRule:
    """How places become codes.

    `match` is "reference" (names and codes of a packaged territory, at one level) or
    "pattern" (codes of that form pass as they are). `names` comes first. Places that
    match `totals` are rows of totals.
    """

    match: str = "reference"
    territory: str = "brussels"
    level: str = ""
    pattern: str = ""
    totals: str = ""
    names: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Interruption:
    """Days, both included, on which a line did not answer, and why."""

    first: dt.date
    last: dt.date
    reason: str


@dataclass(frozen=True)
class Line:
    """When a helpline answers: a day on which it does not has no count, not a count of 0.

    `hours` are those of opening and closing, `closed_weekdays` count from Monday (0),
    `holidays` is the country (ISO 3166) on whose public holidays the line is closed.
    """

    name_fr: str
    name_nl: str
    name_en: str
    hours: tuple[int, ...] = (0, 24)
    closed_weekdays: tuple[int, ...] = ()
    holidays: str = ""
    interruptions: tuple[Interruption, ...] = ()


@dataclass(frozen=True)
class Profile:
    """One supplier's layout, checked; see docs of the keys in `obs/clean/profiles`."""

    name: str
    title: str
    kind: str
    shape: str
    source: str = "police"
    place_rule: str = ""
    file: FileLayout = field(default_factory=FileLayout)
    territory: TerritoryRule = field(default_factory=TerritoryRule)
    columns: dict[str, tuple[str, ...]] = field(default_factory=dict)
    optional: tuple[str, ...] = ()
    wide: tuple[str, ...] = ()
    constants: dict[str, str] = field(default_factory=dict)
    dates: tuple[str, ...] = ()
    period: str = ""
    report_id: str = ""
    offences: tuple[dict[str, str], ...] = ()
    other: str = ""
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    flags: dict[str, dict[str, str]] = field(default_factory=dict)
    bands: tuple[int, ...] = ()
    marks: dict[str, str] = field(default_factory=dict)
    identical: str = ""
    repeated: str = ""
    unknown: dict[str, tuple[str, ...]] = field(default_factory=dict)
    lines: dict[str, Line] = field(default_factory=dict)
    questionnaire: str = ""
    allow: tuple[str, ...] = ()

    @property
    def targets(self) -> list[str]:
        """List our columns that this profile fills from the file or by a constant."""
        extra = ["offence", "numerator"] if self.wide else []
        return [*dict.fromkeys([*self.columns, *extra, *self.constants])]


def load_profile(profile: str | Path | Profile) -> Profile:
    """Load a profile by its packaged name or from a TOML file.

    Parameters
    ----------
    profile : str, Path or Profile
        A name that `list_profiles` lists, the path of a ``.toml``, or a Profile, which
        comes back as it is.

    Returns
    -------
    Profile
        Frozen, with every key checked.

    Raises
    ------
    CatalogueError
        If there is no such profile, if the TOML cannot be read, or with every fault of
        its keys: unknown, missing, of the wrong type, outside its closed list.

    Examples
    --------
    >>> load_profile("obs_sample").shape
    'events'
    """
    if isinstance(profile, Profile):
        return profile
    path = _find(profile)
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CatalogueError(f"profile {path.name}: not a TOML file ({error}).") from None
    made, faults = make(Profile, raw)
    if made is not None:
        faults += faults_of(made)
    if faults or made is None:
        raise CatalogueError(f"profile {path.name}: {'; '.join(faults)}.")
    return made


def profile_of(kind: str, profile: str | Path | Profile) -> Profile:
    """Load a profile and refuse one of another kind of delivery; "tidy" serves all."""
    loaded = load_profile(profile)
    if loaded.kind != kind and loaded.shape != "tidy":
        raise CatalogueError(
            f"profile '{loaded.name}' is of {loaded.kind} deliveries; use clean_{loaded.kind}."
        )
    return loaded


def list_profiles(extra_dir: str | Path | None = None) -> pd.DataFrame:
    """List the packaged profiles, and those of an observatory's folder.

    Parameters
    ----------
    extra_dir : str or Path, optional
        Folder with more ``.toml`` profiles.

    Returns
    -------
    DataFrame of shape (n_profiles, 5)
        name, title, kind, shape, path (of the file, missing for packaged ones), by name.

    Raises
    ------
    CatalogueError
        If one of them is faulty.

    Examples
    --------
    >>> "chicago_incidents" in list_profiles()["name"].tolist()
    True
    """
    extra = sorted(Path(extra_dir).glob("*.toml")) if extra_dir is not None else []
    rows = [_described(path, packaged=True) for path in sorted(_PACKAGED.glob("*.toml"))]
    rows += [_described(path, packaged=False) for path in extra]
    columns = ["name", "title", "kind", "shape", "path"]
    return pd.DataFrame(rows, columns=columns, dtype="str").sort_values("name", ignore_index=True)


def _find(profile: str | Path) -> Path:
    packaged = _PACKAGED / f"{profile}.toml"
    if isinstance(profile, str) and "/" not in profile and packaged.is_file():
        return packaged
    path = Path(profile)
    if path.suffix == ".toml" and path.is_file():
        return path
    known = ", ".join(sorted(p.stem for p in _PACKAGED.glob("*.toml")))
    raise CatalogueError(
        f"no profile '{path.name}': give one of {known}, or the path of an existing .toml file; "
        "an observatory's own lie in the folder 'profiles' beside its observatory.toml."
    )


def _described(path: Path, *, packaged: bool) -> tuple[str, str, str, str, str | None]:
    profile = load_profile(path)
    where = None if packaged else str(path)
    return profile.name, profile.title, profile.kind, profile.shape, where
