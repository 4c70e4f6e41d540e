"""Refuse an edition in which the audit finds a withheld count that is not safe."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from obs.disclosure.released import Released
from obs.errors import DisclosureError

__all__ = ["WITHHELD_WORDS", "refuse_unsafe", "unsafe_rows"]

_NAMED = 5  # counts named in the message; the audit page lists all
WITHHELD_WORDS = {
    "suppressed_primary": "for itself",
    "suppressed_secondary": "besides, against subtraction",
    "suppressed_source": "by the source",
    "unreliable": "unreliable",
}


def unsafe_rows(audited: pd.DataFrame) -> pd.Series:
    """Tell which rows of an audit stop an edition.

    Every row that is not safe stops it, but for what only a guess narrows (that as little as
    possible was revised since the last edition): such a row stops it if the count is a small
    one and lies where the guess puts it. A guess that misses tells nothing true, and a count
    withheld besides is no secret in itself.

    Returns a Series on the index of `audited`.

    Examples
    --------
    Small counts guessed to be 5 to 7: one of 5, one of 3.

    >>> import pandas as pd
    >>> from obs.disclosure.audit.verdict import unsafe_rows
    >>> rows = pd.DataFrame({"facts": [5, 3], "low": [5, 5], "high": [7, 7]}, dtype="Int64")
    >>> unsafe_rows(rows.assign(safe=False, guessed=True, status="suppressed_primary")).tolist()
    [True, False]
    """
    besides = audited["status"] == "suppressed_secondary"
    missed = (audited["facts"] < audited["low"]) | (audited["facts"] > audited["high"])
    spared = audited["guessed"] & (besides | missed.fillna(value=False).astype(bool))
    return ~audited["safe"] & ~spared


def refuse_unsafe(audited: pd.DataFrame, released: Released, *, edition: int | str) -> None:
    """Refuse an edition of which a withheld count can be narrowed too far.

    Parameters
    ----------
    audited : DataFrame of shape (n_withheld, 12)
        From `audit(released)`, with what readers know besides, and with facts by `add_facts`.
    released : Released
        What was about to be published.
    edition : int or str
        Its year or issue, for the message.

    Raises
    ------
    DisclosureError
        If a row is `unsafe_rows`. It names the first five by table, indicator, place, period and
        breakdowns, with the rule, and what to do; never a figure or an interval.

    Examples
    --------
    >>> import pandas as pd
    >>> from obs.disclosure.audit.verdict import refuse_unsafe
    >>> row = {"safe": [True], "guessed": [False], "low": [1], "high": [9], "facts": [3]}
    >>> refuse_unsafe(pd.DataFrame({**row, "status": "suppressed_primary"}), None, edition=2024)
    """
    unsafe = audited[unsafe_rows(audited)]
    if unsafe.empty:
        return
    named = "; ".join(_name_row(row, released) for row in unsafe.head(_NAMED).to_dict("records"))
    more = f"; and {len(unsafe) - _NAMED:,} more" if len(unsafe) > _NAMED else ""
    raise DisclosureError(
        f"edition {edition} is not published: a reader can narrow {len(unsafe):,} of "
        f"{len(audited):,} withheld counts further than their rule allows: {named}{more}. "
        "The audit page holds the intervals. Publish the tables named coarser or leave them out "
        "(the notes' declarations), and build again."
    )


def _name_row(row: Mapping[Any, Any], released: Released) -> str:
    about = released.structure["indicators"][row["indicator"]]
    shown = dict(mark.split("=", 1) for mark in row["breakdowns"].split())
    marks = about["marks"] | {column: code for column, code in shown.items() if code != "all"}
    rule = _name_rule(marks, about, released.structure)
    where = " ".join(f"{column}={code}" for column, code in shown.items() if code != "all")
    key = f"{row['indicator']} {row['territory']} {row['period']} {where}".strip()
    return f"{key} in '{row['table']}' (withheld {WITHHELD_WORDS[row['status']]}; rule {rule})"


def _name_rule(
    marks: Mapping[str, str], about: Mapping[str, Any], structure: Mapping[str, Any]
) -> str:
    """Name the rule of a row: the indicator's own, or the stricter one that its categories call for."""
    called = {(column, code): least for column, code, least, _ in structure["stricter"]}
    for column, codes in marks.items():
        asked = [called.get((column, code), 0) for code in codes.split("|")]
        if min(asked) > about["threshold"]:
            return str(structure["stricter_rule"])
    return str(about["rule"])
