"""Match the header of a delivery to the columns of a profile."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from obs.clean.folded_texts import unaccented
from obs.clean.profiles.profile import Profile
from obs.errors import DeliveryError

__all__ = ["Bound", "HeaderError", "bind_header", "counts_left_out", "place_of"]

_SEPARATORS = {";": "';'", ",": "','", "\t": "a tab", "|": "'|'"}
_SHOWN = 40  # characters of a name in a message


class HeaderError(DeliveryError):
    """A header lacks columns of the profile."""


@dataclass(frozen=True)
class Bound:
    """Where our columns are in a header.

    `columns` gives the position of each of our columns, `joined` those of the parts of one,
    `wide` the columns of counts: what the name of each tells, and its position.
    """

    columns: dict[str, int] = field(default_factory=dict)
    joined: dict[str, list[int]] = field(default_factory=dict)
    wide: list[tuple[str, int]] = field(default_factory=list)

    def target_of(self) -> dict[int, str]:
        """Give our column of each position that is read."""
        found = {place: target for target, places in self.joined.items() for place in places}
        found |= {place: "numerator" for _, place in self.wide}
        return found | {place: target for target, place in self.columns.items()}


def bind_header(
    header: Sequence[str], name: str, profile: Profile, *, labels: Sequence[str] = ()
) -> Bound:
    """Find our columns in the header of a file.

    The exact name goes first; else case and blanks do not count, then the label that a
    statistics program keeps of a column. A name that two columns answer to is refused.

    Raises
    ------
    DeliveryError
        If columns are missing (naming them, what was found and what is near), if two
        columns answer to one name, or if the separator is not the profile's.
    """
    finder = _Finder(header, name, profile, labels)
    bound = Bound(finder.columns(), finder.joined(), finder.wide())
    if finder.missing:
        raise _wrong_profile(header, name, profile, finder.missing, known=finder.found)
    return bound


class _Finder:
    """Positions of names in a header; what is missing is collected."""

    def __init__(
        self, header: Sequence[str], name: str, profile: Profile, labels: Sequence[str]
    ) -> None:
        self.header, self.name, self.profile, self.labels = header, name, profile, labels
        self.missing: list[Sequence[str]] = []
        self.found = False

    def columns(self) -> dict[str, int]:
        """Find the column of each of ours that is one column of theirs."""
        places = {
            target: self.first(names, optional=target in self.profile.optional)
            for target, names in self.profile.columns.items()
        }
        return {target: place for target, place in places.items() if place is not None}

    def joined(self) -> dict[str, list[int]]:
        """Find the parts of each of ours that is several columns of theirs."""
        found = {
            target: [self.first((part,)) for part in parts]
            for target, parts in self.profile.joined.items()
        }
        # is equivalent: a part that is missing refuses the header
        return {target: [p for p in places if p is not None] for target, places in found.items()}

    def wide(self) -> list[tuple[str, int]]:
        """Find the columns of counts, by name and by pattern."""
        optional = self.profile.wide_optional
        places = [(one, self.first((one,), optional=one in optional)) for one in self.profile.wide]
        found = [(one, place) for one, place in places if place is not None]
        pattern = self.profile.wide_pattern
        if pattern:
            found += _wide_by_pattern(self.header, pattern)
            if not found:
                self.missing.append((f"columns of the form {pattern}",))
        return found

    def first(self, names: Sequence[str], *, optional: bool = False) -> int | None:
        """Give the position of the first of some names that a column has."""
        for one in names:
            places = self._places(one)
            if len(places) > 1:
                shown = " and ".join(f"{i + 1} ('{self.header[i][:_SHOWN]}')" for i in places[:3])
                raise DeliveryError(
                    f"{self.name}: columns {shown} both answer to '{one}' of profile "
                    f"'{self.profile.name}'; name one of them exactly in the profile, or have the "
                    "file mended."
                )
            if places:
                self.found = True
                return places[0]
        if not optional:
            self.missing.append(names)
        return None

    def _places(self, wanted: str) -> list[int]:
        exact = [i for i, one in enumerate(self.header) if one == wanted]
        alike = [i for i, one in enumerate(self.header) if _plain(one) == _plain(wanted)]
        labelled = [i for i, one in enumerate(self.labels) if _plain(one) == _plain(wanted)]
        return exact or alike or labelled


def _wide_by_pattern(header: Sequence[str], pattern: str) -> list[tuple[str, int]]:
    form = re.compile(pattern, re.IGNORECASE)
    found = [(form.fullmatch(" ".join(one.split())), i) for i, one in enumerate(header)]
    return [(m[1] if form.groups else m[0], i) for m, i in found if m]


def counts_left_out(header: Sequence[str], bound: Bound, profile: Profile) -> list[str]:
    """List the columns that are not read though their names hold what the pattern of counts seeks."""
    if not profile.wide_pattern:
        return []
    form = re.compile(profile.wide_pattern, re.IGNORECASE)
    read = bound.target_of()
    return [one for i, one in enumerate(header) if i not in read and form.search(one)]


def place_of(name: str, header: Sequence[str]) -> int | None:
    """Give the position of a name in a header, the exact spelling first."""
    exact = [i for i, one in enumerate(header) if one == name]
    alike = [i for i, one in enumerate(header) if _plain(one) == _plain(name)]
    return next(iter(exact or alike), None)


def _plain(name: str) -> str:
    return unaccented(" ".join(name.split())).casefold()


def _wrong_profile(
    header: Sequence[str],
    name: str,
    profile: Profile,
    missing: Sequence[Sequence[str]],
    *,
    known: bool,
) -> HeaderError:
    if other := _other_separator(header, profile, missing):
        return HeaderError(
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
    return HeaderError(message + " Another profile may fit: see `obs profiles`.")


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
