"""Every cell of a delivery, screened: personal data refuse the file, hostile texts their row.

The engine picks the few distinct texts that look odd; Python judges them; the rows are
found again by a join. No text is ever quoted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import ibis
import ibis.expr.types as ir

from obs.clean.engine import Engine
from obs.clean.personal import SUSPECT, is_personal_header, personal_kind
from obs.clean.profile import Profile
from obs.clean.reading import Reading
from obs.errors import DeliveryError

__all__ = ["hostile_rows", "refuse_personal"]

_HOSTILE = r"[\x00-\x08\x0b-\x1f\x7f]|<[A-Za-z/!?]|^\s*[=+@-]"
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_TAG = re.compile(r"<[A-Za-z/!?]")
_SIGNED = re.compile(r"\s*[+-]?[\d\s.,]*(?:[eE][+-]?\d+)?\s*%?|-+")


def refuse_personal(reading: Reading, profile: Profile) -> None:
    """Refuse a file whose headers or cells hold personal data.

    Columns in the profile's `allow` are left out.

    Raises
    ------
    DeliveryError
        Naming every column, with the number of rows and the first five.
    """
    faults = []
    for cell, name in zip(reading.cells, reading.header, strict=True):
        if name in profile.allow:
            continue
        if is_personal_header(name):
            faults.append(f"column '{name}' by its name holds personal data")
            continue
        faults += _personal_cells(reading.table, cell, name)
    if faults:
        raise DeliveryError(
            f"{reading.name}: refused at the door: {'; '.join(faults)}. "
            "Have the supplier take these columns out; if they are not what they seem, "
            "name them in the profile's `allow`."
        )


def hostile_rows(reading: Reading, profile: Profile, engine: Engine) -> ir.Table | None:
    """Give the rows that hold a hostile text: row, column (supplier's), rule; or None."""
    longest = profile.file.longest_text
    parts = []
    for cell, name in zip(reading.cells, reading.header, strict=True):
        found = _odd(reading.table, cell, _HOSTILE, longest)
        bad = {text: rule for text in found if (rule := _hostile_rule(text, longest))}
        if bad:
            parts.append(_rows_of(reading.table, cell, name, bad, engine))
    return engine.keep(ibis.union(*parts)) if len(parts) > 1 else (parts or [None])[0]


def _odd(table: ir.Table, cell: str, pattern: str, longest: int | None = None) -> list[str]:
    texts = table.select(text=table[cell]).distinct()
    test = texts.text.re_search(pattern)
    if longest is not None:
        test = test | (texts.text.length() > longest)
    found: list[str] = texts.filter(test).text.execute().tolist()
    return found


def _personal_cells(table: ir.Table, cell: str, name: str) -> Iterable[str]:
    kinds: dict[str, list[str]] = {}
    for text in _odd(table, cell, SUSPECT):
        kind = personal_kind(text)
        if kind:
            kinds.setdefault(kind, []).append(text)
    for kind, texts in sorted(kinds.items()):
        hit = table.filter(table[cell].isin(texts))
        rows = hit.order_by("row").select("row").head(5).execute()["row"]
        n = int(hit.count().execute())
        yield (
            f"column '{name}' holds a {kind} in {n} row{'s' if n > 1 else ''} "
            f"(first: {', '.join(map(str, rows))})"
        )


def _rows_of(
    table: ir.Table, cell: str, name: str, bad: dict[str, str], engine: Engine
) -> ir.Table:
    rules = engine.small(
        {"text": list(bad), "rule": list(bad.values())}, {"text": "string", "rule": "string"}
    )
    joined = table.inner_join(rules, table[cell] == rules.text)
    return joined.select("row", column=ibis.literal(name), rule=joined.rule)


def _hostile_rule(text: str, longest: int) -> str | None:
    if len(text) > longest:
        return "field_too_long"
    if _CONTROL.search(text):
        return "control_characters"
    if text.lstrip()[:1] in ("=", "+", "-", "@") and not _SIGNED.fullmatch(text):
        return "formula"
    return "markup" if _TAG.search(text) else None
