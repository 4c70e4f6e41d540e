"""Check that the internal ledger and the editions agree, and that no ledger is among these."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from obs.disclosure import LEDGER, Ledger, internal_folder
from obs.errors import DisclosureError
from obs.report.checks.faults import Fault
from obs.report.edition.manifest import read_internal_manifest

__all__ = ["ledger_faults"]


def ledger_faults(
    editions: Sequence[Path], *, processed: Path, needed: bool = True
) -> Iterator[Fault]:
    """Find what the ledger lacks of the editions, and whether it was cut or changed.

    `processed` is the folder of internal tables, where the ledger is. Yields nothing for editions
    of which nothing is kept there.

    Examples
    --------
    >>> from pathlib import Path
    >>> from obs.report.checks.ledger_checks import ledger_faults
    >>> list(ledger_faults([], processed=Path("data/processed")))
    []
    """
    for top in sorted({edition.resolve().parent for edition in editions}):
        own = [edition for edition in editions if edition.resolve().parent == top]
        if (top / LEDGER).is_file():
            words = "holds counts that no page shows; `obs ledger` moves it to the internal tables"
            yield Fault(LEDGER, "", words)
        inside = internal_folder(processed, top)
        marks = {e: (read_internal_manifest(inside, e.resolve()) or {}).get("ledger") for e in own}
        if not (inside / LEDGER).is_file():
            if needed and any(marks.values()):
                yield Fault(LEDGER, "", "is not kept any more; `obs ledger` makes it again")
            continue
        try:
            ledger = Ledger(inside / LEDGER)
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
