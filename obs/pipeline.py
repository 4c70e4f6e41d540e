"""One edition from end to end: clean, compute, release, render, publish.

The only module that knows the order of the stages. Nothing it writes replaces an earlier
result before it is whole.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from obs.catalogue import get_indicator
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
from obs.clean.corrections import APPLIED, apply_corrections, load_corrections
from obs.clean.registry import Registry
from obs.disclosure import Released, release, write_released
from obs.errors import DeliveryError, ObsError
from obs.indicators import Survey, add_completeness, compute, nowcast_events
from obs.reference import Observatory, Source, Territory, load_observatory
from obs.report import NoteSpec, edition_folder, hidden_numbers, load_note, write_edition
from obs.report.folders import replaced_folder
from obs.schemas import ALL, BREAKDOWNS, empty_table
from obs.trends import compare_periods

__all__ = ["Built", "build"]

Progress = Callable[[str], None]
_CLEANERS = {
    "police": clean_police,
    "prosecutor": clean_prosecutor,
    "survey": clean_survey,
    "helpline": clean_helpline,
    "services": clean_services,
}


@dataclass(frozen=True)
class Built:
    """What a build did: where the pages are, what was rejected and withheld."""

    folder: Path
    report: pd.DataFrame
    rejected: pd.DataFrame
    actions: pd.DataFrame
    warnings: tuple[str, ...]

    @property
    def within_tolerance(self) -> bool:
        """Whether rejections and withheld figures stay within the observatory's tolerance."""
        return not self.warnings


def build(
    *,
    config: str | Path | None = None,
    raw: str | Path = "data/raw",
    out: str | Path = "publications",
    edition: int | None = None,
    lang: Sequence[str] | None = None,
    notes: Sequence[str] | None = None,
    notebooks: str | Path = "notebooks",
    processed: str | Path = "data/processed",
    progress: Progress | None = None,
) -> Built:
    """Build one edition: from raw deliveries to published notes.

    Parameters
    ----------
    config : path, optional
        The observatory's TOML; the Brussels one by default.
    raw : path
        Folder of raw deliveries; read only.
    out : path
        Folder of publications; the edition goes to `out/<edition>`.
    edition : int, optional
        Year of the edition: no later period is used. By default the observatory's own,
        else the last year that its deliveries reach.
    lang : sequence of {"fr", "nl", "en"}, optional
        Languages; by default those of the observatory.
    notes : sequence of str, optional
        Notes to render; by default those of the observatory. Disclosure always sees all.
    notebooks : path
        Folder of the notebooks and their declarations.
    processed : path
        Folder of internal tables.
    progress : callable, optional
        Told each step in words.

    Returns
    -------
    Built
        The folder published, the cleaning report, the actions of disclosure control.

    Raises
    ------
    ObsError
        Bad input or wrong use; nothing published is changed.
    DisclosureError, PublicationError
        A gate refused; nothing published is changed.

    Examples
    --------
    >>> import obs
    >>> obs.build(raw="nowhere")
    Traceback (most recent call last):
    obs.errors.DeliveryError: no deliveries in 'nowhere': ...
    """
    say = progress or (lambda _: None)
    observatory = load_observatory(config)
    raw, out, processed = Path(raw).resolve(), Path(out), Path(processed)
    languages = _languages(observatory, lang)
    specs = [load_note(Path(notebooks) / f"{name}.ipynb") for name in observatory.notes]
    rendered = _chosen(specs, notes)

    cleaned = _clean_all(observatory, raw, say)
    _register(observatory, raw, processed, say)
    sources, corrections = _corrected(observatory, _tables_by_source(cleaned), say)
    territory = observatory.territory(raw)
    edition = edition or observatory.edition or _last_year(cleaned)
    folder = edition_folder(processed, observatory.name, edition)
    nowcasts = _nowcasts(cleaned, sources)
    tables, absent = _compute_all(specs, sources, nowcasts, territory, edition, say)
    say(f"release: {sum(map(len, tables.values())):,} rows of {len(tables)} tables")
    rendered = _told(rendered, tables, say)
    released = release(tables, rule=observatory.rule, territory=territory)
    words = _about(observatory, edition, specs, absent, cleaned, corrections)
    _write_processed(folder, words, cleaned, released)

    say(f"render: {len(rendered)} notes in {', '.join(languages)}")
    published = write_edition(
        [Path(notebooks) / f"{spec.name}.ipynb" for spec in rendered],
        langs=languages,
        edition=edition,
        out=out,
        parameters={"observatory": observatory.name, "processed": str(processed.resolve())},
        sources=_source_list(cleaned),
        withheld=hidden_numbers(tables, released),
        progress=say,
    )
    report = pd.concat([c.report for _, c in cleaned], ignore_index=True)
    rejected = pd.concat([c.rejected for _, c in cleaned], ignore_index=True)
    warnings = _warnings(observatory, report, rejected, released)
    return Built(published, report, rejected, released.actions, warnings)


