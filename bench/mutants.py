"""The share of small changes of the code that the tests of its room notice.

    python bench/mutants.py --each 40                      the table of docs/architecture.md
    python bench/mutants.py --each 38                      as `make proof` runs it
    python bench/mutants.py --rooms stats --each 200 --seed 7

The changes are those of `code_changes.py`. Those to be tried are drawn by a hash of their line and the seed, so
that the draw does not move when other lines do. A change is tried by the examples of its module and by the
tests of its room, those first that are named alike or import the module, for a bounded CPU time; what they do
not notice is tried by the other tests of the room. A test that
uses more than a second of CPU is passed over: a rule of a few lines should not need it. Each try is a fork of
a process that has loaded the libraries but not `obs`.

A change is noticed if a test fails that passes without it, or runs without end. One that cannot matter is
argued on its line: a comment there (or on the line above) holds "is equivalent:" and the reason.
"""

import argparse
import ast
import importlib
import os
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from importlib.machinery import SourceFileLoader
from pathlib import Path

import pytest
from code_changes import Change, argued, changes_of

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("indicators", "stats", "disclosure", "clean")
LONGEST = 1.0  # CPU seconds of one test
NEAR = 12  # files of tests that are tried first
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

    def tests_of(self, path: Path) -> list[str]:
        """List what may notice a change of a module: its examples, then the nearest tests."""
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
        tests = [self.names[name] for name in near]
        examples = [path] if b">>>" in path.read_bytes() else []
        return [str(one.relative_to(ROOT)) for one in (*examples, *tests)]

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

    def __init__(self, seconds: float, *, first: bool) -> None:
        self.seconds, self.first, self.began = seconds, first, time.process_time()
        self.failed: list[str] = []
        self.long = False  # whether the test at hand was passed over
        signal.signal(signal.SIGPROF, self._pass_over)

    def _pass_over(self, *_: object) -> None:
        self.long = True
        pytest.skip("too long for this measure")

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self.long = False
        signal.setitimer(signal.ITIMER_PROF, LONGEST)
        try:
            return (yield)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            spent = time.process_time() - self.began
            if spent > self.seconds or (self.first and self.failed):
                item.session.shouldstop = "enough"

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and not self.long:
            self.failed.append(report.nodeid)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.failed.append("collection")


def run_tests(tests: list[str], seconds: float, *, change: Change | None = None) -> list[str]:
    """Run tests in a fork; give those that fail as they are, or the first that fails on a change."""
    with tempfile.NamedTemporaryFile(mode="w+", suffix=".txt") as said:

        def run() -> int:
            if change is not None:
                put_in_place(change)
            limits = Limits(seconds, first=change is not None)
            options = ["-q", "-p", "no:cacheprovider", "--assert=plain", "-m", MARKED]
            code = pytest.main([*options, *tests], plugins=[limits])
            if code in (pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR):
                limits.failed.append("collection")
            Path(said.name).write_text("\n".join(limits.failed), encoding="utf-8")
            return 0

        code = forked(run, seconds=seconds + ENDLESS)
        if code == BROKEN and change is None:
            raise SystemExit(LOG.read_text()[-2000:])
        return said.read().splitlines() if code == 0 else ["no end"]


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


def put_in_place(change: Change) -> None:
    """Let every import of a module in this process read its changed source."""
    path, read = ROOT / change.path, SourceFileLoader.get_code
    source = change.apply(path.read_bytes())

    def get_code(self: SourceFileLoader, name: str) -> object:
        changed = Path(self.path) == path
        return compile(source, path, "exec", dont_inherit=True) if changed else read(self, name)

    SourceFileLoader.get_code = get_code  # type: ignore[assignment, method-assign]


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
    imports, ends = Imports(room), dict[Change, str]()
    for change in drawn(room, options.each, options.seed)[options.skip :]:
        tests = imports.tests_of(ROOT / change.path)
        near, others = tests[:NEAR], tests[NEAR:]
        failed = run_tests(near, options.seconds, change=change) if near else []
        if others and options.rest and not failed:
            failed = run_tests(others, options.rest, change=change)
        ends[change] = failed[0] if failed else ""
        if not failed:
            print(f"survived {change}", flush=True)
    seen = sorted({name for name in ends.values() if "::" in name})
    always = set(run_tests(seen, 600)) if seen else set()
    if always:
        print(f"not counted, they fail without any change: {', '.join(sorted(always))}", flush=True)
    tally: Counter[str] = Counter()
    for change, failed in ends.items():
        reasons = list(argued((ROOT / change.path).read_bytes(), change.line))
        noticed = failed and failed not in always
        tally["noticed" if noticed else "argued" if reasons else "survived"] += 1
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
        "--seconds", type=float, default=10.0, help="CPU of the tests of one change"
    )
    parser.add_argument(
        "--rest", type=float, default=60.0, help="CPU of the other tests, if needed"
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
