"""Compute what an edition says of itself beyond its figures: breaks, revisions and their causes, quality, the plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from obs.clean import Cleaned
from obs.clean.registry.delivery_registry import Registry
from obs.disclosure import Ledger, Released
from obs.pipeline.publication.plan_coverage import PLAN_NOTE, describe_plan
from obs.pipeline.publication.quality_declaration import declare_quality
from obs.pipeline.publication.revision_causes import changed_since
from obs.reference import Observatory
from obs.report import NoteSpec, edition_facts

__all__ = ["TOLD_TO_NOTES", "state_edition"]

TOLD_TO_NOTES = ("breaks", "causes", "revisions", "quality", "plan")  # what notes may read of it


def state_edition(
    observatory: Observatory,
    edition: int,
    *,
    specs: Sequence[NoteSpec],
    cleaned: Sequence[tuple[str, Cleaned]],
    sources: Callable[[], Mapping[str, Any]],
    released: Released,
    known: Ledger,
    registry: Registry,
    langs: Sequence[str],
    corrections: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """Compute what an edition says of itself, as values that JSON can hold.

    Parameters
    ----------
    observatory : Observatory
        As declared.
    edition : int
        Year of the edition.
    specs : sequence of NoteSpec
        Its notes.
    cleaned : sequence of (str, Cleaned)
        Each source as it was cleaned.
    sources : callable
        Gives one table per source, corrected and linked.
    released : Released
        All its tables.
    known : Ledger
        What it was solved against.
    registry : Registry
        Where each delivery is kept as it came.
    langs : sequence of str
        Its languages.
    corrections : sequence of mapping
        Those of the data received.

    Returns
    -------
    dict
        What `obs.report.edition_facts` gives, with `causes`, `quality` and `plan`.
    """
    facts = edition_facts(released, known=known, langs=langs, corrections=corrections)
    facts["causes"] = changed_since(cleaned, sources(), released, registry, edition - 1)
    facts["quality"] = declare_quality(
        observatory, edition, specs=specs, cleaned=cleaned, released=released, facts=facts
    )
    tells_of_plan = PLAN_NOTE in observatory.notes
    facts["plan"] = describe_plan(sources().get("services"), released) if tells_of_plan else []
    return facts
