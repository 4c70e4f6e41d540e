"""Run the commands that list what there is: profiles, indicators, languages, deliveries."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from obs.delivery_commands import DECLARATION, Add, Commands, add_raw, own_declaration
from obs.errors import ObsError

__all__ = ["add_list_commands"]

_DONE, _BEYOND_TOLERANCE = 0, 1


def add_list_commands(commands: Commands, add: Add) -> None:
    """Add the commands to a parser; `add` makes one of its name, what it runs and what it says."""
    _with_json(add(commands, "profiles", _profiles, "list the delivery profiles"))
    indicators = add(commands, "indicators", _indicators, "list the indicators of the catalogue")
    _with_observatory(_with_json(indicators))
    says = "list the languages found, and what each lacks"
    languages = _with_json(add(commands, "languages", _languages, says))
    languages.add_argument("codes", nargs="*", metavar="CODE", help="as de (default: all)")
    describe = add(commands, "describe", _describe, "say what one indicator means")
    describe.add_argument("id", help="as theft; see `obs indicators`")
    describe.add_argument("--lang", default="en", help="of its words")
    _with_observatory(_with_json(describe))
    says = "say what is delivered, covered, missing, stale, and which raw files no source reads"
    status = _with_json(add(commands, "status", _status, says))
    status.add_argument(
        "--config", help="observatory.toml (default: that of this folder, else Brussels)"
    )
    add_raw(status)
    status.add_argument(
        "--processed", default="data/processed", help="folder of internal tables (%(default)s)"
    )


def _with_json(command: argparse.ArgumentParser) -> argparse.ArgumentParser:
    command.add_argument("--json", action="store_true", help="as one JSON text, for programs")
    return command


def _with_observatory(command: argparse.ArgumentParser) -> None:
    says = "folder of an observatory whose own catalogue is read too (default: this one)"
    command.add_argument("--observatory", default=".", metavar="DIR", help=says)


def _show(options: argparse.Namespace, rows: Any, lines: Iterable[str]) -> int:
    """Print rows as JSON, or lines for a person."""
    if options.json:
        print(json.dumps(rows, ensure_ascii=False, indent=1))
    else:
        print(*lines, sep="\n")
    return _DONE


def _catalogue_of(folder: str) -> AbstractContextManager[object]:
    """Read the own catalogue of an observatory's folder, if it is one."""
    from obs.catalogue import own_catalogue

    declared = (Path(folder) / DECLARATION).is_file()
    return own_catalogue(Path(folder) / "catalogue") if declared else nullcontext()


def _profiles(options: argparse.Namespace) -> int:
    from obs.clean import list_profiles

    rows = list_profiles()[["name", "kind", "shape", "title"]].to_dict("records")
    lines = ("{name:24} {kind:10} {shape:12} {title}".format(**row) for row in rows)
    return _show(options, rows, lines)


def _indicators(options: argparse.Namespace) -> int:
    from obs.catalogue import load_catalogue

    with _catalogue_of(options.observatory):
        rows = [
            {
                "id": one.id,
                "kind": one.kind,
                "unit": one.unit,
                "source": one.source,
                "title": dict(one.title),
            }
            for one in load_catalogue().values()
        ]
    lines = (
        f"{row['id']:24} {row['kind']:8} {row['unit']:10} "
        f"{row['title'].get('en') or next(iter(row['title'].values()))}"
        for row in rows
    )
    return _show(options, rows, lines)


def _languages(options: argparse.Namespace) -> int:
    from obs.catalogue import load_catalogue, untranslated
    from obs.locale import conventions, language_faults, languages, need_language

    codes = [need_language(code) for code in options.codes] or [*languages()]
    faults: Sequence[str] = [
        *language_faults(codes),
        *(f"catalogue: no texts for {absent}" for absent in untranslated(load_catalogue(), codes)),
    ]
    known = [(code, conventions(code)) for code in codes]
    rows = [{"code": code, "locale": own.locale, "name": own.name} for code, own in known]
    lines = ("{code:4} {locale:8} {name}".format(**row) for row in rows)
    _show(options, rows, lines)
    for fault in faults:
        print(fault, file=sys.stderr)
    if faults:
        raise ObsError(f"{len(faults)} faults")
    return _DONE


def _describe(options: argparse.Namespace) -> int:
    from obs.catalogue import get_indicator

    with _catalogue_of(options.observatory):
        entry = get_indicator(options.id)
    said = entry.describe(options.lang)
    return _show(options, {"id": entry.id, "lang": options.lang, "text": said}, [said])


def _status(options: argparse.Namespace) -> int:
    from obs.pipeline.status import tell_status

    today = dt.datetime.now(dt.UTC).date()
    where = {"raw": options.raw, "processed": options.processed}
    told = tell_status(config=own_declaration(options.config), **where, today=today)
    _show(options, told.as_dict(), told.lines())
    return _DONE if told.whole else _BEYOND_TOLERANCE
