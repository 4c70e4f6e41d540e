"""Which tests run which statements of a room, and for how long: what a change of one can be seen by.

Each statement of a function is preceded, as its module is read, by a note that it was reached.
"""

import ast
import builtins
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.machinery import SourceFileLoader
from pathlib import Path

import pytest

__all__ = ["Reach", "Watch", "read_sources_by"]

_NOTES = "__statements_reached__"
Statement = tuple[str, int]  # a file, and the line where the statement begins


@dataclass
class Reach:
    """What was seen of the tests of a room as it is."""

    seconds: dict[str, float] = field(default_factory=dict)  # of each test that passes
    reached: dict[str, frozenset[Statement]] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    long: list[str] = field(default_factory=list)  # passed over

    def tests_of(self, path: Path, line: int, near: list[str]) -> list[str]:
        """List the tests that run a line, those of the nearest files first, then the shortest.

        What stands outside of every function is run by whatever runs a function of the module.
        """
        starts = [one for one in _statements(ast.parse(path.read_bytes())) if _holds(one, line)]
        start = max((one.lineno for one in starts), default=None)
        files = {name: i for i, name in enumerate(near)}
        found = [
            test
            for test, there in self.reached.items()
            if any(name == str(path) and start in (None, at) for name, at in there)
        ]
        order = {t: (files.get(t.partition("::")[0], len(files)), self.seconds[t]) for t in found}
        return sorted(found, key=order.__getitem__)


class Watch:
    """A plugin that notes what each test reaches, and its CPU."""

    def __init__(self, reach: Reach, passed_over: Callable[[], bool]) -> None:
        self.reach, self.passed_over = reach, passed_over
        self.notes: set[Statement] = set()
        setattr(builtins, _NOTES, self.notes)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self.notes.clear()
        began = time.process_time()
        try:
            return (yield)
        finally:
            self.reach.seconds[item.nodeid] = time.process_time() - began
            self.reach.reached[item.nodeid] = frozenset(self.notes)
            if self.passed_over():
                self.reach.long.append(item.nodeid)

    def pytest_sessionfinish(self) -> None:
        for test in {*self.reach.failed, *self.reach.long}:
            self.reach.reached.pop(test, None)


def read_sources_by(change: Callable[[str, bytes], ast.AST | bytes | None]) -> None:
    """Let every import in this process compile what a function makes of a source, if anything."""
    read = SourceFileLoader.get_code

    def get_code(self: SourceFileLoader, name: str) -> object:
        changed = change(self.path, Path(self.path).read_bytes())
        if changed is None:
            return read(self, name)
        return compile(changed, self.path, "exec", dont_inherit=True)  # type: ignore[arg-type]

    SourceFileLoader.get_code = get_code  # type: ignore[assignment, method-assign]


def with_notes(path: str, source: bytes) -> ast.AST:
    """Give a module of which each statement of a function says first that it is reached."""
    tree = ast.parse(source)
    blocks = {id(b): b for f in ast.walk(tree) if _is_function(f) for b in _blocks(f)}
    for block in blocks.values():
        noted = [[_note(path, one), one] for one in block]
        first = block[0]
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
            noted[0].reverse()  # a docstring stays first
        block[:] = [one for pair in noted for one in pair]
    return ast.fix_missing_locations(tree)


def _note(path: str, statement: ast.stmt) -> ast.stmt:
    note = ast.parse(f"{_NOTES}.add({(path, statement.lineno)!r})").body[0]
    for node in ast.walk(note):
        ast.copy_location(node, statement)
    return note


def _statements(tree: ast.AST) -> Iterator[ast.stmt]:
    for function in filter(_is_function, ast.walk(tree)):
        for block in _blocks(function):
            yield from block


def _is_function(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)


def _blocks(function: ast.AST) -> Iterator[list[ast.stmt]]:
    for node in ast.walk(function):
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            if isinstance(block, list) and block:
                yield block


def _holds(statement: ast.stmt, line: int) -> bool:
    return statement.lineno <= line <= (statement.end_lineno or statement.lineno)
