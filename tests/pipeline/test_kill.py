"""`obs build` killed at fifty random moments: the previous publications and registry stay whole.

`test_kill_at_changes` kills at chosen ones. A build after the last kill is as any other.
"""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

import obs
from obs.clean.registry.delivery_registry import Registry
from obs.disclosure import Ledger, ledger_path

SEED, KILLS = 11, 50


def fingerprint(folder):
    """Give what a reader finds: every file but those that a run makes aside."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not any(p.startswith(".") for p in path.relative_to(folder).parts)
    }


def edition_of(base):
    return fingerprint(base / "publications" / "2022")


def known_of(base):
    """Give the counts in the ledger: a changed or torn one is refused."""
    ledger = Ledger(ledger_path(base / "processed", base / "publications"))
    return set(ledger.history.astype("str").itertuples(index=False, name=None))


def start(raw, base, root, config):
    command = [sys.executable, "-m", "obs", "build", "--quiet", "--lang", "fr", "--edition", "2022"]
    folders = {"--raw": raw, "--out": base / "publications", "--processed": base / "processed"}
    folders |= {"--notebooks": root / "notebooks", "--config": config}
    options = [str(part) for pair in folders.items() for part in pair]
    return subprocess.Popen(
        [*command, *options],
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@pytest.fixture(scope="module")
def editions(tmp_path_factory, root, burglary_observatory):
    """Build an edition from one year, then again once a second year was delivered."""
    folder = tmp_path_factory.mktemp("kill")
    for name, years in (("old", [2022]), ("new", [2021, 2022])):
        obs.sample(folder / f"raw_{name}", years=years, scale=0.2, seed=3)
    before, after = folder / "before", folder / "after"
    assert start(folder / "raw_old", before, root, burglary_observatory).wait() in (0, 1)
    shutil.copytree(before, after)
    begun = time.monotonic()
    assert start(folder / "raw_new", after, root, burglary_observatory).wait() in (0, 1)
    return folder, before, after, time.monotonic() - begun


def deliveries(base):
    """Read the registry and every table in it: each is whole or is refused."""
    registry = Registry.of(base / "processed", "brussels")
    registry.table_as_of("2030-01-01", source="police")
    return registry.deliveries["file"].tolist()


@pytest.mark.proof
def test_a_killed_build_leaves_what_was_there(editions, root, burglary_observatory, tmp_path):
    folder, before, after, seconds = editions
    published = [edition_of(base) for base in (before, after)]
    ledgers = [known_of(base) for base in (before, after)]
    first, last = (set(deliveries(base)) for base in (before, after))
    assert published[0] != published[1]
    assert first < last
    for number, moment in enumerate(np.random.default_rng(SEED).uniform(0, seconds, KILLS)):
        base = shutil.copytree(before, tmp_path / str(number))
        run = start(folder / "raw_new", base, root, burglary_observatory)
        time.sleep(moment)
        os.killpg(run.pid, signal.SIGKILL)
        run.wait()
        shown, known = edition_of(base), set(deliveries(base))
        assert known_of(base) in ledgers, f"killed after {moment:.2f} s: the ledger is in parts"
        assert shown in published, f"killed after {moment:.2f} s: the publication is in parts"
        assert first <= known <= last, f"killed after {moment:.2f} s: deliveries are lost"
    assert start(folder / "raw_new", base, root, burglary_observatory).wait() in (0, 1)
    assert edition_of(base) == published[1]
    assert known_of(base) == ledgers[1]
    assert deliveries(base) == deliveries(after)
