"""Read what a notice of correction declares: where, what was wrong, what is right or withdrawn."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from obs.declare import Named, Table, Text, Words, load
from obs.report.facts.printed import figure_in

__all__ = ["NoticeFile", "NoticeValue", "read_notice"]

_YEAR = re.compile(r"\b(?:19|20)\d\d\b")


@dataclass(frozen=True)
class NoticeValue(Table):
    """A figure that was published and is another: its key in the data files.

    Attributes
    ----------
    indicator : str
        Code of the catalogue.
    territory : str
        Code of the place.
    period : str
        As the data files write it: 2024, 2024-Q1, 2024-01, 2024-W05.
    breakdown : mapping
        Its categories, by column.
    """

    indicator: Text
    territory: Text
    period: Text
    breakdown: Named[Text] = field(default_factory=dict)


@dataclass(frozen=True)
class NoticeFile(Table):
    """A notice of correction of a published edition or answer.

    Attributes
    ----------
    page : str
        A note (focus_vols), a sheet (communes/21001), an answer (answer) or a data file (data/x.csv).
    wrong : mapping
        What was wrong, in each language of the edition.
    figure : str
        Id of the figure or table of that page.
    withdrawn : bool
        Whether the figure is withdrawn; else `value` says what is right.
    value : tuple of NoticeValue
        Figures that are others: the draft that corrects the edition holds the right ones.
    """

    page: Text
    wrong: Words
    figure: str = ""
    withdrawn: bool = False
    value: tuple[NoticeValue, ...] = ()


def read_notice(path: Path) -> NoticeFile:
    """Read a notice. Raises `CatalogueError` with all its faults."""
    return load(path, NoticeFile, rules=(_one_outcome, _no_figures), called=path.name)


def _one_outcome(notice: NoticeFile) -> Iterator[str]:
    if notice.withdrawn == bool(notice.value):
        yield (
            "withdrawn: a figure is either withdrawn (withdrawn = true) or has its right value "
            "([[value]])"
        )


def _no_figures(notice: NoticeFile) -> Iterator[str]:
    for lang, text in notice.wrong.items():
        if figure_in(_YEAR.sub("", text), lang):
            yield (
                f"wrong.{lang}: holds a figure; leave it out, or declare it as a [[value]], which shows "
                "what was published and what is right"
            )
