"""Tell a text that no name, label or code holds: a formula, markup, a control character.

Such a text acts where it arrives, in a spreadsheet or on a page. The cells of deliveries, the
names of units and the words of declarations are judged by this one rule.
"""

from __future__ import annotations

import re

__all__ = ["EMAIL", "HOSTILE", "hostile_rule", "label_fault"]

# what may be one, in the syntax of RE2; the controls of lines and of writing direction too
HOSTILE = (
    r"[\x00-\x08\x0b-\x1f\x7f\x{2028}-\x{202e}\x{2066}-\x{2069}]"
    r"|<[A-Za-z/!?]|^\s*[=+@-]"
)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u2028-\u202e\u2066-\u2069]")
_WESTERN = re.compile(r"[\x80-\x9f]")  # in a cell: a quote or dash of Windows read as ISO 8859-1
EMAIL = re.compile(r"[^\s@<>;,]{1,64}@[^\s@<>;,]{1,253}\.[A-Za-z]{2,}")
_TAG = re.compile(r"<[A-Za-z/!?]")
_SIGNED = re.compile(r"\s*[+-]?[\d\s.,]*(?:[eE][+-]?\d+)?\s*%?|-+")


def hostile_rule(text: str, longest: int) -> str | None:
    """Name the rule that a text breaks: its length, a control character, a formula, markup.

    Parameters
    ----------
    text : str
        As delivered or declared.
    longest : int
        Number of characters allowed.

    Returns
    -------
    str or None
        `field_too_long`, `control_characters`, `formula`, `markup`; none for a plain text.

    Examples
    --------
    >>> [hostile_rule(text, 20) for text in ("Évere (1140)", "-3,5 %", "=1+1", "<b>x", "a" * 21)]
    [None, None, 'formula', 'markup', 'field_too_long']
    """
    if len(text) > longest:
        return "field_too_long"
    if _CONTROL.search(text):
        return "control_characters"
    if text.lstrip()[:1] in ("=", "+", "-", "@") and not _SIGNED.fullmatch(text):
        return "formula"
    return "markup" if _TAG.search(text) else None


def label_fault(text: str, longest: int = 200) -> str:
    """Say why a text cannot be a name, a code or a label that readers see; "" if it can.

    The text is never quoted.

    Examples
    --------
    >>> label_fault("Sint-Jans-Molenbeek"), label_fault("=1+1")
    ('', 'is a text that a spreadsheet takes for a formula')
    """
    rule = hostile_rule(text, longest) or ("control_characters" if _WESTERN.search(text) else None)
    if rule:
        return {
            "field_too_long": f"has over {longest:,} characters",
            "control_characters": "has a character that cannot be seen",
            "formula": "is a text that a spreadsheet takes for a formula",
            "markup": "has what a page takes for markup ('<' before a letter)",
        }[rule]
    return ""
