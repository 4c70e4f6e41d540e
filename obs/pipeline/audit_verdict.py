"""The audit of an edition before anything is made of it: a page for the house, and a gate.

A refused edition leaves the page that says why, and nothing else of it: no internal table, so
that no note can be rendered from it, no publication, no line of the ledger.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from obs.disclosure import Ledger, Released, add_facts, audit, audit_report, refuse_unsafe
from obs.errors import DisclosureError
from obs.report.edition.whole_folders import write_whole

__all__ = ["AUDIT", "judge"]

AUDIT = "disclosure_audit.html"  # the data-protection officer's page: never published


def judge(
    released: Released,
    tables: Mapping[str, pd.DataFrame],
    *,
    known: Ledger,
    edition: int,
    folder: Path,
) -> str:
    """Give the audit page of an edition that is safe; write it and refuse the edition if not."""
    audited = add_facts(audit(released, known=known), released, tables)
    page = audit_report(released, original=tables, known=known, audited=audited)
    try:
        refuse_unsafe(audited, released, edition=edition)
    except DisclosureError as refusal:
        path = write_whole(folder / AUDIT, page.encode())
        raise DisclosureError(f"{refusal} Page: {path}") from None
    return page
