"""Screen every cell of a delivery: personal data refuse the file, hostile texts reject their row.

The engine selects the few suspect rows, Python judges their texts, and a join finds the rows
again. No text is ever quoted.
"""

from __future__ import annotations

import re

import ibis
import ibis.expr.types as ir

from obs.clean.profiles.profile import Profile
from obs.clean.read.engine import Engine
from obs.clean.read.personal_data import SUSPECT, is_personal_header, personal_kind
from obs.clean.read.text_table import Reading
from obs.errors import DeliveryError

__all__ = ["screen"]

_HOSTILE = r"[\x00-\x08\x0b-\x1f\x7f]|<[A-Za-z/!?]|^\s*[=+@-]"
_LONGEST_NAME = 200
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_TAG = re.compile(r"<[A-Za-z/!?]")
_SIGNED = re.compile(r"\s*[+-]?[\d\s.,]*(?:[eE][+-]?\d+)?\s*%?|-+")


def screen(reading: Reading, profile: Profile, engine: Engine) -> ir.Table | None:
    """Screen one delivery.

    Returns the rows that hold a hostile text: row, column (the supplier's), rule. Raises
    `DeliveryError` if a column's name or its cells are personal data, naming every such column,
    the number of rows and the first five (columns in the profile's `allow` pass), or if a
    column's name is itself hostile.
    """
    longest = profile.file.longest_text
    faults = [
        f"the name of column {i} is a text that no header holds ({rule})"
        for i, name in enumerate(reading.header, start=1)
        if (rule := _hostile_rule(name, _LONGEST_NAME))
    ]
    parts = []
    odd_rows = engine.keep(reading.table.filter(_is_odd(reading, longest)))
    texts = engine.distinct({cell: odd_rows[cell] for cell in reading.cells})
    for cell, name in zip(reading.cells, reading.header, strict=True):
        odd = texts[cell]
        if name not in profile.allow:
            faults += _personal_faults(odd_rows, cell, name, odd)
        bad = {text: rule for text in odd if (rule := _hostile_rule(text, longest))}
        if bad:
            parts.append(_rows_of(odd_rows, cell, name, bad, engine))
    if faults:
        raise DeliveryError(
            f"{reading.name}: refused at the door: {'; '.join(faults)}. "
            "Have the supplier mend these columns or take them out; if they are not what "
            "they seem, name them in the profile's `allow`."
        )
    return ibis.union(*parts) if len(parts) > 1 else (parts or [None])[0]


def _is_odd(reading: Reading, longest: int) -> ir.BooleanColumn:
    """Tell which rows need a look: all cells in one text, searched once for every shape."""
    cells = [ibis.coalesce(reading.table[cell], "") for cell in reading.cells]
    row = ibis.literal("\n").join(cells)
    return row.re_search(f"(?m){_HOSTILE}|{SUSPECT}") | (row.length() > longest)


def _personal_faults(table: ir.Table, cell: str, name: str, odd: list[str]) -> list[str]:
    if is_personal_header(name):
        return [f"column '{name}' by its name holds personal data"]
    kinds: dict[str, list[str]] = {}
    for text in odd:
        kind = personal_kind(text)
        if kind:
            kinds.setdefault(kind, []).append(text)
    return [_personal_fault(table, cell, name, kind, kinds[kind]) for kind in sorted(kinds)]


def _personal_fault(table: ir.Table, cell: str, name: str, kind: str, texts: list[str]) -> str:
    hit = table.filter(table[cell].isin(texts))
    rows = hit.order_by("row").select("row").head(5).execute()["row"]
    n = int(hit.count().execute())
    return (
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
