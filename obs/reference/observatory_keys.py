"""Read a TOML declaration key by key, and collect every fault.

The caller reads the keys it knows, refuses the others, and raises once at the end with the list
of faults. Until then a faulty key reads as an empty value of its kind.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

__all__ = ["Fields"]

_REQUIRED: Any = object()
_KINDS: dict[Any, tuple[str, Any]] = {  # kind: what to call it, its empty value
    str: ("a text", ""),
    bool: ("true or false", False),
    int: ("a whole number", 0),
    list: ("a list", []),
    dict: ("a table", {}),
    (int, float): ("a number", 0),
}


class Fields:
    """One table of a declaration.

    Parameters
    ----------
    values : dict
        The table as parsed. Not modified.
    where : str
        Its name with a final dot, "" for the whole file.
    faults : list of str
        Where faults are added; shared by every table of a file.

    Examples
    --------
    >>> fields = Fields({"name": "ghent", "colour": 3}, "", faults := [])
    >>> fields.text("name"), fields.text("licence")
    ('ghent', '')
    >>> fields.refuse_others()
    >>> faults
    ["key 'licence' is absent", "key 'colour' is unknown; there are licence, name"]
    """

    def __init__(self, values: dict[str, Any], where: str, faults: list[str]) -> None:
        self.values, self.where, self.faults = values, where, faults
        self._taken: set[str] = set()

    def __contains__(self, key: str) -> bool:
        return key in self.values

    def value(self, key: str, kind: Any, *, default: Any = _REQUIRED) -> Any:
        """Take a value of a kind; without a default the key must be there."""
        self._taken.add(key)
        name, empty = _KINDS[kind]
        if key not in self.values:
            if default is _REQUIRED:
                self.fault(f"key '{self.where}{key}' is absent")
            return empty if default is _REQUIRED else default
        value = self.values[key]
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            self.fault(f"'{self.where}{key}' must be {name}")
            return empty if default is _REQUIRED else default
        return value

    def text(self, key: str, *, allowed: tuple[str, ...] = (), default: Any = _REQUIRED) -> str:
        """Take a text that is not empty, one of those allowed."""
        value = self.value(key, str, default=default)
        if key in self and value == "" and isinstance(self.values[key], str):
            self.fault(f"'{self.where}{key}' is empty")
        elif allowed and value and value not in allowed:
            self.fault(f"'{self.where}{key}' is '{value}', not one of {', '.join(allowed)}")
        return str(value)

    def texts(self, key: str, *, allowed: tuple[str, ...] = ()) -> tuple[str, ...]:
        """Take a list of at least one text."""
        values = self.value(key, list)
        if key in self and not (values and all(isinstance(v, str) for v in values)):
            self.fault(f"'{self.where}{key}' must list at least one text, and texts only")
            return ()
        strange = [v for v in values if allowed and v not in allowed]
        if strange:
            self.fault(
                f"'{self.where}{key}' has {', '.join(map(repr, strange))}, "
                f"not among {', '.join(allowed)}"
            )
        return tuple(v for v in values if v not in strange)

    def words(self, key: str, languages: tuple[str, ...]) -> dict[str, str]:
        """Take one text for each language; none where the languages are not known."""
        fields = self.table(key)
        if key not in self or not languages:
            return {}
        words = {lang: fields.text(lang) for lang in languages}
        fields.refuse_others()
        return words

    def share(self, key: str, *, default: float) -> float:
        """Take a number between 0 and 1."""
        value = self.value(key, (int, float), default=default)
        if not 0 <= value <= 1:
            self.fault(f"'{self.where}{key}' must be a share, between 0 and 1")
        return float(value)

    def path(self, key: str) -> str:
        """Take a path that stays inside the raw folder."""
        return self._inside(key, self.text(key))

    def paths(self, key: str) -> tuple[str, ...]:
        """Take a list of paths or patterns that stay inside the raw folder."""
        return tuple(self._inside(key, text) for text in self.texts(key))

    def table(self, key: str, *, required: bool = True) -> Fields:
        """Take a table within this one."""
        values = self.value(key, dict, default=_REQUIRED if required else {})
        return Fields(values, f"{self.where}{key}.", self.faults)

    def tables(self, key: str) -> list[Fields]:
        """Take an array of at least one table."""
        values = self.value(key, list)
        if key in self and not (values and all(isinstance(v, dict) for v in values)):
            self.fault(f"'{self.where}{key}' must be one or several [[{key}]] tables")
            return []
        return [Fields(v, f"{self.where}{key}[{i}].", self.faults) for i, v in enumerate(values, 1)]

    def refuse_others(self) -> None:
        """Note every key that was not taken."""
        for key in self.values:
            if key not in self._taken:
                known = ", ".join(sorted(self._taken))
                self.fault(f"key '{self.where}{key}' is unknown; there are {known}")

    def fault(self, text: str) -> None:
        """Note a fault."""
        self.faults.append(text)

    def _inside(self, key: str, text: str) -> str:
        path = PurePosixPath(text)
        if path.is_absolute() or ".." in path.parts or "\\" in text:
            self.fault(f"'{self.where}{key}' must stay inside the raw folder: '{text}'")
        return text
