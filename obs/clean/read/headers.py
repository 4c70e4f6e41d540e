"""Match the header of a delivery to the columns of a profile."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from obs.clean.profiles.profile import Profile
from obs.errors import DeliveryError

__all__ = ["bind_header"]

_SEPARATORS = {";": "';'", ",": "','", "\t": "a tab", "|": "'|'"}
_SHOWN = 40  # characters of a name in a message


def bind_header(header: Sequence[str], name: str, profile: Profile) -> dict[str, int]:
    """Give the position of each of our columns in the header.

    The exact name goes first; else case and blanks do not count, and a name that two
    columns answer to is refused.

    Raises
    ------
    DeliveryError
        If columns are missing (naming them, what was found and what is near), if two
        columns answer to one name, or if the separator is not the profile's.
    """
    wanted = {**profile.columns, **{f"wide {one}": (one,) for one in profile.wide}}
    bound: dict[str, int] = {}
    for target, names in wanted.items():
        for one in names:
            found = _places(one, header)
            if len(found) > 1:
                shown = " and ".join(f"{i + 1} ('{header[i][:_SHOWN]}')" for i in found[:3])
                raise DeliveryError(
                    f"{name}: columns {shown} both answer to '{one}' of profile '{profile.name}'; "
                    "name one of them exactly in the profile, or have the file mended."
                )
            if found:
                bound[target] = found[0]
                break
    missing = [wanted[t] for t in wanted if t not in bound and t not in profile.optional]
    if missing:
        raise _wrong_profile(header, name, profile, missing, known=bool(bound))
    return bound


def _places(wanted: str, header: Sequence[str]) -> list[int]:
    exact = [i for i, one in enumerate(header) if one == wanted]
    return exact or [i for i, one in enumerate(header) if _plain(one) == _plain(wanted)]


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()


def _wrong_profile(
    header: Sequence[str],
    name: str,
    profile: Profile,
    missing: Sequence[Sequence[str]],
    *,
    known: bool,
) -> DeliveryError:
    if other := _other_separator(header, profile, missing):
        return DeliveryError(
            f"{name}: the columns are separated by {_SEPARATORS[other]} and profile "
            f"'{profile.name}' says {_SEPARATORS.get(profile.file.separator, 'another sign')}; "
            "change `file.separator`, or ask for the file as before."
        )
    words = [" or ".join(f"'{n}'" for n in names) for names in missing]
    message = (
        f"{name}: {len(missing)} column{'s' if len(missing) > 1 else ''} of profile "
        f"'{profile.name}' missing: {'; '.join(words[:5])}{'; ...' if len(words) > 5 else ''}."
    )
    if known:  # only then is the first line sure to be a header, not a person's row
        near = {m for names in missing for n in names for m in get_close_matches(n, header)}
        message += f" Found: {', '.join(one[:_SHOWN] for one in header[:30])}."
        message += f" Nearest: {', '.join(sorted(near))}." if near else ""
    return DeliveryError(message + " Another profile may fit: see `obs profiles`.")


def _other_separator(
    header: Sequence[str], profile: Profile, missing: Sequence[Sequence[str]]
) -> str:
    """Find a separator by which the header holds most of the missing names."""
    line = profile.file.separator.join(header)
    for other in _SEPARATORS:
        if other == profile.file.separator or other not in line:
            continue
        cells = {_plain(cell.strip(profile.file.quote)) for cell in line.split(other)}
        found = sum(any(_plain(n) in cells for n in names) for names in missing)
        if found * 2 > len(missing):
            return other
    return ""
