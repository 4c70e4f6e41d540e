"""Run the commands that begin something: an observatory, a note of it."""

from __future__ import annotations

import argparse
from pathlib import Path

from obs.delivery_commands import DECLARATION, Add, Commands, own_declaration
from obs.errors import ObsError

__all__ = ["add_begin_commands", "find_observatory", "observatory_named"]

_DONE = 0
_NOTEBOOKS = "notebooks"


def find_observatory(config: str | None, notebooks: str | None) -> tuple[str | None, str]:
    """Give the declaration to build by, None for the default one, and the folder of notebooks.

    Raises `ObsError` with the command that begins an observatory where there is neither.
    """
    if config is None and Path(DECLARATION).is_file():
        config = DECLARATION
    beside = Path(config or DECLARATION).parent / _NOTEBOOKS
    given = notebooks is not None
    if notebooks is None:
        notebooks = str(beside) if beside.is_dir() else _NOTEBOOKS
    if config is None and not given and not Path(notebooks).is_dir():
        raise ObsError(
            f"this folder has no {DECLARATION} and no folder of notebooks, so there is nothing to "
            "build. Begin an observatory: obs init DIR --name NAME --languages fr,nl --units FILE "
            "--population FILE, then obs build in DIR; or name its declaration with --config."
        )
    return config, notebooks


def observatory_named(given: str | None) -> str:
    """Give the name of the observatory to read: the one given, that of this folder, or Brussels."""
    if given is not None:
        return given
    from obs.reference import load_observatory

    return load_observatory(own_declaration(None)).name


def add_begin_commands(commands: Commands, add: Add) -> None:
    """Add the commands to a parser; `add` makes one of its name, what it runs and what it says."""
    says = "make the folder of an observatory from its units and inhabitants"
    init = add(commands, "init", _init, says)
    init.add_argument("directory", metavar="DIR", help="its folder, not there yet or empty")
    init.add_argument("--name", required=True, help="of the observatory, as readers see it")
    init.add_argument("--languages", required=True, help="as fr,nl; the first comes first")
    init.add_argument("--units", required=True, metavar="FILE", help="codes and names of its units")
    init.add_argument(
        "--population", required=True, metavar="FILE", help="inhabitants by unit and year"
    )
    init.add_argument("--boundaries", metavar="FILE", help="with the code of each unit")
    init.add_argument("--level", default="commune", help="level of the units (%(default)s)")
    init.add_argument("--whole", default="region", help="level of all together (%(default)s)")
    init.add_argument(
        "--whole-name", default="", metavar="NAME", help="of all together (default: that of --name)"
    )
    init.add_argument(
        "--thousands",
        default="",
        metavar="SIGN",
        help="between thousands, where the file leaves it open",
    )
    says = "begin a note"
    note = commands.add_parser("note", help=says, description=says)
    verbs = note.add_subparsers(required=True, metavar="VERB", help="new")
    new = add(verbs, "new", _new_note, "write a thin note on one indicator, and declare it")
    new.add_argument("name", metavar="NAME", help="of the notebook, as bicycle_theft")
    new.add_argument("--indicator", required=True, metavar="ID", help="see `obs indicators`")
    new.add_argument("--observatory", default=".", metavar="DIR", help="its folder (%(default)s)")


def _init(options: argparse.Namespace) -> int:
    from obs.pipeline.begin import new_observatory

    made = new_observatory(
        options.directory,
        name=options.name,
        languages=[code.strip() for code in options.languages.split(",") if code.strip()],
        units=options.units,
        population=options.population,
        boundaries=options.boundaries,
        level=options.level,
        whole=options.whole,
        whole_name=options.whole_name,
        thousands=options.thousands,
    )
    print(*made.summary(), sep="\n")
    return _DONE


def _new_note(options: argparse.Namespace) -> int:
    from obs.pipeline.begin import new_note

    made = new_note(options.name, indicator=options.indicator, observatory=options.observatory)
    print(*made.summary(), sep="\n")
    return _DONE
