"""The share of small changes of the code that the tests of its room notice.

    python bench/mutants.py --each 40                      the table of docs/architecture.md
    python bench/mutants.py --each 38                      as `make proof` runs it
    python bench/mutants.py --rooms stats --each 200 --seed 7

The changes are those of `code_changes.py`. Those to be tried are drawn by a hash of their line and the seed, so
that the draw does not move when other lines do. The tests of a room and its examples are run once as they are,
to see which run which statements (`tests_reaching.py`); a change is then tried by those that run its statement:
those first of the files that are named alike or import the module, then the shortest, for a bounded CPU time.
A test that uses more than two seconds of CPU is passed over: a rule of a few lines should not need it. Each try
is a fork of a process that has loaded the libraries but not `obs`.

A change is noticed if a test fails that passes without it, or runs without end. One that cannot matter is
argued on its line: a comment there (or on the line above) holds "is equivalent:" and the reason.
"""

import argparse
import ast
import importlib
import os
import pickle
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from code_changes import Change, argued, changes_of
from tests_reaching import Reach, Watch, read_sources_by, with_notes

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("indicators", "stats", "disclosure", "clean")
LONGEST = 2.0  # CPU seconds of one test
FIRST = 12  # tests that are tried before the others that run a statement: fewer files are read
ENDLESS = 60  # CPU seconds more than planned, of a try that does not end
LIBRARIES = [
    *("numpy", "pandas", "scipy.stats", "scipy.optimize", "scipy.special", "statsmodels.api"),
    *("pyarrow.compute", "pyarrow.parquet", "duckdb", "ibis", "highspy", "pydantic"),
    *("matplotlib.figure", "geopandas", "openpyxl"),
]
LOG = Path(tempfile.gettempdir()) / f"mutants-{os.getpid()}.log"
BROKEN = 70
MARKED = "not proof and not browser"


class Imports:
    """Which files of a room, and of its tests, import which."""

    def __init__(self, room: str) -> None:
        files = [p for top in ("obs", "tests") for p in sorted((ROOT / top / room).rglob("*.py"))]
        self.names = {_dotted(path): path for path in files}
        self.importers: dict[str, set[str]] = {name: set() for name in self.names}
        for name, path in self.names.items():
            if not (path.name == "__init__.py" and path.is_relative_to(ROOT / "obs")):
                for other in self._imported(path):
                    self.importers[other].add(name)

    def _imported(self, path: Path) -> set[str]:
        found = set()
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.ImportFrom) and node.module:
                found |= {self._home(node.module, alias.name) for alias in node.names}
        return found & set(self.names)

    def _home(self, module: str, name: str) -> str:
        """Give the module that a name comes from, through the packages that hand it on."""
        if f"{module}.{name}" in self.names:
            return f"{module}.{name}"
        path = self.names.get(module)
        if path is None or path.name != "__init__.py":
            return module
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.ImportFrom) and node.module:
                handed = {alias.asname or alias.name: alias.name for alias in node.names}
                if name in handed:
                    return self._home(node.module, handed[name])
        return module

    def files_near(self, path: Path) -> list[str]:
        """List the files of what may notice a change of a module: its examples, then the nearest tests."""
        own = _dotted(path)
        steps, reached = [own], {own: 0}
        for name in steps:
            for one in sorted(self.importers.get(name, ())):
                if one not in reached:
                    reached[one] = reached[name] + 1
                    steps.append(one)
        near = sorted(
            (n for n in reached if ".test_" in n), key=lambda n: self._rank(n, path, reached)
        )
        return [str(one.relative_to(ROOT)) for one in (path, *(self.names[n] for n in near))]

    def all_tests(self) -> list[str]:
        """List the files of a room that hold examples or tests."""
        return [
            str(path.relative_to(ROOT))
            for path in self.names.values()
            if path.name.startswith("test_")
            or (path.is_relative_to(ROOT / "obs") and b">>>" in path.read_bytes())
        ]

    def _rank(self, test: str, path: Path, reached: dict[str, int]) -> tuple[object, ...]:
        """Put first what is named alike, then what lies in the mirrored folder, then what imports it."""
        file = self.names[test]
        words = [{word[:5] for word in one.stem.split("_")} for one in (file, path)]
        here, there = (one.parent.relative_to(ROOT).parts[1:] for one in (file, path))
        return (-len(words[0] & words[1]), here != there, reached[test], file.stat().st_size)


