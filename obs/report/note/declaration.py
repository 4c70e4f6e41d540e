"""Read what a note publishes, as declared beside its notebook in `notebooks/NAME.toml`.

A declaration with faults is refused with all of them.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from obs.catalogue import load_catalogue
from obs.errors import CatalogueError
from obs.report.facts.released_only import LANGUAGES

__all__ = ["ROLES", "NoteSpec", "TableSpec", "TrendSpec", "load_note"]

ROLES = ("base", "middle", "top")


@dataclass(frozen=True)
class TableSpec:
    """One indicator table of a note: which indicators, over which periods, at which levels."""

    id: str
    indicators: tuple[str, ...]
    period: str = "year"
    breakdown: tuple[str, ...] = ()
    levels: tuple[str, ...] = ROLES
    last: int | None = None


@dataclass(frozen=True)
class TrendSpec:
    """One comparison table of a note: a table's periods with a base."""

    id: str
    of: str
    base: str


@dataclass(frozen=True)
class NoteSpec:
    """A note as declared: its name, titles, plan measures and tables."""

    name: str
    title: dict[str, str]
    measures: tuple[str, ...]
    tables: tuple[TableSpec, ...]
    trends: tuple[TrendSpec, ...]


def load_note(notebook: Path) -> NoteSpec:
    """Read the declaration of a note, the TOML file beside its notebook.

    Returns what the note publishes. Raises `CatalogueError` if the declaration is absent, is no
    TOML, or has faults (an indicator that is not in the catalogue is one); all are listed at
    once.

    Examples
    --------
    >>> from pathlib import Path
    >>> load_note(Path("nowhere/focus.ipynb"))
    Traceback (most recent call last):
    obs.errors.CatalogueError: no declaration 'focus.toml' beside the notebook 'focus.ipynb' ...
    """
    path = notebook.with_suffix(".toml")
    if not path.is_file():
        raise CatalogueError(_absent(path, notebook))
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CatalogueError(f"{path.name} is not valid TOML: {error}") from None
    faults = _faults(raw)
    if faults:
        raise CatalogueError(f"{path.name}: {'; '.join(faults)}")
    return NoteSpec(
        name=notebook.stem,
        title=raw["title"],
        measures=tuple(raw.get("measures", ())),
        tables=tuple(_table(t) for t in raw["table"]),
        trends=tuple(TrendSpec(**t) for t in raw.get("trend", ())),
    )


def _absent(path: Path, notebook: Path) -> str:
    text = f"no declaration '{path.name}' beside the notebook '{notebook.name}'"
    if notebook.is_file():
        return f"{text} (folder '{path.parent}'): write there which tables the note publishes."
    return (
        f"{text} (folder '{path.parent}'), where that notebook is not either. Run obs in the folder "
        "of the project, name the folder of the notebooks (--notebooks), or correct `notes` in the "
        "observatory's TOML."
    )


def _unknown_indicators(table: dict[str, Any]) -> list[str]:
    known = load_catalogue()
    faults = []
    for indicator in table.get("indicators", ()):
        if indicator not in known:
            near = get_close_matches(str(indicator), known, n=2)
            meant = f"; did you mean {' or '.join(near)}?" if near else "; see `obs indicators`"
            faults.append(f"table '{table.get('id', '?')}': no indicator '{indicator}'{meant}")
    return faults


def _table(raw: dict[str, Any]) -> TableSpec:
    lists = {k: tuple(raw[k]) for k in ("indicators", "breakdown", "levels") if k in raw}
    return TableSpec(**{**raw, **lists})


def _faults(raw: dict[str, Any]) -> list[str]:
    faults = [f"unknown key '{k}'" for k in raw if k not in {"title", "measures", "table", "trend"}]
    faults += [f"title.{lang} is absent" for lang in LANGUAGES if lang not in raw.get("title", {})]
    if not raw.get("table"):
        faults.append("no [[table]]")
    known = {"id", "indicators", "period", "breakdown", "levels", "last"}
    ids: list[str] = []
    for table in raw.get("table", ()):
        name = table.get("id", "?")
        ids.append(name)
        faults += [f"table '{name}': unknown key '{k}'" for k in table if k not in known]
        faults += [f"table '{name}': no '{k}'" for k in ("id", "indicators") if not table.get(k)]
        if table.get("period", "year") not in ("year", "quarter", "month"):
            faults.append(f"table '{name}': period is year, quarter or month")
        faults += _unknown_indicators(table)
        wrong = set(table.get("levels", ())) - set(ROLES)
        faults += [f"table '{name}': level '{w}' is none of {', '.join(ROLES)}" for w in wrong]
    for trend in raw.get("trend", ()):
        name = trend.get("id", "?")
        if set(trend) != {"id", "of", "base"}:
            faults.append(f"trend '{name}' has the keys id, of, base and no others")
        elif trend["of"] not in ids:
            faults.append(f"trend '{name}': no table '{trend['of']}'")
        ids.append(name)
    faults += [f"id '{i}' is used twice" for i in sorted({i for i in ids if ids.count(i) > 1})]
    return faults
