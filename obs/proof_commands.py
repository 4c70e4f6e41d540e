"""Run the commands that prove an edition: build it again, trace a figure to its deliveries."""

from __future__ import annotations

import argparse

from obs.begin_commands import find_observatory, observatory_named
from obs.delivery_commands import Add, Commands, add_raw
from obs.progress_bars import write_line

__all__ = ["add_proof_commands"]

_DONE, _DIFFERS = 0, 1


def add_proof_commands(commands: Commands, add: Add) -> None:
    """Add the commands to a parser; `add` makes one of its name, what it runs and what it says."""
    says = "build a published edition again, and say what differs and since which input"
    verify = add(commands, "verify", _verify, says)
    verify.add_argument("edition", metavar="EDITION", help="as 2024")
    verify.add_argument(
        "--config", help="observatory.toml (default: that of this folder, else Brussels)"
    )
    add_raw(verify)
    verify.add_argument(
        "--out", default="publications", help="folder of publications (%(default)s)"
    )
    verify.add_argument(
        "--notebooks",
        help="folder of the notebooks (default: that beside --config, else notebooks)",
    )
    verify.add_argument(
        "--processed", default="data/processed", help="folder of internal tables (%(default)s)"
    )

    says = (
        "say which deliveries and rules a released figure comes from, in counts of rows (internal)"
    )
    traced = add(commands, "trace", _trace, says)
    traced.add_argument("indicator", metavar="INDICATOR", help="as theft")
    traced.add_argument(
        "--territory", required=True, help="code or name of the area, as 21004 or Ixelles"
    )
    traced.add_argument("--period", required=True, help="as 2024, 2024-Q1, 2024-03 or 2024-W05")
    traced.add_argument("--edition", required=True, help="an edition that is built, as 2024")
    traced.add_argument(
        "--observatory", help="its name (default: that of this folder, else Brussels)"
    )
    traced.add_argument(
        "--processed", default="data/processed", help="folder of internal tables (%(default)s)"
    )


def _trace(options: argparse.Namespace) -> int:
    from obs.pipeline.proof.trace_cell import trace

    found = trace(
        options.indicator,
        territory=options.territory,
        period=options.period,
        edition=options.edition,
        observatory=observatory_named(options.observatory),
        processed=options.processed,
    )
    for line in found.lines():
        print(line)
    return _DONE


def _verify(options: argparse.Namespace) -> int:
    from obs.pipeline.proof.verify_edition import verify

    config, notebooks = find_observatory(options.config, options.notebooks)
    done = verify(
        options.edition,
        config=config,
        raw=options.raw,
        out=options.out,
        notebooks=notebooks,
        processed=options.processed,
        progress=(lambda _: None) if options.quiet else write_line,
    )
    for line in done.lines():
        print(line)
    return _DONE if done.identical else _DIFFERS
