"""Give the columns that many tables have, and a short way to state a column of texts."""

from __future__ import annotations

from obs.schemas.schema import Column

__all__ = ["PROVENANCE", "text_column"]

PROVENANCE = {
    "source": Column("text", required=False),
    "synthetic": Column("flag", nullable=False, required=False),
    "extracted": Column("date", required=False),
}


def text_column(
    *, nullable: bool = True, allowed: tuple[str, ...] = (), required: bool = True
) -> Column:
    """State a column of texts, of a closed list where one is given."""
    return Column("text", nullable, allowed, required)
