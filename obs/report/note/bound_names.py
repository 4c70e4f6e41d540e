"""Say which names a sentence may use while an edition is built: facts, and what holds facts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from jinja2 import nodes

from obs.disclosure import Released
from obs.report.facts.fact import Fact
from obs.report.facts.printed import Bound, Edition, Printed, figure_in
from obs.report.figures.blocks import Block
from obs.report.note.sentence_rules import names_in_branches

__all__ = ["unbound_names"]

_HOLD = (Fact, Bound, Released, Printed, Edition)


def unbound_names(
    tree: nodes.Template, names: set[str], namespace: Mapping[str, Any], lang: str
) -> Iterator[str]:
    """Find the names of a sentence that hold neither a fact nor what holds facts."""
    asked, printed = names_in_branches(tree), _names_printed(tree)
    for name in sorted(names):
        value = namespace[name]
        if _is_bound(value) or (isinstance(value, Block) and name not in printed):
            continue  # whether there is a figure is what its edition released
        kind = type(value).__name__
        if isinstance(value, bool) or (name in asked and not isinstance(value, list | tuple)):
            yield (
                f"'{name}' is a {kind} that a cell computed, and a branch asks it: ask a fact (.known, "
                ".verdict, .kind), note.has, or what note.among_peers and note.standing give"
            )
        elif not isinstance(value, str):
            yield (
                f"'{name}' is a {kind}: bind the number with note.fact and write it with a filter, "
                f"{{{{ {name}|n }}}}"
            )
        elif figure_in(value, lang):
            yield (
                f"'{name}' is a text with a figure that no fact wrote: bind the number with note.fact, "
                "or write the text with note.sentence"
            )


def _names_printed(tree: nodes.Template) -> set[str]:
    """Give the names that stand between double braces."""
    shown = [part for out in tree.find_all(nodes.Output) for part in out.nodes]
    inner = [name for part in shown for name in (part, *part.find_all(nodes.Name))]
    return {name.name for name in inner if isinstance(name, nodes.Name)}


def _is_bound(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return all(map(_is_bound, value))
    return value is None or isinstance(value, _HOLD)
