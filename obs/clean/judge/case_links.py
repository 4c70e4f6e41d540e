"""Follow cases that are joined to another case or transferred to a successor.

Following stops at a case that stands alone, at a link to a case outside the deliveries (reported
as lost), and in a circle (reported, without an outcome).
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["follow_links"]


def follow_links(cases: pd.DataFrame) -> pd.DataFrame:
    """Add to each case where its links lead and the decision that ends it.

    Returns a table with `link` (own, joined, joined_lost, transferred, transfer_lost, circular),
    `lead_id` (the last case found), `outcome` and `outcome_date` (its decision; of a case lost on
    the way "joinder" or "disposition", of a circle none).

    Examples
    --------
    >>> cases = pd.DataFrame({
    ...     "case_id": ["A", "B", "C"],
    ...     "mother_id": [None, "A", "Z"],
    ...     "decision": ["summons", "joinder", "joinder"],
    ...     "decision_date": pd.to_datetime(["2021-05-01", "2021-02-01", "2021-03-01"]),
    ... }).astype({"mother_id": "str"})
    >>> follow_links(cases)[["link", "lead_id", "outcome"]]
              link lead_id  outcome
    0          own       A  summons
    1       joined       A  summons
    2  joined_lost       C  joinder
    """
    none = pd.Series(None, index=cases.index, dtype="str")
    mother = cases.get("mother_id", none)
    successor = cases.get("next_id", none).where(cases["decision"] == "disposition")
    step = _next_positions(cases["case_id"], mother.fillna(successor))
    lead, circular = _last_positions(step)
    sent = cases["decision"].eq("disposition").fillna(value=False).to_numpy(dtype=bool)
    link = np.select(
        [circular, mother.notna() & (step >= 0), mother.notna(), sent & (step >= 0), sent],
        ["circular", "joined", "joined_lost", "transferred", "transfer_lost"],
        default="own",
    )
    ends = cases[["case_id", "decision", "decision_date"]].iloc[lead].set_axis(cases.index)
    return cases.assign(
        link=pd.Series(link, index=cases.index, dtype="str"),
        lead_id=ends["case_id"].mask(circular),
        outcome=ends["decision"].mask(circular),
        outcome_date=ends["decision_date"].mask(circular),
    )


def _next_positions(ids: pd.Series, links: pd.Series) -> NDArray[np.int64]:
    """Give the position of the case that each one leads to, -1 if none is known."""
    place = pd.Series(np.arange(len(ids)), index=pd.Index(ids))
    found = links.map(place)
    return found.fillna(-1).to_numpy(dtype="int64")


def _last_positions(step: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Follow steps to their end by doubling; what still moves after n steps is circular."""
    here = np.arange(len(step))
    jump = np.where(step >= 0, step, here)
    for _ in range(int(np.ceil(np.log2(max(len(step), 2)))) + 1):
        jump = jump[jump]
    circular = step[jump] >= 0
    return np.where(circular, here, jump), circular