def _languages(observatory: Observatory, asked: Sequence[str] | None) -> tuple[str, ...]:
    wrong = set(asked or ()) - {"fr", "nl", "en"}
    if wrong:
        raise ObsError(f"language {', '.join(sorted(wrong))} is none of fr, nl, en")
    return tuple(asked or observatory.languages)


def _chosen(specs: list[NoteSpec], asked: Sequence[str] | None) -> list[NoteSpec]:
    unknown = set(asked or ()) - {s.name for s in specs}
    if unknown:
        raise ObsError(
            f"no note {', '.join(sorted(unknown))}; this observatory has: "
            f"{', '.join(s.name for s in specs)}"
        )
    return [s for s in specs if asked is None or s.name in asked]


def _clean_all(observatory: Observatory, raw: Path, say: Progress) -> list[tuple[str, Cleaned]]:
    cleaned = []
    for source in observatory.sources:
        paths = _deliveries(source, raw)
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
        result = _CLEANERS[source.kind](paths, profile=_profile(observatory, source))
        totals = result.report[["read", "kept", "merged", "rejected"]].sum()
        say("  " + ", ".join(f"{name} {int(n):,}" for name, n in totals.items()))
        cleaned.append((source.kind, result))
    if not cleaned:
        raise DeliveryError(f"no deliveries in '{raw.name}' of any source of {observatory.name}")
    return cleaned


def _deliveries(source: Source, raw: Path) -> list[Path]:
    return sorted({p for pattern in source.files for p in raw.glob(pattern)})


def _profile(observatory: Observatory, source: Source) -> Profile:
    own = observatory.profiles_dir / f"{source.profile}.toml"
    return load_profile(own if own.is_file() else source.profile)


def _register(observatory: Observatory, raw: Path, processed: Path, say: Progress) -> None:
    """Keep each delivery as it came, so that a later one can be compared with it."""
    registry = Registry.of(processed, observatory.name)
    for source in observatory.sources:
        new = registry.update(
            _deliveries(source, raw),
            source=source.kind,
            profile=_profile(observatory, source),
            clean=_CLEANERS[source.kind],
        )
        say(f"register: {source.kind}, {len(new)} new deliveries")


