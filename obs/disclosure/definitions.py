"""What disclosure control needs to know of an indicator, taken from the catalogue.

Two indicators that count the same thing (a number, its rate, its figure per day) share
one counting definition, hence one cell: hiding one hides the others.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, is_dataclass
from typing import Any

from obs.errors import DisclosureError

__all__ = ["Definition", "load_definitions"]


@dataclass(frozen=True)
class Definition:
    """How one indicator counts.

    Attributes
    ----------
    indicator, count : str
        The indicator, and the counting definition it shares with others.
    rule : str
        The disclosure rule that the catalogue names.
    additive_over : frozenset of str
        Any of "area", "time", "offence".
    parts : tuple of str
        Indicators whose counts are disjoint parts of this one.
    kind : str
        "count", "rate", "share", "survey"...
    whole : str or None
        For a share, the indicator that counts its denominator, when there is one.
    """

    indicator: str
    count: str
    rule: str
    additive_over: frozenset[str]
    parts: tuple[str, ...]
    kind: str
    whole: str | None = None


def load_definitions(
    ids: Iterable[str], *, catalogue: Mapping[str, Any] | None = None
) -> dict[str, Definition]:
    """Look up indicators, those that are parts of them included.

    Parameters
    ----------
    ids : iterable of str
        Indicator codes.
    catalogue : mapping, optional
        Indicator code to an object with `disclosure`, `additive_over`, `parts`, `kind`;
        the observatory's own catalogue by default.

    Returns
    -------
    dict
        Indicator code to `Definition`.

    Raises
    ------
    DisclosureError
        If an indicator is not in the catalogue: its rule and its sums are unknown.

    Examples
    --------
    >>> from types import SimpleNamespace as Entry
    >>> from obs.disclosure.definitions import load_definitions
    >>> mine = {"theft": Entry(disclosure="default", additive_over=("area",), parts=(), kind="rate")}
    >>> load_definitions(["theft"], catalogue=mine)["theft"].additive_over
    frozenset({'area'})
    """
    if catalogue is None:
        from obs.catalogue import load_catalogue

        catalogue = load_catalogue()
    wanted = sorted(set(ids))
    unknown = [i for i in wanted if i not in catalogue]
    if unknown:
        raise DisclosureError(
            f"{len(unknown)} indicator(s) are not in the catalogue: {', '.join(unknown[:5])}. "
            "Without a definition neither their rule nor their sums are known: "
            "add them to the catalogue, or leave them out of the release."
        )
    found: dict[str, Definition] = {}
    names: dict[str, str] = {}
    for name in sorted(catalogue):
        names.setdefault(_signature(name, catalogue[name]), name)
    for name in wanted:
        _add(name, catalogue, names, found)
    return found


def _add(
    name: str, catalogue: Mapping[str, Any], names: dict[str, str], found: dict[str, Definition]
) -> None:
    if name in found or name not in catalogue:
        return
    entry = catalogue[name]
    whole = getattr(entry, "whole", None)
    found[name] = Definition(
        indicator=name,
        count=names[_signature(name, entry)],
        rule=str(entry.disclosure),
        additive_over=frozenset(entry.additive_over),
        parts=tuple(entry.parts),
        kind=str(entry.kind),
        whole=str(whole) if whole else None,
    )
    for other in (*entry.parts, *([whole] if whole else [])):
        _add(str(other), catalogue, names, found)


def _signature(name: str, entry: Any) -> str:
    """Two indicators with equal signatures count the same thing."""
    counted = getattr(entry, "numerator", None)
    if counted is None:
        return f"indicator {name}"
    if is_dataclass(counted) and not isinstance(counted, type):
        counted = asdict(counted)
    source, unit = getattr(entry, "source", ""), getattr(entry, "unit", "")
    return json.dumps([str(source), str(unit), counted], sort_keys=True, default=str)
