"""Time and memory of domain estimation against svy, samplics and R survey, answers compared.

    python bench/survey.py --rivals /path/to/python/with/svy

Every tool runs in its own process on the same file: 200,000 respondents, 57 strata, about 4,000
sampling units, the mean of 20 indicators in 19 communes with standard error and interval. CPU
counts all threads, from the table in memory to the table of results. Then `obs` alone from 0.2
to 5 million respondents.
"""

import argparse
import gc
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

COMMUNES, INDICATORS, STRATA, UNITS = 19, 20, 57, 4_000
INDICATOR_NAMES = [f"i{k}" for k in range(INDICATORS)]
SEED = 5
RESET_PEAK = Path("/proc/self/clear_refs")  # Linux: forget the peak of reading the file


def main() -> None:
    """Run every tool there is, compare the answers, print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rivals", default=sys.executable, help="Python that has svy, samplics")
    parser.add_argument("--tool", choices=sorted(TOOLS), help=argparse.SUPPRESS)
    parser.add_argument("--data", help=argparse.SUPPRESS)
    parser.add_argument("--repeats", type=int, default=3, help="runs of each tool; best kept")
    parser.add_argument("--slow", action="store_true", help="loops of R and samplics as well")
    options = parser.parse_args()
    if options.tool:
        print(json.dumps(measure(options.tool, options.data)))
        return
    with tempfile.TemporaryDirectory() as folder:
        compare_tools(Path(folder), options)
        show_growth(Path(folder), options)


def make_respondents(n: int) -> pd.DataFrame:
    """Make respondents of a stratified cluster sample, three strata per commune."""
    rng = np.random.default_rng(SEED)
    unit = rng.integers(0, UNITS * n // 200_000, n)
    stratum = unit % STRATA
    table = {
        "commune": np.char.add("210", (stratum % COMMUNES + 1).astype(str)),
        "stratum": stratum,
        "unit": unit,
        "w": rng.uniform(1, 9, n),
    }
    effect = rng.normal(0, 0.05, unit.max() + 1)[unit]
    for k, name in enumerate(INDICATOR_NAMES):
        table[name] = (rng.random(n) < 0.05 + 0.02 * k + effect).astype(np.int8)
    return pd.DataFrame(table)


def compare_tools(folder: Path, options: argparse.Namespace) -> None:
    """Run all tools on one file and print CPU, memory and the largest difference."""
    data = folder / "respondents.csv"
    make_respondents(200_000).to_csv(data, index=False)
    names = ["obs", "svy_batch", "svy_loop", "r_formula"]
    names += ["r_loop", "samplics"] if options.slow else []
    results = {name: best_of(name, data, options) for name in names}
    ours = results["obs"]
    print(f"{'tool':<12}{'CPU s':>9}{'ratio':>8}{'peak MB':>9}{'added MB':>10}  largest difference")
    for name, found in results.items():
        if "error" in found:
            print(f"{name:<12}not run: {found['error']}")
            continue
        # svy takes the degrees of freedom of each domain: our df="domain"
        reference = ours["by_domain"] if name.startswith("svy") else ours["values"]
        gap = largest_gap(reference, found["values"])
        ratio = found["cpu"] / ours["cpu"]
        print(
            f"{name:<12}{found['cpu']:>9.3f}{ratio:>8.1f}{found['peak']:>9.0f}"
            f"{found['peak'] - found['start']:>10.0f}  {gap}"
        )


def show_growth(folder: Path, options: argparse.Namespace) -> None:
    """Run `obs` alone on growing tables."""
    print(f"\n{'respondents':>12}{'CPU s':>9}{'us/row':>9}{'peak MB':>9}{'added MB':>10}")
    for n in (200_000, 500_000, 1_000_000, 2_000_000, 5_000_000):
        data = folder / f"{n}.parquet"
        make_respondents(n).to_parquet(data, index=False)
        found = best_of("obs", data, options)
        per_row = found["cpu"] / n * 1e6
        added = found["peak"] - found["start"]
        print(f"{n:>12,}{found['cpu']:>9.2f}{per_row:>9.2f}{found['peak']:>9.0f}{added:>10.0f}")
        data.unlink()


def best_of(name: str, data: Path, options: argparse.Namespace) -> dict:
    """Run a tool in fresh processes and keep the quickest."""
    runs = [run(name, data, options.rivals) for _ in range(options.repeats)]
    failed = [found for found in runs if "error" in found]
    return failed[0] if failed else min(runs, key=lambda found: found["cpu"])


def run(name: str, data: Path, rivals: str) -> dict:
    """Run one tool in its own process."""
    if name.startswith("r_"):
        if shutil.which("Rscript") is None:
            return {"error": "no Rscript"}
        script = data.parent / "bench.R"
        script.write_text(R_SCRIPT)
        command = ["Rscript", str(script), str(data), name.removeprefix("r_")]
    else:
        python = sys.executable if name == "obs" else rivals
        command = [python, __file__, "--tool", name, "--data", str(data)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        return {"error": (done.stderr.strip().splitlines() or ["no message"])[-1]}
    return json.loads(done.stdout.strip().splitlines()[-1])


def measure(name: str, data: str) -> dict:
    """Measure a Python tool in this process."""
    reader = pd.read_parquet if data.endswith(".parquet") else pd.read_csv
    table = reader(data)
    table["commune"] = table["commune"].astype(str)
    prepare, estimate = TOOLS[name]
    ready = prepare(table)
    del table
    gc.collect()
    RESET_PEAK.write_text("5")
    start = peak_megabytes()
    before = time.process_time()
    values = estimate(ready)
    cpu = time.process_time() - before
    found = {"cpu": cpu, "start": start, "peak": peak_megabytes(), "values": values}
    if name == "obs":
        found["by_domain"] = estimate_obs(ready, df="domain")
    return found


def largest_gap(ours: dict, theirs: dict) -> str:
    """Say the largest relative difference of estimates, standard errors and limits."""
    parts = []
    for part in ("estimate", "se", "low", "high"):
        if part not in theirs:
            continue
        a, b = np.asarray(ours[part]), np.asarray(theirs[part])
        parts.append(f"{part} {np.max(np.abs(a - b) / np.abs(b)):.0e}")
    return ", ".join(parts)


def peak_megabytes() -> float:
    """Peak resident memory of this process since the last reset."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def estimate_obs(table: pd.DataFrame, *, df: str = "auto") -> dict:
    """Estimate with `obs`: one call."""
    from obs import SurveyDesign

    design = SurveyDesign(table, weight="w", stratum="stratum", cluster="unit", df=df)
    found = design.mean(INDICATOR_NAMES, by="commune")
    return {part: found[part].tolist() for part in ("estimate", "se", "low", "high")}


