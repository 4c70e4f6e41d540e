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
from obs.report.page.typst import Code, literal

__all__ = ["parse", "plain_text", "to_html", "to_typst"]

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
    "emphasis": _typst_call("emph"),
    "strong": _typst_call("strong"),
    "link": lambda token, inner: f"#link({literal(token['attrs']['url'])})[{inner}]",
    "softbreak": lambda token, inner: " ",
    "linebreak": lambda token, inner: "#linebreak()",
    "codespan": lambda token, inner: f"#raw({literal(token['raw'])})",
    "block_html": lambda token, inner: f"#par[#{literal(token['raw'])};]",
    "inline_html": lambda token, inner: f"#{literal(token['raw'])};",
}
