"""Mark the first cell of each table row as its header in a PDF, which Typst cannot do yet.

Nothing else of the file changes, and its identifier stays a function of its content.
"""

from __future__ import annotations

import io
from collections.abc import Iterator

import pikepdf
from pikepdf import Dictionary, Name

__all__ = ["add_row_headers", "structure"]


def add_row_headers(pdf: bytes) -> bytes:
    """Mark the first cell of each body row as a row header (TH, Scope Row).

    Returns the same document; the same bytes for the same input.
    """
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as document:
        for element in structure(document):
            if element.get("/S") == "/TR":
                _mark_row_header(element)
        document.save(
            out, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.preserve
        )
    return out.getvalue()


def structure(document: pikepdf.Pdf) -> Iterator[pikepdf.Dictionary]:
    """Walk the structure elements of a tagged PDF, in reading order.

    Yields each element (`/S` is its type); nothing for an untagged file.

    Examples
    --------
    >>> import pikepdf
    >>> from obs.report.page.row_headers import structure
    >>> list(structure(pikepdf.new()))
    []
    """
    root = document.Root.get("/StructTreeRoot")
    stack = _children(root) if root is not None else []
    while stack:
        element = stack.pop(0)
        yield element
        stack = _children(element) + stack


def _children(element: pikepdf.Object) -> list[pikepdf.Dictionary]:
    kids = element.get("/K")
    if kids is None:
        return []
    every = list(kids) if isinstance(kids, pikepdf.Array) else [kids]
    return [kid for kid in every if isinstance(kid, pikepdf.Dictionary) and "/S" in kid]


def _mark_row_header(row: pikepdf.Dictionary) -> None:
    cells = _children(row)
    if len(cells) > 1 and cells[0].get("/S") == "/TD":
        cells[0]["/S"] = Name.TH
        cells[0]["/A"] = Dictionary(O=Name.Table, Scope=Name.Row)
