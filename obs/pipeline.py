"""One edition from end to end: clean, compute, release, render, publish.

The only module that knows the order of the stages. Nothing it writes replaces an earlier
result before it is whole.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from obs.clean import Cleaned, clean_police, load_profile
from obs.disclosure import Released, release, write_released
from obs.errors import DeliveryError, ObsError
from obs.indicators import compute
from obs.reference import Observatory, Territory, load_observatory
from obs.report import NoteSpec, edition_folder, hidden_numbers, load_note, write_edition
from obs.schemas import ALL, BREAKDOWNS
from obs.trends import compare_periods

__all__ = ["Built", "build"]

Progress = Callable[[str], None]


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
    territory = observatory.territory(raw)
    edition = edition or observatory.edition or _last_year(cleaned)
    folder = edition_folder(processed, observatory.name, edition)
    tables, absent = _compute_all(specs, cleaned, territory, edition, say)
    say(f"release: {sum(map(len, tables.values())):,} rows of {len(tables)} tables")
    released = release(tables, rule=observatory.rule, territory=territory)
    _write_processed(folder, observatory, edition, specs, absent, cleaned, released)

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
        paths = sorted({p for pattern in source.files for p in raw.glob(pattern)})
        if not paths:
            raise DeliveryError(
                f"no deliveries in '{raw.name}': {source.kind} expects {', '.join(source.files)}. "
                "Put them there, name another folder with --raw, or write synthetic ones "
                "with `obs sample`."
            )
        say(f"clean: {source.kind}, {len(paths)} files, profile {source.profile}")
        own = observatory.profiles_dir / f"{source.profile}.toml"
        profile = load_profile(own if own.is_file() else source.profile)
        result = clean_police(paths, profile=profile)
        totals = result.report[["read", "kept", "merged", "rejected"]].sum()
        say("  " + ", ".join(f"{name} {int(n):,}" for name, n in totals.items()))
        cleaned.append((source.kind, result))
    return cleaned


def _last_year(cleaned: list[tuple[str, Cleaned]]) -> int:
    last = max(c.report["covered_to"].max() for _, c in cleaned)
    if pd.isna(last):
        raise DeliveryError("no delivery holds a single dated row; nothing can be published")
    return int(last.year)


def _compute_all(
    specs: list[NoteSpec],
    cleaned: list[tuple[str, Cleaned]],
    territory: Territory,
    edition: int,
    say: Progress,
) -> tuple[dict[str, pd.DataFrame], dict[str, list[str]]]:
    sources = _tables_by_source(cleaned)
    tables: dict[str, pd.DataFrame] = {}
    absent: dict[str, list[str]] = {}
    for spec in specs:
        say(f"compute: {spec.name}")
        kept: dict[str, pd.DataFrame] = {}
        for wanted in spec.tables:
            frames = [
                compute(
                    indicator,
                    sources,
                    period=wanted.period,
                    breakdown=wanted.breakdown,
                    territory=territory,
                )
                for indicator in wanted.indicators
            ]
            table, missing = _available(frames, edition)
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


def _tables_by_source(cleaned: list[tuple[str, Cleaned]]) -> dict[str, pd.DataFrame]:
    tables: dict[str, pd.DataFrame] = {}
    for kind, result in cleaned:
        tables[kind] = (
            pd.concat([tables[kind], result.table], ignore_index=True)
            if kind in tables
            else result.table
        )
    return tables


def _available(frames: list[pd.DataFrame], edition: int) -> tuple[pd.DataFrame, list[str]]:
    """Keep what the sources can tell, up to the edition; name the indicators they cannot.

    An indicator whose totals do not apply is left out whole: its classes would be read as all.
    """
    kept, missing = [], []
    for frame in frames:
        frame = frame[frame["period"].dt.year <= edition]
        breakdowns = [c for c in BREAKDOWNS if c in frame]
        totals = frame[(frame[breakdowns] == ALL).all(axis=1)]
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


def _base(table: pd.DataFrame, base: str) -> str:
    return str(table["period"].min()) if base == "first" else base


def _write_processed(
    folder: Path,
    observatory: Observatory,
    edition: int,
    specs: list[NoteSpec],
    absent: dict[str, list[str]],
    cleaned: list[tuple[str, Cleaned]],
    released: Released,
) -> None:
    """Write the internal tables aside, then put them in the place of the former ones."""
    aside = folder.with_name(f".{folder.name}.new")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    for number, (kind, result) in enumerate(cleaned):
        result.write(aside / "clean" / f"{kind}-{number}")
    write_released(released, aside / "released")
    about = {
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
    }
    text = json.dumps(about, ensure_ascii=False, indent=1, sort_keys=True)
    (aside / "edition.json").write_text(text + "\n", encoding="utf-8")
    _replace(aside, folder)


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


def _replace(aside: Path, folder: Path) -> None:
    old = folder.with_name(f".{folder.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    aside.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


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
