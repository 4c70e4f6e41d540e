"""Time and memory of cleaning against plain pandas, with pyarrow and c readers, answers compared.

    python bench/cleaning.py --rows 10000000

The same deliveries in the sample's layout for all: facts by commune and phenomenon after dates
are read, places matched, codes mapped and versions merged. The rivals do only that; `obs` also
screens every cell, rejects with reasons, closes the accounts and writes the table. Every tool
runs in its own process; CPU counts all threads.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd

from obs.clean import clean_police, load_profile
from obs.reference import match_territory
from obs.sample import sample

PROFILE = load_profile("obs_sample")
YEAR = 2019
COLUMNS = ["event_id", "event_date", "report_date", "territory", "offence", "version"]
TOOLS = ("obs", "pandas-pyarrow", "pandas-c")


def main() -> None:
    """Write the deliveries, run every tool on them, compare and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000, help="about how many rows")
    parser.add_argument("--tool", choices=TOOLS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.tool:
        print(json.dumps(measure(options.tool, options.folder)))
        return
    with tempfile.TemporaryDirectory() as folder:
        rows = write_deliveries(Path(folder), options.rows)
        results = {tool: run_apart(tool, folder) for tool in TOOLS}
    base = results["obs"]["cpu"]
    print(f"{rows:,} rows")
    for tool, one in results.items():
        same = "same" if one["answer"] == results["obs"]["answer"] else "DIFFERENT"
        print(
            f"{tool:15} {one['cpu']:7.1f} s CPU {one['wall']:7.1f} s wall {one['memory']:6,.0f} MB "
            f"x{one['cpu'] / base:.2f} {same} ({one['facts']:,} facts)"
        )


def write_deliveries(folder: Path, rows: int) -> int:
    """Write copies of one synthetic year under new numbers, at least `rows` rows in all."""
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


def run_apart(tool: str, folder: str) -> dict:
    command = [sys.executable, __file__, "--tool", tool, "--folder", folder]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)


def measure(tool: str, folder: Path) -> dict:
    """Run one tool on the deliveries and give its answer, time and peak memory."""
    paths = sorted(folder.glob("*.csv"))
    wall, cpu = time.perf_counter(), time.process_time()
    table = clean_with_obs(paths, folder) if tool == "obs" else clean_with_pandas(paths, tool)
    times = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
    counts = table.groupby(["territory", "phenomenon"]).size()
    answer = int(pd.util.hash_pandas_object(counts).sum() % 2**53)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {**times, "memory": peak, "facts": len(table), "answer": answer}


def clean_with_obs(paths: list[Path], folder: Path) -> pd.DataFrame:
    written, *_ = clean_police(paths, profile=PROFILE).write(folder / "out")
    return pd.read_parquet(written, columns=["territory", "phenomenon"])


def clean_with_pandas(paths: list[Path], tool: str) -> pd.DataFrame:
    """Read and map as one would in a notebook, with each distinct place matched once."""
    table = pd.concat([read(path, tool.removeprefix("pandas-")) for path in paths])
    for column in ("event_date", "report_date"):
        slashed = pd.to_datetime(table[column], format="%d/%m/%Y", errors="coerce")
        dashed = pd.to_datetime(table[column], format="%Y-%m-%d", errors="coerce")
        table[column] = slashed.fillna(dashed)
    places = table["territory"].drop_duplicates()
    table["territory"] = table["territory"].map(
        dict(zip(places, match_territory(places), strict=True))
    )
    codes = {e.conditions["offence"]: e.outcome["phenomenon"] for e in PROFILE.offences}
    table["phenomenon"] = table["offence"].map(codes)
    table["extracted"] = pd.to_datetime(table["extracted"], format="%d/%m/%Y")
    hostile = table["texts"].str.contains(r"<[A-Za-z/!?]|\x1f[=@]", regex=True)
    good = table[["event_id", "event_date", "territory", "phenomenon"]].notna().all(axis=1)
    good &= ~hostile & ~(table["event_date"] > table["extracted"])
    good &= ~(table["report_date"] < table["event_date"])
    return settle(table[good & ~(table["report_date"] > table["extracted"])])


def read(path: Path, engine: str) -> pd.DataFrame:
    table = pd.read_csv(path, sep=";", dtype="str", engine=engine)
    names = {
        theirs: ours
        for ours in (*COLUMNS, "extracted")
        for theirs in PROFILE.columns[ours]
        if theirs in table
    }
    texts = table.iloc[:, 7].fillna("") + "\x1f" + table.iloc[:, 11].fillna("")
    content = table.iloc[:, 3:16].fillna("").sum(axis=1)
    return table.rename(columns=names)[list(names.values())].assign(texts=texts, content=content)


def settle(table: pd.DataFrame) -> pd.DataFrame:
    last = table["version"] == table.groupby("event_id")["version"].transform("max")
    tops = table[last].drop_duplicates(["event_id", "content", "event_date", "report_date"])
    return tops[~tops["event_id"].duplicated(keep=False)]


if __name__ == "__main__":
    main()
