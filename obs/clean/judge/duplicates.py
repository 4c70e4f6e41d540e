"""Decide between rows of one key: which is kept, which are merged, which contradict each other.

The latest extraction wins, then the highest version. Rows that tie with equal content are
merged. Rows that tie with different content are all rejected, with their older versions.
"""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

__all__ = ["PLACE", "content_id", "number_identical", "settle"]

PLACE = ("file", "row", "cell")  # where a row stands; cell tells apart the counts of a wide row

_BLANK = "\x00"  # a missing cell differs from every text
_BETWEEN = "\x1f"


def settle(rows: ir.Table, *, key: Sequence[str], content: Sequence[str]) -> ir.Table:
    """Give the fate of every row whose key is repeated: file, row, fate.

    Returns file, row, cell, fate: "kept", "merged" or "conflicting_duplicate". A row whose key
    comes once is not in it.
    """
    repeated = rows.group_by(list(key)).agg(n=rows.count()).filter(lambda t: t.n > 1)
    contested = rows.semi_join(repeated, list(key))
    latest = [ibis.desc("extracted", nulls_first=False), ibis.desc("version", nulls_first=False)]
    ranked = contested.mutate(
        said=_joined(contested, content),
        rank=ibis.dense_rank().over(group_by=list(key), order_by=latest),
        turn=ibis.row_number().over(group_by=list(key), order_by=[*latest, *PLACE]),
    )
    top = ibis.ifelse(ranked["rank"] == 0, ranked.said, ibis.null(str))
    versions = ranked.mutate(top=top)
    same = ibis.window(group_by=list(key))
    judged = versions.mutate(differ=versions.top.min().over(same) != versions.top.max().over(same))
    fate = ibis.cases(
        (judged.differ, "conflicting_duplicate"), (judged.turn == 0, "kept"), else_="merged"
    )
    return judged.select(*PLACE, fate=fate)


def content_id(table: ir.Table, columns: Sequence[str]) -> ir.StringValue:
    """Name a row after its content: the md5 of its texts, wherever it stands."""
    return _joined(table, columns).hexdigest("md5")


def number_identical(rows: ir.Table) -> ir.Table:
    """Count rows of one content within their file: file, row, again (0 for the first).

    Only rows whose content is repeated in their file are in it.
    """
    repeated = rows.group_by(["file", "content"]).agg(n=rows.count()).filter(lambda t: t.n > 1)
    again = rows.semi_join(repeated, ["file", "content"])
    turn = ibis.row_number().over(group_by=["file", "content"], order_by="row")
    return again.select("file", "row", again=turn)


def _joined(table: ir.Table, columns: Sequence[str]) -> ir.StringValue:
    texts = [ibis.coalesce(table[c].cast("string"), _BLANK) for c in columns]
    return ibis.literal(_BETWEEN).join(texts)
