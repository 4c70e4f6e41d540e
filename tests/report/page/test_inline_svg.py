"""A drawing inside a page: what passes, what is refused, and its colours in both schemes."""

import re
from pathlib import Path

import pytest

from obs.errors import PublicationError
from obs.report.draw.style import BAND, PAPER, contrast
from obs.report.page import inline_svg as module
from obs.report.page.inline_svg import COLOURS, inline_svg

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
CSS = Path(module.__file__).parent / "templates" / "focus_html" / "page.css"


def written(inside, **changes):
    given = {"prefix": "map-1", "kind": "wide", "title": "T", "description": "D"} | changes
    return inline_svg(f'{HEAD} viewBox="0 0 504 90">{inside}</svg>', **given)


def test_identifiers_have_the_name_of_the_figure_and_the_width():
    inside = (
        '<defs><path id="m1" d="M0 0"/><clipPath id="p1"><rect x="0" y="0"/></clipPath></defs>'
        '<g id="axes_1" clip-path="url(#p1)"><use xlink:href="#m1" x="3" y="4"/></g>'
    )
    one, other = written(inside), written(inside, kind="narrow")
    for kind, page in (("wide", one), ("narrow", other)):
        ids = set(re.findall(r' id="([^"]+)"', page))
        assert all(name.startswith(f"map-1-{kind}-") for name in ids)
        referred = re.findall(r"(?:url\(|href=\")#([^\")]+)", page)
        assert len(referred) == 2
        assert set(referred) <= ids
    assert "axes_1" not in one  # nothing refers to it


@pytest.mark.parametrize(
    ("inside", "said"),
    [
        ("<script>1</script>", "a 'script' is not allowed"),
        ("<foreignObject/>", "a 'foreignObject' is not allowed"),
        ('<image href="x.png"/>', "a 'image' is not allowed"),
        ("<a><text>1</text></a>", "a 'a' is not allowed"),
        ('<path onload="x()"/>', "'onload' would run"),
        ('<use xlink:href="other.svg#a"/>', "'href' would fetch"),
        ('<path style="fill: url(http://example.org)"/>', "'style' would fetch"),
    ],
)
def test_what_runs_or_fetches_is_refused(inside, said):
    with pytest.raises(PublicationError, match=said):
        written(inside)


@pytest.mark.parametrize("svg", ["<svg", "<p/>", "<!DOCTYPE s [<!ENTITY a 'b'>]><svg>&a;</svg>"])
def test_what_is_no_drawing_is_refused(svg):
    with pytest.raises(PublicationError, match="a drawing"):
        inline_svg(svg, prefix="f", kind="wide", title="T", description="D")


def test_words_of_data_cannot_act():
    page = written("<text>&lt;b&gt; &amp; 5</text>", title='<i>"', description="<script>")
    assert "<text>&lt;b&gt; &amp; 5</text>" in page
    assert "<title" in page
    assert not re.search(r"<(?:i|b|script)>", page)


def test_the_style_of_a_drawing_does_not_reach_the_page():
    page = written('<defs><style type="text/css">*{stroke: red}</style></defs><path d="M0 0"/>')
    assert "style" not in page
    assert "defs" not in page


def schemes():
    """The variables of the page in the light scheme, and in the dark one."""
    light, dark = re.findall(r":root \{(.*?)\}", CSS.read_text(encoding="utf-8"), re.DOTALL)
    pairs = (dict(re.findall(r"--([\w-]+): (#\w{6})", text)) for text in (light, dark))
    first = next(pairs)
    return first, first | next(pairs)


def test_the_light_scheme_has_the_colours_of_the_drawings():
    light, _ = schemes()
    assert all(light[name] == colour for colour, name in COLOURS.items())


@pytest.mark.parametrize("name", ["ink", "muted", "line", *(f"series-{n}" for n in range(2, 6))])
def test_letters_can_be_read_in_the_dark(name):
    _, dark = schemes()
    assert contrast(dark[name], dark["paper"]) >= 4.5
    assert contrast(dark[name], dark["paper"]) < contrast("#ffffff", "#000000")


def test_a_value_stands_out_from_its_band_in_both_schemes():
    for scheme in schemes():
        assert contrast(scheme["line"], scheme["band"]) >= 3
        assert contrast(scheme["band"], scheme["paper"]) >= 1.4
    assert contrast(BAND, PAPER) >= 1.4
