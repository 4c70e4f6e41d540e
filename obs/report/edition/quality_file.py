"""Define a line of the quality declaration, and write the declaration as a data file."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

__all__ = ["QUALITY", "QualityLine", "quality_text"]

QUALITY = "quality_declaration.csv"
_COLUMNS = ("concept", "line", "source", "subject", "measure", "value", "unit", "status")


@dataclass(frozen=True)
class QualityLine:
    """One value of the quality declaration; those of one line make one sentence.

    Attributes
    ----------
    concept : str
        Heading of SIMS 2.0, as "S.13.3.1".
    line : str
        The sentence, a message of the catalogue: "quality.LINE".
    measure : str
        What the value is; the placeholder that it fills. "" where the sentence has none.
    source : str
        Kind of source, or questionnaire; "" for all.
    subject : str
        A code: a rule, a unit.
    value : number or str
        The value; "" for none.
    unit : str
        "count", "share", "day", "year", "code".
    status : str
        "computed", "declared" (said by the observatory) or "not_computable" (nothing tells it).
    """

    concept: str
    line: str
    measure: str = ""
    source: str = ""
    subject: str = ""
    value: float | str = ""
    unit: str = ""
    status: str = ""

    def to_json(self) -> dict[str, Any]:
        """Give the line as values that JSON can hold."""
        status = self.status or ("computed" if self.measure else "declared")
        return asdict(self) | {"status": status}


def quality_text(lines: Sequence[Mapping[str, Any]], *, synthetic: bool) -> str:
    """Write the declaration as a data file; "" where there is none.

    Examples
    --------
    >>> from obs.report.edition.quality_file import QualityLine, quality_text
    >>> line = QualityLine("S.15.2", "breaks", "breaks", value=2, unit="count")
    >>> print(quality_text([line.to_json()], synthetic=True))
    concept,line,source,subject,measure,value,unit,status,synthetic
    S.15.2,breaks,,,breaks,2,count,computed,true
    <BLANKLINE>
    """
    if not lines:
        return ""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*_COLUMNS, "synthetic"])
    for one in lines:
        writer.writerow([*(one[column] for column in _COLUMNS), str(synthetic).lower()])
    return text.getvalue()
