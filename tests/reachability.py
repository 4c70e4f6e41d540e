"""Which functions and classes of `obs` a command, the public names or an exporter reach.

`python -m tests.reachability` lists the others, module by module. A name that an
`__init__` passes on counts only where it is used.
"""

import ast
import re
import sys
import tomllib
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WHOLE = "<module>"  # what runs when a module is imported
Node = tuple[str, str]
IN_A_KERNEL = [  # called by their names in the kernel of a note
    "obs.report.note.sentences.render_sentences",
    "obs.report.note.sentences.front_matter",
]


@dataclass
class Module:
    """One module: what it defines, what its names stand for, and what each part uses."""

    name: str
    tree: ast.Module
    defined: dict[str, ast.stmt] = field(default_factory=dict)
    imported: dict[str, str] = field(default_factory=dict)  # local name to dotted name
    lazy: dict[str, str] = field(default_factory=dict)  # of an __init__: name to its module


def read_modules(root: Path = ROOT) -> dict[str, Module]:
    modules = {}
    for path in sorted((root / "obs").rglob("*.py")):
        name = ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
        module = Module(name, _as_run(ast.parse(path.read_text(encoding="utf-8"))))
        for node in module.tree.body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                module.defined[node.name] = node
            elif isinstance(node, ast.Assign | ast.AnnAssign):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                parts = [e for t in targets for e in getattr(t, "elts", [t])]
                names = [part.id for part in parts if isinstance(part, ast.Name)]
                module.defined |= dict.fromkeys(names, node)
                module.lazy |= _lazy_names(node)
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ImportFrom) and node.module:
                for alias in node.names:
                    module.imported[alias.asname or alias.name] = f"{node.module}.{alias.name}"
            elif isinstance(node, ast.Import):
                for alias in node.names:
                    local = alias.asname or alias.name.split(".")[0]
                    module.imported[local] = alias.name if alias.asname else local
        modules[name] = module
    return modules


def _as_run(tree: ast.Module) -> ast.Module:
    """Leave out what a package names for type checkers alone: it passes those names on lazily."""
    lazy = any(isinstance(n, ast.FunctionDef) and n.name == "__getattr__" for n in tree.body)
    if lazy:
        tree.body = [
            n
            for n in tree.body
            if not (isinstance(n, ast.If) and getattr(n.test, "id", "") == "TYPE_CHECKING")
        ]
    return tree


def _lazy_names(node: ast.Assign | ast.AnnAssign) -> dict[str, str]:
    value = node.value
    if not isinstance(value, ast.Dict):
        return {}
    return {
        k.value: v.value
        for k, v in zip(value.keys, value.values, strict=True)
        if isinstance(k, ast.Constant)
        and isinstance(v, ast.Constant)
        and isinstance(v.value, str)
        and re.fullmatch(r"\w+(\.\w+)+", v.value)
    }


def resolve(dotted: str, modules: dict[str, Module]) -> list[Node]:
    """Follow a dotted name through every `__init__` to where it is defined."""
    home, _, name = dotted.rpartition(".")
    module = modules.get(home)
    if module and name in module.lazy:
        inside = module.lazy[name]
        inside = inside if inside.startswith("obs.") else f"{home}.{inside}"
        return resolve(f"{inside}.{name}", modules)
    if module and name in module.defined:
        return [(home, name)]
    if module and name in module.imported and module.imported[name] != dotted:
        return resolve(module.imported[name], modules)
    return [(dotted, WHOLE)] if dotted in modules else []


def uses(module: Module, part: ast.AST, modules: dict[str, Module]) -> set[Node]:
    """What one part of a module refers to, of the same module or of others."""
    found: set[Node] = set()
    for node in ast.walk(part):
        if isinstance(node, ast.Name):
            if node.id in module.defined:
                found.add((module.name, node.id))
            elif node.id in module.imported:
                found |= set(resolve(module.imported[node.id], modules))
        elif isinstance(node, ast.Attribute):
            dotted = _dotted(node, module)
            found |= set(resolve(dotted, modules)) if dotted else set()
        elif isinstance(node, ast.ImportFrom) and node.module and part is not module.tree:
            names = [resolve(f"{node.module}.{a.name}", modules) for a in node.names]
            found |= {n for some in names for n in some}
    return found


def _dotted(node: ast.Attribute, module: Module) -> str:
    parts = [node.attr]
    inner = node.value
    while isinstance(inner, ast.Attribute):
        parts.append(inner.attr)
        inner = inner.value
    if not isinstance(inner, ast.Name) or inner.id not in module.imported:
        return ""
    return ".".join([module.imported[inner.id], *reversed(parts)])


def roots(modules: dict[str, Module], root: Path = ROOT) -> set[Node]:
    """Start from the command line, the public names, the kernels and the exporters."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    points = [p for group in project.get("entry-points", {}).values() for p in group.values()]
    points += list(project.get("scripts", {}).values())
    public = [f"obs.{name}" for name in modules["obs"].lazy]
    kernels = [f"obs.stats.{name}" for name in _listed_names(modules["obs.stats"])]
    starts = [p.replace(":", ".") for p in points] + public + kernels + IN_A_KERNEL
    return {node for start in starts for node in resolve(start, modules)}


def _listed_names(module: Module) -> list[str]:
    value = module.defined["__all__"].value  # type: ignore[attr-defined]
    return [item.value for item in value.elts]


def reached(modules: dict[str, Module], start: set[Node]) -> set[Node]:
    seen: set[Node] = set()
    todo = list(start)
    while todo:
        node = todo.pop()
        if node in seen:
            continue
        seen.add(node)
        module = modules[node[0]]
        packages = module.name.split(".")
        todo += [(".".join(packages[: n + 1]), WHOLE) for n in range(len(packages))]
        if node[1] == WHOLE:
            of_names = set(map(id, module.defined.values()))
            for part in module.tree.body:
                if id(part) not in of_names and not isinstance(part, ast.Import | ast.ImportFrom):
                    todo += uses(module, part, modules)
        else:
            todo += uses(module, module.defined[node[1]], modules)
    return seen


def unreached(root: Path = ROOT) -> dict[str, dict[str, int]]:
    """Each module outside the lab with its functions and classes out of reach, and their lines."""
    modules = read_modules(root)
    seen = reached(modules, roots(modules, root))
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for module in modules.values():
        if module.name.startswith("obs.lab") or module.name == "obs.moved":
            continue
        for name, node in module.defined.items():
            is_code = isinstance(node, ast.FunctionDef | ast.ClassDef)
            special = re.fullmatch(r"__\w+__", name)
            if is_code and not special and (module.name, name) not in seen:
                found[module.name][name] = (node.end_lineno or node.lineno) - node.lineno + 1
    return dict(found)


if __name__ == "__main__":
    for module, names in unreached().items():
        sys.stdout.write(f"{module}: {sum(names.values())} lines: {', '.join(names)}\n")
