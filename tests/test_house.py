"""The house keeps its shape: imports run one way, `import obs` is light, names are documented."""

import ast
import re
import subprocess
import sys
import tomllib
from collections import Counter, defaultdict
from graphlib import CycleError, TopologicalSorter
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

import obs

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
FLOOR = {
    "display_cards",
    "errors",
    "moved",
    "schemas",
    "declare",
    "locale",
    "notebook_session",
    "one_writer",
    "private_files",
    "progress_bars",
    "scratch_folder",
    "machine_limits",
    "query_engine",
}
GROUND = {"reference", "stats"} | FLOOR
MAY_IMPORT = {
    "display_cards": set(),
    "errors": set(),
    "locale": {"errors"},
    "moved": set(),
    "notebook_session": set(),
    "one_writer": {"errors"},
    "progress_bars": {"notebook_session"},
    "scratch_folder": {"errors"},
    "machine_limits": {"errors"},
    "query_engine": {"declare", "errors", "scratch_folder"},
    "private_files": set(),
    "answer_commands": {"begin_commands", "delivery_commands", "pipeline", "progress_bars"},
    "begin_commands": {"delivery_commands", "errors", "pipeline", "reference"},
    "check_commands": {"delivery_commands", "disclosure", "errors", "pipeline", "report"},
    "list_commands": {"catalogue", "clean", "delivery_commands", "errors", "locale", "pipeline"},
    "delivery_commands": {"errors", "pipeline"},
    "proof_commands": {"begin_commands", "delivery_commands", "pipeline", "progress_bars"},
    "declare": {"errors"},
    "schemas": {"errors"},
    "lab": GROUND | {"catalogue", "disclosure"},
    "reference": FLOOR,
    "stats": {"errors", "moved"},
    "catalogue": GROUND,
    "sample": GROUND | {"catalogue"},
    "clean": GROUND | {"catalogue"},
    "indicators": GROUND | {"catalogue"},
    "trends": GROUND | {"catalogue"},
    "disclosure": GROUND | {"catalogue"},
    "report": GROUND | {"catalogue", "disclosure"},
    "open_data": GROUND | {"catalogue", "disclosure", "report"},
    "pipeline": GROUND
    | {"catalogue", "sample", "clean", "indicators", "trends", "disclosure", "report"}
    | {"open_data"},
}
PANDAS_FREE = {"pandas", "pyarrow", "duckdb", "ibis", "matplotlib", "geopandas", "pathlib", "os"}


