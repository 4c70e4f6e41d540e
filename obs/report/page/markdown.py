"""Turn Markdown sentences into HTML and Typst, in which no markup from data can act.

Raw HTML is shown as text. Images are refused, since figures come from released blocks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from html import escape
from typing import Any, cast

import mistune

from obs.errors import PublicationError
from obs.report.facts.numbers import typography
from obs.report.note.sentence_gate import marked_parts
from obs.report.page.typst import Code, literal

__all__ = ["inline_html", "parse", "parse_bound", "plain_text", "to_html", "to_typst", "unbound"]

Token = dict[str, Any]
_OF_ANNEX = 3  # level of its headings
_SHORT = 160  # letters of a paragraph that stays with the figure after it
_SAFE = ("http://", "https://", "mailto:", "#")
_KNOWN = {
    "paragraph",
    "block_text",
    "heading",
    "list",
    "list_item",
    "block_quote",
    "text",
    "emphasis",
    "strong",
    "link",
    "softbreak",
    "linebreak",
    "codespan",
    "block_html",
    "inline_html",
}
_parse = mistune.create_markdown(renderer=None)


def parse(source: str, lang: str) -> list[Token]:
    r"""Read Markdown into tokens, typeset for a language.

    Returns tokens of `mistune`, neighbouring texts joined. Raises `PublicationError` if it holds
    an image, a block of code, a rule, or an address that is not safe.

    Examples
    --------
    >>> from obs.report.page.markdown import parse
    >>> [token["type"] for token in parse("# Titre\n\nTexte.", "fr")]
    ['heading', 'paragraph']
    """
    read = cast("list[Token]", _parse(source))  # a parser without a renderer gives tokens
    tokens = [token for token in read if token["type"] != "blank_line"]
    return [_checked_token(token, lang) for token in tokens]


def parse_bound(marked: str, source: str, lang: str) -> list[Token]:
    """Read Markdown with its marked numbers, each as a token `bound` with its `number`.

    What is read is `source`, the same text without marks: these part its texts and change nothing
    else, and are left out where they do not fall in place.
    """
    read = cast("list[Token]", _parse(marked))
    return _parted(parse(source, lang), [one for one in read if one["type"] != "blank_line"])


def _parted(tokens: list[Token], marked: Iterable[Token]) -> list[Token]:
    """Part the texts of tokens where the same tokens with marks have them."""
    others = _join_texts(marked)
    if [one["type"] for one in tokens] != [one["type"] for one in others]:
        return tokens
    made: list[Token] = []
    for token, other in zip(tokens, others, strict=True):
        if token["type"] == "text":
            made += _parted_text(token["raw"], list(marked_parts(other["raw"])))
        elif "children" in token:
            made.append({**token, "children": _parted(token["children"], other["children"])})
        else:
            made.append(token)
    return made


def _parted_text(text: str, parts: Sequence[tuple[str, int | None]]) -> list[Token]:
    """Part a typeset text: spaces and apostrophes are its own, all other letters those of the parts."""
    place = [i for i, letter in enumerate(text) if _is_solid(letter)]
    counts = [sum(map(_is_solid, part)) for part, _ in parts]
    letters = [letter for part, _ in parts for letter in part if _is_solid(letter)]
    if letters != [text[i] for i in place]:
        return [{"type": "text", "raw": text}]
    made: list[Token] = []
    end = seen = 0
    for (_, number), count in zip(parts, counts, strict=True):
        if number is not None and count:
            start, stop = place[seen], place[seen + count - 1] + 1
            own = {"type": "text", "raw": text[start:stop]}
            made.append({"type": "text", "raw": text[end:start]})
            made.append({"type": "bound", "number": number, "children": [own]})
            end = stop
        seen += count
    made.append({"type": "text", "raw": text[end:]})
    return [token for token in made if token.get("raw", "-")]


def _is_solid(letter: str) -> bool:
    return not letter.isspace() and letter not in "'\N{RIGHT SINGLE QUOTATION MARK}"


def unbound(tokens: Iterable[Token]) -> list[Token]:
    """Give tokens with the words of their bound numbers as plain text."""
    flat: list[Token] = []
    for token in tokens:
        if token["type"] == "bound":
            flat += token["children"]
        elif "children" in token:
            flat.append({**token, "children": unbound(token["children"])})
        else:
            flat.append(token)
    return _join_texts(flat)


def plain_text(tokens: Iterable[Token]) -> str:
    """Give the words of tokens without any markup.

    Returns one line.

    Examples
    --------
    >>> from obs.report.page.markdown import parse, plain_text
    >>> plain_text(parse("A **bold** word", "en"))
    'A bold word'
    """
    words = []
    for token in tokens:
        if token["type"] in ("softbreak", "linebreak"):
            words.append(" ")
        words.append(token.get("raw", "") or plain_text(token.get("children", ())))
    return "".join(words)


def to_html(tokens: Iterable[Token]) -> str:
    """Write tokens as HTML.

    Returns HTML in which every text is escaped.

    Examples
    --------
    >>> from obs.report.page.markdown import parse, to_html
    >>> to_html(parse("A <b>bold</b> *word*", "en"))
    '<p>A &lt;b&gt;bold&lt;/b&gt; <em>word</em></p>'
    """
    return "".join(
        _HTML[token["type"]](token, to_html(token.get("children", ()))) for token in tokens
    )


def inline_html(tokens: Iterable[Token]) -> str:
    """Write the words of tokens as HTML, without any markup but the links of bound numbers."""
    made = []
    for token in tokens:
        if token["type"] == "bound":
            made.append(to_html([token]))
        elif token["type"] in ("softbreak", "linebreak"):
            made.append(" ")
        else:
            made.append(escape(token.get("raw", "")) or inline_html(token.get("children", ())))
    return "".join(made).strip()


def to_typst(tokens: Sequence[Token], *, tied: bool = False) -> Code:
    """Write tokens as Typst, every text a string literal.

    With `tied`, a short last paragraph goes to the next page with the figure that follows; a long
    one may end a page, which would else stay half empty. Returns Typst markup.

    Examples
    --------
    >>> from obs.report.page.markdown import parse, to_typst
    >>> print(to_typst(parse("A #quote *word*", "en")))
    #par[#"A #quote ";#emph[#"word";]]
    """
    written = [
        (token["type"], _TYPST[token["type"]](token, to_typst(token.get("children", ()))))
        for token in tokens
    ]
    if any(_is_annexed(token) for token in tokens):  # lists of an annex are read in small print
        written = [(kind, f"#annexed[{t}]" if kind == "list" else t) for kind, t in written]
    if tied and written and _short_paragraph(tokens[-1]):  # a heading stays of itself
        *_, (kind, last) = written
        written[-1] = kind, f"#tied[{last}]"
    return Code("".join(text for _, text in written))


def _is_annexed(token: Token) -> bool:
    """Tell a heading of the third level, which stands in annexes alone."""
    return token["type"] == "heading" and int(token["attrs"]["level"]) == _OF_ANNEX


def _short_paragraph(token: Token) -> bool:
    return token["type"] == "paragraph" and len(plain_text(token["children"])) < _SHORT


def _checked_token(token: Token, lang: str) -> Token:
    if token["type"] not in _KNOWN:
        raise PublicationError(
            f"a sentence holds a {token['type'].replace('_', ' ')}, which a note cannot show; "
            "figures and tables come from obs.chart_trend, obs.show_table..."
        )
    if token["type"] == "link" and not token["attrs"]["url"].startswith(_SAFE):
        raise PublicationError("a link must start with https://, http://, mailto: or #.")
    made = dict(token)
    if "children" in token:
        made["children"] = [_checked_token(child, lang) for child in _join_texts(token["children"])]
    if token["type"] == "text":
        made["raw"] = typography(token["raw"], lang)
    return made


def _join_texts(tokens: Iterable[Token]) -> list[Token]:
    """Join neighbouring texts, which the parser cuts at each escaped character."""
    joined: list[Token] = []
    for token in tokens:
        if joined and token["type"] == joined[-1]["type"] == "text":
            joined[-1] = {"type": "text", "raw": joined[-1]["raw"] + token["raw"]}
        elif token["type"] != "blank_line":
            joined.append(token)
    return joined


def _html_heading(token: Token, inner: str) -> str:
    level = token["attrs"]["level"]
    return f"<h{level}>{inner}</h{level}>"


def _html_bound(token: Token, inner: str) -> str:
    """Write a bound number as a link to where it comes from; the way back leads to the first."""
    if "entry" not in token:
        return inner
    entry = token["entry"]
    own = "" if token["again"] else f' id="number--{entry}"'
    return f'<a class="n"{own} href="#trace--{entry}">{inner}</a>'


def _html_list(token: Token, inner: str) -> str:
    name = "ol" if token["attrs"]["ordered"] else "ul"
    return f"<{name}>{inner}</{name}>"


def _wrapped(name: str) -> Callable[[Token, str], str]:
    return lambda token, inner: f"<{name}>{inner}</{name}>"


def _typst_call(name: str) -> Callable[[Token, str], str]:
    return lambda token, inner: f"#{name}[{inner}]"


def _typst_list(token: Token, inner: str) -> str:
    return f"#{'enum' if token['attrs']['ordered'] else 'list'}({inner})"


_HTML: dict[str, Callable[[Token, str], str]] = {
    "paragraph": _wrapped("p"),
    "block_text": lambda token, inner: inner,
    "heading": _html_heading,
    "list": _html_list,
    "list_item": _wrapped("li"),
    "block_quote": _wrapped("blockquote"),
    "text": lambda token, inner: escape(token["raw"]),
    "bound": _html_bound,
    "emphasis": _wrapped("em"),
    "strong": _wrapped("strong"),
    "link": lambda token, inner: f'<a href="{escape(token["attrs"]["url"])}">{inner}</a>',
    "softbreak": lambda token, inner: "\n",
    "linebreak": lambda token, inner: "<br>",
    "codespan": lambda token, inner: f"<code>{escape(token['raw'])}</code>",
    "block_html": lambda token, inner: f"<p>{escape(token['raw'])}</p>",
    "inline_html": lambda token, inner: escape(token["raw"]),
}
_TYPST: dict[str, Callable[[Token, str], str]] = {
    "paragraph": _typst_call("par"),
    "block_text": lambda token, inner: inner,
    "heading": lambda token, inner: f"#heading(level: {token['attrs']['level'] - 1})[{inner}]",
    "list": _typst_list,
    "list_item": lambda token, inner: f"[{inner}],",
    "block_quote": lambda token, inner: f"#quote(block: true)[{inner}]",
    "text": lambda token, inner: f"#{literal(token['raw'])};",
    "bound": lambda token, inner: inner,
    "emphasis": _typst_call("emph"),
    "strong": _typst_call("strong"),
    "link": lambda token, inner: f"#link({literal(token['attrs']['url'])})[{inner}]",
    "softbreak": lambda token, inner: " ",
    "linebreak": lambda token, inner: "#linebreak()",
    "codespan": lambda token, inner: f"#raw({literal(token['raw'])})",
    "block_html": lambda token, inner: f"#par[#{literal(token['raw'])};]",
    "inline_html": lambda token, inner: f"#{literal(token['raw'])};",
}
