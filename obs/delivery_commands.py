"""Run the commands on deliveries: clean them, begin a profile, forget them."""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

from obs.errors import ObsError

__all__ = ["DECLARATION", "add_delivery_commands", "add_raw", "own_declaration", "raw_folder"]

DECLARATION = "observatory.toml"

_DONE, _BEYOND_TOLERANCE = 0, 1
_CLEANERS = {  # source: the profile of the sample, where it has one layout
    "police": "obs_sample",
    "prosecutor": "obs_sample_prosecutor",
    "survey": "",
    "helpline": "",
    "services": "obs_sample_services",
}
_RAW, _SAMPLE, _SAMPLE_MANIFEST = Path("data/raw"), "sample", "sample_manifest.json"
_TOLD = "README.md"  # says what the folder of raw deliveries is for
Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
Add = Callable[..., argparse.ArgumentParser]


def own_declaration(given: str | None) -> str | None:
    """Give the declaration to read: the one given, that of this folder, or None for Brussels."""
    return given or (DECLARATION if Path(DECLARATION).is_file() else None)


def add_raw(command: argparse.ArgumentParser) -> None:
    """Add the option that names the folder of raw deliveries, by one default for all commands."""
    says = "folder of raw deliveries (default: data/raw, or the synthetic sample where it alone is there)"
    command.add_argument("--raw", default=raw_folder(), help=says)


def raw_folder() -> str:
    """Give the folder of raw deliveries where none is named.

    It is `data/raw`; `data/raw/sample` where that holds the synthetic sample and `data/raw` nothing
    else; this folder where it is the one that `obs sample` wrote.
    """
    if _RAW.is_dir():
        others = {path.name for path in _RAW.iterdir() if not path.name.startswith(".")}
        alone = others - {_TOLD} == {_SAMPLE} and (_RAW / _SAMPLE / _SAMPLE_MANIFEST).is_file()
        return (_RAW / _SAMPLE if alone else _RAW).as_posix()
    return "." if Path(_SAMPLE_MANIFEST).is_file() else _RAW.as_posix()


def add_delivery_commands(commands: Commands, add: Add) -> None:
    """Add the commands to a parser; `add` makes one of its name, what it runs and what it says."""
    _add_clean(commands, add)
    _add_profile(commands, add)
    _add_forget(commands, add)


def _add_clean(commands: Commands, add: Add) -> None:
    clean = add(commands, "clean", _clean, "clean deliveries of one source")
    clean.add_argument("source", choices=_CLEANERS, help="whose deliveries")
    clean.add_argument(
        "files",
        nargs="*",
        metavar="FILE",
        help="as they came (with --config: all, if none is named)",
    )
    clean.add_argument(
        "--profile", help="see `obs profiles` (default: the sample's, if it has one)"
    )
    clean.add_argument("--config", help="observatory.toml whose sources say the profile")
    clean.add_argument("--raw", help="folder of raw deliveries (with --config: data/raw beside it)")
    clean.add_argument(
        "--preview", action="store_true", help="show twenty rows and what became of them"
    )
    clean.add_argument("--extracted", help="extraction date, as 2025-01-31")
    clean.add_argument(
        "--processed",
        help="folder of internal tables (with --config: data/processed beside it), in which large files "
        "are kept as they were judged",
    )
    clean.add_argument("--force", action="store_true", help="judge again what is kept")
    clean.add_argument("--out", help="folder for the table, rejected.csv and report.csv")


