"""Show a result as a small card in a notebook: a title, what it holds, and released rows alone.

A card has plain texts, all escaped, and no script. Rows are given to it by a `Released` only: what
is not released is shown by how much there is of it, never by its values.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape

__all__ = ["card", "rows_as_html"]

_BOX = "border-left:4px solid #1f5c99;padding:.4em .9em;max-width:70em"
_LINES = "display:grid;grid-template-columns:max-content 1fr;gap:.1em 1.2em;margin:.4em 0"


def card(title: str, lines: Mapping[str, object], *, below: str = "") -> str:
    """Lay a title and labelled lines out as HTML.

    Parameters
    ----------
    title : str
        What it is.
    lines : mapping
        Label to text; an empty text leaves its line out.
    below : str
        HTML that follows, as `rows_as_html` makes it.

    Returns
    -------
    str
        One element.

    Examples
    --------
    >>> from obs.display_cards import card
    >>> made = card("Released", {"rule": "a < b", "mark": ""})
    >>> "a &lt; b</dd>" in made, "<dt>mark</dt>" in made
    (True, False)
    """
    items = "".join(
        f"<dt>{escape(label)}</dt><dd style='margin:0'>{escape(str(text))}</dd>"
        for label, text in lines.items()
        if str(text)
    )
    listed = f"<dl style='{_LINES}'>{items}</dl>" if items else ""
    return f"<div style='{_BOX}'><strong>{escape(title)}</strong>{listed}{below}</div>"


def rows_as_html(
    columns: Sequence[str], rows: Iterable[Sequence[object]], *, more: int = 0, header: int = 0
) -> str:
    """Lay released rows out as an HTML table.

    Parameters
    ----------
    columns : sequence of str
        Headings.
    rows : iterable of sequence
        Cells, already as texts.
    more : int
        How many rows are not shown, said below.
    header : int
        Place of the column that names a row.

    Returns
    -------
    str
        One table, and a line on the rows that are left out.

    Examples
    --------
    >>> from obs.display_cards import rows_as_html
    >>> rows_as_html(["place", "n"], [["Ixelles", "12"]]).count("<td")
    1
    """
    head = "".join(f"<th scope='col'>{escape(name)}</th>" for name in columns)
    body = "".join(
        "<tr>"
        + "".join(
            f"<th scope='row'>{escape(str(cell))}</th>"
            if place == header
            else f"<td>{escape(str(cell))}</td>"
            for place, cell in enumerate(row)
        )
        + "</tr>"
        for row in rows
    )
    rest = f"<p><small>and {more:,} more rows</small></p>" if more else ""
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{rest}"
