"""Compile Typst source to an accessible, archivable PDF, with the project's font only.

A missing title or alternative text, a skipped heading level, an unknown font and a letter that
the font lacks are errors. Every text enters as a string literal.
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Any, Literal, cast

import typst

from obs.errors import PublicationError
from obs.report.page.fonts import FACES, FAMILY, face_path

__all__ = ["Code", "STANDARDS", "compile_pdf", "finalize", "literal"]

STANDARDS: tuple[Literal["a-3a"], Literal["ua-1"]] = ("a-3a", "ua-1")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "", "\t": "\\t"}
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


class Code(str):
    """Text that is already Typst and goes out as it is."""

    __slots__ = ()


def literal(text: str) -> str:
    r"""Write a text as a Typst string literal, in which nothing can act.

    Returns text between double quotes.

    Examples
    --------
    >>> from obs.report.page.typst import literal
    >>> print(literal('#read("x") \\'))
    "#read(\"x\") \\"
    """
    return '"' + "".join(_ESCAPES.get(c, c) for c in _CONTROL.sub("", text)) + '"'


def finalize(value: Any) -> str:
    """Write a value of a template as Typst: text as a literal, `Code` as it is.

    Returns Typst source. Raises `PublicationError` if it is anything else.

    Examples
    --------
    >>> from obs.report.page.typst import Code, finalize
    >>> print(finalize("#x"), finalize(True), finalize(None), finalize(Code("#x")))
    "#x" true none #x
    """
    if isinstance(value, Code):
        return str(value)
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return literal(value)
    raise PublicationError(f"a {type(value).__name__} cannot be written in a PDF.")


def compile_pdf(source: str, style: str, *, timestamp: int) -> bytes:
    """Compile a Typst document to PDF/A-3a and PDF/UA-1.

    Returns the PDF, the same for the same input. Raises `PublicationError` if Typst finds any
    fault or has any warning.

    Examples
    --------
    >>> from obs.report.page.typst import compile_pdf
    >>> compile_pdf("= Head", "", timestamp=0)
    Traceback (most recent call last):
    obs.errors.PublicationError: the PDF cannot be made: PDF/UA-1 error: missing document title.
    """
    with tempfile.TemporaryDirectory(prefix="obs-") as folder:
        for face in FACES:
            path = face_path(face)
            (Path(folder) / path.name).symlink_to(path)
        fonts = typst.Fonts(
            include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder]
        )
        if fonts.families() != [FAMILY]:
            raise PublicationError(f"the font {FAMILY} is not where its package says.")
        files: Any = {"main.typ": source.encode(), "style.typ": style.encode()}
        compiler = typst.Compiler(files, font_paths=fonts)
        try:
            pdf, warnings = compiler.compile_with_warnings(
                format="pdf", pdf_standards=list(STANDARDS), timestamp=timestamp
            )
        except typst.TypstError as error:
            raise PublicationError(f"the PDF cannot be made: {error.message}.") from None
    if warnings:
        raise PublicationError(f"the PDF cannot be made: {warnings[0].message}.")
    return cast("bytes", pdf)  # one file: the format is PDF