def prepare_obs(table: pd.DataFrame) -> pd.DataFrame:
    """Import `obs` before the clock starts."""
    import obs.indicators.survey

    assert obs.indicators.survey
    return table


def prepare_svy(table: pd.DataFrame) -> object:
    """Make the polars table of svy."""
    import polars as pl
    import svy

    assert svy
    return pl.DataFrame({name: table[name].to_numpy() for name in table})


def estimate_svy(table: object, *, loop: bool) -> dict:
    """Estimate with svy: a list of variables, or one at a time."""
    import svy

    sample = svy.Sample(table, svy.Design(stratum="stratum", psu="unit", wgt="w"))
    if loop:
        found = [sample.estimation.mean(name, by="commune") for name in INDICATOR_NAMES]
    else:
        found = sample.estimation.mean(INDICATOR_NAMES, by="commune")
    rows = [
        (str(cell.by_level[0]), k, cell.est, cell.se, cell.lci, cell.uci)
        for k, estimate in enumerate(found)
        for cell in estimate.estimates
    ]
    rows.sort()
    columns = list(zip(*rows, strict=True))[2:]
    return dict(zip(("estimate", "se", "low", "high"), columns, strict=True))


def estimate_samplics(table: pd.DataFrame) -> dict:
    """Estimate with samplics: one indicator at a time."""
    from samplics import PopParam, TaylorEstimator

    rows = []
    for k, name in enumerate(INDICATOR_NAMES):
        mean = TaylorEstimator(PopParam.mean)
        mean.estimate(
            y=table[name].to_numpy(),
            samp_weight=table["w"].to_numpy(),
            stratum=table["stratum"].to_numpy(),
            psu=table["unit"].to_numpy(),
            domain=table["commune"].to_numpy(),
        )
        rows += [(str(d), k, mean.point_est[d], mean.stderror[d]) for d in mean.point_est]
    rows.sort()
    return {"estimate": [row[2] for row in rows], "se": [row[3] for row in rows]}


def keep(table: pd.DataFrame) -> pd.DataFrame:
    """Give the table as it is."""
    return table


TOOLS = {
    "obs": (prepare_obs, estimate_obs),
    "svy_batch": (prepare_svy, lambda table: estimate_svy(table, loop=False)),
    "svy_loop": (prepare_svy, lambda table: estimate_svy(table, loop=True)),
    "samplics": (keep, estimate_samplics),
}

R_SCRIPT = """
suppressMessages(library(survey))
peak <- function() {
  line <- grep("VmHWM", readLines("/proc/self/status"), value = TRUE)
  as.numeric(gsub("[^0-9]", "", line)) / 1024
}
options(warn = -1)
argument <- commandArgs(TRUE)
d <- read.csv(argument[1], colClasses = c(commune = "character"))
names <- paste0("i", 0:19)
invisible(gc())
cat("5", file = "/proc/self/clear_refs")
start <- peak()
clock <- proc.time()
design <- svydesign(id = ~unit, strata = ~stratum, weights = ~w, data = d)
df <- degf(design)
one <- function(formula) {
  by <- svyby(formula, ~commune, design, svymean)
  ci <- confint(by, df = df)
  list(est = as.matrix(by[, all.vars(formula), drop = FALSE]), se = as.matrix(SE(by)), ci = ci)
}
if (argument[2] == "loop") {
  parts <- lapply(names, function(n) one(as.formula(paste("~", n))))
  est <- do.call(cbind, lapply(parts, `[[`, "est"))
  se <- do.call(cbind, lapply(parts, `[[`, "se"))
  low <- do.call(cbind, lapply(parts, function(p) p$ci[, 1]))
  high <- do.call(cbind, lapply(parts, function(p) p$ci[, 2]))
} else {
  all <- one(as.formula(paste("~", paste(names, collapse = "+"))))
  est <- all$est
  se <- all$se
  low <- matrix(all$ci[, 1], nrow(est))
  high <- matrix(all$ci[, 2], nrow(est))
}
used <- sum((proc.time() - clock)[c(1, 2, 4, 5)])
show <- function(m) paste(sprintf("%.17g", as.vector(t(m))), collapse = ",")
cat(sprintf(
  '{"cpu": %f, "start": %f, "peak": %f, "values": {"estimate": [%s], "se": [%s], "low": [%s], "high": [%s]}}\\n',
  used, start, peak(), show(est), show(se), show(low), show(high)
))
"""

if __name__ == "__main__":
    main()
