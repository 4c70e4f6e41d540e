"""How a language writes numbers, days and punctuation, as its `conventions.toml` says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache

from babel import Locale, UnknownLocaleError
from babel.numbers import format_decimal

from obs.errors import CatalogueError
from obs.locale.language_files import CONVENTIONS, read_file

__all__ = ["Conventions", "conventions"]

_MINUS = "\N{MINUS SIGN}"
_APOSTROPHE = "\N{RIGHT SINGLE QUOTATION MARK}"
_SPACES = "[ \u00a0\u202f]"


@dataclass(frozen=True)
class Conventions:
    """What one language does with numbers, days and punctuation.

    Attributes
    ----------
    name : str
        The language, as it calls itself.
    locale : str
        Its CLDR locale: separators, names of months, plural categories.
    percent : str
        A percentage, with {number}.
    dates : dict of str
        CLDR patterns: day, month, month_of_year, quarter, year; first_day where the first of
        a month is written otherwise.
    quotes : tuple of str
        What opens and closes a quotation, with the spaces inside it.
    before : tuple of pairs
        A space and the marks that it stands before.
    plural_apostrophe : bool
        Whether an apostrophe may end a word.
    names_from : tuple of str
        Languages whose names of places stand where this one has none.
    prose : mapping
        Words that tell a figure or a direction in a sentence of a note: and, direction,
        fraction, interval, ordinal, per, per_cent, reference, times.
    """

    name: str
    locale: str
    percent: str
    dates: dict[str, str]
    quotes: tuple[str, ...] = ()
    before: tuple[tuple[str, str], ...] = ()
    plural_apostrophe: bool = False
    names_from: tuple[str, ...] = ()
    prose: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def cldr(self) -> Locale:
        """The data of CLDR."""
        return _cldr(self.locale)

    @property
    def region(self) -> str:
        """The country whose habits are followed, "BE"."""
        return self.cldr.territory or ""

    def category(self, printed: Decimal) -> str:
        """Give the plural category of a number as it is printed: 0.31 is "one" in French."""
        return str(self.cldr.plural_form(printed))

    @property
    def categories(self) -> tuple[str, ...]:
        """Every plural category of the language, "other" last."""
        return (*sorted(self.cldr.plural_form.tags), "other")

    def write(self, printed: Decimal) -> str:
        """Write a number with the decimals that it has, and a true minus sign."""
        decimals = max(0, -int(printed.as_tuple().exponent))
        pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
        return format_decimal(printed, format=pattern, locale=self.locale).replace("-", _MINUS)

    def typeset(self, text: str) -> str:
        """Set prose: curved apostrophes, and the spaces of the language; twice changes no more."""
        text = re.sub(r"(?<=\w)'(?=\w)", _APOSTROPHE, text)
        if self.plural_apostrophe:
            text = re.sub(r"(?<=s)'(?=\s)", _APOSTROPHE, text)
        if self.quotes:
            opening, closing = self.quotes
            text = re.sub(f"{opening.strip()}{_SPACES}*", opening, text)
            text = re.sub(f"{_SPACES}*{closing.strip()}", closing, text)
        for space, marks in self.before:
            text = re.sub(f"{_SPACES}+([{marks}])", rf"{space}\1", text)
            ends = r"\w)\]%»" + "".join(m for m in ".?" if m not in marks)
            text = re.sub(rf"(?<=[{ends}])([{marks}])(?=\s|$)", rf"{space}\1", text)
        text = self._grouped(text)
        sign = self.percent.partition("{number}")[2]
        return re.sub(r"(?<=\d) (?=%)", sign[:-1], text) if len(sign) > 1 else text

    def _grouped(self, text: str) -> str:
        """Keep the thousands of a number together, where a language parts them by a space."""
        group = self.cldr.number_symbols["latn"]["group"]
        if group.strip():
            return text
        parted = r"(?<![\d,.])(?<!\d )[1-9]\d{0,2}(?: \d{3})+(?![\d])(?! \d)"
        return re.sub(parted, lambda number: number[0].replace(" ", group), text)


@cache
def conventions(lang: str) -> Conventions:
    """Give the conventions of a language.

    Parameters
    ----------
    lang : str
        A code of `obs.locale.languages`.

    Returns
    -------
    Conventions
        The same object at each call.

    Raises
    ------
    ObsError
        If there is no such language.
    CatalogueError
        If its file is faulty.

    Examples
    --------
    >>> from decimal import Decimal
    >>> from obs.locale import conventions
    >>> french = conventions("fr")
    >>> french.write(Decimal("0.31")), french.category(Decimal("0.31"))
    ('0,31', 'one')
    """
    raw = read_file(lang, CONVENTIONS)
    marks = raw.get("punctuation", {})
    try:
        made = Conventions(
            name=raw["name"],
            locale=raw["locale"],
            percent=raw["percent"],
            dates=dict(raw["date"]),
            quotes=tuple(marks.get("quotes", ())),
            before=tuple((space, signs) for space, signs in marks.get("before", ())),
            prose={kind: tuple(found) for kind, found in raw.get("prose", {}).items()},
            names_from=tuple(raw.get("names_from", ())),
            plural_apostrophe=marks.get("plural_apostrophe", False),
        )
    except KeyError as absent:
        raise CatalogueError(f"{lang}/{CONVENTIONS}: key {absent} is absent") from None
    _cldr(made.locale)
    return made


@cache
def _cldr(locale: str) -> Locale:
    try:
        return Locale.parse(locale)
    except (UnknownLocaleError, ValueError):
        raise CatalogueError(
            f"locale '{locale}' is none that Unicode CLDR knows: write it as fr_BE."
        ) from None
