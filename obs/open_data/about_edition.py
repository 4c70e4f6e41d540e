"""Say what the files of an edition need to know of it: who, which, under what licence."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

__all__ = ["AboutEdition", "plain_text"]

_UNSEEN = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffe\uffff]+"
)


@dataclass(frozen=True)
class AboutEdition:
    """What the files of an edition say of it beside its figures.

    Attributes
    ----------
    edition : str
        Year of the edition.
    observatory : str
        Short name.
    title, publisher, contact : mapping
        By language; a contact may be absent.
    licence : str
        Of the data, "" if none is declared.
    name : str
        Permanent name of the edition, an address or a URN.
    """

    edition: str
    observatory: str
    title: Mapping[str, str]
    publisher: Mapping[str, str] = field(default_factory=dict)
    contact: Mapping[str, str] = field(default_factory=dict)
    licence: str = ""
    name: str = ""

    def __post_init__(self) -> None:
        """Leave what cannot be seen out of every text."""
        for name in ("title", "publisher", "contact"):
            own = {lang: plain_text(text) for lang, text in getattr(self, name).items()}
            object.__setattr__(self, name, own)
        for name in ("edition", "licence", "name"):
            object.__setattr__(self, name, plain_text(getattr(self, name)))

    @classmethod
    def of(cls, words: Mapping[str, Any], langs: Sequence[str]) -> AboutEdition:
        """Read it from what a build says of its edition."""
        own = {
            key: {lang: words[key][lang] for lang in langs if lang in words[key]}
            for key in ("title", "publisher", "contact")
        }
        return cls(
            edition=str(words["edition"]),
            observatory=words["name"],
            licence=words["licence"],
            name=words["permanent_name"],
            **own,
        )

    @property
    def address(self) -> str:
        """Address under which the files stand, "" if none is declared."""
        return self.name if self.name.startswith("https://") else ""


def plain_text(text: str) -> str:
    r"""Leave what cannot be seen out of a text: controls, zero widths, changes of direction.

    Examples
    --------
    >>> from obs.open_data.about_edition import plain_text
    >>> plain_text("Dor\u200bna\r")
    'Dorna'
    """
    return _UNSEEN.sub("", text)
