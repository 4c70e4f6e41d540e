"""Add the models that notes declare to what was released, each computed from shown rows alone.

A model reads the released tables and nothing else, so that no figure of it depends on what is
withheld: two edits of the data that differ in withheld counts alone give the same models.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from obs.disclosure.released import _MAKER, Released
from obs.disclosure.released_comparisons import check_comparison, need_comparison
from obs.errors import DisclosureError
from obs.schemas import ALL, BREAKDOWNS, INDICATORS

__all__ = ["ReleasedModel", "add_models"]

Made = pd.DataFrame | tuple[pd.DataFrame, ...]


@dataclass(frozen=True)
class ReleasedModel:
    """What makes one or more tables of rows that were released.

    Attributes
    ----------
    ids : tuple of str
        What the tables that it makes are called, in the order in which they are made.
    of : tuple of str
        The released tables that it reads.
    make : callable
        A comparison of `obs.trends`: a table in, a table or a tuple of tables out.
    rows : mapping
        Column to the values kept of it, before anything is computed.
    latest : bool
        Whether only the last period is kept.
    options : mapping
        Those of `make`.
    """

    ids: tuple[str, ...]
    of: tuple[str, ...]
    make: Callable[..., Made]
    rows: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    latest: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)


def add_models(released: Released, models: tuple[ReleasedModel, ...]) -> Released:
    """Give what was released with the tables of its models, under the same seal.

    Parameters
    ----------
    released : Released
        What `release` made.
    models : tuple of ReleasedModel
        Each reads tables that `release` made, never those of another model.

    Returns
    -------
    Released
        The tables released and those of the models. A model without a row is left out.

    Raises
    ------
    DisclosureError
        If it is not a Released, a function is not of `obs.trends`, a table is not there, an id is
        taken, or what comes back shows another row or figure than the released ones.
    """
    if not isinstance(released, Released):
        raise DisclosureError("models are made of what obs.release made.")
    tables = {name: released[name].table for name in released.names}
    made: dict[str, pd.DataFrame] = {}
    for model in models:
        made |= _made(model, tables, released.territory, taken={*tables, *made})
    return Released(
        tables | made,
        actions=released.actions,
        rule=released.rule,
        territory=released.territory,
        synthetic=released.synthetic,
        structure=released.structure,
        maker=_MAKER,
        seal=released.seal,
    )


def _made(
    model: ReleasedModel, tables: Mapping[str, pd.DataFrame], territory: Any, *, taken: set[str]
) -> dict[str, pd.DataFrame]:
    """Compute one model, and verify each table that it gives."""
    need_comparison(model.make)
    absent = [name for name in model.of if name not in tables]
    if absent or taken & set(model.ids):
        what = ", ".join(absent) or ", ".join(taken & set(model.ids))
        raise DisclosureError(
            f"model '{model.ids[0]}': {what} {'is no released table' if absent else 'is taken'}."
        )
    frame = _together([tables[name] for name in model.of])
    if "base" in frame.columns:
        raise DisclosureError(f"model '{model.ids[0]}': it reads values, not comparisons.")
    for column, values in model.rows.items():
        frame = frame[frame[column].astype("str").isin(values)]
    if model.latest and len(frame):
        frame = frame[frame["period"] == frame["period"].max()]
    frame = frame.reset_index(drop=True)
    if frame.empty:
        return {}
    found = model.make(frame.copy(), **{"territory": territory, **model.options})
    found = found if isinstance(found, tuple) else (found,)
    if len(found) != len(model.ids):
        raise DisclosureError(
            f"model '{model.ids[0]}': {len(model.ids)} id(s) are declared, and it made {len(found)} "
            "table(s). Name each table that it makes, in order."
        )
    pairs = zip(model.ids, found, strict=True)  # False is equivalent: as many as there are ids
    checked = {name: check_comparison(name, frame, one) for name, one in pairs}
    return {name: one for name, one in checked.items() if len(one)}


def _together(frames: list[pd.DataFrame]) -> pd.DataFrame:
    """Stack tables; a row is the total of a breakdown that its own table does not have.

    One value that several tables have is one row: they were released together.
    """
    stacked = pd.concat(frames, ignore_index=True)
    columns = [c for c in BREAKDOWNS if c in stacked]
    stacked = stacked.assign(**{c: stacked[c].fillna(ALL) for c in columns})
    if "base" in stacked:
        return stacked
    return stacked.drop_duplicates(INDICATORS.key_of(stacked), ignore_index=True)
