"""List the small changes of a module that a test should notice: one operator, number or condition each.

A change replaces one stretch of the source, so that lines keep their numbers. Words are left alone: texts,
messages of `raise`, annotations, docstrings and what formats a text. So is what only asserts: `assert`, and
`strict=True` of a `zip` of lists that are as long as one another.
"""

import ast
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Change", "changes_of"]

COMPARED = {
    ast.Lt: ("<", "<="),
    ast.LtE: ("<=", "<"),
    ast.Gt: (">", ">="),
    ast.GtE: (">=", ">"),
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.Is: ("is", "is not"),
    ast.IsNot: ("is not", "is"),
    ast.In: ("in", "not in"),
    ast.NotIn: ("not in", "in"),
}
COMPUTED = {
    ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: ("*", "/"),
    ast.Div: ("/", "*"),
    ast.FloorDiv: ("//", "/"),
    ast.Pow: ("**", "*"),
    ast.BitAnd: ("&", "|"),
    ast.BitOr: ("|", "&"),
}
JOINED = {ast.And: ("and", "or"), ast.Or: ("or", "and")}
NAMED = {"any": "all", "all": "any", "min": "max", "max": "min", "sum": "max", "fmin": "fmax", "fmax": "fmin",
         "minimum": "maximum", "maximum": "minimum", "floor": "ceil", "ceil": "floor"}  # fmt: skip


@dataclass(frozen=True)
class Change:
    """One stretch of bytes of a source and what stands there instead."""

    path: str
    function: str
    first_line: int  # of the function's code, 0 for the module's own
    line: int
    start: int
    end: int
    before: str
    after: str

    def apply(self, source: bytes) -> bytes:
        """Give the changed source."""
        return source[: self.start] + self.after.encode() + source[self.end :]

    def rank(self, seed: int, source: bytes) -> str:
        """Give a place in a random order that changes of other lines do not move."""
        text = source.splitlines()[self.line - 1].decode().strip()
        named = f"{seed} {self.path} {self.function} {text} {self.before} {self.after}"
        return hashlib.sha256(named.encode()).hexdigest()

    def __str__(self) -> str:
        return f"{self.path}:{self.line} ({self.function or 'module'})  {self.before}  ->  {self.after}"


def changes_of(path: Path, name: str) -> list[Change]:
    """List the changes of one module, in the order of its text."""
    source = path.read_bytes()
    found = _Changes(name, source)
    found.visit(ast.parse(source))
    return sorted(found.changes, key=lambda c: (c.start, c.end, c.after))


