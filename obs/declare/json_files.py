"""Read a JSON file of the house: the shape of its model, or a refusal in words."""

from __future__ import annotations

from functools import cache
from typing import Any, TypeVar, cast

__all__ = ["parse_json"]

T = TypeVar("T")


def parse_json(content: bytes | str, model: type[T]) -> T:
    """Parse JSON in UTF-8 and hold it against a model; no value is turned into another type.

    Parameters
    ----------
    content : bytes or str
        Whatever the file holds.
    model : type
        A dataclass, a list of them, `dict[str, Any]`...

    Raises
    ------
    ValueError
        Naming the first key that does not fit the model, or that the content is no JSON, no UTF-8
        or nested too deep. No value is quoted; the caller adds the file.

    Examples
    --------
    >>> parse_json(b'{"a": "b"}', dict[str, str])
    {'a': 'b'}
    >>> parse_json(b'{"a": 1}', dict[str, str])
    Traceback (most recent call last):
    ...
    ValueError: 'a': input should be a valid string
    """
    from pydantic import ValidationError

    try:
        return cast("T", _adapter(cast("Any", model)).validate_json(content, strict=True))
    except ValidationError as wrong:
        first = wrong.errors(include_url=False, include_input=False, include_context=False)[0]
        why = first["msg"].removeprefix("Value error, ")
        key = ".".join(map(str, first["loc"]))
        place = f"'{key}': " if key else ""
        raise ValueError(f"{place}{why[:1].lower()}{why[1:]}") from None


@cache
def _adapter(model: Any) -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(model)
