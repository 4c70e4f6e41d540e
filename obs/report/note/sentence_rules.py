"""Say what a sentence of a note may not hold, read from its text alone.

A figure between braces is written by a filter from a fact; a branch asks what a fact or the note
knows, never how large a number is.
"""

from __future__ import annotations

from collections.abc import Iterator

from jinja2 import nodes

__all__ = ["expression_faults", "names_in_branches"]

_RAW = ("value", "low", "high", "numerator", "respondents", "detectable", "days")
_APART = ("table", "actions", "structure", "seal", "mark", "status")
_OF_LOOP = ("first", "last")
_ORDER = ("lt", "lteq", "gt", "gteq")
_ARITHMETIC = (nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod, nodes.Pow)
_COUNTING = ("length", "count_items", "sum", "min", "max", "round", "int", "float", "abs")


def expression_faults(tree: nodes.Template) -> Iterator[str]:
    """Find the expressions that print or ask a number that no fact bound.

    Examples
    --------
    >>> import jinja2
    >>> from obs.report.note.sentence_rules import expression_faults
    >>> tree = jinja2.Environment().parse("{% if n > 3 %}many{% endif %}")
    >>> list(expression_faults(tree))[0]
    'compares numbers in a branch: ask .known, .verdict or .kind of a fact, or the note'
    """
    yield from dict.fromkeys(_faults(tree))


def _faults(tree: nodes.Template) -> Iterator[str]:
    for filtered in tree.find_all(nodes.Filter):
        if filtered.name in _COUNTING:
            yield (
                f"computes a number with |{filtered.name}: a number in a sentence is a fact; bind it "
                "with note.fact, or write .places of note.among_peers or note.standing"
            )
    for node in tree.find_all(_ARITHMETIC):
        yield f"computes a number ({node.operator}); bind it with note.fact"
    for taken in tree.find_all(nodes.Getattr):
        yield from _attribute(taken)
    if any(o.op in _ORDER for o in tree.find_all(nodes.Operand)) or any(
        map(_asks_number, _tests(tree))
    ):
        yield "compares numbers in a branch: ask .known, .verdict or .kind of a fact, or the note"
    if any(isinstance(n, nodes.Const) for out in tree.find_all(nodes.Output) for n in out.nodes):
        yield "writes a constant between {{ }}; bind it with obs.fact"


def _attribute(node: nodes.Getattr) -> Iterator[str]:
    if node.attr in _RAW:
        yield f"takes .{node.attr} out of a fact; write it with a filter: {{{{ name|n }}}}"
    if node.attr in _APART:
        yield (
            f"takes a released table or a fact apart (.{node.attr}): ask .known, .verdict or .kind of a "
            "fact, or the note"
        )
    of_loop = isinstance(node.node, nodes.Name) and node.node.name == "loop"
    if of_loop and node.attr not in _OF_LOOP:
        yield f"counts with loop.{node.attr}: only loop.first and loop.last are for sentences"


def _tests(tree: nodes.Template) -> Iterator[nodes.Node]:
    yield from (branch.test for branch in tree.find_all(nodes.If))
    yield from (chosen.test for chosen in tree.find_all(nodes.CondExpr))
    for loop in tree.find_all(nodes.For):
        if loop.test is not None:
            yield loop.test


def _asks_number(test: nodes.Node) -> bool:
    inner = [test, *test.find_all(nodes.Const)]
    return any(
        isinstance(n, nodes.Const)
        and isinstance(n.value, int | float)
        and not isinstance(n.value, bool)
        for n in inner
    )


def names_in_branches(tree: nodes.Template) -> set[str]:
    """Give the names that the branches of a sentence ask."""
    names: set[str] = set()
    for test in _tests(tree):
        inner = [test, *test.find_all(nodes.Name)]
        names |= {n.name for n in inner if isinstance(n, nodes.Name) and n.ctx == "load"}
    return names
