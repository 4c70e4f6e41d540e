"""Check that the ledger and the editions beside it agree, from the files alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from obs.disclosure import LEDGER, Ledger
from obs.errors import DisclosureError
from obs.report.checks.faults import Fault
from obs.report.edition.manifest import read_manifest

__all__ = ["ledger_faults"]


def ledger_faults(editions: Sequence[Path], *, needed: bool = True) -> Iterator[Fault]:
    """Find what the ledger lacks of the editions beside it, and whether it was cut or changed.

    Yields nothing for editions without a ledger. Raises `PublicationError` if an edition has no
    readable manifest.

    Examples
    --------
    >>> from obs.report.checks.ledger_checks import ledger_faults
    >>> list(ledger_faults([]))
    []
    """
    for top in sorted({edition.resolve().parent for edition in editions}):
        own = [edition for edition in editions if edition.resolve().parent == top]
        marks = {edition: read_manifest(edition).get("ledger") for edition in own}
        if not (top / LEDGER).is_file():
            if needed and any(marks.values()):
                yield Fault(LEDGER, "", "is not beside the editions; `obs ledger` makes it again")
            continue
        try:
            ledger = Ledger(top / LEDGER)
            yield from (f for e in own for f in _of_edition(ledger, e, marks[e]))
        except DisclosureError as error:
            yield Fault(LEDGER, "", str(error))


def _of_edition(ledger: Ledger, edition: Path, mark: dict[str, object] | None) -> Iterator[Fault]:
    if mark and ledger.as_of(mark) is None:
        yield Fault(
            LEDGER,
            "",
            f"is not the one that edition {edition.name} was solved against: lines were lost, or "
            "it was made again from the publications; build the edition again",
        )
    lacks = ledger.lacks(edition)
    if lacks:
        words = f"lacks {lacks} count(s) of edition {edition.name}; `obs ledger` adds them"
        yield Fault(LEDGER, "", words)
