"""CPU and memory of cleaning, beside the same work in pandas, Polars and DuckDB (bench/cleaning_peers.py).

    python bench/cleaning.py --rows 1000000 --runs 3
    python bench/cleaning.py --rows 4000000 --runs 1 --tools obs,pandas

Copies of one synthetic year under new numbers, in csv. Every run is a process of its own, on one
thread (Polars on two: on one it waits for itself); tools take turns, and the median of the runs is
told. CPU is that of all threads, after imports.
All keep the same number of facts, or the run ends.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

YEAR = 2019
TOOLS = ("obs", "pandas", "polars", "duckdb")
FEW_THREADS = {"POLARS_MAX_THREADS": "2", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def main() -> None:
    """Write the deliveries, run every tool on them in turn, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000, help="about how many rows")
    parser.add_argument("--runs", type=int, default=3, help="of each tool")
    parser.add_argument("--tools", default=",".join(TOOLS), help="of %(default)s")
    parser.add_argument("--plain", action="store_true", help="without screening alone")
    parser.add_argument("--run", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help="deliveries written before")
    options = parser.parse_args()
    if options.run:
        tool, _, how = options.run.partition("+")
        print(json.dumps(measure(tool, options.folder, screen=how == "screening")))
        return
    with tempfile.TemporaryDirectory() as made:
        folder = options.folder or Path(made)
        rows = write_deliveries(folder, options.rows) if not options.folder else options.rows
        ways = [""] if options.plain else ["", "+screening"]
        names = [f"{tool}{how}" for how in ways for tool in options.tools.split(",")]
        found: dict[str, list[dict]] = {name: [] for name in names}
        for _ in range(options.runs):
            for name in names:
                found[name].append(run_apart(name, folder))
    print(f"{rows:,} rows, median of {options.runs} runs")
    print_table(found)


def print_table(found: dict[str, list[dict]]) -> None:
    """Print one line a tool: CPU, what it is of pandas, memory."""
    cpu = {name: statistics.median(one["cpu"] for one in runs) for name, runs in found.items()}
    print("| tool | screening | CPU s | of pandas | peak MB | facts |\n|---|---|---|---|---|---|")
    for name, runs in found.items():
        tool, _, how = name.partition("+")
        of_pandas = cpu[name] / cpu.get(f"pandas+{how}" if how else "pandas", float("nan"))
        memory = statistics.median(one["memory"] for one in runs)
        print(
            f"| {tool} | {'yes' if how else 'no'} | {cpu[name]:.1f} | {of_pandas:.2f} | "
            f"{memory:,.0f} | {runs[0]['facts']:,} |"
        )
    facts = {one["facts"] for runs in found.values() for one in runs}
    if len(facts) > 1:
        sys.exit(f"the tools do not keep the same facts: {sorted(facts)}")


def write_deliveries(folder: Path, rows: int) -> int:
    """Write copies of one synthetic year under new numbers, at least `rows` rows in all."""
    from obs.sample import sample

    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as made:
        sample(made, years=[YEAR])
        path = next(Path(made).glob("police/*.csv"))
        raw = path.read_bytes().decode(
            "utf-8-sig" if path.read_bytes()[:1] == b"\xef" else "latin-1"
        )
    head, *lines = raw.splitlines()[1:]
    written = 0
    for copy in range(-(-rows // len(lines))):
        text = "\n".join([head, *(line.replace("F", f"F{copy}-", 1) for line in lines)])
        (folder / f"police_{YEAR}_{2020 + copy}0131.csv").write_text(text, encoding="utf-8")
        written += len(lines)
    return written


def run_apart(name: str, folder: Path) -> dict:
    """Run one tool once, in a process of its own."""
    command = [sys.executable, __file__, "--run", name, "--folder", str(folder)]
    env = os.environ | FEW_THREADS
    return json.loads(subprocess.run(command, check=True, capture_output=True, env=env).stdout)


def measure(tool: str, folder: Path, *, screen: bool) -> dict:
    """Run one tool on the deliveries; give its CPU, peak memory and number of facts."""
    clean = clean_with_obs
    if tool != "obs":
        from cleaning_peers import PEERS

        clean = PEERS[tool]
    else:
        import obs.clean.cleaning  # noqa: F401
    paths = sorted(folder.glob("*.csv"))
    with tempfile.TemporaryDirectory() as out:
        before = time.process_time()
        facts = clean(paths, Path(out), screen=screen)
        cpu = time.process_time() - before
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"cpu": cpu, "memory": memory, "facts": facts}


def clean_with_obs(paths: list[Path], out: Path, *, screen: bool) -> int:
    """Clean as `obs clean` does; without screening, no text is judged as personal data."""
    from obs.clean import clean_police
    from obs.clean.read import screening

    if not screen:
        screening._cell_faults = lambda *_: []
    cleaned = clean_police(paths, profile="obs_sample")
    cleaned.write(out)
    return int(cleaned.report["kept"].sum())


if __name__ == "__main__":
    main()
