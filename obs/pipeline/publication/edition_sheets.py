"""Make the sheets that an observatory declares, one for each place of its finest level."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from obs.declare import near_names
from obs.disclosure import Released
from obs.errors import CatalogueError, CodeError
from obs.pipeline.progress import Progress
from obs.reference import Observatory
from obs.report import NoteSpec, Page, make_sheets
from obs.trends import compare_peers

__all__ = ["edition_sheets", "need_declared_sheets"]


def need_declared_sheets(
    observatory: Observatory, specs: Sequence[NoteSpec], asked: Sequence[str] | None
) -> None:
    """Refuse, before anything is read, a sheet of what no note publishes by place and year.

    Raises `CatalogueError` for such an indicator, `CodeError` for places without sheets.
    """
    published = {
        indicator
        for spec in specs
        for table in spec.tables
        if table.period == "year" and not table.breakdown and "base" in table.levels
        for indicator in table.indicators
    }
    strange = [i for i in observatory.sheets if i not in published]
    if strange:
        near = near_names(strange[0], sorted(published))
        meant = f" (did you mean {' or '.join(near)}?)" if near else ""
        raise CatalogueError(
            f"{observatory.path.name}, [sheets]: no note publishes {', '.join(map(repr, strange))}{meant} "
            "by place and year without a breakdown. Declare such a table in the TOML of a note, or leave "
            f"it out; published so are: {', '.join(sorted(published)) or 'none'}."
        )
    if asked and not observatory.sheets:
        raise CodeError(
            f"{observatory.path.name} declares no [sheets]: none is made of {', '.join(asked)}."
        )


def edition_sheets(
    observatory: Observatory,
    released: Released,
    *,
    about: Mapping[str, Any],
    edition: int,
    langs: Sequence[str],
    asked: Sequence[str] | None,
    say: Progress,
) -> list[Page]:
    """Make the sheets of an edition: of every place, or of those asked.

    Raises `CodeError` for a code that is no place of the finest level.
    """
    if not observatory.sheets or (asked is not None and not asked):
        return []
    codes = released.territory.codes(released.territory.levels[0])
    strange = [code for code in asked or () if code not in codes]
    if strange:
        near = near_names(strange[0], codes)
        meant = f" (did you mean {' or '.join(near)}?)" if near else ""
        raise CodeError(
            f"no sheet of {', '.join(map(repr, strange))}{meant}: places are {', '.join(codes)}."
        )
    wanted = [code for code in codes if asked is None or code in asked]
    say(f"sheets: {len(wanted)} places in {', '.join(langs)}")
    return make_sheets(
        released,
        codes=wanted,
        indicators=observatory.sheets,
        langs=langs,
        edition=edition,
        about=about,
        compare=compare_peers,
    )
