"""A small profile of counts and one of facts, which a test changes where it needs to."""

from __future__ import annotations

import tempfile
from pathlib import Path

from obs.clean import Profile, load_profile

COUNTS = """
name = "counts"
title = "Counts by commune and year"
kind = "police"
shape = "counts"
period = "%Y"
offences = [{ offence = "VOL.*", phenomenon = "theft_other" }]
{more}
[file]
separator = ";"
{file}
[territory]
level = "commune"
[columns]
territory = "nis"
period = "annee"
offence = "fait"
numerator = "n"
{columns}
[constants]
unit = "fact"
[marks]
"-" = "zero"
"n.d." = "missing"
"<5" = "suppressed_source"
"" = "missing"
{tables}
"""
FACTS = """
name = "facts"
title = "Facts, one a row"
kind = "police"
shape = "events"
dates = ["%d/%m/%Y"]
offences = [{ offence = "VOL.*", phenomenon = "theft_other" }]
{more}
[file]
separator = ";"
{file}
[territory]
level = "commune"
[columns]
event_id = "ID"
event_date = "Date"
territory = "Commune"
offence = "Fait"
{columns}
{tables}
"""


def profile(
    text: str = COUNTS,
    *,
    more: str = "",
    file: str = "",
    columns: str = "",
    tables: str = "",
    **changes: str,
) -> Profile:
    """Load a profile from a text, with lines put into it and pieces replaced."""
    for name, lines in {"more": more, "file": file, "columns": columns, "tables": tables}.items():
        text = text.replace(f"{{{name}}}", lines)
    for old, new in changes.items():
        text = text.replace(old, new)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "own.toml"
        path.write_text(text, encoding="utf-8")
        return load_profile(path)
