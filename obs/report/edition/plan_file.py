"""Define a line of what can be seen of the security plan, and write the lines as a data file."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

__all__ = ["PLAN", "PlanLine", "plan_text"]

PLAN = "security_plan.csv"


@dataclass(frozen=True)
class PlanLine:
    """One value.

    Attributes
    ----------
    kind : str
        "coverage": measures with a form (`value`, `of` the measures of the theme); "indicator": one
        that serves a measure (`value` is 1 where the edition shows it); "needed": a measure that asks
        for data and that no indicator serves; "total": a printed total
        (`value`) and the sum of its parts (`of`); "repeated": a measure with the text of another;
        "change", "mean", "day_mean": what the report says of two of its counts (`value`) and what they
        make (`of`); "date", "date_document", "date_press": two dates (`value`, `other`) of one thing, the second
        in the report, the document itself or the press; "name": names of one zone;
        "mark": a code (`value`) that is that of a `measure` with the mark of a footnote.
    theme, measure, partner, indicator, subject, place, period : str
        What it is of; "" where it is of none, "all" for all themes.
    value, of : number or str
        Numbers, as printed and as computed; a date, a name or a code; "" for none.
    bound : str
        "at_least" where the number computed is one.
    other, other_period : str
        What it stands beside: a date, names, a count and its year.
    """

    kind: str
    theme: str = ""
    measure: str = ""
    partner: str = ""
    indicator: str = ""
    subject: str = ""
    place: str = ""
    period: str = ""
    value: float | str = ""
    of: float | str = ""
    bound: str = ""
    other: str = ""
    other_period: str = ""

    def to_json(self) -> dict[str, Any]:
        """Give the line as values that JSON can hold."""
        return asdict(self)


def plan_text(lines: Sequence[Mapping[str, Any]], *, synthetic: bool) -> str:
    """Write the lines as a data file; "" where there is none.

    Examples
    --------
    >>> from obs.report.edition.plan_file import PlanLine, plan_text
    >>> line = PlanLine("coverage", "1", partner="commune", value=6, of=9)
    >>> print(plan_text([line.to_json()], synthetic=True))
    kind,theme,measure,partner,indicator,subject,place,period,value,of,bound,other,other_period,synthetic
    coverage,1,,commune,,,,,6,9,,,,true
    <BLANKLINE>
    """
    if not lines:
        return ""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    columns = list(PlanLine.__dataclass_fields__)
    writer.writerow([*columns, "synthetic"])
    for one in lines:
        writer.writerow([*(one[column] for column in columns), str(synthetic).lower()])
    return text.getvalue()
