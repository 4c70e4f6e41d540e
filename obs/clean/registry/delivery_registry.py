"""Register deliveries: what was received, when it was extracted, what became of it.

Each delivery is cleaned on its own and kept as a tidy table that never changes, so that any past
extraction can be rebuilt. The index is written last, in one step: a run that is killed leaves
the registry as it was.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import pandas as pd

from obs.clean.cleaned import Cleaned
from obs.clean.delivered_rows import day_of
from obs.clean.profiles.profile import Profile
from obs.clean.profiles.profile_files import load_profile
from obs.clean.registry.delivery_index import (
    INDEX,
    Delivery,
    index_bytes,
    read_index,
    sha256_of,
    write_whole,
)
from obs.clean.registry.rebuild import Part, rebuild
from obs.errors import DeliveryError
from obs.one_writer import one_writer
from obs.private_files import private_files
from obs.schemas import Column, Schema, check_table

__all__ = ["DELIVERIES", "Registry"]

_DATES = ("extracted", "covered_from", "covered_to", "forgotten")
_TEXTS = ("source", "profile", "file", "sha256", "tables")
_COUNTS = ("read", "kept", "merged", "rejected")
DELIVERIES = Schema(
    "DELIVERIES",
    "a delivery registered",
    ("source", "profile", "sha256"),
    {
        **{name: Column("text", nullable=False) for name in _TEXTS},
        **{name: Column("date") for name in _DATES},
        **{name: Column("count", nullable=False) for name in _COUNTS},
        "synthetic": Column("flag", nullable=False),
        "current": Column("flag", nullable=False),
    },
)


class Registry:
    """The deliveries of one observatory, in a folder of their own.

    Parameters
    ----------
    folder : str or Path
        Such as ``data/processed/brussels/registry``; made when the first delivery comes.

    Raises
    ------
    DeliveryError
        If the index is damaged.

    Examples
    --------
    >>> import tempfile
    >>> from obs.clean import clean_police
    >>> from obs.clean.registry.delivery_registry import Registry
    >>> row = {"classe": "Vols avec armes", "annee": "16", "CODGEO_2024": "76540",
    ...     "faits": "31", "POP": "110117"}
    >>> with tempfile.TemporaryDirectory() as place:
    ...     file = Path(place) / "communes.parquet"
    ...     pd.DataFrame([row]).to_parquet(file)
    ...     registry = Registry(Path(place) / "registry")
    ...     new = registry.update([file], source="police", profile="ssmsi_communes",
    ...         clean=clean_police, extracted="2017-02-01")
    ...     registry.table_as_of("2017-12-31", source="police")[["territory", "numerator"]]
      territory  numerator
    0     76540         31
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self._entries = read_index(self.folder / INDEX)

    @classmethod
    def of(cls, processed: str | Path, observatory: str) -> Registry:
        """Open the registry of an observatory in the folder of internal tables."""
        return cls(Path(processed) / observatory / "registry")

    @property
    def deliveries(self) -> pd.DataFrame:
        """One row per delivery, in the order of registration.

        `tables` names its tidy tables ("events"; "respondents, answers"); `current` is false for a file that came again under the same name: the later one
        stands for it.
        """
        replaced = self._replaced()
        rows = [
            asdict(e) | {"tables": ", ".join(e.tables), "current": i not in replaced}
            for i, e in enumerate(self._entries)
        ]
        names = list(DELIVERIES.columns)
        frame = pd.DataFrame(rows, columns=names)
        dates = {n: pd.to_datetime(frame[n]).astype("datetime64[us]") for n in _DATES}
        texts = {n: frame[n].astype("str") for n in _TEXTS}
        counts = {n: frame[n].astype("Int64") for n in _COUNTS}
        flags = {n: frame[n].astype("boolean") for n in ("synthetic", "current")}
        return check_table(frame.assign(**dates, **texts, **counts, **flags), DELIVERIES)

    def update(
        self,
        paths: Sequence[str | Path],
        *,
        source: str,
        profile: str | Path | Profile,
        clean: Callable[..., Cleaned],
        extracted: str | dt.date | None = None,
        cleaned: Sequence[Cleaned] = (),
    ) -> list[str]:
        """Clean and register the files that are not in the registry yet.

        Parameters
        ----------
        paths : sequence of path
            Files received; one whose bytes were cleaned by this very profile is left.
        source : str
            Kind of delivery: "police", "prosecutor", ...
        profile : str, Path or Profile
            Layout of the files.
        clean : callable
            `clean_police` or one like it, called on one file at a time.
        extracted : str or date, optional
            Day of extraction of every file, where neither files nor names tell it.
        cleaned : sequence of Cleaned
            Files cleaned already, each by itself, by this profile (`Cleaned.deliveries`):
            they are not cleaned again.

        Returns
        -------
        list of str
            Names of the files registered; the index is written once, after all of them.

        Raises
        ------
        DeliveryError
            If a file cannot be cleaned; the registry stays as it was.
        """
        loaded = load_profile(profile)
        options = {} if extracted is None else {"extracted": extracted}
        done = {(c.report["file"].iloc[0], c.report["sha256"].iloc[0]): c for c in cleaned}
        new: dict[str, Delivery] = {}
        for path in map(Path, paths):
            sha256 = sha256_of(path)
            known = _position(self._entries, (source, loaded.name, sha256))
            current = known is not None and self._entries[known].rules == _rules_digest(loaded)
            if current or sha256 in new:
                continue
            own = done.get((path.name, sha256)) or clean(path, profile=loaded, **options)
            with one_writer(self.folder):
                new[sha256] = self._store(own, path.name, sha256, source, loaded)
        if new:
            self._add(list(new.values()))
        return [entry.file for entry in new.values()]

    def _add(self, new: Sequence[Delivery]) -> None:
        """Write entries into the index as it is now: another process may have written it since."""
        with one_writer(self.folder):
            entries = read_index(self.folder / INDEX)
            for entry in new:
                known = _position(entries, (entry.source, entry.profile, entry.sha256))
                entries = _with_entry(entries, known, entry)
            self._write(entries)

    def forget(self, file: str, *, source: str, day: dt.date, why: str) -> list[Delivery]:
        """Erase the tidy tables of a delivery, and keep its account with the day and the reason.

        The account is written first: an erasure that is interrupted is taken up by the next one.

        Parameters
        ----------
        file : str
            Name of the file, as it was registered.
        source : str
            Kind of delivery.
        day : date
            When its rows are erased.
        why : str
            The term that has passed, or the reason to erase before it.

        Returns
        -------
        list of Delivery
            Every version of that file, as the index holds it now.
        """
        with one_writer(self.folder):
            entries = [
                replace(e, forgotten=e.forgotten or day.isoformat(), why=e.why or why)
                if (e.file, e.source) == (file, source)
                else e
                for e in read_index(self.folder / INDEX)
            ]
            self._write(entries)
            own = [e for e in entries if (e.file, e.source) == (file, source)]
            kept = [e for e in entries if e.source == source and not e.forgotten]
            others = {t for e in kept for t in e.tables.values()}
            for table in {t for e in own for t in e.tables.values()} - others:
                self._path(source, table).unlink(missing_ok=True)
        return own

    def named(self, file: str, *, source: str | None = None) -> list[Delivery]:
        """List the deliveries of one name, of every source or of one."""
        return [e for e in self._entries if e.file == file and source in (None, e.source)]

    def forgotten(self, source: str) -> dict[str, str]:
        """Give the digests of the deliveries of a source that were forgotten, with the day."""
        return {e.sha256: e.forgotten for e in self._entries if e.source == source and e.forgotten}

    def _write(self, entries: list[Delivery]) -> None:
        with private_files(self.folder):
            write_whole(self.folder / INDEX, index_bytes(entries))
        self._entries = entries

    def lacks(
        self, paths: Sequence[str | Path], *, source: str, profile: str | Path | Profile
    ) -> bool:
        """Tell whether a file is not registered as this profile would clean it."""
        loaded = load_profile(profile)
        known = {(e.source, e.profile, e.sha256, e.rules) for e in self._entries}
        rules = _rules_digest(loaded)
        return any((source, loaded.name, sha256_of(Path(p)), rules) not in known for p in paths)

    def extractions(self, *, source: str, profile: str | None = None) -> list[dt.date]:
        """List the days of extraction known of a source, or of one profile, first to last."""
        days = {e.extracted for e in self._current(source, profile) if e.extracted}
        return sorted(dt.date.fromisoformat(day) for day in days)

    def table_as_of(
        self,
        day: str | dt.date,
        *,
        source: str,
        profile: str | None = None,
        table: str | None = None,
    ) -> pd.DataFrame:
        """Rebuild a tidy table as the deliveries extracted up to a day told it.

        A later extraction supersedes record by record; a record that no later delivery
        repeats stays. Records of one extraction that contradict each other are left out,
        as cleaning does. A delivery without a day of extraction comes before all others.

        Parameters
        ----------
        day : str or date
            Last day of extraction that counts, as 2022-01-31.
        source : str
            Kind of delivery.
        profile : str, optional
            Only the deliveries of this profile: needed where those of the source are of
            several tables.
        table : str, optional
            Name of one of the tables of each delivery ("answers"); the main one by default.

        Returns
        -------
        DataFrame
            EVENTS, COUNTS, CASES..., in the order of deliveries and rows.

        Raises
        ------
        DeliveryError
            If nothing was extracted by that day, if the deliveries are of several tables,
            or if a stored table is absent or damaged.
        """
        limit = day_of(day)
        entries = [
            e
            for e in self._current(source, profile)
            if e.extracted is None or limit is None or e.extracted <= limit.isoformat()
        ]
        lost = [e.file for e in entries if e.forgotten]
        if lost:
            raise DeliveryError(
                f"{', '.join(lost[:5])}: forgotten since; the {source} table of {limit} cannot be made "
                "again without rows that were erased. Compare extractions that are kept."
            )
        parts = [self._stored_part(e, table) for e in entries]
        if not parts:
            first = next(iter(self.extractions(source=source, profile=profile)), None)
            raise DeliveryError(
                f"no {source} delivery was extracted by {limit}"
                + (f"; the first one was on {first}." if first else ".")
            )
        return rebuild(parts, until=limit)

    def covered(
        self, day: str | dt.date, *, source: str, profile: str | None = None
    ) -> tuple[dt.date, dt.date] | None:
        """Give the first and last day that the deliveries extracted up to a day cover."""
        limit = day_of(day)
        known = [
            e
            for e in self._current(source, profile)
            if limit is None or (e.extracted or "") <= limit.isoformat()
        ]
        starts = [e.covered_from for e in known if e.covered_from]
        ends = [e.covered_to for e in known if e.covered_to]
        if not starts or not ends:
            return None
        return dt.date.fromisoformat(min(starts)), dt.date.fromisoformat(max(ends))

    def stored(self, *, source: str, until: dt.date, year: int) -> list[Path]:
        """List the tables of what was extracted up to a day and covers part of a year, the last one last."""
        known = [
            e
            for e in self._current(source, None)
            if not e.forgotten
            and (e.extracted or "") <= until.isoformat()
            and (e.covered_from or "")[:4] <= str(year) <= (e.covered_to or "9999")[:4]
        ]
        known.sort(key=lambda e: e.extracted or "")
        return [self._path(source, next(iter(e.tables.values()))) for e in known]

    def _current(self, source: str, profile: str | None) -> list[Delivery]:
        replaced = self._replaced()
        return [
            e
            for i, e in enumerate(self._entries)
            if e.source == source and profile in (None, e.profile) and i not in replaced
        ]

    def _replaced(self) -> set[int]:
        """Find the files that came again under the same name."""
        last = {(e.source, e.profile, e.file): i for i, e in enumerate(self._entries)}
        return set(range(len(self._entries))) - set(last.values())

    def _store(
        self, cleaned: Cleaned, name: str, sha256: str, source: str, profile: Profile
    ) -> Delivery:
        """Store each tidy table under the name of its own bytes; say what the delivery is."""
        tables = {}
        with private_files(self.folder), tempfile.TemporaryDirectory(prefix="obs-") as place:
            for path in (p for p in cleaned.write(place) if p.suffix == ".parquet"):
                content = path.read_bytes()
                tables[path.stem] = hashlib.sha256(content).hexdigest()
                write_whole(self._path(source, tables[path.stem]), content)
        told = cleaned.report.iloc[0]  # of the one file
        return Delivery(
            source=source,
            profile=profile.name,
            rules=_rules_digest(profile),
            file=name,
            sha256=sha256,
            tables=tables,
            extracted=_iso_day(told["extracted"]),
            covered_from=_iso_day(told["covered_from"]),
            covered_to=_iso_day(told["covered_to"]),
            read=int(told["read"]),
            kept=int(told["kept"]),
            merged=int(told["merged"]),
            rejected=int(told["rejected"]),
            synthetic=bool(told["synthetic"]),
        )

    def _path(self, source: str, table_sha256: str) -> Path:
        return self.folder / "tables" / source / f"{table_sha256[:32]}.parquet"

    def _stored_part(self, entry: Delivery, table: str | None) -> Part:
        """Give a stored table, once its bytes are found to be those that were stored."""
        name = next(iter(entry.tables)) if table is None else table
        if name not in entry.tables:
            raise DeliveryError(
                f"registry: '{entry.file}' has no table '{name}'; it has {', '.join(entry.tables)}."
            )
        path = self._path(entry.source, entry.tables[name])
        if not path.is_file() or sha256_of(path) != entry.tables[name]:
            raise DeliveryError(
                f"registry: the tidy table of '{entry.file}' is absent or damaged; remove "
                f"'{INDEX}' and build again from the raw deliveries."
            )
        return Part(name.upper(), path, entry.extracted)


def _position(entries: list[Delivery], key: tuple[str, str, str]) -> int | None:
    found = (i for i, e in enumerate(entries) if (e.source, e.profile, e.sha256) == key)
    return next(found, None)


def _with_entry(entries: list[Delivery], known: int | None, entry: Delivery) -> list[Delivery]:
    if known is None:
        return [*entries, entry]
    return [*entries[:known], entry, *entries[known + 1 :]]


def _rules_digest(profile: Profile) -> str:
    return hashlib.sha256(repr(profile).encode()).hexdigest()


def _iso_day(day: pd.Timestamp) -> str | None:
    return None if pd.isna(day) else f"{day:%Y-%m-%d}"
