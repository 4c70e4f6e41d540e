"""Check any document for numbers that contradict each other."""

from __future__ import annotations

from pathlib import Path

from obs.report.checks.faults import Fault
from obs.report.documents import DOCUMENT_ENDINGS, find_contradictions, read_document
from obs.report.documents.contradiction import HIGH, Contradiction

__all__ = ["document_faults", "is_document"]


def is_document(path: Path) -> bool:
    """Tell a document from a notebook and from an edition: a file of text, HTML, PDF or Word.

    Examples
    --------
    >>> is_document(Path("notebooks"))
    False
    """
    return path.is_file() and path.suffix.lower() in DOCUMENT_ENDINGS


def document_faults(path: Path) -> tuple[list[Fault], list[Fault]]:
    """Find the contradictions of a document.

    Returns those that are sure, and those where the two numbers may speak of different things.
    Raises `ObsError` if the document cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as place:
    ...     path = Path(place, "answer.txt")
    ...     _ = path.write_text("12 of the 48 files (30 %) were closed.")
    ...     print(*document_faults(path)[0])
    answer.txt: line 1: says '30 %', and '12 / 48' (line 1): 12 / 48 = 25.0 % (share)
    """
    found = find_contradictions(read_document(path))
    sure = [_fault(path, one) for one in found if one.confidence == HIGH]
    return sure, [_fault(path, one) for one in found if one.confidence != HIGH]


def _fault(path: Path, one: Contradiction) -> Fault:
    words = f"says '{one.said}', and '{one.other}' ({one.other_place}): {one.computation}"
    return Fault(path.name, one.place, f"{words} ({one.rule})")
