"""Compute the models that notes declare from what was released, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from obs.disclosure import Released, ReleasedModel, add_models
from obs.pipeline.computing import levels_of
from obs.pipeline.progress import Progress
from obs.report import NoteSpec
from obs.report.facts.peer_statements import can_compare
from obs.report.models.model_declarations import (
    ComparisonSpec,
    InterruptionSpec,
    ModelSpec,
    RankSpec,
    ReconciliationSpec,
)
from obs.trends import compare_nearest_peers, funnel, interruption_tables, rank_places, reconcile

__all__ = ["compute_models"]

_COMPARED = {"peers": compare_nearest_peers, "funnel": funnel}


def compute_models(specs: list[NoteSpec], released: Released, say: Progress) -> Released:
    """Give what was released with the models of the notes.

    A model whose tables this edition does not have is left out and named; so is one of an
    indicator that it does not have.
    """
    declared = [(spec.name, model) for spec in specs for model in spec.models]
    bound = [_model_of(note, model, released) for note, model in declared]
    shown = add_models(released, tuple(model for model in bound if model is not None))
    for note, model in declared:
        if f"{note}.{model.id}" not in shown.names:
            say(f"left out: {note}, model '{model.id}': its figures are not in the deliveries")
    return shown


def _model_of(note: str, model: ModelSpec, released: Released) -> ReleasedModel | None:
    """Bind one declared model to its released tables; None where this edition lacks its figures."""
    of = (model.of,) if isinstance(model.of, str) else model.of
    names = tuple(f"{note}.{name}" for name in of)
    if not set(names) <= set(released.names):
        return None
    there = [i for name in names for i in released[name].table["indicator"].unique()]
    wanted = _indicators(model) or tuple(there)
    if isinstance(model, InterruptionSpec):  # each series stands for itself
        wanted = tuple(i for i in wanted if i in there)
    if not wanted or not set(wanted) <= set(there):
        return None
    rows = {"indicator": wanted}
    if isinstance(model, ComparisonSpec | RankSpec):
        if not can_compare(released[names[0]].select(indicator=list(wanted))):
            return None
    else:
        rows["level"] = levels_of(model.levels, released.territory)
    return ReleasedModel(
        ids=tuple(f"{note}.{name}" for name in model.ids),
        of=names,
        make=_make(model),
        rows=rows,
        latest=isinstance(model, ComparisonSpec | RankSpec),
        options=_options(model),
    )


def _indicators(model: ModelSpec) -> tuple[str, ...]:
    if isinstance(model, ComparisonSpec | RankSpec):
        return (model.indicator,)
    return model.indicators


def _make(model: ModelSpec) -> Callable[..., Any]:
    if isinstance(model, ComparisonSpec):
        return _COMPARED[model.kind]
    if isinstance(model, RankSpec):
        return rank_places
    return interruption_tables if isinstance(model, InterruptionSpec) else reconcile


def _options(model: ModelSpec) -> dict[str, Any]:
    if isinstance(model, InterruptionSpec):
        return {"start": model.start, "end": model.end, "seasonal": model.seasonal}
    return {"indicators": model.indicators} if isinstance(model, ReconciliationSpec) else {}
