"""What every test may use: where the real files are, what is built once for all tests of a run."""

import fcntl
import os
import pickle
import re
import resource
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

# One worker a core: threads of linear algebra beside them only wait for one another. NumPy reads
# this when it is first imported; worker processes and the commands that tests run inherit it.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import obs.report  # noqa: E402, F401  (before nbformat: it is then imported without its grammar)

settings.register_profile("test", max_examples=30, deadline=None)
settings.register_profile("proof", max_examples=200, deadline=None)  # make proof
settings.load_profile("test")

ROOT = Path(__file__).resolve().parents[1]
MARKERS = {"slow", "browser", "proof"}
SHEETS = ("21001", "21004")  # those of the edition of the tests
SLOW_FIXTURES = {"sample_edition"}  # whoever asks for one of these is slow


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--unmarked-limit",
        type=float,
        metavar="SECONDS",
        help="fail if a test without a marker uses more CPU than this (make proof)",
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark who waits for the edition, and order modules so that no process of a run waits.

    The first builds the edition; slow modules without it and half of the quick ones fill that time.
    The other half ends the run: it then ends in all processes at once (`--no-loadscope-reorder` keeps
    this order).
    """
    built, slow = set[str](), set[str]()
    for item in items:
        if SLOW_FIXTURES & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.slow)
            built.add(_module(item))
        elif MARKERS & {mark.name for mark in item.iter_markers()}:
            slow.add(_module(item))
    modules = list(dict.fromkeys(map(_module, items)))
    quick = [m for m in modules if m not in built | slow]
    turns = dict.fromkeys(quick[len(quick) // 2 :], 4) | dict.fromkeys(built, 3)
    turns |= dict.fromkeys(quick[: len(quick) // 2], 2) | dict.fromkeys(slow - built, 1)
    turns |= dict.fromkeys([m for m in modules if m in built][:1], 0)
    items.sort(key=lambda item: turns[_module(item)])


def _module(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]


def cpu_seconds() -> float:
    """Read the CPU used so far by this process and the children that it waited for."""
    used = [resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in used)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    before = cpu_seconds()
    try:
        return (yield)
    finally:
        item.user_properties.append(("cpu", cpu_seconds() - before))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo) -> Iterator[None]:
    report = yield
    limit = item.config.getoption("--unmarked-limit")
    cpu = dict(report.user_properties).get("cpu", 0.0)
    if limit and call.when == "call" and cpu > limit and not MARKERS & set(report.keywords):
        report.outcome = "failed"
        report.longrepr = f"{cpu:.0f} s of CPU: mark it slow, or make it smaller"
    return report


@pytest.fixture(scope="session")
def root() -> Path:
    """Give the project's root folder."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """Give the folder of real files and reference cases beside the project, or skip."""
    folder = ROOT.parent / "shared"
    if not (folder / "data").is_dir():
        pytest.skip("the folder ../shared (real files, reference cases) is not on this machine")
    return folder


@pytest.fixture(scope="session")
def once_a_run(tmp_path_factory) -> Callable[[str, Callable[[Path], object]], Path]:
    """Give a function that fills a folder once for all processes of a run; it is read only."""
    base = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent

    def folder_of(name: str, fill: Callable[[Path], object]) -> Path:
        folder, whole = base / name, base / f"{name}.whole"
        with (base / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # one process fills, the others wait; freed on closing
            if not whole.exists():
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir()
                fill(folder)
                whole.touch()
        return folder

    return folder_of


@pytest.fixture(scope="session")
def sample_raw(once_a_run) -> Path:
    """Give the synthetic deliveries of three years; not to be changed."""
    return once_a_run(
        "sample", lambda to: obs.sample(to, years=range(2022, 2025), scale=0.2, seed=7)
    )


@pytest.fixture(scope="session")
def burglary_observatory(root, tmp_path_factory) -> Path:
    """Give the observatory of Brussels with one of its notes: a build of it costs half."""
    packaged = root / "obs" / "reference" / "brussels" / "observatory.toml"
    text = packaged.read_text(encoding="utf-8")
    path = tmp_path_factory.mktemp("one_note") / "observatory.toml"
    text = re.sub("(?m)^notes = .*$", 'notes = ["focus_vols"]', text)
    text = re.sub(r"(?s)\[sheets\]\n.*?\n\n", "", text)
    path.write_text(text, encoding="utf-8")
    return path


@dataclass(frozen=True)
class Edition:
    """An edition of `sample_raw` in every note and language, with two sheets; not to be changed."""

    base: Path
    built: Any
    steps: list[str]


@pytest.fixture(scope="session")
def sample_edition(once_a_run, sample_raw, root) -> Edition:
    """Give the edition of the synthetic deliveries, built once a run; not to be changed."""

    def fill(base: Path) -> None:
        steps = []
        built = obs.build(
            raw=sample_raw,
            out=base / "publications",
            processed=base / "processed",
            notebooks=root / "notebooks",
            sheets=SHEETS,
            progress=steps.append,
        )
        (base / "built.pickle").write_bytes(pickle.dumps((built, steps)))

    base = once_a_run("edition", fill)
    return Edition(base, *pickle.loads((base / "built.pickle").read_bytes()))