def imported_modules(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def modules_of(room: str) -> list[Path]:
    folder = ROOT / "obs" / room
    return sorted(folder.rglob("*.py")) if folder.is_dir() else [ROOT / "obs" / f"{room}.py"]


@pytest.mark.parametrize("room", sorted(MAY_IMPORT))
def test_imports_run_one_way(room):
    for path in modules_of(room):
        rooms = {
            name.split(".")[1] for name in imported_modules(path) if name.startswith("obs.")
        } - {room}
        known = rooms & set(MAY_IMPORT)
        assert known <= MAY_IMPORT[room], f"{path.relative_to(ROOT)} imports {sorted(known)}"


def test_the_import_rule_sees_a_forbidden_import(tmp_path):
    bad = tmp_path / "bad.py"
    bad.write_text("from obs.clean import clean_police\nfrom obs import trends\n", encoding="utf-8")
    assert {"obs.clean", "obs.trends"} <= imported_modules(bad)


def test_every_room_is_under_the_rule():
    rooms = {
        p.stem
        for p in (ROOT / "obs").iterdir()
        if not p.name.startswith("__") and (p.is_dir() or p.suffix == ".py")
    }
    assert rooms == set(MAY_IMPORT)


def dotted_name(path: Path, root: Path = ROOT) -> str:
    return ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")


def import_graph(root: Path) -> dict[str, set[str]]:
    """Each module with those it imports, also for types alone or inside a function."""
    modules = {dotted_name(path, root): path for path in sorted((root / "obs").rglob("*.py"))}
    graph = {}
    for name, path in modules.items():
        found = imported_modules(path) & set(modules)
        inner = {n for n in found if any(m.startswith(f"{n}.") for m in found)}
        graph[name] = {n for n in found - inner if n != name and not name.startswith(f"{n}.")}
    return graph


def cycle_of(graph: dict[str, set[str]]) -> list[str]:
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return error.args[1]
    return []


def test_no_modules_import_each_other_in_a_circle():
    assert cycle_of(import_graph(ROOT)) == []


def test_a_circle_is_found_even_if_one_import_is_for_types_alone(tmp_path):
    (tmp_path / "obs").mkdir()
    types = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from obs.second import Two\n"
    (tmp_path / "obs" / "first.py").write_text(types, encoding="utf-8")
    (tmp_path / "obs" / "second.py").write_text("import obs.first\n", encoding="utf-8")
    assert set(cycle_of(import_graph(tmp_path))) == {"obs.first", "obs.second"}


MOST_IN_A_FOLDER = 18  # about fifteen, with room for the one that is being written


def test_no_folder_is_crowded():
    folders = Counter(p.parent for p in (ROOT / "obs").rglob("*.py") if p.name != "__init__.py")
    crowded = {str(f.relative_to(ROOT)): n for f, n in folders.items() if n > MOST_IN_A_FOLDER}
    assert not crowded, "name the rooms inside them"


def test_a_module_name_stands_once():
    special = ("__init__.py", "__main__.py")
    names = Counter(p.stem for p in (ROOT / "obs").rglob("*.py") if p.name not in special)
    assert [name for name, n in names.items() if n > 1] == []


def test_a_private_function_is_named_for_what_it_does():
    """One name for many functions says nothing of any; `_repr_html_` is the notebook's own."""
    homes = defaultdict(set)
    for path in (ROOT / "obs").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and re.match(r"_(?!repr_)[a-z]", node.name):
                homes[node.name].add(dotted_name(path))
    assert {name: sorted(where) for name, where in homes.items() if len(where) > 4} == {}


def test_examples_in_docstrings_run():
    for path in (ROOT / "obs").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Module):
                continue
            examples = re.split(
                r"\n *Examples\n *-{3,}\n", ast.get_docstring(node, clean=False) or ""
            )
            assert all(">>>" in part for part in examples[1:]), f"{path.relative_to(ROOT)}: {node}"


def test_what_tests_import_is_declared():
    """The linter's check of dependencies reads `obs` alone; here are its tests."""
    asked = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["test"]]
    declared = {_plain(re.match(r"[\w.-]+", one)[0]) for one in asked}
    sources = {
        name.split(".")[0]: path.relative_to(ROOT)
        for path in sorted((ROOT / "tests").rglob("*.py"))
        for name in imported_modules(path)
    }
    packages = packages_distributions()
    undeclared = {
        name: str(path)
        for name, path in sources.items()
        if name in packages
        and name != "obs"  # others come with Python, or with the project
        and not {_plain(one) for one in packages[name]} & declared
    }
    assert undeclared == {}


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_kernels_know_no_tables_and_no_files():
    for path in modules_of("stats"):
        tops = {name.split(".")[0] for name in imported_modules(path)}
        assert not tops & PANDAS_FREE, path.relative_to(ROOT)


def test_a_bare_import_loads_no_heavy_package():
    code = "import obs, sys; print(sorted({'pandas', 'numpy', 'matplotlib'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", [n for n in obs.__all__ if n != "__version__"])
def test_every_public_name_exists_and_is_documented(name):
    documented = getattr(obs, name).__doc__
    assert documented
    assert len(documented.strip().splitlines()[0]) <= 88


def test_an_unknown_name_is_refused():
    with pytest.raises(AttributeError, match="no attribute 'cleen'"):
        _ = obs.cleen


def test_the_sample_can_be_called_whatever_was_imported_first():
    code = (
        "import obs.sample.police_files, obs; assert callable(obs.sample); obs.sample('.', scale=9)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "scale" in done.stderr.splitlines()[-1]
    assert "ObsError" in done.stderr.splitlines()[-1]
