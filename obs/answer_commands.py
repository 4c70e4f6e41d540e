"""Run the commands that answer a question and that correct what was published."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable

from obs.delivery_commands import Add, Commands, add_raw, own_declaration
from obs.progress_bars import write_line

__all__ = ["add_answer_commands"]

_DONE = 0


def add_answer_commands(commands: Commands, add: Add) -> None:
    """Add the commands to a parser; `add` makes one of its name, what it runs and what it says."""
    says = "answer a question by one page, disclosed with everything published; `obs publish` publishes it"
    answer = add(commands, "answer", _answer, says)
    answer.add_argument("question", metavar="QUESTION", help="as it was put, in quotation marks")
    answer.add_argument(
        "--indicator", "--topic", required=True, metavar="ID", help="see `obs indicators`"
    )
    answer.add_argument(
        "--places", required=True, help="names or codes, as Ixelles,21004, or a level, as zones"
    )
    answer.add_argument(
        "--period", required=True, help="as 2024, 2020..2024, 2024-Q1, 2024-01..2024-06"
    )
    answer.add_argument("--lang", required=True, help="of the question, and of its answer")
    answer.add_argument(
        "--config", help="observatory.toml (default: that of this folder, else Brussels)"
    )
    add_raw(answer)
    answer.add_argument(
        "--out", default="publications", help="folder of publications (%(default)s)"
    )
    answer.add_argument(
        "--processed", default="data/processed", help="folder of internal tables (%(default)s)"
    )

    _add_correct(commands, add)


def _add_correct(commands: Commands, add: Add) -> None:
    says = (
        "issue a notice of correction on a published edition or answer; its files stay as they are"
    )
    correct = add(commands, "correct", _correct, says)
    correct.add_argument("edition", metavar="EDITION", help="as 2024, or 2024a1")
    correct.add_argument(
        "notice", metavar="NOTICE", help="TOML: where, what was wrong, what is right"
    )
    correct.add_argument("--by", metavar="NAME", required=True, help="who approves it")
    correct.add_argument(
        "--config", help="observatory.toml (default: that of this folder, else Brussels)"
    )
    correct.add_argument(
        "--out", default="publications", help="folder of publications (%(default)s)"
    )
    correct.add_argument(
        "--processed", default="data/processed", help="folder of internal tables (%(default)s)"
    )


def _correct(options: argparse.Namespace) -> int:
    from obs.pipeline import correct_edition

    done = correct_edition(
        options.edition,
        options.notice,
        approved_by=options.by,
        config=own_declaration(options.config),
        out=options.out,
        processed=options.processed,
        progress=_progress(quiet=options.quiet),
    )
    print(f"notice {done.number}, {done.published}, approved by {done.approved_by}:", *done.pages)
    return _DONE


def _answer(options: argparse.Namespace) -> int:
    from obs.pipeline import answer

    done = answer(
        options.question,
        indicator=options.indicator,
        places=options.places.split(","),
        period=options.period,
        lang=options.lang,
        config=own_declaration(options.config),
        raw=options.raw,
        out=options.out,
        processed=options.processed,
        progress=_progress(quiet=options.quiet),
    )
    print(f"draft: {done.folder} (`obs publish {done.name}` publishes it)")
    if done.withheld:
        print(
            f"withheld: {done.withheld} of {done.withheld + done.shown} figures asked",
            file=sys.stderr,
        )
        for command in done.nearest:
            print(f"whole: {command}", file=sys.stderr)
    return _DONE


def _progress(*, quiet: bool) -> Callable[[str], None]:
    if quiet:
        return lambda _: None
    start = time.monotonic()
    return lambda message: write_line(f"{time.monotonic() - start:6.1f} s  {message}")
