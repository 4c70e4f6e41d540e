"""CPU of rendering notes of an edition, kernels included, by this checkout and by another beside it.

    python bench/rendering.py focus_vols focus_vif --edition 2024 --processed data/processed --other ../before

Each line is one `obs render` in a process of its own: HTML and PDF of one note, first in one language
(cold), then in all of its own. CPU is that of the process and of all that it started and waited for.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]


def cpu_of(command: list[str], checkout: Path) -> float:
    """Run a command with the code of a checkout; give its CPU seconds."""
    env = {**os.environ, "PYTHONPATH": str(checkout), "OPENBLAS_NUM_THREADS": "1"}
    process = subprocess.Popen(command, env=env, cwd=checkout, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(command)}: ended with {os.waitstatus_to_exitcode(status)}")
    return used.ru_utime + used.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("notes", nargs="+")
    parser.add_argument("--edition", required=True)
    parser.add_argument("--processed", required=True, type=Path)
    parser.add_argument("--langs", default="fr,nl,en")
    parser.add_argument("--other", type=Path)
    options = parser.parse_args()
    checkouts = [HERE, *([options.other.resolve()] if options.other else [])]
    print("| note | languages | " + " | ".join(c.name for c in checkouts) + " |")
    print("|---" * (2 + len(checkouts)) + "|")
    for note in options.notes:
        for langs in (options.langs.split(",")[0], options.langs):
            row = [note, langs]
            for checkout in checkouts:
                with tempfile.TemporaryDirectory() as out:
                    command = [sys.executable, "-m", "obs", "render", f"notebooks/{note}.ipynb"]
                    command += ["--quiet", "--lang", langs, "--edition", options.edition]
                    command += ["--processed", str(options.processed.resolve()), "--out", out]
                    row.append(f"{cpu_of(command, checkout):.1f}")
            print("| " + " | ".join(row) + " |", flush=True)


if __name__ == "__main__":
    main()
