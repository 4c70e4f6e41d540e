"""State the columns of what a cleaning accounts for: rejected rows, days covered, files."""

from __future__ import annotations

from obs.schemas.codes import (
    HOW_COVERED,
)
from obs.schemas.schema import Column, Schema
from obs.schemas.shared_columns import text_column

__all__ = ["COVERAGE", "REJECTED", "REPORT", "UNMATCHED"]

REJECTED = Schema(
    "REJECTED",
    "a delivered row that was not kept",
    (),
    {
        "file": text_column(nullable=False),
        "sheet": text_column(),  # of a workbook
        "row": Column("count"),  # missing for a remark on a whole file or sheet
        "column": text_column(),
        "rule": text_column(nullable=False),
        "message": text_column(nullable=False),
    },
)

COVERAGE = Schema(
    "COVERAGE",
    "a stretch of days that a delivery covers",
    ("source", "territory", "start", "end", "delivery"),
    {
        "source": text_column(nullable=False),
        "territory": text_column(nullable=False),  # ALL: every place
        "start": Column("date", nullable=False),
        "end": Column("date", nullable=False),
        "how": text_column(nullable=False, allowed=HOW_COVERED),
        "delivery": text_column(nullable=False),
    },
)

REPORT = Schema(
    "REPORT",
    "a delivered file",
    ("file",),
    {
        "file": text_column(nullable=False),
        "profile": text_column(nullable=False),
        "sha256": text_column(),
        "extracted": Column("date"),
        "read": Column("count", nullable=False),
        "kept": Column("count", nullable=False),
        "merged": Column("count", nullable=False),
        "rejected": Column("count", nullable=False),
        "covered_from": Column("date"),
        "covered_to": Column("date"),
        "synthetic": Column("flag", nullable=False),
        # of counts: their sums, which close as rows do; missing for rows one by one
        "sum_read": Column("count", required=False),
        "sum_kept": Column("count", required=False),
        "sum_merged": Column("count", required=False),
        "sum_rejected": Column("count", required=False),
    },
)

UNMATCHED = Schema(
    "UNMATCHED",
    "a spelling of a place that no unit answers to",
    (),
    {
        "text": text_column(),  # missing for the spellings that are not shown
        "rows": Column("count", nullable=False),
        "reason": text_column(nullable=False),
    },
)
