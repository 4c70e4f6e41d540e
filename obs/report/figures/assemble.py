"""Assemble a block from a drawing: id, title, caption, alternative text, notes, data file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from obs.errors import PublicationError
from obs.report.draw.style import Drawings
from obs.report.facts.numbers import typography
from obs.report.facts.printed import Printed
from obs.report.facts.subject import Subject
from obs.report.figures.alt_text import describe, in_words
from obs.report.figures.blocks import MIN_ALT, Block, CsvFile
from obs.report.figures.data_file import csv_text
from obs.report.figures.figure_notes import lines_under, with_own_title

if TYPE_CHECKING:
    from obs.disclosure import Released

__all__ = ["figure_block", "need_alt"]


def need_alt(alt: str, *, who: str) -> str:
    """Give back the author's alternative text, or refuse one too short to say anything.

    Returns text without spaces around it, ended by a full stop. Raises `PublicationError` if it
    is missing or shorter than `MIN_ALT` characters.

    Examples
    --------
    >>> from obs.report.figures.assemble import need_alt
    >>> need_alt("Graph", who="chart_trend")
    Traceback (most recent call last):
    obs.errors.PublicationError: chart_trend: the alternative text has 5 characters...
    """
    text = alt.strip() if isinstance(alt, str) else ""
    if len(text) < MIN_ALT:
        raise PublicationError(
            f"{who}: the alternative text has {len(text)} characters and needs at least {MIN_ALT}: "
            "say the kind of figure, its subject and its scope; its numbers are added by themselves."
        )
    ended = text if text.endswith((".", "!", "?")) else f"{text}."
    return Printed(ended) if isinstance(alt, Printed) else ended


def figure_block(
    released: Released,
    drawn: Subject,
    drawings: Drawings,
    *,
    kind: str,
    title: str | None,
    caption: str,
    alt: str,
    note: str | None,
    extra: tuple[str, ...] = (),
    classes: Mapping[str, Sequence[str]] | None = None,
    told: str = "",
    read: bool = True,
) -> Block:
    """Make the block of a figure; `classes` are those of a map, with the names of their places.

    `told` says what the figure shows in place of what its rows alone would say; without `read` no
    row is read as an example.

    Returns `Block` ready to be shown. Raises `PublicationError` if a publication rule is broken.
    """
    name, lang = drawn.slug(kind), drawn.lang
    finding = f"{title}. " if title and title not in alt else ""
    described = in_words(drawn, told) if told else describe(drawn, classes=classes)
    return Block(
        released=released,
        kind="figure",
        id=name,
        lang=lang,
        title=typography(title or drawn.title(), lang),
        alt=typography(f"{alt} {finding}{described}", lang),
        caption=typography(with_own_title(title, drawn.title(), caption), lang),
        notes=lines_under(drawn, extra=extra, note=note, read=read),
        svg=drawings.wide,
        narrow=drawings.narrow,
        csv=CsvFile(f"{name}.csv", csv_text(released)),
    )
