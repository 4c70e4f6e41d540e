"""The house keeps its shape: imports run one way, `import obs` is light, names are documented."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import obs

ROOT = Path(__file__).resolve().parents[1]
FLOOR = {"errors", "moved", "schemas", "declare", "locale"}
GROUND = {"reference", "stats"} | FLOOR
MAY_IMPORT = {
    "errors": set(),
    "locale": {"errors"},
    "moved": set(),
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
    "pipeline": GROUND
    | {"catalogue", "sample", "clean", "indicators", "trends", "disclosure", "report"},
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
