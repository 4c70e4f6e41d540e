"""Turn raw deliveries into one table per source: cleaned, registered, corrected, linked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path, PurePath
from typing import Any

import pandas as pd

from obs.catalogue import get_indicator
from obs.catalogue.indicator import PLACE_RULES
from obs.clean import (
    Cleaned,
    CleanedSurvey,
    Profile,
    clean_helpline,
    clean_police,
    clean_prosecutor,
    clean_services,
    clean_survey,
    load_profile,
)
from obs.clean.parts.kept_files import names_begin
from obs.clean.profiles.observatory_profile import place_profile
from obs.clean.read.file_names import sayable_name
from obs.clean.registry.corrections import APPLIED, apply_corrections, load_corrections
from obs.clean.registry.delivery_index import sha256_of
from obs.clean.registry.delivery_registry import Registry
from obs.errors import DeliveryError, ObsError
from obs.indicators import Survey, add_filing, nowcast_events
from obs.pipeline.coverage_lines import say_coverage
from obs.pipeline.progress import Progress
from obs.pipeline.reuse.kept_stages import BuildParts
from obs.reference import Observatory, Source
from obs.report import NoteSpec
from obs.schemas import empty_table

__all__ = [
    "CLEANERS",
    "clean_all",
    "correct",
    "draft_profiles",
    "find_deliveries",
    "find_files",
    "find_last_year",
    "link_filings",
    "nowcast",
    "places_apart",
    "profile_of_source",
    "table_by_source",
    "unread_files",
]

_FOR_READERS = ("readme", "lisezmoi", "leesmij", "sample_manifest.json")
_PARTS = {".shx", ".dbf", ".prj", ".cpg", ".sbn", ".sbx"}  # of a shapefile
_SIDES = ("police", "prosecutor")
_NEEDED = {
    "police": {"report_id", "event_date", "report_date", "phenomenon", "form", "relation"},
    "prosecutor": {"report_id", "entry_date", "context", "extracted"},
}

CLEANERS = {
    "police": clean_police,
    "prosecutor": clean_prosecutor,
    "survey": clean_survey,
    "helpline": clean_helpline,
    "services": clean_services,
}


def clean_all(
    observatory: Observatory,
    raw: Path,
    processed: Path,
    say: Progress,
    parts: BuildParts | None = None,
) -> list[tuple[str, Cleaned]]:
    """Clean the deliveries of every source of the observatory, and register the new ones.

    Each is kept as it came, so that a later one can be compared with it. With `parts`, files of which
    nothing changed are not cleaned again; a survey always is, since its questionnaire may be anywhere.
    """
    registry = Registry.of(processed, observatory.name)
    cleaned, fresh = [], []
    for source in observatory.sources:
        paths = find_deliveries(source, raw)
        if not paths and source.optional:
            say(f"clean: {source.kind}, no delivery for profile {source.profile}: left out")
            continue
        if not paths:
            raise DeliveryError(
                f"no deliveries in '{raw.name}': {source.kind} expects {', '.join(source.files)}. "
                "Put them there, name another folder with --raw, or write synthetic ones "
                "with `obs sample`."
            )
        say(f"clean: {source.kind}, {len(paths)} files, profile {source.profile}")
        _refuse_forgotten(registry, source, paths)
        profile, clean = profile_of_source(observatory, source, raw), CLEANERS[source.kind]
        new = registry.lacks(paths, source=source.kind, profile=profile)
        options: dict[str, Any] = {"apart": new} if source.kind != "survey" else {}
        if parts is not None and source.kind == "police":
            options["shelf"] = parts.judged
        make = partial(clean, paths, profile=profile, **options)
        name = f"rows of {source.kind} by {source.profile}"
        again = parts is not None and source.kind != "survey"
        kept = {"fresh": new, "judged": names_begin(profile)}
        result = parts.cleaned(name, paths, make, **kept) if again and parts else make()
        totals = result.report[["read", "kept", "merged", "rejected"]].sum()
        say("  " + ", ".join(f"{name} {int(n):,}" for name, n in totals.items()))
        for line in say_coverage(result):
            say(f"  {line}")
        if new:
            alone = (result,) if len(paths) == 1 else result.deliveries
            fresh.append((source.kind, paths, profile, alone))
        cleaned.append((source.kind, replace(result, deliveries=())))
    if not cleaned:
        raise DeliveryError(f"no deliveries in '{raw.name}' of any source of {observatory.name}")
    for name in unread_files(observatory, raw):
        say(f"not read: {name}, which no source of {observatory.path.name} names")
    for kind, paths, profile, alone in fresh:
        options = {"source": kind, "profile": profile, "clean": CLEANERS[kind]}
        added = registry.update(paths, cleaned=alone, **options)
        say(f"register: {kind}, {len(added)} new deliveries")
    return cleaned


def _refuse_forgotten(registry: Registry, source: Source, paths: list[Path]) -> None:
    """Refuse a delivery whose rows were erased and that is there again."""
    forgotten = registry.forgotten(source.kind)
    for path in paths if forgotten else ():
        if day := forgotten.get(sha256_of(path)):
            raise DeliveryError(
                f"{sayable_name(PurePath(path.name))}: forgotten on {day} and there again; its rows are "
                "not read. Take the file out of the raw folder."
            )


def find_deliveries(source: Source, raw: Path) -> list[Path]:
    """List the files of a source under the raw folder."""
    return find_files(source.files, raw)


def find_files(patterns: Sequence[str], raw: Path) -> list[Path]:
    """List the files under the raw folder that fit patterns, and refuse one that leads out of it."""
    found = sorted({p for pattern in patterns for p in raw.glob(pattern)})
    outside = [
        sayable_name(PurePath(p.name))
        for p in found
        if not p.resolve().is_relative_to(raw.resolve())
    ]
    if outside:
        raise DeliveryError(
            f"{outside[0]}: leads out of the folder '{raw.name}' of deliveries, from which alone files "
            "are read; put the file itself there."
        )
    return found


def unread_files(observatory: Observatory, raw: Path) -> list[str]:
    """Name the files under the raw folder that nothing in the declaration names.

    Hidden files, a readme, the manifest of the synthetic sample and the further files of a shapefile
    are no deliveries of their own. A name that holds personal data is not repeated.
    """
    named = [
        pattern
        for table in (*observatory.sources, *observatory.denominators.values())
        for pattern in table.files
    ]
    named += [part.file for part in (observatory.areas, observatory.boundaries) if part]
    known = {path for pattern in named for path in raw.glob(pattern)}
    shapes = {path.with_suffix("") for path in known if path.suffix == ".shp"}
    return [
        sayable_name(path.relative_to(raw))
        for path in sorted(raw.rglob("*"))
        if path.is_file()
        and path not in known
        and not path.name.lower().startswith(_FOR_READERS)
        and not (path.suffix in _PARTS and path.with_suffix("") in shapes)
        and not any(part.startswith(".") for part in path.relative_to(raw).parts)
    ]


def profile_of_source(observatory: Observatory, source: Source, raw: Path) -> Profile:
    """Load the profile of a source: the observatory's own, else a packaged one."""
    own = observatory.profiles_dir / f"{source.profile}.toml"
    profile = load_profile(own if own.is_file() else source.profile)
    placed = place_profile(profile, observatory, raw=raw)
    return replace(placed, coverage=(*source.coverage, *placed.coverage))


