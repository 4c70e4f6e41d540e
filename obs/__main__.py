"""Run the command line of `obs`: arguments, progress on stderr, plain words, exit codes.

0 done; 1 done, but beyond the observatory's tolerance; 2 wrong use or bad input;
3 a disclosure or publication gate refused; 130 or 143 stopped by Ctrl-C or by the system.
"""

import argparse
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path

import obs
from obs.answer_commands import add_answer_commands
from obs.begin_commands import add_begin_commands, find_observatory, observatory_named
from obs.check_commands import add_check_commands
from obs.delivery_commands import add_delivery_commands, add_raw, own_declaration
from obs.errors import DisclosureError, ObsError, PublicationError
from obs.list_commands import add_list_commands
from obs.machine_limits import (
    collect_seldom,
    disk_words,
    limit_words,
    machine_faults,
    refuse_small_memory,
)
from obs.private_files import private_files
from obs.progress_bars import bars_on, write_line
from obs.proof_commands import add_proof_commands
from obs.scratch_folder import scratch_folder

__all__ = ["argument_parser", "main"]

DONE, BEYOND_TOLERANCE, BAD_INPUT, REFUSED = 0, 1, 2, 3
_WITH_SCRATCH = {"answer", "build", "clean", "profile", "render", "revisions", "verify"}
INTERRUPTED, TERMINATED = 130, 143  # by Ctrl-C, by the system


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code."""
    options = argument_parser().parse_args(arguments)
    collect_seldom()
    scratch = bool(getattr(options, "scratch", False))
    try:
        refuse_small_memory(tables=scratch)
        with (
            _stopped_by_the_system(),
            scratch_folder() if scratch else nullcontext(),
            nullcontext() if getattr(options, "quiet", True) else bars_on(sys.stderr),
        ):
            code = options.run(options)
            sys.stdout.flush()
            return code
    except (DisclosureError, PublicationError) as error:
        return _refuse(error, REFUSED)
    except ObsError as error:
        return _refuse(error, BAD_INPUT)
    except BrokenPipeError:
        return _leave_closed_pipe()
    except OSError as error:
        return _refuse(disk_words(error, options), BAD_INPUT)
    except UnicodeEncodeError:
        return _refuse("an argument or a name holds bytes that are no text in UTF-8", BAD_INPUT)
    except machine_faults() as fault:
        words = limit_words(fault, options)
        if words is None:
            raise
        return _refuse(words, BAD_INPUT)
    except KeyboardInterrupt as stop:
        words = "stopped before the end; every folder holds its last whole state"
        return _refuse(words, TERMINATED if isinstance(stop, _TerminatedError) else INTERRUPTED)


class _TerminatedError(KeyboardInterrupt):
    """The system asked the process to end."""


@contextmanager
def _stopped_by_the_system() -> Iterator[None]:
    """End on SIGTERM as on Ctrl-C: what is half written is removed first."""

    def stop(*_: object) -> None:
        raise _TerminatedError

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _leave_closed_pipe() -> int:
    """End in silence, as stopped: whoever read the output reads no more (`obs status | head`)."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(
        nowhere, sys.stdout.fileno()
    )  # what is not written yet goes nowhere, not to a traceback
    os.close(nowhere)
    return TERMINATED


def _refuse(why: object, code: int) -> int:
    print(f"obs: {why}", file=sys.stderr)
    return code


def argument_parser() -> argparse.ArgumentParser:
    """Make the parser of every command and its options."""
    parser = argparse.ArgumentParser(
        prog="obs", description="Statistics of a regional security observatory."
    )
    parser.add_argument("--version", action="version", version=f"obs {obs.__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_build(commands)
    _add_publish(commands)
    add_answer_commands(commands, _command)
    _add_render(commands)
    add_begin_commands(commands, _command)
    add_delivery_commands(commands, _command)
    _add_revisions(commands)
    add_list_commands(commands, _command)
    add_proof_commands(commands, _command)
    _add_sample(commands)
    add_check_commands(commands, _command)
    _add_schema(commands)
    return parser


def _command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    run: Callable[[argparse.Namespace], int],
    says: str,
) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=says, description=says)
    command.add_argument("--quiet", action="store_true", help="no progress on stderr")
    command.set_defaults(run=run, scratch=name in _WITH_SCRATCH)
    return command


