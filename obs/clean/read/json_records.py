"""Read the records of a JSON file: a list of objects, one object a line, or a list at a path.

Objects within a record give columns named by their path ("victim.sex"). What has no such
reading (a list in a record, two lists to choose from) is refused, never left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from obs.clean.read.file_checks import MOST_COLUMNS, Delivery, blocks
from obs.errors import DeliveryError

__all__ = ["JsonTable", "read_json"]

_LARGEST = 512 << 20  # bytes of text: the file is held in memory
_HALF = re.compile(r"\\u[dD][89a-fA-F]")  # may be half of a character, written as an escape
_SURROGATE = re.compile("[\\ud800-\\udfff]")
_DEEPEST = 8  # objects within one another
_HELP = "give `file.records`, the path of the list of records"

JsonTable = tuple[list[str], list[list[str | None]]]


def read_json(delivery: Delivery, *, records: str, decimal: str) -> JsonTable:
    """Read the records of a JSON file.

    Parameters
    ----------
    delivery : Delivery
        The file.
    records : str
        Path of the list of records, as "data.items"; empty if the file is the list.
    decimal : str
        Sign that numbers with a fraction are written with.

    Returns
    -------
    tuple
        Names of the columns, in the order met; per column its texts, None where a record
        has none.

    Raises
    ------
    DeliveryError
        If the file is no JSON, is JSON-stat, or holds no single list of records.
    """
    text = _text(delivery)
    found = _find_records(_parsed(text, decimal, delivery.name), records, delivery.name)
    columns: dict[str, list[str | None]] = {}
    for turn, record in enumerate(found):
        if not isinstance(record, dict):
            raise DeliveryError(
                f"{delivery.name}: record {turn + 1} is {_kind(record)} and not an object; {_HELP}, "
                "or ask for one object a row."
            )
        for path, value in _cells(record, delivery.name, turn + 1):
            column = columns.setdefault(path, [])
            if len(columns) > MOST_COLUMNS:
                raise DeliveryError(
                    f"{delivery.name}: records of more than {MOST_COLUMNS:,} different keys; no "
                    f"delivery has so many columns. {_HELP.capitalize()}."
                )
            if len(column) > turn:
                raise DeliveryError(
                    f"{delivery.name}: record {turn + 1} gives '{path[:60]}' twice; ask for the "
                    "file again."
                )
            column += [None] * (turn - len(column))
            column.append(("false", "true")[value] if isinstance(value, bool) else value)
    if _HALF.search(text):
        _refuse_halves(columns, delivery.name)
    n = len(found)
    return list(columns), [c + [None] * (n - len(c)) for c in columns.values()]


def _refuse_halves(columns: dict[str, list[str | None]], name: str) -> None:
    """Refuse a text with half of a character of two: no text in UTF-8 can hold it."""
    for path, texts in columns.items():
        for turn, text in enumerate([path, *texts]):
            if text and _SURROGATE.search(text):
                where = f"record {turn}" if turn else "the name of a key"
                raise DeliveryError(
                    f"{name}: {where} holds half of a character that JSON writes as two (an escape "
                    "of a surrogate alone); ask for the file again."
                )


def _text(delivery: Delivery) -> str:
    content, total = [], 0
    for block in blocks(delivery):
        content.append(block)
        total += len(block)
        if total > _LARGEST:
            raise DeliveryError(
                f"{delivery.name}: a JSON file of more than {_LARGEST >> 20} MB; ask for it as CSV "
                "or Apache Parquet."
            )
    whole = b"".join(content)
    encoding = "utf-16" if whole[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return whole.decode(encoding)
    except UnicodeDecodeError as error:
        raise DeliveryError(
            f"{delivery.name}: byte {error.start + 1:,} is not UTF-8, as JSON has to be; ask for "
            "UTF-8."
        ) from None


def _parsed(text: str, decimal: str, name: str) -> Any:
    """Parse JSON or JSON Lines, numbers kept as they are written; a key given twice is refused."""

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) < len(pairs):
            raise DeliveryError(f"{name}: an object gives a key twice; ask for the file again.")
        return made

    decoder = json.JSONDecoder(
        object_pairs_hook=unique,
        parse_int=str,
        parse_float=lambda number: number.replace(".", decimal),
        parse_constant=str,
    )
    try:
        return decoder.decode(text)
    except RecursionError:
        raise DeliveryError(
            f"{name}: objects nested without end; ask for the file again."
        ) from None
    except json.JSONDecodeError as error:
        lines = [line for line in text.split("\n") if line.strip()]
        if error.msg != "Extra data" or not lines[0].lstrip().startswith("{"):
            raise _damaged(name, error.lineno, error.colno) from None
        return [_line(decoder, line, number, name) for number, line in enumerate(lines, start=1)]


def _line(decoder: json.JSONDecoder, line: str, number: int, name: str) -> Any:
    try:
        return decoder.decode(line)
    except json.JSONDecodeError as error:
        raise _damaged(name, number, error.colno) from None


def _damaged(name: str, line: int, column: int) -> DeliveryError:
    return DeliveryError(
        f"{name}: damaged, or not JSON, at line {line:,}, character {column:,}; ask for the file "
        "again."
    )


def _find_records(whole: Any, records: str, name: str) -> list[Any]:
    if isinstance(whole, dict) and _is_json_stat(whole):
        raise DeliveryError(
            f"{name}: this is a JSON-stat file, which is not read. Take the same table as CSV from "
            "where it was published."
        )
    found = whole
    for step in records.split(".") if records else []:
        if not isinstance(found, dict) or step not in found:
            keys = ", ".join(found)[:200] if isinstance(found, dict) else "none"
            raise DeliveryError(
                f"{name}: no '{step[:40]}' on the path '{records}' of `file.records`; keys there: "
                f"{keys}."
            )
        found = found[step]
    if isinstance(found, dict):
        lists = [key[:40] for key, value in found.items() if isinstance(value, list)]
        raise DeliveryError(
            f"{name}: the file is one object and not a list of records; {_HELP}"
            f"{' (lists in it: ' + ', '.join(lists[:10]) + ')' if lists else ''}."
        )
    if not isinstance(found, list):
        raise DeliveryError(f"{name}: {_kind(found)} and not a list of records; {_HELP}.")
    return found


def _is_json_stat(whole: dict[str, Any]) -> bool:
    inner = whole.get("dataset")
    return whole.get("class") in ("dataset", "collection") or (
        isinstance(inner, dict) and {"dimension", "value"} <= {*inner}
    )


def _cells(
    record: dict[str, Any], name: str, turn: int, before: str = "", depth: int = 0
) -> Iterator[tuple[str, Any]]:
    """Give path and value of every cell of a record."""
    if depth > _DEEPEST:
        raise DeliveryError(f"{name}: record {turn} nests more than {_DEEPEST} objects; {_HELP}.")
    for key, value in record.items():
        path = f"{before}{key}"
        if isinstance(value, dict):
            yield from _cells(value, name, turn, f"{path}.", depth + 1)
        elif isinstance(value, list):
            raise DeliveryError(
                f"{name}: record {turn} holds a list of {len(value)} under '{path[:60]}'; a cell "
                f"holds one value. {_HELP.capitalize()} if the rows are there, or ask for one "
                "object a row."
            )
        else:
            yield path, value


def _kind(value: Any) -> str:
    return (
        "a list"
        if isinstance(value, list)
        else "an object"
        if isinstance(value, dict)
        else "a value"
    )
