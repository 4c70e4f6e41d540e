"""Load a delivery into the engine as a table of texts, one column per column of the supplier.

The text of every cell is kept as delivered; only the header is matched to the profile.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pandas as pd

from obs.clean.profiles.profile import Profile
from obs.clean.read.engine import ENGINE_ERRORS, Engine
from obs.clean.read.file_checks import Delivery
from obs.clean.read.text_lines import Rewritten, rewrite_text, rewrite_workbook
from obs.errors import DeliveryError

__all__ = ["Reading", "read_delivery", "read_frame"]

_MOST_COLUMNS = 1_000


@dataclass(frozen=True)
class Reading:
    """A delivery in the engine.

    `table` has the columns row, c0, c1, ...; `header` gives the supplier's name of each;
    `faults` are lines that could not be rows, `doubts` lines to look at; `bound` maps our columns onto c0, c1, ...
    """

    name: str
    table: ir.Table
    header: list[str]
    read: int
    faults: list[tuple[int, str]] = field(default_factory=list)
    doubts: list[tuple[int, str]] = field(default_factory=list)
    synthetic: bool = False
    sha256: str | None = None
    bound: dict[str, str] = field(default_factory=dict)

    @property
    def cells(self) -> list[str]:
        """List the columns that hold the supplier's texts."""
        return [f"c{i}" for i in range(len(self.header))]

    def theirs(self, target: str) -> str | None:
        """Give the supplier's name of one of our columns, if it comes from the file."""
        place = self.bound.get(target)
        return None if place is None else self.header[int(place[1:])]


def read_delivery(delivery: Delivery, profile: Profile, engine: Engine) -> Reading:
    """Read one file as its profile says and match its header."""
    try:
        reading = _READERS[profile.file.format](delivery, profile, engine)
    except ENGINE_ERRORS:
        raise DeliveryError(
            f"{delivery.name}: damaged, or not {profile.file.format}; ask for the file again."
        ) from None
    return _bind(replace(reading, sha256=delivery.sha256), profile)


def read_frame(table: pd.DataFrame, profile: Profile, engine: Engine) -> Reading:
    """Read a table that is already in memory; its cells are taken as texts."""
    header = [str(name) for name in table.columns]
    if len(set(header)) < len(header):
        raise DeliveryError("table: two columns have the same name; rename one.")
    texts = {f"c{i}": table.iloc[:, i].astype("str") for i in range(len(header))}
    schema = ibis.schema(dict.fromkeys(texts, "string"))
    held = ibis.memtable(pd.DataFrame(texts).reset_index(drop=True), schema=schema)
    return _bind(_numbered("table", held, header, engine, first=1), profile)


def _read_csv(delivery: Delivery, profile: Profile, engine: Engine) -> Reading:
    copy = engine.folder / "copy.csv"
    made = rewrite_text(delivery, copy, layout=profile.file)
    return _from_copy(delivery, made, copy, engine, profile.file.quote)


def _read_workbook(delivery: Delivery, profile: Profile, engine: Engine) -> Reading:
    copy = engine.folder / "copy.csv"
    made = rewrite_workbook(delivery, copy, layout=profile.file)
    return _from_copy(delivery, made, copy, engine, '"')


def _from_copy(
    delivery: Delivery, made: Rewritten, copy: Path, engine: Engine, quote: str
) -> Reading:
    table = engine.read_text(copy, width=len(made.header), separator=made.separator, quote=quote)
    reading = _numbered(delivery.name, table, made.header, engine, first=made.header_line + 1)
    copy.unlink()
    return replace(
        reading,
        read=reading.read + len(made.faults),
        faults=made.faults,
        doubts=made.doubts,
        synthetic=made.synthetic,
    )


def _read_parquet(delivery: Delivery, profile: Profile, engine: Engine) -> Reading:
    table = engine.read_parquet(delivery.path)
    header = list(table.columns)
    texts = table.select(**{f"c{i}": table[name].cast("string") for i, name in enumerate(header)})
    return _numbered(delivery.name, texts, header, engine, first=1)


def _read_json(delivery: Delivery, profile: Profile, engine: Engine) -> Reading:
    table, header = engine.read_json(delivery.path)
    return _numbered(delivery.name, table, header, engine, first=1)


_READERS = {
    "csv": _read_csv,
    "xlsx": _read_workbook,
    "parquet": _read_parquet,
    "json": _read_json,
}


def _numbered(
    name: str, table: ir.Table, header: list[str], engine: Engine, *, first: int
) -> Reading:
    """Give each row its number in the file and leave out those without any text."""
    numbered = table.mutate(row=ibis.row_number().cast("int64") + first)
    texts = [numbered[f"c{i}"] for i in range(len(header))]
    kept = engine.keep(numbered.filter(ibis.coalesce(*texts).notnull())) if header else numbered
    return Reading(name, kept, header, int(kept.count().execute()) if header else 0)


def _bind(reading: Reading, profile: Profile) -> Reading:
    """Match the header to the profile; refuse a file of another layout or without rows."""
    if len(reading.header) > _MOST_COLUMNS:
        raise DeliveryError(
            f"{reading.name}: {len(reading.header):,} columns; no delivery has more than "
            f"{_MOST_COLUMNS:,}. The separator or the line ends are lost: ask for the file again."
        )
    wanted = {**profile.columns, **{f"wide {name}": (name,) for name in profile.wide}}
    places = {_plain(name): f"c{i}" for i, name in enumerate(reading.header)}
    bound = {
        target: places[_plain(name)]
        for target, names in wanted.items()
        for name in names[::-1]
        if _plain(name) in places
    }
    missing = [t for t in wanted if t not in bound and t not in profile.optional]
    if missing:
        raise _wrong_profile(reading, profile, [wanted[t] for t in missing], known=bool(bound))
    if reading.read == 0:
        raise DeliveryError(
            f"{reading.name}: there is a header and no rows; ask for the file again."
        )
    return replace(reading, bound=bound)


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()


def _wrong_profile(
    reading: Reading, profile: Profile, missing: Sequence[Sequence[str]], *, known: bool
) -> DeliveryError:
    words = [" or ".join(f"'{n}'" for n in names) for names in missing]
    message = (
        f"{reading.name}: {len(missing)} column{'s' if len(missing) > 1 else ''} of profile "
        f"'{profile.name}' missing: {'; '.join(words[:5])}{'; ...' if len(words) > 5 else ''}."
    )
    if known:  # only then is the first line sure to be a header, not a person's row
        near = {m for names in missing for n in names for m in get_close_matches(n, reading.header)}
        message += f" Found: {', '.join(name[:40] for name in reading.header[:30])}."
        message += f" Nearest: {', '.join(sorted(near))}." if near else ""
    return DeliveryError(message + " Another profile may fit: see `obs profiles`.")