def _add_processed(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--processed", default="data/processed", help="folder of internal tables (%(default)s)"
    )


def _comma_list(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _add_build(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    build = _command(commands, "build", _build, "clean, compute, release, render one edition")
    build.add_argument(
        "--config", help="observatory.toml (default: that of this folder, else Brussels)"
    )
    add_raw(build)
    build.add_argument("--out", default="publications", help="folder of publications (%(default)s)")
    _add_processed(build)
    build.add_argument(
        "--notebooks",
        help="folder of the notebooks (default: that beside --config, else notebooks)",
    )
    build.add_argument(
        "--edition", type=int, help="year of the edition (default: the last delivered)"
    )
    build.add_argument("--lang", type=_comma_list, help="languages, as fr,nl,en (default: all)")
    build.add_argument(
        "--dry-run", action="store_true", help="a draft through all gates, in the folder of drafts"
    )
    build.add_argument(
        "--force", action="store_true", help="make everything anew, whatever has changed"
    )
    build.add_argument("--notes", type=_comma_list, help="as focus_vols,focus_vif (default: all)")
    build.add_argument(
        "--sheets",
        type=_comma_list,
        help="codes of places, as 21001,21004 (default: all, none with --notes)",
    )


def _add_publish(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    says = "publish the draft of an edition, at its announced hour, or of an answer"
    publish = _command(commands, "publish", _publish, says)
    publish.add_argument("edition", metavar="EDITION", help="as 2024, or 2024a1")
    publish.add_argument("--by", metavar="NAME", help="who approves it (default: who runs this)")
    publish.add_argument(
        "--out", default="publications", help="folder of publications (%(default)s)"
    )
    _add_processed(publish)


def _add_render(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    render = _command(commands, "render", _render, "render one note of an edition already built")
    render.add_argument("notebook", help="as notebooks/focus_vols.ipynb")
    render.add_argument(
        "--lang", type=_comma_list, help="languages, as fr,nl,en (default: those of its cells)"
    )
    render.add_argument("--edition", type=int, required=True, help="year of the edition")
    render.add_argument(
        "--observatory", help="its name (default: that of this folder, else Brussels)"
    )
    _add_processed(render)
    render.add_argument(
        "--out", default="publications/drafts", help="folder of the pages (%(default)s)"
    )


def _add_revisions(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    says = "how each indicator moved between two extractions, by age of the event in months"
    revisions = _command(commands, "revisions", _revisions, says)
    revisions.add_argument(
        "--config", help="observatory.toml (default: that of this folder, else Brussels)"
    )
    add_raw(revisions)
    revisions.add_argument("--processed", default="data/processed", help="folder of the registry")
    revisions.add_argument("--from", dest="before", metavar="DAY", help="first extraction")
    revisions.add_argument("--to", dest="after", metavar="DAY", help="second extraction")
    revisions.add_argument("--indicators", type=_comma_list, help="ids, as theft,vif_total")
    revisions.add_argument("--level", help="level of the territory (default: the whole)")
    revisions.add_argument("--out", help="CSV of every period, internal: exact counts")


def _add_sample(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    sample = _command(commands, "sample", _sample, "write the synthetic raw deliveries")
    sample.add_argument("directory", help="as data/raw/sample")
    sample.add_argument("--year-from", type=int, default=2015, help="first (%(default)s)")
    sample.add_argument("--year-to", type=int, default=2024, help="last (%(default)s)")
    sample.add_argument("--scale", type=float, default=1.0, help="0.1: a tenth of the rows")
    sample.add_argument("--seed", type=int, default=1, help="same seed, same files (%(default)s)")


def _add_schema(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    says = "write the JSON Schema of each kind of declaration, for editors of TOML"
    schema = _command(commands, "schema", _schema, says)
    schema.add_argument("directory", metavar="DIR", help="their folder, made if it is not there")


def _progress(options: argparse.Namespace) -> Callable[[str], None]:
    if options.quiet:
        return lambda _: None
    start = time.monotonic()
    return lambda message: write_line(f"{time.monotonic() - start:6.1f} s  {message}")


def _build(options: argparse.Namespace) -> int:
    config, notebooks = find_observatory(options.config, options.notebooks)
    built = obs.build(
        config=config,
        raw=options.raw,
        out=options.out,
        edition=options.edition,
        lang=options.lang,
        notes=options.notes,
        sheets=options.sheets,
        notebooks=notebooks,
        processed=options.processed,
        dry_run=options.dry_run,
        force=options.force,
        progress=_progress(options),
    )
    rows = built.report[["read", "kept", "merged", "rejected"]].sum()
    print(", ".join(f"{name} {int(n)}" for name, n in rows.items()))
    print(f"draft: {built.folder} (`obs publish {built.folder.name}` publishes it)")
    for warning in built.warnings:
        print(f"beyond tolerance: {warning}", file=sys.stderr)
    return DONE if built.within_tolerance else BEYOND_TOLERANCE


def _publish(options: argparse.Namespace) -> int:
    done = obs.publish(
        options.edition,
        approved_by=_who_runs() if options.by is None else options.by,
        out=options.out,
        processed=options.processed,
        progress=_progress(options),
    )
    print(f"published on {done.published}: {done.folder}, approved by {done.approved_by}")
    print(f"{done.counts} counts written down")
    return DONE


def _who_runs() -> str:
    """Give the name of the user, "" if the system does not tell."""
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""


def _render(options: argparse.Namespace) -> int:
    progress = _progress(options)
    from obs.report import read_note, written_languages

    for lang in options.lang or written_languages(read_note(Path(options.notebook))):
        progress(f"render: {Path(options.notebook).stem} in {lang}")
        paths = obs.render(
            options.notebook,
            lang=lang,
            edition=options.edition,
            out=options.out,
            parameters={
                "observatory": observatory_named(options.observatory),
                "processed": str(Path(options.processed).resolve()),
            },
        )
        for path in paths:
            print(path)
    return DONE


def _revisions(options: argparse.Namespace) -> int:
    from obs.pipeline import list_revisions
    from obs.trends import sum_by_age

    _progress(options)("revisions: both extractions are rebuilt and computed")
    revisions = list_revisions(
        config=own_declaration(options.config),
        raw=options.raw,
        processed=options.processed,
        before=options.before,
        after=options.after,
        indicators=options.indicators,
        level=options.level,
    )
    if options.out:
        with private_files():
            revisions.to_csv(options.out, index=False)
    print(sum_by_age(revisions).to_string(index=False, na_rep="-"))
    return DONE


def _sample(options: argparse.Namespace) -> int:
    if options.year_to < options.year_from:
        raise ObsError(f"--year-to ({options.year_to}) is before --year-from ({options.year_from})")
    progress = _progress(options)
    progress(f"sample: {options.year_from} to {options.year_to}, seed {options.seed}")
    paths = obs.sample(
        options.directory,
        years=range(options.year_from, options.year_to + 1),
        seed=options.seed,
        scale=options.scale,
    )
    print(f"{len(paths)} synthetic files in {options.directory}")
    return DONE


def _schema(options: argparse.Namespace) -> int:
    from obs.pipeline import write_schemas

    for path in write_schemas(options.directory):
        print(path)
    return DONE


if __name__ == "__main__":
    sys.exit(main())
