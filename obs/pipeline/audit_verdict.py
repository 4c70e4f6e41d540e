"""Audit an edition before it is rendered: write the internal page, and refuse what is unsafe.

A refused edition leaves only that page: no internal table from which a note could be rendered,
no publication, and no line in the ledger.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from obs.disclosure import Ledger, Released, add_facts, audit, audit_report, refuse_unsafe
from obs.errors import DisclosureError
from obs.report.edition.whole_folders import write_whole

__all__ = ["AUDIT", "OWNER_ALONE", "judge"]

OWNER_ALONE = 0o600
AUDIT = "disclosure_audit.html"  # the data-protection officer's page: never published


def judge(
    released: Released,
    tables: Mapping[str, pd.DataFrame],
    *,
    known: Ledger,
    edition: int,
    folder: Path,
    languages: Sequence[str],
) -> str:
    """Give the audit page of an edition that is safe; write it and refuse the edition if not.

    The page is in each of `languages`, and its owner's alone to read.
    """
    audited = add_facts(audit(released, known=known), released, tables)
    page = audit_report(released, original=tables, known=known, audited=audited, lang=languages)
    try:
        refuse_unsafe(audited, released, edition=edition)
    except DisclosureError as refusal:
        path = write_whole(folder / AUDIT, page.encode(), mode=OWNER_ALONE)
        raise DisclosureError(f"{refusal} Page: {path}") from None
    return page
