"""CPU of cleaning ten years of facts, and of cleaning them again with one month more.

    python bench/new_month.py

The years are those of the synthetic sample's police, a file each of some hundred thousand rows; the month is
new facts. Each way is the first cleaning of a process of its own; what is cleaned with kept files must
be what is cleaned from nothing (table, rejected rows, accounts), or the run ends.
"""

import os
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd

from obs.clean import clean_police
from obs.pipeline.reuse.judged_files import JudgedFiles
from obs.sample import sample

ROWS = 9_000  # of the month
TOLD = ("table", "rejected", "flagged", "report", "coverage")


def main() -> None:
    """Write the deliveries, clean them in each way, and print the CPU of each."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        sample(folder)
        years = sorted(folder.glob("police/*0131.csv"))
        month = write_month(folder, years[-1])
        every = [*years, month]
        run_apart("all from nothing", every, None)
        run_apart("ten years, judged and kept", years, folder)
        run_apart("ten years kept, a month new", every, folder, check=True)
        run_apart("nothing new, each file's own account", every, folder, apart=True)


def run_apart(
    called: str, paths: list[Path], kept: Path | None, *, check=False, apart=False
) -> None:
    """Clean in a process of its own and print its CPU; compare with all from nothing if asked."""
    sys.stdout.flush()
    child = os.fork()
    if child:
        if os.waitpid(child, 0)[1]:
            sys.exit(f"{called}: failed")
        return
    start = time.process_time()
    shelf = JudgedFiles(kept / "in", print, force=False) if kept else None
    cleaned = clean_police(paths, profile="obs_sample", shelf=shelf, apart=apart)
    print(f"{called}: {time.process_time() - start:.1f} s", flush=True)
    failed = 0
    if check:
        whole = clean_police(paths, profile="obs_sample")
        try:
            for name in TOLD:
                pd.testing.assert_frame_equal(getattr(cleaned, name), getattr(whole, name))
        except AssertionError:
            failed = 1
    os._exit(failed)


def write_month(folder: Path, last: Path) -> Path:
    """Write some rows of the last year as a delivery of its own, under new numbers."""
    lines = last.read_bytes().decode("latin-1").splitlines(keepends=True)
    path = folder / "police" / "police_2025_20250228.csv"
    path.write_bytes("".join([*lines[:2], *("9" + one for one in lines[2:ROWS])]).encode("latin-1"))
    return path


if __name__ == "__main__":
    main()
