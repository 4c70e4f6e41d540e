"""Collect what an edition says of itself: words, sources, corrections, figures beyond tolerance."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd

from obs.catalogue import Indicator, get_indicator
from obs.clean import Cleaned, CleanedSurvey
from obs.clean.judge.rejection_rules import TOLERATED
from obs.disclosure import Released, write_released
from obs.pipeline.audit_verdict import AUDIT, OWNER_ALONE
from obs.private_files import private_files
from obs.reference import Observatory
from obs.reference.announced_release import announced_moment
from obs.report import NoteSpec
from obs.report.edition.whole_folders import replaced_folder, write_whole

_ROWS = ("read", "kept", "merged", "rejected")

__all__ = ["describe_edition", "list_sources", "name_suppliers", "warn", "write_processed"]


def describe_edition(
    observatory: Observatory,
    edition: int | str,
    specs: list[NoteSpec],
    absent: dict[str, list[str]],
    sources: list[dict[str, Any]],
    corrections: pd.DataFrame,
) -> dict[str, object]:
    """Say what an edition is: its words, its notes, its sources and what was corrected.

    A note reads it: it holds no number of rows.
    """
    days = corrections["reported"].dt.strftime("%Y-%m-%d")
    return {
        "name": observatory.name,
        "edition": edition,
        "title": observatory.title,
        "publisher": observatory.publisher,
        "licence": observatory.licence,
        "contact": observatory.contact,
        "permanent_name": permanent_name(observatory, edition),
        "announced": announced(observatory, edition),
        "notes": {
            s.name: {
                "title": s.title,
                "measures": list(s.measures),
                "constants": s.constants,
                "tables": s.ids,
                "absent": absent.get(s.name, []),
            }
            for s in specs
        },
        "sources": [{k: v for k, v in row.items() if k not in _ROWS} for row in sources],
        "corrections": corrections.assign(reported=days).drop(columns="rows").to_dict("records"),
    }


def permanent_name(observatory: Observatory, edition: int | str) -> str:
    """Give the name under which an edition is cited, the same wherever its files are.

    Examples
    --------
    >>> from obs.reference import load_observatory
    >>> permanent_name(load_observatory(), 2024)
    'urn:obs:brussels:2024'
    """
    if observatory.site:
        return f"{observatory.site}/{edition}/"
    return f"urn:obs:{observatory.name}:{edition}"


def announced(observatory: Observatory, edition: int | str) -> str:
    """Give the announced hour of an edition as an ISO moment, "" if none is announced."""
    at = observatory.releases.get(edition) if isinstance(edition, int) else None
    return announced_moment(at, observatory.time_zone).isoformat() if at else ""


def write_processed(
    folder: Path,
    about: dict[str, object],
    cleaned: list[tuple[str, Cleaned]],
    released: Released,
    *,
    audited: str,
) -> None:
    """Write the internal tables and the audit aside, then put them in the place of the former ones."""
    text = json.dumps(about, ensure_ascii=False, indent=1, sort_keys=True)
    with private_files(folder.parent), replaced_folder(folder) as aside:
        for number, (kind, result) in enumerate(cleaned):
            place = Path("clean", f"{kind}-{number}")
            result.write(aside / place, by_year=True, before=folder / place)
        write_released(released, aside / "released")
        write_whole(aside / AUDIT, audited.encode(), mode=OWNER_ALONE)
        (aside / "edition.json").write_text(text + "\n", encoding="utf-8")


def list_sources(cleaned: list[tuple[str, Cleaned]]) -> list[dict[str, Any]]:
    """Give one line per delivered file: what it is and what became of its rows.

    `coverage` is there where the days that the file covers are declared nowhere: "assumed".
    """
    rows = []
    for kind, result in cleaned:
        assumed = {*result.coverage.loc[result.coverage["how"] == "assumed", "delivery"]}
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
                | ({"coverage": "assumed"} if row["file"] in assumed else {})
            )
    return rows


def name_suppliers(
    rows: list[dict[str, Any]],
    observatory: Observatory,
    cleaned: list[tuple[str, Cleaned]],
    released: Released,
) -> list[dict[str, Any]]:
    """Give each delivery the name of its supplier, as declared; that of a survey is its title.

    What has neither is called, on the pages, as the catalogue calls its kind of source. `used` is
    false for a delivery of which the edition shows no indicator.
    """
    surveys = {
        file: result.questionnaire
        for _, result in cleaned
        if isinstance(result, CleanedSurvey) and result.questionnaire
        for file in result.report["file"]
    }
    declared = {s.profile: dict(s.supplier) for s in observatory.sources if s.supplier}
    shown = [get_indicator(str(i)) for i in released.table["indicator"].unique()]
    named = []
    for row in rows:
        survey = surveys.get(row["file"])
        supplier = declared.get(row["profile"]) or (dict(survey.title) if survey else {})
        of_kind = [one for one in shown if one.source == row["source"]]
        used = any(survey is None or _reads_of(one, survey.name) for one in of_kind)
        named.append(row | {"used": used} | ({"supplier": supplier} if supplier else {}))
    return named


def _reads_of(indicator: Indicator, questionnaire: str) -> bool:
    """Tell whether an indicator reads a questionnaire; one computed of others may read any."""
    return indicator.asked is None or questionnaire in indicator.asked.questionnaires


def _iso(day: pd.Timestamp) -> str | None:
    return None if pd.isna(day) else f"{day:%Y-%m-%d}"


def warn(
    observatory: Observatory, report: pd.DataFrame, rejected: pd.DataFrame, released: Released
) -> tuple[str, ...]:
    """Say what goes beyond the tolerance of the observatory: rejected rows, withheld figures.

    Rows dropped on purpose (`TOLERATED`: totals, footers, withdrawn ones) are no rejected rows here.
    """
    counted = int((~rejected["rule"].isin(TOLERATED)).sum())
    read = int(report["read"].sum())
    share = counted / read if read else 0.0
    warnings = []
    if share > observatory.rejected_share:
        warnings.append(
            f"{counted:,} of {read:,} rows were rejected ({share:.1%}; tolerance "
            f"{observatory.rejected_share:.1%}): see rejected.csv"
        )
    withheld = released.table["status"].isin(["suppressed_primary", "suppressed_secondary"]).mean()
    if withheld > observatory.withheld_share:
        warnings.append(
            f"{withheld:.1%} of the figures are withheld (tolerance "
            f"{observatory.withheld_share:.1%}): see the actions of disclosure control"
        )
    return tuple(warnings)
