"""Say of each delivery of an observatory what is there, covered, missing and stale."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path, PurePath

from obs.clean.read.file_names import sayable_name
from obs.clean.registry.delivery_index import Delivery, sha256_of
from obs.clean.registry.delivery_registry import Registry
from obs.errors import DeliveryError
from obs.pipeline.deliveries import find_deliveries, find_files, unread_files
from obs.reference import Observatory, Source, load_observatory

_FINE = ("covered", "left out")
__all__ = ["SourceStatus", "Status", "tell_status"]


@dataclass(frozen=True)
class SourceStatus:
    """One source or denominator: its files, and what a build found them to cover.

    `state` is "missing" (no file), "left out" (no file of an optional source), "new" (files that no build has read), "changed" (a file read
    under that name was another), "stale" (the last whole year is not covered to its end) or
    "covered".
    """

    kind: str
    profile: str
    files: int
    new: tuple[str, ...]
    extracted: str | None
    covered_from: str | None
    covered_to: str | None
    rejected: int
    state: str

    def line(self) -> str:
        """Say it on one line."""
        days = f"{self.covered_from} to {self.covered_to}" if self.covered_from else "nothing yet"
        more = f", not read yet: {', '.join(self.new[:3])}" if self.new else ""
        more += f" and {len(self.new) - 3} more" if len(self.new) > 3 else ""
        lost = f", {self.rejected:,} rows rejected" if self.rejected else ""
        day = f", extracted {self.extracted}" if self.extracted else ""
        day += ", the last whole year is not covered to its end" if self.state == "stale" else ""
        name = f"{self.kind} ({self.profile})" if self.profile else self.kind
        return f"{self.state:8} {name}: {self.files} files, covered {days}{day}{lost}{more}"


@dataclass(frozen=True)
class Status:
    """An observatory's sources, and the files under its raw folder that none reads."""

    observatory: str
    sources: tuple[SourceStatus, ...]
    unread: tuple[str, ...]

    @property
    def whole(self) -> bool:
        """Whether nothing is missing, new, stale or left unread."""
        return not self.unread and all(one.state in _FINE for one in self.sources)

    def lines(self) -> Iterator[str]:
        """Say it in lines."""
        yield from (one.line() for one in self.sources)
        yield from (f"not read {file}: no source names it" for file in self.unread)

    def as_dict(self) -> dict[str, object]:
        """Give it as plain values, for JSON."""
        return asdict(self)


def tell_status(
    *,
    config: str | Path | None = None,
    raw: str | Path = "data/raw",
    processed: str | Path = "data/processed",
    today: dt.date,
) -> Status:
    """Tell what is delivered, covered, missing and stale.

    Parameters
    ----------
    config : path, optional
        The observatory's TOML; the Brussels one by default.
    raw, processed : path
        Folders of raw deliveries, and of the registry that builds keep.
    today : date
        The day on which it is asked.

    Returns
    -------
    Status
        One entry for each source and denominator declared.

    Raises
    ------
    CatalogueError, DeliveryError
        If the declaration is faulty, or there is no raw folder.
    """
    observatory, folder = load_observatory(config), Path(raw)
    if not folder.is_dir():
        raise DeliveryError(f"there is no raw folder '{folder}'; name it with --raw.")
    registry = Registry.of(processed, observatory.name)
    sources = [
        _of_source(source, find_deliveries(source, folder), registry, today)
        for source in observatory.sources
    ]
    found = {
        kind: find_files(table.files, folder) for kind, table in observatory.denominators.items()
    }
    sources += [
        _of_denominator(observatory, kind, paths, folder, today) for kind, paths in found.items()
    ]
    return Status(observatory.name, tuple(sources), tuple(unread_files(observatory, folder)))


def _of_source(
    source: Source, paths: list[Path], registry: Registry, today: dt.date
) -> SourceStatus:
    if not paths:
        state = "left out" if source.optional else "missing"
        return SourceStatus(source.kind, source.profile, 0, (), None, None, None, 0, state)
    known = {path: registry.named(path.name, source=source.kind) for path in paths}
    digests = {path: sha256_of(path) for path in paths}
    same = {path: [e for e in known[path] if e.sha256 == digests[path]] for path in paths}
    read = [entry for entries in same.values() for entry in entries[-1:]]
    new = tuple(sayable_name(PurePath(path.name)) for path in paths if not same[path])
    changed = any(known[path] and not same[path] for path in paths)
    return SourceStatus(
        source.kind,
        source.profile,
        len(paths),
        new,
        max((e.extracted for e in read if e.extracted), default=None),
        min((e.covered_from for e in read if e.covered_from), default=None),
        max((e.covered_to for e in read if e.covered_to), default=None),
        sum(e.rejected for e in read),
        _state(new, changed=changed, read=read, today=today),
    )


def _state(
    new: tuple[str, ...],
    *,
    changed: bool,
    read: list[Delivery],
    today: dt.date,
) -> str:
    if changed or new:
        return "changed" if changed else "new"
    last = max((e.covered_to for e in read if e.covered_to), default="")
    return "stale" if last < f"{today.year - 1}-12-31" else "covered"


def _of_denominator(
    observatory: Observatory, kind: str, paths: list[Path], raw: Path, today: dt.date
) -> SourceStatus:
    """Tell the years of a denominator, which each build reads anew."""
    from obs.clean.denominator_files import read_denominators

    if not paths:
        return SourceStatus(kind, "", 0, (), None, None, None, 0, "missing")
    table = observatory.denominators[kind]
    years = read_denominators(kind, paths, table, territory=observatory.places(raw))["year"]
    first, last = int(years.min()), int(years.max())
    state = "stale" if last < today.year - 1 else "covered"
    days = (f"{first}-01-01", f"{last}-12-31")
    return SourceStatus(kind, "", len(paths), (), None, *days, 0, state)
