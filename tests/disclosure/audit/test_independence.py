"""The audit shares nothing with what it judges: neither functions, nor sums, nor rules."""

import ast
from pathlib import Path

import pytest

import obs

ROOM = Path(obs.__file__).parent / "disclosure" / "audit"
SUPPRESSION = ("cells", "feasible", "sensitive", "suppress", "release")


@pytest.mark.parametrize("path", sorted(ROOM.glob("*.py")), ids=lambda path: path.stem)
def test_no_module_of_the_audit_imports_what_chooses_what_to_withhold(path):
    imported = [
        name
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else [a.name for a in node.names]
        )
    ]
    rooms = tuple(f"obs.disclosure.{room}." for room in SUPPRESSION)
    assert [name for name in imported if f"{name}.".startswith(rooms)] == []