def draft_profiles(observatory: Observatory) -> list[str]:
    """List the profiles of the observatory that nobody has confirmed."""
    own = [observatory.profiles_dir / f"{source.profile}.toml" for source in observatory.sources]
    found = [load_profile(path) for path in dict.fromkeys(own) if path.is_file()]
    return [profile.name for profile in found if not profile.confirmed]


def places_apart(observatory: Observatory, specs: Iterable[NoteSpec]) -> Iterator[str]:
    """Name each source whose profile counts a fact elsewhere than the notes say of their indicators."""
    published = {i: get_indicator(i) for spec in specs for t in spec.tables for i in t.indicators}
    for source in observatory.sources:
        own = observatory.profiles_dir / f"{source.profile}.toml"
        rule = load_profile(own if own.is_file() else source.profile).place_rule
        apart = [
            name
            for name, entry in published.items()
            if rule in PLACE_RULES and entry.source == source.kind and entry.place_rule != rule
        ]
        if apart:
            more = f" and {len(apart) - 3} more" if len(apart) > 3 else ""
            yield (
                f"place: profile '{source.profile}' says {rule}, and the pages of {', '.join(apart[:3])}{more} "
                f"say {published[apart[0]].place_rule}. Give them words of their own in "
                "catalogue/words.toml, or mend `place_rule` of the profile"
            )


