"""Load profiles by name or from a TOML file, and list those that exist."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from obs.clean.profiles.observatory_profile import place_beside
from obs.clean.profiles.profile import Profile
from obs.clean.profiles.profile_rules import PROFILE_RULES
from obs.declare import load
from obs.errors import CatalogueError

__all__ = ["list_profiles", "load_profile", "profile_of"]

_PACKAGED = Path(__file__).parent


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
    path = _find_profile(profile)
    return load(path, Profile, rules=PROFILE_RULES, called=f"profile {path.name}")


def profile_of(kind: str, profile: str | Path | Profile, source: object = None) -> Profile:
    """Load a profile for a source and refuse one of another kind; "tidy" serves all.

    It has the units and the time zone of the observatory that it lies beside.
    """
    loaded = place_beside(load_profile(profile), profile, source)
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


def _find_profile(profile: str | Path) -> Path:
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
