"""Write texts into a TOML: strings, patterns of one exact text, and comments of one line."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

__all__ = ["basic", "comment", "exact_pattern", "named_list"]


def basic(text: str) -> str:
    """Write a text as a basic string."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def named_list(texts: Sequence[str]) -> str:
    """Write a list of texts."""
    return f"[{', '.join(map(basic, texts))}]"


def exact_pattern(text: str) -> str:
    """Write the pattern that one text alone fits, as a literal string where that can be."""
    pattern = re.sub(r"\\([ #&~'-])", r"\1", re.escape(text))
    return basic(pattern) if "'" in pattern or "\n" in pattern else f"'{pattern}'"


def comment(text: str) -> str:
    """Write a text that may stand in a comment: one line, without control characters."""
    return " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", " ", text).split())[:300]
