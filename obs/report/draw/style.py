"""Define the style of every figure: colours, type, and identical bytes at each drawing.

The colours are those of the palette. A figure is drawn twice, for a page and for a telephone. matplotlib's global settings are not
changed.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, NamedTuple, Protocol

import matplotlib as mpl
from fontTools.ttLib import TTFont
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager

from obs.report.draw.palette import (
    BAND,
    GRID,
    INK,
    LINE,
    MUTED,
    ON_DARK,
    ON_LIGHT,
    PAPER,
    SEQUENTIAL,
    SERIES,
    UNKNOWN,
    WITHHELD,
)
from obs.report.page.fonts import FACES, FAMILY, face_path

__all__ = [
    "BAND",
    "Drawings",
    "GRID",
    "INK",
    "LINE",
    "MUTED",
    "NARROW",
    "ON_DARK",
    "ON_LIGHT",
    "PAPER",
    "PLATE",
    "SEQUENTIAL",
    "SERIES",
    "SIZE",
    "SMALL",
    "UNKNOWN",
    "WIDTH",
    "WITHHELD",
    "bare_axes",
    "contrast",
    "draw_twice",
    "drawable",
    "drawing",
    "text_on",
    "to_svg",
]

WIDTH = 7.0  # inches: 504 points, the text column of an A4 page; shown from 44 rem
NARROW = 3.3  # inches: 238 points, shown below: a letter of 8.5 is 12 pixels high at 375
SIZE, SMALL = 9.5, 8.5  # points; no letter of a drawing is smaller

PLATE: dict[str, Any] = {
    "facecolor": PAPER,
    "edgecolor": "none",
    "pad": 0.6,
}  # behind words on lines

_DRAWN = re.compile(r' (?:d|x|y|cx|cy|width|height|transform)="[^"]*"')
_DECIMALS = re.compile(r"-?\d+\.\d{3,}")
_SPARE = "DejaVu Sans"  # comes with matplotlib
_REPLACED = {"\N{NON-BREAKING HYPHEN}": "-"}
_SETTINGS: dict[Any, Any] = {
    "font.family": [FAMILY, _SPARE],
    "font.size": SIZE,
    "text.color": INK,
    "text.parse_math": False,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.8,
    "axes.unicode_minus": True,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "figure.facecolor": PAPER,
    "savefig.facecolor": PAPER,
    "hatch.linewidth": 0.7,
    "svg.fonttype": "none",
    "svg.hashsalt": "obs",
}


class Drawings(NamedTuple):
    """A figure drawn for a page and for a telephone, each as SVG."""

    wide: str
    narrow: str


class _Draws(Protocol):
    def __call__(self, *, wide: bool) -> str: ...


def draw_twice(draw: _Draws) -> Drawings:
    """Draw a figure for a page and for a telephone.

    Examples
    --------
    >>> from obs.report.draw.style import draw_twice
    >>> draw_twice(lambda *, wide: "wide" if wide else "narrow")
    Drawings(wide='wide', narrow='narrow')
    """
    return Drawings(draw(wide=True), draw(wide=False))


@contextmanager
def drawing(height: float, *, width: float = WIDTH) -> Iterator[Figure]:
    """Open a figure in the house style; the style ends with the block.

    The figure is empty; `to_svg` turns it into text before the block ends.

    Examples
    --------
    >>> from obs.report.draw.style import drawing, to_svg
    >>> with drawing(1.0) as figure:
    ...     to_svg(figure).startswith("<?xml")
    True
    """
    _register_fonts()
    with mpl.rc_context(_SETTINGS):
        figure = Figure(figsize=(width, height))
        FigureCanvasSVG(figure)
        yield figure


def to_svg(figure: Figure) -> str:
    """Write a figure as SVG: text as text, no date, no program name.

    Returns the same text for the same figure.

    Examples
    --------
    >>> from obs.report.draw.style import drawing, to_svg
    >>> with drawing(1.0) as figure:
    ...     to_svg(figure) == to_svg(figure)
    True
    """
    with io.StringIO() as text:
        nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        figure.savefig(text, format="svg", metadata=nothing)
        return _DRAWN.sub(_rounded, text.getvalue())


def bare_axes(axes: Axes, *, keep: Sequence[str] = ("bottom",)) -> None:
    """Leave only the spines that carry meaning, and a light grid behind the data.

    `axes` is completed in place.

    Examples
    --------
    >>> from obs.report.draw.style import bare_axes, drawing
    >>> with drawing(1.0) as figure:
    ...     bare_axes(figure.subplots())
    """
    for side, spine in axes.spines.items():
        spine.set_visible(side in keep)
    axes.set_axisbelow(True)
    axes.tick_params(length=0)


def drawable(text: str) -> str:
    """Replace the few characters that the font lacks, so that none is lost silently.

    Returns the same, a no-break hyphen as a plain one, anything else unknown as U+FFFD, with which
    no page is made.

    Examples
    --------
    >>> from obs.report.draw.style import drawable
    >>> drawable("Saint\N{NON-BREAKING HYPHEN}Josse")
    'Saint-Josse'
    """
    known = _glyphs()
    curved = re.sub(r"(?<=\w)'(?=\w)", "\N{RIGHT SINGLE QUOTATION MARK}", text)
    plain = "".join(_REPLACED.get(c, c) for c in curved)
    return "".join(
        c if ord(c) in known or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in plain
    )


def contrast(one: str, other: str) -> float:
    """Compute the contrast of two colours as the Web Content Accessibility Guidelines do.

    With L the relative luminance of the lighter and l of the darker, (L + 0.05) / (l + 0.05).

    Returns a number from 1 to 21.

    References
    ----------
    W3C, Web Content Accessibility Guidelines 2.2, definition of contrast ratio.

    Examples
    --------
    >>> from obs.report.draw.style import contrast
    >>> contrast("#000000", "#ffffff")
    21.0
    """
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def text_on(background: str) -> str:
    """Choose the ink that reads best on a colour.

    Returns `ON_LIGHT` or `ON_DARK`.

    Examples
    --------
    >>> from obs.report.draw.style import text_on
    >>> text_on("#0b3c6f"), text_on("#eaf2fa")
    ('#fffffe', '#1c2531')
    """
    return max((ON_LIGHT, ON_DARK), key=lambda ink: contrast(ink, background))


def _rounded(path: re.Match[str]) -> str:
    """Keep two decimals of a place: a hundredth of a point is nothing on a page."""
    return _DECIMALS.sub(lambda number: f"{float(number[0]):.2f}", path[0])


def _luminance(colour: str) -> float:
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@cache
def _register_fonts() -> None:
    for face in FACES:
        fontManager.addfont(str(face_path(face)))


@cache
def _glyphs() -> frozenset[int]:
    return frozenset(TTFont(face_path("Regular")).getBestCmap())
