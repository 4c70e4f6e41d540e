"""Choose by the header of a delivery which layout of its supplier reads it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pyarrow as pa
import pyarrow.parquet as pq

from obs.clean.profiles.profile import Profile
from obs.clean.read.file_checks import Delivery
from obs.clean.read.headers import place_of
from obs.clean.read.reading import Reading
from obs.clean.read.text_lines import peek_header
from obs.errors import DeliveryError

__all__ = ["choose_by_header", "choose_layout", "header_line_said", "other_layouts_said"]

_LINES_TRIED = 10  # titles above a header

Read = Callable[[Delivery, Profile], Reading]


def choose_layout(delivery: Delivery, profile: Profile, read: Read) -> Profile:
    """Give the profile, or that of its other layout whose columns the file has."""
    return _chosen(delivery.name, profile, lambda by: _header(delivery, by, read))


def choose_by_header(header: Sequence[str], name: str, profile: Profile) -> Profile:
    """Give the profile, or that of its other layout whose columns a header has."""
    return _chosen(name, profile, lambda _: header)


def other_layouts_said(profile: Profile) -> str:
    """Say by which columns the other layouts of a profile are known; "" if it has none."""
    if not profile.layout:
        return ""
    told = "; ".join(f"'{one.name}' by {', '.join(one.header)}" for one in profile.layout)
    return f" Other layouts are known by columns that this file has not: {told}."


def header_line_said(delivery: Delivery, profile: Profile, read: Read) -> str:
    """Say which other line of a file has the columns of the profile; "" if none has."""
    wanted = [names for ours, names in profile.columns.items() if ours not in profile.optional]
    for skip in (n for n in range(_LINES_TRIED) if n != profile.file.skip):
        header = _header(delivery, replace(profile, file=replace(profile.file, skip=skip)), read)
        if wanted and all(any(place_of(n, header) is not None for n in names) for names in wanted):
            lines = f"{skip} line{'s' if skip > 1 else ''}"
            return f" The file has them below {lines}: write `file.skip = {skip}` in the profile."
    return ""


def _chosen(name: str, profile: Profile, header: Callable[[Profile], Sequence[str]]) -> Profile:
    fitting = []
    for other in profile.layout:
        by = profile.by(other)
        names = header(by)
        if all(place_of(one, names) is not None for one in other.header):
            fitting.append((other.name, by))
    if len(fitting) > 1:
        both = " and ".join(f"'{one}'" for one, _ in fitting)
        raise DeliveryError(
            f"{name}: the header fits layouts {both} of profile '{profile.name}'; name in their "
            "`header` a column that one of them alone has."
        )
    return fitting[0][1] if fitting else profile


def _header(delivery: Delivery, by: Profile, read: Read) -> Sequence[str]:
    """Give the header of a file as a layout would read it; nothing where it cannot."""
    if delivery.kind == "text":
        return peek_header(delivery, by.file)
    try:
        if delivery.kind == "parquet":
            with delivery.open() as stream:
                names: list[str] = pq.read_schema(stream).names
                return names
        return read(delivery, by).header
    except (DeliveryError, pa.ArrowException, OSError):
        return ()
