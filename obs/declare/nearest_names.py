"""Words about a name that is not allowed: the nearest names, and what is allowed."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

__all__ = ["did_you_mean", "near_names", "not_one_of", "quoted"]

_NEAR = 0.65  # of the characters of both names in the same order
_LONGEST = 60  # characters of a name that a message repeats
_MOST = 20  # codes that a message lists when a near one is named as well


def quoted(text: object) -> str:
    """Put a name between quotes, on one line and not too long."""
    shown = "".join(c if c.isprintable() else "?" for c in str(text))
    return f"'{shown}'" if len(shown) <= _LONGEST else f"'{shown[:_LONGEST]}...'"


def near_names(name: object, known: Iterable[str]) -> list[str]:
    """Give the nearest known names, two at most."""
    return get_close_matches(str(name)[:_LONGEST], [*known], n=2, cutoff=_NEAR)


def did_you_mean(name: object, known: Iterable[str]) -> str:
    """Name the nearest known names in brackets, with a space before, or give nothing."""
    near = near_names(name, known)
    return f" (did you mean {' or '.join(f'{n!r}' for n in near)}?)" if near else ""


def not_one_of(value: object, allowed: Iterable[object], *, quote: bool = True) -> str:
    """Say that a value is not allowed, what is, and the nearest; without quoting it if asked."""
    codes = ["(none)" if code == "" else str(code) for code in allowed]
    near = did_you_mean(value, codes) if quote else ""
    few = codes[:_MOST] if near else codes
    more = f" and {len(codes) - len(few)} more" if len(few) < len(codes) else ""
    subject = f"{quoted(value)} is" if quote else "is"
    return f"{subject} not one of {', '.join(few)}{more}{near}"
