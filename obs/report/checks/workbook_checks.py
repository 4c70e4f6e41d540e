"""Check a workbook of an edition: it can be read, runs nothing, leads nowhere."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from python_calamine import CalamineError, CalamineWorkbook

__all__ = ["workbook_faults", "workbook_text"]

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_FORMULA = re.compile(rb"<f[ >/]")
_LEADS_OUT = re.compile(rb"TargetMode\s*=\s*[\"']External")


def workbook_faults(path: Path) -> Iterator[tuple[str, str]]:
    """Find what is wrong with a workbook.

    Yields the part of the file, and the fault.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from obs.report.checks.workbook_checks import workbook_faults
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "a.xlsx"
    ...     _ = path.write_bytes(b"not a workbook")
    ...     list(workbook_faults(path))
    [('', 'is not a workbook that can be read')]
    """
    try:
        with zipfile.ZipFile(path) as book:
            for name in book.namelist():
                content = book.read(name)
                if name.startswith("xl/worksheets/") and _FORMULA.search(content):
                    yield name, "holds a formula"
                if name.endswith(".rels") and _LEADS_OUT.search(content):
                    yield name, "leads to an address outside"
                if name.startswith(("xl/comments", "customXml")):
                    yield name, "holds remarks that no sheet shows"
                if name.startswith("xl/worksheets/") and b' hidden="1"' in content:
                    yield name, "hides rows or columns"
                if name == "xl/workbook.xml":
                    yield from _hidden_parts(content)
                if "vbaProject" in name or "externalLink" in name:
                    yield name, "runs or fetches something"
    except (OSError, zipfile.BadZipFile, ElementTree.ParseError):
        yield "", "is not a workbook that can be read"


def _hidden_parts(content: bytes) -> Iterator[tuple[str, str]]:
    """Find sheets that are not shown, and names that stand for cells or values."""
    root = ElementTree.fromstring(content)
    for sheet in root.iter(f"{_MAIN}sheet"):
        if sheet.get("state", "visible") != "visible":
            yield str(sheet.get("name")), "is a hidden sheet"
    if root.find(f"{_MAIN}definedNames") is not None:
        yield "xl/workbook.xml", "holds names that no sheet shows"


def workbook_text(path: Path) -> str:
    """Give every cell of a workbook as text, a line for each row; "" if it cannot be read."""
    try:
        book = CalamineWorkbook.from_path(path)
        sheets = [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]
    except (CalamineError, OSError):
        return ""  # said by workbook_faults
    rows = [row for sheet in sheets for row in sheet]
    return "\n".join(" ".join(map(_cell_text, row)) for row in rows)


def _cell_text(cell: object) -> str:
    whole = isinstance(cell, float) and cell.is_integer()
    return str(int(cell)) if isinstance(cell, float) and whole else str(cell)