def _corrected(
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


def _last_year(cleaned: list[tuple[str, Cleaned]]) -> int:
    last = max(c.report["covered_to"].max() for _, c in cleaned)
    if pd.isna(last):
        raise DeliveryError("no delivery holds a single dated row; nothing can be published")
    return int(last.year)


def _compute_all(
    specs: list[NoteSpec],
    sources: dict[str, Any],
    nowcasts: pd.DataFrame | None,
    territory: Territory,
    edition: int,
    say: Progress,
) -> tuple[dict[str, pd.DataFrame], dict[str, list[str]]]:
    tables: dict[str, pd.DataFrame] = {}
    absent: dict[str, list[str]] = {}
    for spec in specs:
        say(f"compute: {spec.name}")
        kept: dict[str, pd.DataFrame] = {}
        for wanted in spec.tables:
            told = [i for i in wanted.indicators if get_indicator(i).source in sources]
            frames = [
                compute(
                    indicator,
                    sources,
                    period=wanted.period,
                    breakdown=wanted.breakdown,
                    territory=territory,
                )
                for indicator in told
            ]
            table, missing = _available(_matured(frames, nowcasts), edition)
            missing += [i for i in wanted.indicators if i not in told]
            if missing:
                absent.setdefault(spec.name, []).extend(missing)
            if not table.empty:
                kept[wanted.id] = _kept(table, wanted.levels, territory)
                tables[f"{spec.name}.{wanted.id}"] = kept[wanted.id]
        for trend in spec.trends:
            if trend.of not in kept:
                continue
            compared = compare_periods(
                kept[trend.of],
                base=_base(kept[trend.of], trend.base),
                territory=territory,
            )
            if not compared.empty:
                tables[f"{spec.name}.{trend.id}"] = compared
    if not tables:
        raise ObsError("the deliveries hold none of the indicators that the notes publish")
    return tables, {name: sorted(set(ids)) for name, ids in absent.items()}


def _nowcasts(cleaned: list[tuple[str, Cleaned]], sources: dict[str, Any]) -> pd.DataFrame | None:
    """Estimate how far the registration of police facts has advanced, where they tell it."""
    reports = [result.report for kind, result in cleaned if kind == "police"]
    facts = sources.get("police", pd.DataFrame())
    if "report_date" not in facts or facts["report_date"].isna().all():
        return None
    deliveries = pd.concat(reports, ignore_index=True)
    if deliveries[["extracted", "covered_from", "covered_to"]].isna().any(axis=1).all():
        return None
    return nowcast_events(facts, deliveries=deliveries)


def _matured(frames: list[pd.DataFrame], nowcasts: pd.DataFrame | None) -> list[pd.DataFrame]:
    """Tell how complete the figures of the police are, and which are provisional."""
    if nowcasts is None:
        return frames
    police = [get_indicator(frame["indicator"].iloc[0]).source == "police" for frame in frames]
    return [
        add_completeness(frame, nowcasts) if own else frame
        for frame, own in zip(frames, police, strict=True)
    ]


def _tables_by_source(cleaned: list[tuple[str, Cleaned]]) -> dict[str, Any]:
    tables: dict[str, Any] = {}
    for kind, result in cleaned:
        if kind == "survey":
            tables.setdefault(kind, []).append(_wave(result))
            continue
        tables[kind] = (
            pd.concat([tables[kind], result.table], ignore_index=True)
            if kind in tables
            else result.table
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


def _available(frames: list[pd.DataFrame], edition: int) -> tuple[pd.DataFrame, list[str]]:
    """Keep what the sources can tell, up to the edition; name the indicators they cannot.

    An indicator whose totals do not apply is left out whole: its classes would be read as all.
    """
    kept, missing = [], []
    for frame in frames:
        frame = frame[frame["period"].dt.year <= edition]
        breakdowns = [c for c in BREAKDOWNS if c in frame]
        totals = frame[(frame[breakdowns] == ALL).all(axis=1)]
        totals = totals if len(totals) else frame  # answers and items have no total
        if (totals["status"] == "not_applicable").all():
            missing += list(frame["indicator"].unique())
        else:
            kept.append(frame)
    return (pd.concat(kept, ignore_index=True) if kept else pd.DataFrame()), missing


def _kept(table: pd.DataFrame, roles: tuple[str, ...], territory: Territory) -> pd.DataFrame:
    levels = territory.levels
    by_role = {"base": levels[:1], "middle": levels[1:-1], "top": levels[-1:]}
    wanted = {level for role in roles for level in by_role[role]}
    return table[table["level"].isin(wanted)].reset_index(drop=True)


def _told(specs: list[NoteSpec], tables: dict[str, pd.DataFrame], say: Progress) -> list[NoteSpec]:
    """Leave out the notes of which the deliveries hold nothing, and say so."""
    told = {name.rsplit(".", 1)[0] for name in tables}
    for spec in specs:
        if spec.name not in told:
            say(f"left out: {spec.name}, none of its indicators is in the deliveries")
    if not any(s.name in told for s in specs):
        raise ObsError("the deliveries hold none of the indicators that these notes publish")
    return [s for s in specs if s.name in told]


def _base(table: pd.DataFrame, base: str) -> str:
    return str(table["period"].min()) if base == "first" else base


def _about(
    observatory: Observatory,
    edition: int,
    specs: list[NoteSpec],
    absent: dict[str, list[str]],
    cleaned: list[tuple[str, Cleaned]],
    corrections: pd.DataFrame,
) -> dict[str, object]:
    """Say what an edition is: its words, its notes, its sources and what was corrected."""
    days = corrections["reported"].dt.strftime("%Y-%m-%d")
    return {
        "name": observatory.name,
        "edition": edition,
        "title": observatory.title,
        "publisher": observatory.publisher,
        "licence": observatory.licence,
        "notes": {
            s.name: {
                "title": s.title,
                "measures": list(s.measures),
                "absent": absent.get(s.name, []),
            }
            for s in specs
        },
        "sources": _source_list(cleaned),
        "corrections": corrections.assign(reported=days).to_dict("records"),
    }


def _write_processed(
    folder: Path,
    about: dict[str, object],
    cleaned: list[tuple[str, Cleaned]],
    released: Released,
) -> None:
    """Write the internal tables aside, then put them in the place of the former ones."""
    text = json.dumps(about, ensure_ascii=False, indent=1, sort_keys=True)
    with replaced_folder(folder) as aside:
        for number, (kind, result) in enumerate(cleaned):
            result.write(aside / "clean" / f"{kind}-{number}")
        write_released(released, aside / "released")
        (aside / "edition.json").write_text(text + "\n", encoding="utf-8")


def _source_list(cleaned: list[tuple[str, Cleaned]]) -> list[dict[str, object]]:
    rows = []
    for kind, result in cleaned:
        for row in result.report.to_dict("records"):
            rows.append(
                {
                    "source": kind,
                    "file": row["file"],
                    "profile": row["profile"],
                    "sha256": row["sha256"],
                    "extracted": _iso(row["extracted"]),
                    "covered_from": _iso(row["covered_from"]),
                    "covered_to": _iso(row["covered_to"]),
                    "read": int(row["read"]),
                    "kept": int(row["kept"]),
                    "merged": int(row["merged"]),
                    "rejected": int(row["rejected"]),
                    "synthetic": bool(row["synthetic"]),
                }
            )
    return rows


def _iso(day: pd.Timestamp) -> str | None:
    return None if pd.isna(day) else f"{day:%Y-%m-%d}"


def _warnings(
    observatory: Observatory, report: pd.DataFrame, rejected: pd.DataFrame, released: Released
) -> tuple[str, ...]:
    counted = rejected[rejected["rule"] != "totals_row"]
    read = int(report["read"].sum())
    share = len(counted) / read if read else 0.0
    warnings = []
    if share > observatory.rejected_share:
        warnings.append(
            f"{len(counted):,} of {read:,} rows were rejected ({share:.1%}; tolerance "
            f"{observatory.rejected_share:.1%}): see rejected.csv"
        )
    withheld = released.table["status"].isin(["suppressed_primary", "suppressed_secondary"]).mean()
    if withheld > observatory.withheld_share:
        warnings.append(
            f"{withheld:.1%} of the figures are withheld (tolerance "
            f"{observatory.withheld_share:.1%}): see the actions of disclosure control"
        )
    return tuple(warnings)
