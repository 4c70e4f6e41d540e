"""Read what a manifest says of figures, and whether a withheld one has a value there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from obs.report.figures.data_file import WITHHELD_WORD
from obs.schemas import WITHHELD

__all__ = ["manifest_text", "withheld_values"]

_OF_FIGURES = ("notes", "sheets", "observatory", "sources")
_DRAWN_BY_LOT = ("hmac", "key")  # of a source: digits that say nothing
_VALUES = ("value", "low", "high")
_WITHHELD = {*WITHHELD, WITHHELD_WORD} - {"unreliable"}  # as tables, and as pages say it


def manifest_text(manifest: Mapping[str, Any]) -> str:
    """Give every text and number of a manifest that speaks of figures, a line each.

    Numbers have six decimals, as in data files.

    Examples
    --------
    >>> manifest_text({"notes": {"a": {"fr": {"numbers": [{"value": 0.12345678}]}}}, "files": {"b": 1}})
    '0.123457'
    """
    told = (manifest.get(part, {}) for part in _OF_FIGURES)
    return "\n".join(text for part in told for text in _texts_in(part))


def _texts_in(value: Any) -> Iterable[str]:
    if isinstance(value, Mapping):
        for key, own in value.items():
            if key not in _DRAWN_BY_LOT or isinstance(own, Mapping):
                yield from _texts_in(own)
    elif isinstance(value, list):
        for own in value:
            yield from _texts_in(own)
    elif isinstance(value, float):
        yield f"{abs(value):.6f}".rstrip("0").rstrip(".")
    elif value is not None:
        yield str(value)


def withheld_values(manifest: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Find a number that is withheld and still has a value; give its note and its language.

    Examples
    --------
    >>> said = {"status": "suppressed", "value": None, "numerator": 3}
    >>> list(withheld_values({"notes": {"a": {"fr": {"numbers": [said]}}}}))
    [('a', 'fr')]
    """
    pages = manifest.get("notes", {}) | manifest.get("sheets", {})
    for name, versions in sorted(pages.items()):
        for lang, version in sorted(versions.items()):
            for number in version.get("numbers", ()):
                withheld = str(number.get("status")) in _WITHHELD
                if withheld and any(number.get(v) is not None for v in (*_VALUES, "numerator")):
                    yield name, lang
                    break
