"""List the places that no unit answers to: their spelling, how many rows, the nearest names.

A spelling is shown where it looks like a place: near a known name, repeated, or a few words without
a first name. Any other may be anything; it is counted and not shown.
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from obs.clean.coded_columns import Coded
from obs.clean.profiles.profile import Profile
from obs.clean.read.personal_data import has_first_name, personal_kind
from obs.reference import explain_match
from obs.schemas import UNMATCHED, check_table, empty_table

__all__ = ["PLACE_RULES", "list_unmatched", "unmatched_lines"]

PLACE_RULES = ("unknown_territory", "ambiguous_territory")
_REPEATED = 3  # rows from which a spelling that resembles nothing is shown
_WORDS = re.compile(r"[^\W\d_]{3,}(?:[ '()/\u2019-]+[^\W\d_]+){0,4}\)?")
_LONGEST = 40  # characters of a name
_EXPLAINED = 200  # spellings, the most frequent first
_SAID = 10  # lines of a summary


def list_unmatched(column: Coded, which: NDArray[np.bool_], profile: Profile) -> pd.DataFrame:
    """Give UNMATCHED of the rows whose place was not found, most frequent first.

    Spellings that are not shown are one row without a text.
    """
    codes = column.codes[which]
    codes = codes[codes >= 0]
    if not len(codes):
        return empty_table(UNMATCHED)
    texts = column.distinct()
    counts = pd.Series(codes).value_counts()
    spelled = pd.Series({code: " ".join(texts[int(code)].split()) for code in counts.index})
    rows = counts.groupby(spelled).sum().sort_index().sort_values(ascending=False, kind="stable")
    pairs = zip(rows.index.astype("str").tolist(), rows.to_list(), strict=True)
    said = [
        (text, int(n), _reason(text, profile) if place < _EXPLAINED else "")
        for place, (text, n) in enumerate(pairs)
    ]
    shown = [one for one in said if _may_be_shown(*one)]
    hidden = [n for text, n, reason in said if not _may_be_shown(text, n, reason)]
    if hidden:
        shown.append(("", sum(hidden), f"{len(hidden)} {_hidden_kind(profile)}"))
    table = pd.DataFrame(shown, columns=["text", "rows", "reason"])
    table = table.assign(text=table["text"].replace("", pd.NA), rows=table["rows"].astype("Int64"))
    return check_table(table.astype({"text": "str", "reason": "str"}), UNMATCHED)


def unmatched_lines(unmatched: pd.DataFrame) -> list[str]:
    """Say the places that no unit answers to, the most frequent first."""
    told = unmatched.head(_SAID)
    pairs = zip(told["reason"].tolist(), told["rows"].tolist(), strict=True)
    lines = [f"no unit: {reason} ({_in_rows(int(n))})" for reason, n in pairs]
    more = len(unmatched) - _SAID
    if more > 0:
        lines.append(f"no unit: {more} more, in unmatched.csv")
    return lines


def _reason(text: str, profile: Profile) -> str:
    rule = profile.territory
    if rule.match == "point":
        return ""  # an exact place is never shown
    if rule.match == "pattern":
        return f"'{text[:_LONGEST]}' is no code of the form {rule.pattern}"
    return explain_match(text, territory=rule.place, level=rule.level or None) or (
        f"'{text[:_LONGEST]}' is of a level at which nothing is counted"
    )


def _hidden_kind(profile: Profile) -> str:
    """Say what places are whose texts are not shown."""
    if profile.territory.match == "point":
        return "points that lie in no unit"
    return "texts that resemble no place"


def _may_be_shown(text: str, rows: int, reason: str) -> bool:
    """Tell whether a spelling looks like a place; a text with personal data never does."""
    if not reason or len(text) > _LONGEST or personal_kind(text) is not None:
        return False
    like = any(mark in reason for mark in ("nearest:", " may be ", "postal code", "not of level"))
    plain = _WORDS.fullmatch(text) is not None and not has_first_name(text)
    return like or plain or rows >= _REPEATED


def _in_rows(n: int) -> str:
    return f"{n:,} row" if n == 1 else f"{n:,} rows"
