"""Read the codes of a column whose meaning changes at a date by the day of the row.

A row of a month or a year that the change parts, and a row without a day, do not tell which
meaning holds: the code is then outside its days.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from obs.clean.coded_columns import Coded, concat, encode_list
from obs.clean.folded_texts import fold
from obs.clean.judge.distinct_values import judge_codes
from obs.clean.judge.judged_rows import Rows
from obs.clean.judge.offence_entries import days_of
from obs.clean.profiles.code_vintages import CodeVintage
from obs.clean.profiles.profile import Profile
from obs.clean.profiles.target_columns import is_attribute

__all__ = ["read_dated_codes"]

_RULE = "code_out_of_validity"


def read_dated_codes(rows: Rows, profile: Profile) -> None:
    """Put the meaning that each dated code has on the day of its row; say where it has none."""
    columns = dict.fromkeys(one.column for one in profile.dated_codes)
    for target in (name for name in columns if name in profile.targets):
        own = [one for one in profile.dated_codes if one.column == target]
        rows.to[target], lost = _read(rows, target, own)
        if is_attribute(target, profile.shape) and target not in profile.strict:
            rows.remark(lost, target, _RULE)
        else:
            rows.blame(lost, target, _RULE)


def _read(
    rows: Rows, target: str, vintages: Sequence[CodeVintage]
) -> tuple[Coded, NDArray[np.bool_]]:
    """Give the column with the meanings by day, and the rows of which the code has none."""
    texts = rows.texts[target]
    known = {one.code: fold(one.code) for one in vintages}
    found = judge_codes(texts.distinct(), known).values["value"]
    first, last = days_of(rows, "decision_date" if target == "decision" else None)
    told = rows.outcome_texts(target)
    joined = concat([told, encode_list([one.means or None for one in vintages])])
    codes = joined.codes[: len(told)].copy()
    lost = np.append([code is not None for code in found], False)[texts.codes]  # noqa: FBT003
    codes[lost] = -1
    for one, meaning in zip(vintages, joined.codes[len(told) :], strict=True):
        here = np.append([code == fold(one.code) for code in found], False)[texts.codes]  # noqa: FBT003
        within = here & (first >= np.datetime64(one.first)) & (last <= np.datetime64(one.last))
        codes[within] = meaning
        lost &= ~within
    return Coded(joined.texts, codes), lost
