"""Give a profile what its observatory says for it: its units and their names, its time zone.

A profile that names no territory is of its observatory: that of the build, or the one whose
`observatory.toml` stands beside its folder. Without either it is of the default one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path

import pandas as pd

from obs.clean.profiles.profile import Profile, TerritoryRule
from obs.errors import CatalogueError, DeliveryError
from obs.reference import Observatory, Territory, load_observatory

__all__ = ["PlacedRule", "place_beside", "place_profile"]

_DECLARATION = "observatory.toml"


@dataclass(frozen=True)
class PlacedRule(TerritoryRule):
    """How places become codes, with the units of the observatory.

    `units` is a digest of them: a delivery is cleaned anew where they changed.
    """

    own: Territory | None = field(default=None, repr=False)
    units: str = ""

    @property
    def place(self) -> Territory:
        """The territory whose names and codes are looked up."""
        return super().place if self.own is None else self.own

    @property
    def time_zone(self) -> str:
        """The time zone that is known of the territory."""
        return "" if self.own is not None and self.own.name != "brussels" else super().time_zone


def place_profile(profile: Profile, observatory: Observatory, *, raw: Path | None) -> Profile:
    """Give a profile the units and the time zone of its observatory, where it names none.

    Parameters
    ----------
    profile : Profile
        A profile with a territory of its own keeps it.
    observatory : Observatory
        Whose deliveries it reads.
    raw : Path or None
        Folder of raw deliveries, where the units may be.

    Returns
    -------
    Profile
        Ready for `clean_police` and the others.

    Raises
    ------
    DeliveryError
        If the units are read from a raw file, and it is absent or unreadable.
    CatalogueError
        If times are brought to the zone of the place, and none is known.
    """
    rule = profile.territory
    named = rule.territory not in ("", observatory.name)
    if not named and rule.looks_up:
        by_point = rule.match == "point"
        place = observatory.territory(raw) if by_point else observatory.places(raw)
        own = {f.name: getattr(rule, f.name) for f in fields(TerritoryRule)}
        placed = PlacedRule(**own, own=place, units=_digest(place))
        profile = replace(profile, territory=placed)
    if not profile.time_zone and (not named or not rule.time_zone):
        profile = replace(profile, time_zone=observatory.time_zone)
    return _with_zone(profile)


def place_beside(profile: Profile, path: str | Path | Profile, source: object = None) -> Profile:
    """Give a profile read from DIR/profiles/NAME.toml what DIR/observatory.toml says for it.

    Its units, if they are in a raw file, are read from the nearest folder above the delivery
    that has that file.
    """
    if isinstance(path, Profile) or not _is_own(path):
        return profile if isinstance(path, Profile) else _with_zone(profile)
    declaration = Path(path).resolve().parent.parent / _DECLARATION
    observatory = load_observatory(declaration)
    raw = None
    if observatory.areas is not None and _needs_units(profile, observatory):
        raw = _raw_folder(source, observatory.areas.file)
        if raw is None:
            raise DeliveryError(
                f"profile '{profile.name}' names no territory: it is of observatory "
                f"'{observatory.name}', whose units are in the raw file "
                f"'{observatory.areas.file}', and no folder above the delivery has it. Put the "
                "delivery in the raw folder, or clean it with `obs build --raw`."
            )
    return place_profile(profile, observatory, raw=raw)


def _is_own(path: str | Path) -> bool:
    """Tell whether a profile lies in the folder `profiles` of an observatory."""
    own = Path(path)
    if own.suffix != ".toml" or not own.is_file():
        return False
    folder = own.resolve().parent
    return folder.name == "profiles" and (folder.parent / _DECLARATION).is_file()


def _needs_units(profile: Profile, observatory: Observatory) -> bool:
    rule = profile.territory
    placed = "territory" in profile.targets and rule.looks_up
    return placed and rule.territory in ("", observatory.name)


def _raw_folder(source: object, units: str) -> Path | None:
    """Find the nearest folder above a delivery that has the file of the units."""
    if isinstance(source, str | Path):
        paths = [Path(source)]
    elif isinstance(source, Sequence):
        paths = [Path(one) for one in source if isinstance(one, str | Path)]
    else:
        paths = []
    above = (folder for path in paths for folder in path.resolve().parents)
    return next((folder for folder in above if (folder / units).is_file()), None)


def _with_zone(profile: Profile) -> Profile:
    if profile.file.time_zone and not profile.zone:
        raise CatalogueError(
            f"profile '{profile.name}': time_zone: the zone of the place is missing, into which "
            "times are brought; say `time_zone` in the profile or in observatory.toml."
        )
    return profile


def _digest(place: Territory) -> str:
    digest = hashlib.sha256()
    for table in (place.units, place.aliases, place.postal_codes):
        shown = table if table is not None else pd.DataFrame()
        digest.update(shown.to_csv(index=False).encode())
    if place.boundaries is not None:
        digest.update(place.boundaries.read_bytes())
    return digest.hexdigest()[:16]
