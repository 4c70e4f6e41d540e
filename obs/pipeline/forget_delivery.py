"""Forget a delivery: erase its rows wherever the house keeps them, and keep their account.

What goes: the file under the raw folder, its tidy tables in the registry, its rows in the internal
tables of editions, and all that builds keep to be quicker the next time. What stays: the entry of the registry with its counts, its digest and the day
of erasure. Publications hold no rows and stay as they are.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from obs.clean.cleaned import erase_rows
from obs.clean.registry.delivery_index import Delivery, sha256_of
from obs.clean.registry.delivery_registry import Registry
from obs.errors import DeliveryError
from obs.one_writer import one_writer
from obs.pipeline.deliveries import find_deliveries
from obs.pipeline.reuse.kept_stages import forget_parts
from obs.reference import Observatory, load_observatory
from obs.reference.retention import end_of_term

__all__ = ["Forgotten", "forget_delivery", "past_term"]


@dataclass(frozen=True)
class Forgotten:
    """What was erased of a delivery, and what its account still tells."""

    entries: tuple[Delivery, ...]
    raw_files: int
    edition_rows: int

    def summary(self) -> list[str]:
        """Say in lines what went and what stays."""
        lines = [
            f"{e.file} ({e.source}): rows erased on {e.forgotten}, {e.why}; its account stays: read "
            f"{e.read:,}, kept {e.kept:,}, merged {e.merged:,}, rejected {e.rejected:,}"
            for e in self.entries
        ]
        return [
            *lines,
            f"raw files erased: {self.raw_files}; rows erased from tables of editions: {self.edition_rows:,}",
            "copies elsewhere (backups, what `obs clean --out` wrote) are not the house's: erase them too",
        ]


def forget_delivery(
    delivery: str,
    *,
    config: str | Path | None = None,
    raw: str | Path = "data/raw",
    processed: str | Path = "data/processed",
    source: str | None = None,
    early: str = "",
    today: dt.date,
) -> Forgotten:
    """Erase the rows of a delivery that are past their term, and keep its account.

    Parameters
    ----------
    delivery : str
        Name of the file, as registered; every version that came under it is forgotten.
    config : path, optional
        The observatory's TOML, Brussels by default; `retention` is declared there.
    raw, processed : path
        Folders of raw deliveries and of internal tables.
    source : str, optional
        Kind of delivery, where several kinds have a file of that name.
    early : str
        Why rows are erased before their term; "" for no such reason.
    today : date
        The day of erasure.

    Returns
    -------
    Forgotten
        What went. Done twice, the second time erases what an interrupted first one left.

    Raises
    ------
    DeliveryError
        If no such delivery is registered, or several kinds have it; if no term is declared or it
        has not passed, unless `early` says why. Nothing is erased then.
    """
    observatory = load_observatory(config)
    registry = Registry.of(processed, observatory.name)
    found = registry.named(delivery, source=source)
    kinds = sorted({e.source for e in found})
    if len(kinds) != 1:
        raise DeliveryError(_not_one(delivery, registry, kinds))
    why = f"for this reason: {early}" if early else _passed(observatory, found, today)
    inside = Path(processed) / observatory.name
    files = 0
    with one_writer(inside):  # no build reads what is being erased
        own = registry.forget(delivery, source=kinds[0], day=today, why=why)
        for path in _raw_copies(observatory, Path(raw), {e.sha256 for e in own}):
            path.unlink()
            files += 1
        rows = _erase_from_editions(inside, kinds[0], delivery)
        forget_parts(inside)
    return Forgotten(tuple(own), files, rows)


def past_term(observatory: Observatory, registry: Registry, today: dt.date) -> list[str]:
    """Name the deliveries whose rows are past their term and still kept."""
    known = registry.deliveries
    names = known.loc[known["forgotten"].isna(), ["file", "source"]].drop_duplicates()
    return [
        str(file)
        for file, source in names.itertuples(index=False, name=None)
        if (end := _end(observatory, registry.named(file, source=source))) and end <= today
    ]


def _not_one(delivery: str, registry: Registry, kinds: list[str]) -> str:
    if kinds:
        return f"{delivery}: deliveries of {' and '.join(kinds)} have this name; say which with --source."
    known = registry.deliveries["file"].drop_duplicates()
    shown = ", ".join(known.head(10)) or "none"
    return (
        f"no delivery '{delivery}' is registered; there are {len(known)}: {shown}"
        f"{', ...' if len(known) > 10 else ''}. Name one as `obs build` registered it."
    )


def _end(observatory: Observatory, entries: list[Delivery]) -> dt.date | None:
    """Give the day on which the rows of all versions are past their term; None without a term."""
    profiles = {e.profile for e in entries}
    terms = [
        s.retention or observatory.retention
        for s in observatory.sources
        if s.kind == entries[0].source and s.profile in profiles
    ] or [observatory.retention]
    days = [day for e in entries for day in (e.extracted, e.covered_to) if day]
    if not all(terms) or not days:
        return None
    last = max(dt.date.fromisoformat(day) for day in days)
    return max(end_of_term(last, term) for term in terms)


def _passed(observatory: Observatory, entries: list[Delivery], today: dt.date) -> str:
    """Say that the term has passed, or refuse."""
    file, source = entries[0].file, entries[0].source
    if all(e.forgotten for e in entries):
        return ""
    end = _end(observatory, entries)
    if end is None:
        raise DeliveryError(
            f"{file}: no term is known, since no `retention` is declared for {source} (or neither its "
            f"extraction nor its days are); declare one in {observatory.path.name}, as "
            'retention = "5 years", or say with --early why its rows are erased.'
        )
    if today < end:
        raise DeliveryError(
            f"{file}: its rows may be kept until {end - dt.timedelta(days=1)}; nothing is erased. To erase "
            "them before, say why with --early."
        )
    return f"past their term since {end}"


def _raw_copies(observatory: Observatory, raw: Path, digests: set[str]) -> Iterator[Path]:
    """Find the files under the raw folder whose bytes are those of the delivery."""
    if not raw.is_dir():
        return
    for path in sorted({p for s in observatory.sources for p in find_deliveries(s, raw)}):
        if sha256_of(path) in digests:
            yield path


def _erase_from_editions(folder: Path, source: str, delivery: str) -> int:
    """Erase the rows of a delivery from the tidy tables that each edition keeps."""
    gone = 0
    for place in sorted(folder.glob(f"*/clean/{source}-*")):
        files = (path for path in place.rglob("*.parquet") if path.is_file())
        tables = sorted(files, key=lambda path: path.stem == "answers")
        respondents: frozenset[str] = frozenset()
        for path in tables:
            if path.stem == "respondents":
                frame = pd.read_parquet(path, columns=["respondent_id", "delivery"])
                respondents = frozenset(frame.loc[frame["delivery"] == delivery, "respondent_id"])
            gone += erase_rows(path, delivery, respondents=respondents)
    return gone
