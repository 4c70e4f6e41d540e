"""Looking words up: a sentence by its key, the words of a code, the form that a number asks for.

The plural form follows the number as it is printed, so numbers come as int, as Decimal with
their decimals, or already written; a float has no printed form and is refused.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache, cached_property
from typing import Any

from obs.errors import CatalogueError, CodeError
from obs.locale.conventions import Conventions, conventions
from obs.locale.language_files import CODES, MESSAGES, need_language, read_file

__all__ = ["COUNTED", "Words", "flatten", "placeholders", "words"]

COUNTED = ("units", "levels")  # codelists whose words follow a number
CATEGORIES = frozenset({"zero", "one", "two", "few", "many", "other"})
_NAMED = re.compile(r"\{(\w+)\}")
Text = str | Mapping[str, str]


class Words:
    """The words of one language.

    Parameters
    ----------
    lang : str
        A code of `obs.locale.languages`.

    Examples
    --------
    >>> from obs.locale import words
    >>> words("en").say("alt.values", count=1), words("fr").say("alt.values", count=0)
    ('1 value', '0 valeur')
    """

    def __init__(self, lang: str) -> None:
        self.lang = need_language(lang)

    @cached_property
    def conventions(self) -> Conventions:
        """How the language writes numbers and days."""
        return conventions(self.lang)

    @cached_property
    def messages(self) -> dict[str, Text]:
        """Every message by its key."""
        return dict(flatten(read_file(self.lang, MESSAGES)))

    @cached_property
    def codes(self) -> Mapping[str, Mapping[str, Text]]:
        """The words of each code of each codelist."""
        return read_file(self.lang, CODES)

    def say(self, key: str, /, **values: str | int | Decimal) -> str:
        """Give a message with its placeholders filled.

        Parameters
        ----------
        key : str
            As "page.skip".
        **values
            One for each placeholder, no other; numbers are written as the language does.
            `count` chooses the plural form of a message that has several.

        Returns
        -------
        str
            Plain text.

        Raises
        ------
        CatalogueError
            If there is no such message, or the placeholders are not those given.

        Examples
        --------
        >>> from obs.locale import words
        >>> words("nl").say("map.below", high="12")
        'minder dan 12'
        """
        text = self._plural_form(self._message(key), values.get("count"), key)
        needed = placeholders(self.messages[key])
        if needed - {"count"} != set(values) - {"count"} or needed - set(values):
            raise CatalogueError(
                f"message '{key}' has the placeholders {_listed(needed)} and was given "
                f"{_listed(set(values))}."
            )
        written = {name: self._written(value, key) for name, value in values.items()}
        return _NAMED.sub(lambda named: written[named[1]], text)

    def code(self, codelist: str, code: str, *, count: int | Decimal | None = None) -> str:
        """Give the words of a code, in the plural form of a number; one, without a number.

        Parameters
        ----------
        codelist : str
            As "units", "verdicts", "phenomena".
        code : str
            One of its codes.
        count : int or Decimal, optional
            The number before the words, as it is printed.

        Returns
        -------
        str
            Lower case but for phenomena, which are titles.

        Raises
        ------
        CodeError
            If there is no such codelist or code.

        Examples
        --------
        >>> from decimal import Decimal
        >>> from obs.locale import words
        >>> words("fr").code("units", "fact", count=Decimal("0.31"))
        'fait'
        """
        own = self.codes.get(codelist)
        if own is None:
            raise CodeError(
                f"There is no codelist '{codelist}'; there are {', '.join(self.codes)}."
            )
        if code not in own:
            near = difflib.get_close_matches(str(code), own, n=3)
            hint = f" Did you mean {' or '.join(map(repr, near))}?" if near else ""
            raise CodeError(f"'{str(code)[:40]}' has no words in '{codelist}' ({self.lang}).{hint}")
        text = own[code]
        if isinstance(text, str):
            return text
        category = "one" if count is None else self._category(count, f"{codelist}.{code}")
        return text.get(category, text["other"])

    def several(self, codelist: str, code: str) -> str:
        """Give the words of a code for several, without a number: a heading, an axis."""
        text = self.codes[codelist][code]
        return text if isinstance(text, str) else text["other"]

    def join(self, key: str, parts: list[str]) -> str:
        """Join texts two by two with a message of two placeholders, first and second."""
        joined = parts[0] if parts else ""
        for part in parts[1:]:
            joined = self.say(key, first=joined, second=part)
        return joined

    def _message(self, key: str) -> Text:
        if key not in self.messages:
            near = difflib.get_close_matches(key, self.messages, n=2)
            hint = f" Did you mean {' or '.join(map(repr, near))}?" if near else ""
            raise CatalogueError(f"there is no message '{key}' in {self.lang}/{MESSAGES}.{hint}")
        return self.messages[key]

    def _plural_form(self, text: Text, count: str | int | Decimal | None, key: str) -> str:
        if isinstance(text, str):
            return text
        if count is None or isinstance(count, str):
            raise CatalogueError(f"message '{key}' has plural forms: give count, a number.")
        return text[self._category(count, key)]

    def _category(self, count: int | Decimal, key: str) -> str:
        return self.conventions.category(_printed(count, key))

    def _written(self, value: str | int | Decimal, key: str) -> str:
        return value if isinstance(value, str) else self.conventions.write(_printed(value, key))


@cache
def words(lang: str) -> Words:
    """Give the words of a language.

    Parameters
    ----------
    lang : str
        A code of `obs.locale.languages`.

    Returns
    -------
    Words
        The same object at each call.

    Raises
    ------
    ObsError
        If there is no such language.

    Examples
    --------
    >>> from obs.locale import words
    >>> words("nl").say("page.table", number="2")
    'Tabel 2'
    """
    return Words(lang)


def flatten(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Text]]:
    """Give every message of nested tables by its dotted key; plural forms stay together."""
    for name, value in table.items():
        key = f"{prefix}{name}"
        if isinstance(value, dict) and not (value and set(value) <= CATEGORIES):
            yield from flatten(value, f"{key}.")
        else:
            yield key, value


def placeholders(text: Text) -> set[str]:
    """List the placeholders of a message, of all its plural forms together."""
    forms = [text] if isinstance(text, str) else list(text.values())
    return {name for form in forms for name in _NAMED.findall(form)}


def _printed(number: int | Decimal, key: str) -> Decimal:
    if isinstance(number, Decimal):
        return number
    if isinstance(number, int) and not isinstance(number, bool):
        return Decimal(number)
    raise CatalogueError(
        f"'{key}' was given a {type(number).__name__}: give numbers as int, or as a Decimal with "
        "the decimals that are printed."
    )


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names)) or "none"