class _Changes(ast.NodeVisitor):
    def __init__(self, name: str, source: bytes) -> None:
        self.name, self.source = name, source
        self.starts = [0]
        for line in source.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))
        self.inside: list[tuple[str, int]] = []  # function and the first line of its code
        self.changes: list[Change] = []

    def add(self, line: int, start: int, end: int, after: str) -> None:
        function, first = self.inside[-1] if self.inside else ("", 0)
        before = self.source[start:end].decode()
        if before != after:
            self.changes.append(Change(self.name, function, first, line, start, end, before, after))

    def span(self, node: ast.expr) -> tuple[int, int]:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        start = self.starts[node.lineno - 1] + node.col_offset
        return start, self.starts[node.end_lineno - 1] + node.end_col_offset

    def between(self, left: ast.expr, right: ast.expr, words: tuple[str, str]) -> None:
        """Change the operator that stands between two expressions."""
        start, end = self.span(left)[1], self.span(right)[0]
        gap = re.sub(rb"#[^\n]*", lambda m: b" " * len(m[0]), self.source[start:end])
        spelled = r"\s+".join(map(re.escape, words[0].split()))
        hit = re.search(spelled.encode(), gap)
        if hit:
            line = self.source.count(b"\n", 0, start + hit.start()) + 1
            self.add(line, start + hit.start(), start + hit.end(), words[1])

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        names = [name for name, _ in self.inside[-1:]]
        first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
        self.inside.append((".".join([*names, node.name]), first))
        for default in [*node.args.defaults, *filter(None, node.args.kw_defaults)]:
            self.visit(default)
        self._body(node.body)
        self.inside.pop()

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        names = [name for name, _ in self.inside[-1:]]
        self.inside.append((".".join([*names, node.name]), 0))
        self._body(node.body)
        self.inside.pop()

    def _body(self, body: list[ast.stmt]) -> None:
        for statement in body:
            self.visit(statement)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)

    def visit_Assign(self, node: ast.Assign) -> None:
        names = [target.id for target in node.targets if isinstance(target, ast.Name)]
        typed = not self.inside and any(name[0].isupper() and not name.isupper() for name in names)
        if "__all__" not in names and not typed:  # an alias of a type holds "|"
            self.generic_visit(node)

    def visit_Raise(self, node: ast.Raise) -> None:
        """Leave out: what is raised is words."""

    def visit_Assert(self, node: ast.Assert) -> None:
        """Leave out: it tells the type checker what cannot be otherwise."""

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        """Leave out: it is a text."""

    def visit_If(self, node: ast.If) -> None:
        if isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            return
        self._condition(node.test)
        self.generic_visit(node)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self._condition(node.test)
        self.generic_visit(node)

    def _condition(self, test: ast.expr) -> None:
        for always in ("True", "False"):
            self.add(test.lineno, *self.span(test), always)

    def visit_comprehension(self, node: ast.comprehension) -> None:
        for test in node.ifs:
            self.add(test.lineno, *self.span(test), "True")
        self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> None:
        sides = [node.left, *node.comparators]
        for left, right, one in zip(sides[:-1], sides[1:], node.ops, strict=True):
            self.between(left, right, COMPARED[type(one)])
        self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        for left, right in zip(node.values[:-1], node.values[1:], strict=True):
            self.between(left, right, JOINED[type(node.op)])
        neutral = "True" if isinstance(node.op, ast.And) else "False"
        for value in node.values:
            self.add(value.lineno, *self.span(value), neutral)
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        words = COMPUTED.get(type(node.op))
        texts = any(
            isinstance(one, ast.JoinedStr | ast.List | ast.Tuple) for one in (node.left, node.right)
        )
        texts |= any(
            isinstance(one, ast.Constant) and isinstance(one.value, str)
            for one in (node.left, node.right)
        )
        if words and not texts:
            self.between(node.left, node.right, words)
            if isinstance(
                node.op, ast.BitAnd | ast.BitOr
            ):  # one side of a condition on arrays dropped
                for kept in (node.left, node.right):
                    start, end = self.span(kept)
                    self.add(node.lineno, *self.span(node), self.source[start:end].decode())
        self.generic_visit(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        words = COMPUTED.get(type(node.op))
        if words and not isinstance(node.value, ast.List | ast.JoinedStr):
            self.between(node.target, node.value, (f"{words[0]}=", f"{words[1]}="))
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        if isinstance(node.op, ast.Not | ast.Invert):
            start, end = self.span(node.operand)
            self.add(node.lineno, *self.span(node), f"({self.source[start:end].decode()})")
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, bool):
            self.add(node.lineno, *self.span(node), str(not node.value))
        elif isinstance(node.value, int):
            self.add(node.lineno, *self.span(node), str(node.value + 1))
        elif isinstance(node.value, float):
            self.add(node.lineno, *self.span(node), repr(node.value * 1.25 if node.value else 1.0))

    def visit_Call(self, node: ast.Call) -> None:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        attribute = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        if name == "isinstance":  # its second argument names types
            self.visit(node.args[0])
            return
        other = NAMED.get(name or attribute)
        if other and name != "sum":
            end = self.span(node.func)[1]
            line = self.source.count(b"\n", 0, end) + 1
            self.add(line, end - len(name or attribute), end, other)
        told = [one for one in node.keywords if (name, one.arg) != ("zip", "strict")]
        for part in (node.func, *node.args, *told):
            self.visit(part)


def argued(source: bytes, line: int) -> Iterator[str]:
    """Give the comments on a line and on the one above that say why a change makes no difference."""
    lines = source.splitlines()
    for text in lines[max(line - 2, 0) : line]:
        _, _, comment = text.decode().partition("# ")
        if "is equivalent:" in comment:
            yield comment
