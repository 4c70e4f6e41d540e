"""Write a drawing as an element of a page: safe, named, in the colours of the page.

Only shapes and text pass; what runs, fetches or embeds is refused. Identifiers carry a prefix, since
two drawings of one page may use the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from xml.etree import ElementTree as ET

from obs.errors import PublicationError
from obs.report.draw import palette

__all__ = ["COLOURS", "DRAWN", "inline_svg", "svg_faults"]

DRAWN = frozenset(
    ("svg", "g", "defs", "path", "use", "clipPath", "pattern", "rect", "circle", "ellipse")
    + ("line", "polyline", "polygon", "text", "tspan", "title", "desc")
)
_LEFT_OUT = ("metadata", "style", "title", "desc")  # of a drawing: the page has its own
_KEPT = frozenset(
    ("d", "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "rx", "ry", "width", "height")
    + ("points", "transform", "style", "clip-path", "patternUnits", "clip-rule", "fill-rule")
    + ("fill", "stroke", "stroke-width", "stroke-dasharray", "opacity", "text-anchor")
)
_ADDRESS = re.compile(r"url\(\s*['\"]?(?!#)|@import|javascript:|expression\(", re.IGNORECASE)
_OWN = re.compile(r"url\(#([^)]+)\)")
_UNTURNED = re.compile(r"rotate\(-?0(?: [\d.-]+){2}\)")
_BREAKS = re.compile(r"\s*\n\s*")

COLOURS = {  # colour of a drawing: variable of the page's style, which the dark scheme changes
    palette.PAPER: "paper",
    palette.INK: "ink",
    palette.MUTED: "muted",
    palette.GRID: "grid",
    palette.LINE: "line",
    palette.BAND: "band",
    **{colour: f"series-{n}" for n, colour in enumerate(palette.SERIES[1:5], start=2)},
    palette.WITHHELD["facecolor"]: "withheld",
    palette.WITHHELD["edgecolor"]: "withheld-edge",
    palette.UNKNOWN["facecolor"]: "unknown",
    palette.UNKNOWN["edgecolor"]: "unknown-edge",
}


def inline_svg(svg: str, *, prefix: str, kind: str, title: str, description: str) -> str:
    """Write a drawing as an inline element with a name and a description.

    `kind` is "wide" or "narrow", the class by which the page's style chooses. Returns HTML. Raises
    `PublicationError` if the drawing cannot be read, or holds more than shapes and text.

    Examples
    --------
    >>> from obs.report.page.inline_svg import inline_svg
    >>> svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><text id="a">5</text></svg>'
    >>> print(inline_svg(svg, prefix="f", kind="wide", title="T", description="D"))
    <svg class="wide" role="img" aria-labelledby="f-wide-t" aria-describedby="f-wide-d" \
viewBox="0 0 9 9"><title id="f-wide-t">T</title><desc id="f-wide-d">D</desc><text>5</text></svg>
    """
    root = _read(svg)
    faults = list(svg_faults(root))
    if faults:
        raise PublicationError(f"drawing '{prefix}': {'; '.join(dict.fromkeys(faults))}.")
    own = f"{prefix}-{kind}"
    used = [i for e in root.iter() for v in e.attrib.values() for i in _referred(v)]
    names = {old: f"{own}-{n}" for n, old in enumerate(dict.fromkeys(used), start=1)}
    head = (
        f'<svg class="{kind}" role="img" aria-labelledby="{own}-t" aria-describedby="{own}-d" '
        f'viewBox="{escape(root.get("viewBox", ""))}"><title id="{own}-t">{escape(title)}</title>'
        f'<desc id="{own}-d">{escape(description)}</desc>'
    )
    return head + "".join(_written(root, names)) + "</svg>"


def svg_faults(root: ET.Element) -> Iterator[str]:
    """Find what a drawing holds beyond shapes and text."""
    for element in root.iter():
        name = _local(element.tag)
        if name not in DRAWN and name not in _LEFT_OUT:
            yield f"a '{name}' is not allowed in it"
        if name in _LEFT_OUT:
            continue
        for key, value in element.attrib.items():
            if _local(key).lower().startswith("on"):
                yield f"'{_local(key)}' would run in it"
            elif _ADDRESS.search(value) or (_local(key) == "href" and not value.startswith("#")):
                yield f"'{_local(key)}' would fetch something"


def _read(svg: str) -> ET.Element:
    if "<!ENTITY" in svg:
        raise PublicationError("a drawing declares entities, which no drawing needs.")
    try:
        root = ET.fromstring(svg)
    except ET.ParseError as fault:
        raise PublicationError(f"a drawing cannot be read: {fault}.") from None
    if _local(root.tag) != "svg":
        raise PublicationError("a drawing does not begin with 'svg'.")
    return root


def _local(name: str) -> str:
    """Give a name without its namespace."""
    return name.rpartition("}")[2]


def _referred(value: str) -> Iterator[str]:
    """Give the identifiers that an attribute refers to."""
    yield from _OWN.findall(value)
    if value.startswith("#"):
        yield value[1:]


def _written(element: ET.Element, names: dict[str, str]) -> Iterator[str]:
    """Write the children of an element; groups that say nothing are left out."""
    for child in element:
        name = _local(child.tag)
        if name in _LEFT_OUT:
            continue
        given = dict(_attributes(child, names))
        inner = "".join(_written(child, names))
        if name in ("text", "tspan"):
            inner = escape(child.text or "", quote=False) + inner
        if name in ("g", "defs") and not inner:
            continue
        if name == "g" and not given:
            yield inner
            continue
        words = "".join(f' {key}="{escape(value)}"' for key, value in given.items())
        yield f"<{name}{words}>{inner}</{name}>" if inner else f"<{name}{words}/>"


def _attributes(element: ET.Element, names: dict[str, str]) -> Iterator[tuple[str, str]]:
    for key, value in element.attrib.items():
        name = _local(key)
        if name == "id" and value in names:
            yield "id", names[value]
        elif name == "href":
            yield "href", f"#{names[value[1:]]}"
        elif name == "transform" and _UNTURNED.fullmatch(value):
            continue
        elif name in _KEPT:
            renamed = _OWN.sub(lambda found: f"url(#{names[found[1]]})", value)
            yield name, _of_page(_BREAKS.sub(" ", renamed).strip(), name)


def _of_page(value: str, name: str) -> str:
    """Give a colour as the page's, and leave the family of letters to the page."""
    if name == "style":
        parts = (part for part in value.split("; ") if not part.startswith("font-family:"))
        value = "; ".join(parts)
    if name in ("style", "fill", "stroke"):
        for colour, variable in COLOURS.items():
            value = value.replace(colour, f"var(--{variable})")
    return value