def _dotted(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


class Limits:
    """Pass over long tests, end after a CPU time or a failure, and remember what failed."""

    def __init__(self, seconds: float = 0.0, tests: list[str] | None = None) -> None:
        self.seconds, self.tests, self.began = seconds, tests, time.process_time()
        self.failed: list[str] = []
        self.long = False  # whether the test at hand was passed over
        signal.signal(signal.SIGPROF, self._pass_over)

    def _pass_over(self, *_: object) -> None:
        self.long = True
        pytest.skip("too long for this measure")

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        if self.tests is not None:
            order = {name: i for i, name in enumerate(self.tests)}
            items[:] = [item for item in items if item.nodeid in order]
            items.sort(key=lambda item: order[item.nodeid])

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self.long = False
        signal.setitimer(signal.ITIMER_PROF, LONGEST)
        try:
            return (yield)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            spent = time.process_time() - self.began
            if self.tests is not None and (self.failed or spent > self.seconds):
                item.session.shouldstop = "enough"

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and not self.long:
            self.failed.append(report.nodeid)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.failed.append("collection")


def watch_tests(files: list[str]) -> Reach:
    """See which tests of some files run which statements of the code as it is."""
    with tempfile.NamedTemporaryFile(suffix=".pickle") as told:

        def run() -> int:
            room = {f"{ROOT / 'obs' / Path(name).parts[1]}/" for name in files}
            read_sources_by(
                lambda path, text: with_notes(path, text) if path.startswith(tuple(room)) else None
            )
            reach, limits = Reach(), Limits()
            reach.failed = limits.failed
            _pytest(files, [limits, Watch(reach, lambda: limits.long)])
            Path(told.name).write_bytes(pickle.dumps(reach))
            return 0

        if forked(run, seconds=3600) != 0:
            raise SystemExit(LOG.read_text()[-2000:])
        seen = pickle.loads(Path(told.name).read_bytes())  # noqa: S301 (of our own fork)
        assert isinstance(seen, Reach)
        return seen


def notice(change: Change, tests: list[str], seconds: float) -> str:
    """Run tests on a change, in a fork; give the first that fails, or nothing."""
    with tempfile.NamedTemporaryFile(mode="w+", suffix=".txt") as said:

        def run() -> int:
            path = str(ROOT / change.path)
            read_sources_by(lambda name, text: change.apply(text) if name == path else None)
            limits = Limits(seconds, tests)
            files = list(dict.fromkeys(test.partition("::")[0] for test in tests))
            code = _pytest(files, [limits])
            if code in (pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR):
                limits.failed.append("collection")
            Path(said.name).write_text("".join(limits.failed[:1]), encoding="utf-8")
            return 0

        return said.read() if forked(run, seconds=seconds + ENDLESS) == 0 else "no end"


def _pytest(files: list[str], plugins: list[object]) -> int:
    """Run files, examples last: pytest puts a module that it reads for them in place of its package's name."""
    files = sorted(files, key=lambda name: name.startswith("obs/"))
    options = ["-q", "-p", "no:cacheprovider", "--assert=plain", "-m", MARKED]
    return int(pytest.main([*options, *files], plugins=plugins))


def forked(run: Callable[[], int], *, seconds: float) -> int | None:
    """Run a function in a fork, within a CPU time; None if it was ended."""
    child = os.fork()
    if child == 0:
        log = os.open(LOG, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(log, 1)
        os.dup2(log, 2)
        resource.setrlimit(resource.RLIMIT_CPU, (int(seconds) + 1, int(seconds) + 2))
        code = BROKEN
        try:
            code = run()
        except BaseException:  # noqa: BLE001 (of this program, not of a test)
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status) if os.WIFEXITED(status) else None


def drawn(room: str, each: int, seed: int) -> list[Change]:
    """Draw changes of a room that can be compiled, no two on one line."""
    ranked = []
    for path in sorted((ROOT / "obs" / room).rglob("*.py")):
        source = path.read_bytes()
        ranked += [(c.rank(seed, source), c) for c in changes_of(path, str(path.relative_to(ROOT)))]
    lines: set[tuple[str, int]] = set()
    found = []
    for _, change in sorted(ranked, key=lambda pair: pair[0]):
        if len(found) < each and (change.path, change.line) not in lines and _is_code(change):
            lines.add((change.path, change.line))
            found.append(change)
    return found


def _is_code(change: Change) -> bool:
    try:
        compile(change.apply((ROOT / change.path).read_bytes()), change.path, "exec")
    except (SyntaxError, SyntaxWarning, ValueError):
        return False
    return True


def try_room(room: str, options: argparse.Namespace) -> Counter[str]:
    """Try the changes drawn of one room and print what survives."""
    imports, tally = Imports(room), Counter[str]()
    reach = watch_tests(imports.all_tests())
    for names, what in ((reach.failed, "fail without any change"), (reach.long, "take too long")):
        if names:
            print(f"left out, they {what}: {', '.join(names)}", flush=True)
    for change in drawn(room, options.each, options.seed)[options.skip :]:
        path = ROOT / change.path
        tests = reach.tests_of(path, change.line, imports.files_near(path))
        failed = notice(change, tests[:FIRST], options.seconds) if tests else ""
        if not failed and tests[FIRST:]:
            failed = notice(change, tests[FIRST:], options.seconds)
        reasons = list(argued(path.read_bytes(), change.line))
        end = "noticed" if failed else "argued" if reasons else "survived"
        tally[end] += 1
        if end == "survived":
            print(f"survived {change}{'' if tests else '  (no test runs it)'}", flush=True)
    return tally


def main() -> int:
    """Try changes of each room, print the table, and fail below the least share asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--rooms", nargs="+", default=ROOMS)
    parser.add_argument("--each", type=int, default=40, help="changes of each room")
    parser.add_argument("--skip", type=int, default=0, help="of these, how many were tried before")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--seconds", type=float, default=20.0, help="CPU of the tests of one change"
    )
    parser.add_argument(
        "--least", type=float, default=0.0, help="least share, of all rooms together"
    )
    options = parser.parse_args()
    os.chdir(ROOT)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    for name in LIBRARIES:
        importlib.import_module(name)
    try:
        tallies = {room: try_room(room, options) for room in options.rooms}
    finally:
        LOG.unlink(missing_ok=True)
    whole = sum(tallies.values(), Counter())
    print("\n| room | tried | noticed | argued | survived | share |\n|---|---|---|---|---|---|")
    for room, tally in [*tallies.items(), ("all", whole)]:
        numbers = (tally.total(), tally["noticed"], tally["argued"], tally["survived"])
        print(f"| {room} | {' | '.join(map(str, numbers))} | {share(tally):.0%} |")
    return int(share(whole) < options.least)


def share(tally: Counter[str]) -> float:
    """Give the share noticed of the changes that can matter."""
    return tally["noticed"] / max(tally["noticed"] + tally["survived"], 1)


if __name__ == "__main__":
    sys.exit(main())