def correct(
    observatory: Observatory, sources: dict[str, Any], say: Progress
) -> tuple[dict[str, Any], pd.DataFrame]:
    """Apply the corrections registered beside the observatory's declaration."""
    register = load_corrections(observatory.path.parent / "corrections.toml")
    if any(correction.source == "survey" for correction in register):
        raise ObsError("corrections.toml: an interview is not corrected; ask for a new delivery")
    frames = {kind: table for kind, table in sources.items() if kind != "survey"}
    done = {kind: apply_corrections(t, register, source=kind) for kind, t in frames.items()}
    reports = [report for _, report in done.values()] or [empty_table(APPLIED)]
    applied = pd.concat(reports, ignore_index=True)
    if len(applied):
        say(f"correct: {int(applied['rows'].sum())} rows by {len(applied)} corrections")
    return sources | {kind: table for kind, (table, _) in done.items()}, applied


def table_by_source(cleaned: list[tuple[str, Cleaned]]) -> dict[str, Any]:
    """Put the tidy tables of one source under one another; list the waves of a survey."""
    tables: dict[str, Any] = {}
    for kind, result in cleaned:
        if kind == "survey":
            tables.setdefault(kind, []).append(_wave(result))
            continue
        tables[kind] = (
            pd.concat([tables[kind], result.frame()], ignore_index=True)
            if kind in tables
            else result.frame()
        )
    return tables


def _wave(result: Cleaned) -> Survey:
    """Give a cleaned survey its year, without which its shares are of no period."""
    year = result.report["covered_to"].max()
    if not isinstance(result, CleanedSurvey) or result.questionnaire is None or pd.isna(year):
        raise DeliveryError(
            "a survey is published from its microdata, by a profile that names its questionnaire "
            "and, with `covers`, its year"
        )
    name = result.questionnaire.name
    return Survey(name, result.table, result.answers, pd.Period(year, "Y-DEC"))


def find_last_year(cleaned: list[tuple[str, Cleaned]]) -> int:
    """Give the last year that the deliveries reach."""
    last = max(c.report["covered_to"].max() for _, c in cleaned)
    if pd.isna(last):
        raise DeliveryError(
            "no delivery holds a single dated row; nothing can be published. A survey has the year that its "
            "profile finds in the file's name, by `covers` under [file]"
        )
    return int(last.year)


def nowcast(
    cleaned: list[tuple[str, Cleaned]], sources: dict[str, Any], opened: dict[str, Any]
) -> pd.DataFrame | None:
    """Estimate how far the registration of police facts has advanced, where they tell it.

    `opened` are the sources on the engine that counts.
    """
    reports = [result.report for kind, result in cleaned if kind == "police"]
    facts = sources.get("police", pd.DataFrame())
    if "report_date" not in facts or facts["report_date"].isna().all():
        return None
    deliveries = pd.concat(reports, ignore_index=True)
    if deliveries[["extracted", "covered_from", "covered_to"]].isna().any(axis=1).all():
        return None
    return nowcast_events(opened["police"], deliveries=deliveries)


def link_filings(sources: Mapping[str, Any], specs: Iterable[NoteSpec]) -> dict[str, Any]:
    """Give the sources with the column `filing` on both sides, where a note shows it.

    Both must be delivered as rows with the number of the report; else nothing is added, and what
    counts by it is not told by the sources.
    """
    tables = [table for spec in specs for table in spec.tables]
    wanted = any(
        "filing" in table.breakdown
        or any("filing" in get_indicator(i).where for i in table.indicators)
        for table in tables
    )
    if not wanted or any(not _tells(sources.get(side), _NEEDED[side]) for side in _SIDES):
        return dict(sources)
    police, prosecutor = add_filing(sources["police"], sources["prosecutor"])
    return {**sources, "police": police, "prosecutor": prosecutor}


def _tells(table: Any, columns: set[str]) -> bool:
    """Tell whether a source has rows with the columns, and a report number on some."""
    rows = isinstance(table, pd.DataFrame) and columns <= set(table.columns)
    return rows and bool(table["report_id"].notna().any())