def _add_profile(commands: Commands, add: Add) -> None:
    says = "begin a profile of a new kind of file"
    profile = commands.add_parser("profile", help=says, description=says)
    verbs = profile.add_subparsers(required=True, metavar="VERB", help="new, confirm")
    says = "copy a file under data/raw, draft its profile, declare its source"
    new = add(verbs, "new", _new_profile, says)
    new.add_argument("file", metavar="FILE", help="as it came")
    new.add_argument("--source", required=True, choices=_CLEANERS, help="whose delivery it is")
    new.add_argument("--observatory", default=".", metavar="DIR", help="its folder (%(default)s)")
    new.add_argument("--name", help="of the profile (default: that of the file)")
    new.add_argument(
        "--column",
        action="append",
        default=[],
        metavar="OURS=THEIRS",
        help="which column it is, where the file does not tell, as 'offence=Nature'",
    )
    new.add_argument("--again", action="store_true", help="replace a draft that is not confirmed")
    says = "map the classes of a draft that wait, and say that it was read"
    confirm = add(verbs, "confirm", _confirm_profile, says)
    confirm.add_argument("name", metavar="NAME", help="of the profile")
    confirm.add_argument(
        "--observatory", default=".", metavar="DIR", help="its folder (%(default)s)"
    )
    confirm.add_argument(
        "--map",
        action="append",
        default=[],
        metavar="CLASS=PHENOMENON",
        help="a class that waits and its phenomenon; '*=other' for all the others",
    )
    confirm.add_argument("--unit", default="", help="what is counted, if the file does not tell it")
    confirm.add_argument(
        "--place-rule", default="", metavar="RULE", help="where a fact counts, as place_of_offence"
    )


def _add_forget(commands: Commands, add: Add) -> None:
    says = "erase the rows of a delivery past its term, and keep its account"
    forget = add(commands, "forget", _forget, says)
    forget.add_argument("delivery", metavar="DELIVERY", help="name of its file, as registered")
    forget.add_argument(
        "--config",
        help="observatory.toml, with `retention` (default: that of this folder, else Brussels)",
    )
    add_raw(forget)
    forget.add_argument("--processed", default="data/processed", help="folder of internal tables")
    forget.add_argument("--source", choices=_CLEANERS, help="where several kinds have the name")
    forget.add_argument("--early", default="", metavar="REASON", help="why before the term")


def _clean(options: argparse.Namespace) -> int:
    from obs.pipeline.clean_source import clean_source, say_cleaned
    from obs.pipeline.reuse.judged_files import judged_files

    def say(text: str) -> None:
        if not options.quiet:
            print(text, file=sys.stderr, flush=True)

    say(f"clean: {options.source}")
    with judged_files(options.config, options.processed, say, force=options.force) as judged:
        made = clean_source(
            options.source,
            options.files,
            config=options.config,
            raw=options.raw,
            profile=options.profile or (None if options.config else _CLEANERS[options.source]),
            extracted=options.extracted,
            judged=judged,
        )
        for one in made:
            folder = options.out and str(Path(options.out, one.profile if len(made) > 1 else ""))
            print(*say_cleaned(one, folder, preview=options.preview), sep="\n")
    lost = any(one.cleaned.intolerable or not one.confirmed for one in made)
    return _BEYOND_TOLERANCE if lost else _DONE


def _new_profile(options: argparse.Namespace) -> int:
    from obs.pipeline import new_profile

    columns = _pairs(options.column, "--column", "OURS=THEIRS, as 'offence=Nature'")
    where = {"observatory": options.observatory, "name": options.name, "again": options.again}
    where["columns"] = columns
    made = new_profile(options.file, source=options.source, **where)
    print(*made.summary(), sep="\n")
    return _BEYOND_TOLERANCE if made.lacks else _DONE


def _pairs(texts: Sequence[str], option: str, form: str) -> dict[str, str]:
    """Give what stands before and after the sign of each text, or say how to write it."""
    for text in texts:
        if "=" not in text:
            raise ObsError(f"{option} '{text[:60]}': write {form}.")
    return dict(map(str.strip, text.rsplit("=", 1)) for text in texts)


def _confirm_profile(options: argparse.Namespace) -> int:
    from obs.pipeline.begin import confirm_profile

    classes = _pairs(options.map, "--map", "CLASS=PHENOMENON, as 'Vol=theft'")
    given = {"observatory": options.observatory, "classes": classes, "unit": options.unit}
    given["place_rule"] = options.place_rule
    made = confirm_profile(options.name, **given)
    print(*made.summary(), sep="\n")
    return _DONE


def _forget(options: argparse.Namespace) -> int:
    from obs.pipeline import forget_delivery

    given = ("raw", "processed", "source", "early")
    known = {name: getattr(options, name) for name in given}
    known["config"] = own_declaration(options.config)
    today = dt.datetime.now(dt.UTC).date()
    print(*forget_delivery(options.delivery, **known, today=today).summary(), sep="\n")
    return _DONE
