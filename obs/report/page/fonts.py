"""Subset and embed the font of every page, and check that it has every letter used.

The font is Source Sans Pro, under the SIL Open Font License, from `font-source-sans-pro`.
"""

from __future__ import annotations

import base64
import io
import unicodedata
from functools import cache
from pathlib import Path

import font_source_sans_pro
from fontTools import subset
from fontTools.ttLib import TTFont

from obs.errors import PublicationError

__all__ = ["FACES", "FAMILY", "check_glyphs", "face_path", "font_css"]

FAMILY = "Source Sans Pro"
FACES = {  # file -> css weight and style
    "Regular": (400, "normal"),
    "It": (400, "italic"),
    "Semibold": (600, "normal"),
    "Bold": (700, "normal"),
}
_LATIN = frozenset(range(0x20, 0x7F)) | frozenset(range(0xA0, 0x180))
_POINTS = frozenset(map(ord, "–—‘’“”„•…‰−≤≥€\N{NARROW NO-BREAK SPACE}"))
_LAYOUT = "\n\r\t"
_FEATURES = ["kern", "mark", "ccmp", "tnum", "lnum"]


def face_path(face: str) -> Path:
    """Give the file of one face.

    Returns an OpenType file.

    Examples
    --------
    >>> from obs.report.page.fonts import face_path
    >>> face_path("Bold").name
    'SourceSansPro-Bold.otf'
    """
    name = {"Regular": ""}.get(face, face)
    return Path(font_source_sans_pro.font_files_otf[f"SourceSansPro{name}"])


def check_glyphs(text: str) -> None:
    """Refuse a text with a letter that the font lacks, which a browser would substitute.

    Raises `PublicationError` with the code and name of each missing character.

    Examples
    --------
    >>> from obs.report.page.fonts import check_glyphs
    >>> check_glyphs("Œuvre ≤ 5 ‰")
    >>> check_glyphs("tiret\N{NON-BREAKING HYPHEN}")
    Traceback (most recent call last):
    obs.errors.PublicationError: the font lacks U+2011 (NON-BREAKING HYPHEN); write it otherwise.
    """
    missing = sorted({c for c in text if c not in _LAYOUT and ord(c) not in _covered_codes()})
    if missing:
        named = ", ".join(f"U+{ord(c):04X} ({unicodedata.name(c, 'no name')})" for c in missing[:5])
        raise PublicationError(f"the font lacks {named}; write it otherwise.")


def font_css(text: str) -> str:
    """Write the `@font-face` rules of a page, with the letters it may need inside.

    The subset holds all Latin letters of Europe, so that pages share it, and whatever
    else the text uses.

    Returns CSS with WOFF data; the same bytes for the same letters. Raises `PublicationError` if
    the font lacks a letter.

    Examples
    --------
    >>> from obs.report.page.fonts import font_css
    >>> font_css("Bonjour").count("@font-face")
    4
    """
    check_glyphs(text)
    return _css(frozenset(map(ord, text)) - _LATIN - _POINTS)


@cache
def _css(extra: frozenset[int]) -> str:
    rules = []
    for face, (weight, style) in FACES.items():
        data = base64.b64encode(_subset(face, _LATIN | _POINTS | extra)).decode()
        rules.append(
            f'@font-face{{font-family:"{FAMILY}";font-weight:{weight};font-style:{style};'
            f'src:url(data:font/woff;base64,{data}) format("woff")}}'
        )
    return "\n".join(rules)


def _subset(face: str, codes: frozenset[int]) -> bytes:
    options = subset.Options(flavor="woff", hinting=False, recalc_timestamp=False)
    options.layout_features = _FEATURES
    font = subset.load_font(str(face_path(face)), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=codes)
    subsetter.subset(font)
    out = io.BytesIO()
    subset.save_font(font, out, options)
    font.close()
    return out.getvalue()


@cache
def _covered_codes() -> frozenset[int]:
    codes: set[int] | None = None
    for face in FACES:
        with TTFont(face_path(face), lazy=True) as font:
            own = set(font.getBestCmap())
        codes = own if codes is None else codes & own
    return frozenset(codes or ())
