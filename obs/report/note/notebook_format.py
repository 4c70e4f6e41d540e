"""Import `nbformat` without the grammar that it compiles and never uses.

`nbformat` imports `jsonschema`, whose optional checker of the format "iri" compiles a grammar
(`rfc3987_syntax`) on import: nine tenths of the time. No schema of a notebook has that format.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import ModuleType

__all__ = ["skip_grammar"]

_CHECKERS = "jsonschema._format"
_GRAMMAR = "rfc3987_syntax"


def skip_grammar() -> None:
    """Make the next import of jsonschema's format checkers do without the grammar.

    Nothing else changes: the grammar stays importable by whoever asks for it, and checkers
    imported before are left as they are.
    """
    if _CHECKERS not in sys.modules and not any(isinstance(f, _Finder) for f in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


class _Finder:
    """Finds the module of format checkers, once."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name != _CHECKERS:
            return None
        sys.meta_path.remove(self)
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and isinstance(spec.loader, SourceFileLoader):
            spec.loader = _Loader(name, spec.loader.path)
        return spec


class _Loader(SourceFileLoader):
    """Loads a module as on a machine where the grammar is not installed."""

    def exec_module(self, module: ModuleType) -> None:
        if _GRAMMAR in sys.modules:
            super().exec_module(module)
            return
        sys.modules[_GRAMMAR] = None  # type: ignore[assignment]  # importing it is an ImportError
        try:
            super().exec_module(module)
        finally:
            del sys.modules[_GRAMMAR]
