"""Say what the code of a note may not do: it opens its tables, binds facts and draws.

It reads nothing else, releases nothing, and decides on nothing but what a fact or the note tells.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator

__all__ = ["BUILTINS", "NOTE_NAMES", "code_faults"]

NOTE_NAMES = (
    *("open_note", "fact", "chart_trend", "chart_bars", "chart_funnel", "map_territory"),
    *("chart_waterfall", "chart_flow", "chart_expected"),
    *("show_table", "compare_peers", "rank_places", "funnel", "compare_exposures"),
    *("compare_periods", "compare_same_months", "turning_points"),
)
BUILTINS = (
    *("dict", "list", "tuple", "set", "frozenset", "zip", "enumerate", "reversed", "sorted"),
    *("any", "all", "bool", "range", "print"),
)
_RAW = ("value", "low", "high", "numerator", "respondents", "detectable", "days")
_RAW_OF = ("least_fall", "least_rise")
_APART = ("table", "actions", "structure", "status", "seal", "to_json")
_KNOWN = frozenset(dir(builtins)) | {"get_ipython", "display", "In", "Out"}
_WRITE = "bind a number with note.fact, draw with note.show"


def code_faults(source: str) -> Iterator[str]:
    """Find what the code of a cell does that a note may not do, and what to write instead.

    Examples
    --------
    >>> from obs.report.kernel.cell_rules import code_faults
    >>> list(code_faults("import pandas"))
    ['imports pandas; a note imports obs alone: bind a number with note.fact, draw with note.show']
    >>> list(code_faults("note = obs.open_note('focus', edition=edition, lang=lang)"))
    []
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        yield "is not plain Python (a magic command, or an error)"
        return
    found = [fault for node in ast.walk(tree) for fault in _node_faults(node)]
    yield from dict.fromkeys(found)


def _node_faults(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        for name in (alias.name for alias in node.names if alias.name != "obs"):
            yield f"imports {name}; a note imports obs alone: {_WRITE}"
    elif isinstance(node, ast.ImportFrom):
        yield from _imported(node)
    elif isinstance(node, ast.Name):
        yield from _name(node)
    elif isinstance(node, ast.Attribute):
        yield from _attribute(node)
    elif isinstance(node, ast.Compare):
        yield from _comparison(node)
    elif isinstance(node, ast.If | ast.IfExp):
        yield from _branch(node.test)
    elif isinstance(node, ast.ClassDef):
        yield "defines a class; move it to obs, with a test"


def _imported(node: ast.ImportFrom) -> Iterator[str]:
    if node.module != "obs" or node.level:
        yield f"imports from {node.module or '.'}; a note imports obs alone: {_WRITE}"
        return
    for alias in node.names:
        if alias.name not in NOTE_NAMES:
            yield _refused_name(alias.name)


def _name(node: ast.Name) -> Iterator[str]:
    if node.id.startswith("_"):
        yield f"uses {node.id}: a name with a leading underscore is not for notes"
    elif node.id in _KNOWN and node.id not in BUILTINS and isinstance(node.ctx, ast.Load):
        yield f"uses {node.id}; a note reads no file and computes no number: {_WRITE}"


def _attribute(node: ast.Attribute) -> Iterator[str]:
    if node.attr.startswith("_"):
        yield f"uses .{node.attr}: a name with a leading underscore is not for notes"
    elif isinstance(node.value, ast.Name) and node.value.id == "obs":
        if node.attr not in NOTE_NAMES:
            yield _refused_name(node.attr)
    elif node.attr in _APART:
        yield (
            f"takes a released table apart (.{node.attr}): ask note.fact for a number, note.rows for "
            "rows, note.among_peers or note.standing for what stands out"
        )


def _refused_name(name: str) -> str:
    return (
        f"uses obs.{name}: a note shows what its edition released, all tables together. Declare the "
        "table in the TOML beside the notebook and take it by note['id']"
    )


def _comparison(node: ast.Compare) -> Iterator[str]:
    ordered = any(isinstance(op, ast.Lt | ast.LtE | ast.Gt | ast.GtE) for op in node.ops)
    sides = (node.left, *node.comparators)
    numbers = any(isinstance(s, ast.Constant) and isinstance(s.value, int | float) for s in sides)
    if ordered or (numbers and not any(_is_truth(s) for s in sides)):
        yield (
            "compares numbers: what a sentence says of them comes from a verdict (note.fact of a "
            "comparison, note.among_peers, note.standing), so that the interval decides"
        )


def _is_truth(side: ast.expr) -> bool:
    return isinstance(side, ast.Constant) and isinstance(side.value, bool)


def _branch(test: ast.expr) -> Iterator[str]:
    for node in ast.walk(test):
        if isinstance(node, ast.Attribute) and node.attr in (*_RAW, *_RAW_OF):
            yield (
                f"decides on .{node.attr}: decide on .known, .verdict or .kind of a fact, or ask the "
                "note (note.has, `in note`)"
            )
