"""Tell totals over categories that the source cannot fill: they are not totals."""

from __future__ import annotations

import pandas as pd

from obs.schemas import ALL, BREAKDOWNS

__all__ = ["unmeasured_totals"]


def unmeasured_totals(table: pd.DataFrame) -> pd.Series:
    """Mark the totals over one breakdown that lack some of its categories.

    Only tables of two breakdowns are judged, where one category shows what another lacks: sexual
    violence counted within couples alone has no total over relations. The total over all breakdowns
    is that of what is measured, and is left.

    Returns a boolean per row.

    Examples
    --------
    >>> import pandas as pd
    >>> from obs.report.figures.unmeasured import unmeasured_totals
    >>> rows = [("all", "all"), ("physical", "all"), ("physical", "couple"), ("physical", "family"),
    ...     ("sexual", "all"), ("sexual", "couple")]
    >>> unmeasured_totals(pd.DataFrame(rows, columns=["form", "relation"])).tolist()
    [False, False, False, False, True, False]
    """
    nothing = pd.Series(data=False, index=table.index)
    columns = [c for c in BREAKDOWNS if c in table and table[c].nunique() > 1]
    if len(columns) != 2:
        return nothing
    marks = nothing
    for over, within in (columns, columns[::-1]):
        crossed = table[(table[over] != ALL) & (table[within] != ALL)]
        every = crossed[over].nunique()
        own = crossed.groupby(within)[over].nunique()
        partial = table[within].map(own).fillna(every) < every
        marks = marks | ((table[over] == ALL) & (table[within] != ALL) & partial)
    return marks
