"""Run the commands that check what is written: notebooks, publications, documents, the ledger."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from obs.delivery_commands import Add, Commands
from obs.errors import ObsError

__all__ = ["add_check_commands"]

_DONE, _REFUSED = 0, 3


def add_check_commands(commands: Commands, add: Add) -> None:
    """Add the commands to a parser; `add` makes one of its name, what it runs and what it says."""
    says = "verify what was ever published, and write down what the editions show besides"
    ledger = add(commands, "ledger", _ledger, says)
    ledger.add_argument(
        "publications", nargs="?", default="publications", help="their folder (%(default)s)"
    )
    _add_processed(ledger)
    ledger.add_argument(
        "--rebuild", action="store_true", help="set a damaged ledger aside and make it again"
    )

    check = add(commands, "check", _check, "check notebooks and publications")
    check.add_argument(
        "paths",
        nargs="+",
        metavar="PATH",
        help="notebook, edition or folder of either; any document (.txt, .md, .html, .pdf, .docx)",
    )
    check.add_argument("--json", action="store_true", help="what was found, as JSON on stdout")
    _add_processed(check)


def _add_processed(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--processed", default="data/processed", help="folder of internal tables (%(default)s)"
    )


def _ledger(options: argparse.Namespace) -> int:
    from obs.disclosure import internal_ledger, set_damaged_aside
    from obs.pipeline.edition_ledger import complete_ledger
    from obs.pipeline.publication.publish_edition import finish_publications

    top = Path(options.publications)
    if not top.is_dir():
        raise ObsError(f"there is no folder '{top}': name that of publications.")
    if options.rebuild:
        set_damaged_aside(options.processed, top)
    finish_publications(top, Path(options.processed), print)
    ledger = internal_ledger(options.processed, top)
    added = complete_ledger(ledger, top)
    print(f"{len(ledger)} counts published, {added} of them written down now")
    return _DONE


def _check(options: argparse.Namespace) -> int:
    from obs.report import check_path
    from obs.report.checks.document_checks import document_faults, is_document

    inside = Path(options.processed)
    faults, remarks = [], []
    for path in map(Path, options.paths):
        if is_document(path):
            sure, possible = document_faults(path)
            faults += sure
            remarks += possible
        else:
            faults += check_path(path, processed=inside)
    if options.json:
        found = {"faults": [*map(asdict, faults)], "remarks": [*map(asdict, remarks)]}
        print(json.dumps(found, ensure_ascii=False, indent=1))
    else:
        for fault in faults:
            print(fault)
        for remark in remarks:
            print(f"{remark} (possible)")
    if faults:
        print(f"obs: {len(faults)} faults", file=sys.stderr)
        return _REFUSED
    if not options.json:
        print(f"{len(options.paths)} checked, no fault")
    return _DONE
