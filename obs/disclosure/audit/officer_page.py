"""Write the audit as a page for the data-protection officer; it is internal, never published."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from html import escape
from typing import Any

import pandas as pd

from obs.disclosure.audit.audit import audit
from obs.disclosure.audit.relations_used import relations_used
from obs.disclosure.audit.verdict import WITHHELD_WORDS, unsafe_rows
from obs.disclosure.audit.withheld_facts import add_facts
from obs.disclosure.ledger.ledger import Ledger
from obs.disclosure.released import Released
from obs.errors import DisclosureError
from obs.locale import Words, words

__all__ = ["audit_report"]

_LOGGED = ' lang="en"'  # what the release wrote in its log
_STYLE = (
    "body{font:1rem/1.5 sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a}"
    "table{border-collapse:collapse;margin:1rem 0;font-size:.9rem}"
    "caption{text-align:left;font-weight:bold;padding:.25rem 0}"
    "th,td{border-bottom:1px solid #767676;padding:.2rem .6rem;text-align:left}"
    "thead th{border-bottom:2px solid #1a1a1a;vertical-align:bottom}"
    ".n{text-align:right;font-variant-numeric:tabular-nums}"
    ".verdict{border-left:.5rem solid;padding:.5rem 1rem;font-weight:bold}"
    ".safe{border-color:#1b6e3c}.unsafe{border-color:#a3121f;background:#fdecee}"
)


def audit_report(
    released: Released,
    *,
    original: Mapping[str, pd.DataFrame] | None = None,
    known: pd.DataFrame | Ledger | None = None,
    audited: pd.DataFrame | None = None,
    lang: str | Sequence[str] = "en",
) -> str:
    """Write what was withheld, what it cost, and what a reader can still know, as HTML.

    Parameters
    ----------
    released : Released
        What is about to be published.
    original : mapping of str to DataFrame, optional
        The tables before the release, by name, to count the facts withheld; internal.
    known : DataFrame or Ledger, optional
        What readers know besides, as `audit` takes it.
    audited : DataFrame, optional
        What `audit(released, known=known)` gave, if it was asked before.
    lang : str or sequence of str
        Language of the page, or several, one after the other. Codes, and the reasons that the
        release wrote down, are left as they are.

    Returns
    -------
    str
        A page complete in itself, without scripts. It is for the house alone: intervals of
        withheld figures are no secret, but what was traded is.

    Raises
    ------
    DisclosureError
        If it is not a Released, the audit fails, or `original` is not what was released.
    ObsError
        If the language is unknown.
    """
    if not isinstance(released, Released):
        raise DisclosureError("audit_report takes what obs.release made.")
    languages = [lang] if isinstance(lang, str) else list(lang)
    found = audit(released, known=known) if audited is None else audited
    cells = add_facts(found, released, original)
    each = {code: _in_language(words(code), cells, original, known, released) for code in languages}
    links = "".join(
        f'<a href="#{code}" lang="{code}">{escape(words(code).say("audit.title"))}</a> '
        for code in languages[1:]
    )
    body = "".join(
        f'<section id="{code}" lang="{code}">{text}</section>' for code, text in each.items()
    )
    return (
        f'<!DOCTYPE html><html lang="{languages[0]}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(words(languages[0]).say('audit.title'))}</title>"
        f"<style>{_STYLE}</style></head><body>{f'<nav>{links}</nav>' if links else ''}"
        f"<main>{body}</main></body></html>\n"
    )


def _in_language(
    own: Words,
    cells: pd.DataFrame,
    original: Mapping[str, pd.DataFrame] | None,
    known: pd.DataFrame | Ledger | None,
    released: Released,
) -> str:
    """Write the whole audit in one language."""
    internal = own.say("audit.internal_with_counts" if original else "audit.internal")
    parts = [
        _heading("h1", "audit.title", own),
        f"<p>{escape(internal)}</p>",
        *_verdict_part(cells, own),
        *_summary_lines(cells, original, known, released, own),
        *_rules_part(released, own),
        *_relations_part(released, own),
        *_traded_part(cells, released, own),
        *_reader_part(cells, own),
    ]
    return "".join(parts)


def _heading(tag: str, key: str, own: Words) -> str:
    return f"<{tag}>{escape(own.say(key))}</{tag}>"


def _html_table(frame: pd.DataFrame, key: str, own: Words) -> str:
    """Write a table under the caption of a message; columns that have a word get it."""
    caption = own.say(key)
    if frame.empty:
        return f"<p><strong>{escape(own.say('audit.none', table=caption))}</strong></p>"
    numeric = [pd.api.types.is_numeric_dtype(frame[c]) for c in frame.columns]
    kinds = [' class="n"' if n else "" for n in numeric]
    marks = [
        _LOGGED if c in ("reason", "because") else k
        for c, k in zip(frame.columns, kinds, strict=True)
    ]
    head = "".join(
        f'<th scope="col"{k}>{escape(_column_head(str(c), own))}</th>'
        for c, k in zip(frame.columns, kinds, strict=True)
    )
    body = "".join(
        "<tr>"
        + "".join(f"<td{k}>{_html_cell(v, own)}</td>" for v, k in zip(row, marks, strict=True))
        + "</tr>"
        for row in frame.astype(object).itertuples(index=False, name=None)
    )
    return (
        f"<table><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table>"
    )


def _column_head(name: str, own: Words) -> str:
    key = f"audit.column.{name}"
    return own.say(key) if key in own.messages else name


def _html_cell(value: Any, own: Words) -> str:
    if pd.isna(value):
        return "–"
    if isinstance(value, int) and not isinstance(value, bool):
        return own.conventions.write(Decimal(value))
    return escape(str(value))


def _withheld_words(statuses: pd.Series, own: Words) -> pd.Series:
    """Say how each row is withheld."""
    return statuses.map({s: own.say(f"audit.withheld.{s}") for s in WITHHELD_WORDS})


def _verdict_part(cells: pd.DataFrame, own: Words) -> list[str]:
    """Give the verdict, and the counts that are not safe."""
    certain = (
        cells if "facts" in cells else cells.assign(facts=pd.array([pd.NA] * len(cells), "Int64"))
    )
    stopping, guessed = int(unsafe_rows(certain).sum()), int(cells["guessed"].sum())
    said = own.say("audit.verdict.safe")
    if stopping:
        said = own.say("audit.verdict.unsafe", count=stopping)
    elif guessed:
        said = own.say("audit.verdict.guessed", count=guessed)
    kind = "unsafe" if stopping or guessed else "safe"
    verdict = f'<p class="verdict {kind}">{escape(said)}</p>'
    unsafe = cells[~cells["safe"]]
    if unsafe.empty:
        return [verdict]
    return [verdict, _html_table(_cells_table(unsafe, own), "audit.table.unsafe", own)]


def _summary_lines(
    cells: pd.DataFrame,
    original: object,
    known: pd.DataFrame | Ledger | None,
    released: Released,
    own: Words,
) -> list[str]:
    """Say how much is withheld, what the reader assumed knows, and what was asked."""
    asked = own.say(
        "audit.rule_asked",
        rule=released.rule,
        release=hashlib.sha256(released.actions.to_csv(index=False).encode()).hexdigest()[:16],
        tables=len(released.names),
    )
    insiders = own.say("audit.reader.insiders")
    texts = (_summary(cells, original, own), _reader(known, own), insiders, asked)
    return [f"<p>{escape(text)}</p>" for text in texts]


def _summary(cells: pd.DataFrame, original: object, own: Words) -> str:
    count = cells["status"].value_counts()
    kinds = ", ".join(
        own.say("audit.summary.kind", kind=own.say(f"audit.withheld.{s}"), number=int(count[s]))
        for s in WITHHELD_WORDS
        if s in count
    )
    if kinds:
        text = own.say("audit.summary.withheld_by", count=len(cells), kinds=kinds)
    else:
        text = own.say("audit.summary.withheld", count=len(cells))
    if original is None:
        return text
    besides = cells.loc[cells["status"] == "suppressed_secondary", "facts"].sum()
    facts = own.say("audit.summary.facts", count=int(cells["facts"].sum()), besides=int(besides))
    return f"{text} {facts}"


def _reader(known: pd.DataFrame | Ledger | None, own: Words) -> str:
    reader = own.say("audit.reader.assumed")
    if known is None:
        return own.say("audit.reader.alone", reader=reader)
    kind = "ledger" if isinstance(known, Ledger) else "figures"
    return own.say(f"audit.reader.{kind}", reader=reader, count=len(known))


def _rules_part(released: Released, own: Words) -> list[str]:
    return [
        _heading("h2", "audit.part.rules", own),
        _html_table(_rules_table(released, own), "audit.table.rules", own),
        f"<p>{escape(_stricter(released, own))}</p>",
    ]


def _rules_table(released: Released, own: Words) -> pd.DataFrame:
    rows = []
    for name, about in sorted(released.structure["indicators"].items()):
        least = about["floor"]
        doubt = own.say("audit.range", low=least, high=about["cover"])
        if about["margin"]:
            share = own.conventions.percent.replace("{number}", f"{about['margin'] * 100:.0f}")
            doubt = own.say("audit.margin", share=share)
        withheld = own.say("audit.range", low=least, high=about["threshold"] - 1)
        rows.append((name, about["kind"], about["unit"], withheld, doubt))
    return pd.DataFrame(rows, columns=["indicator", "kind", "unit", "counts", "doubt"])


def _stricter(released: Released, own: Words) -> str:
    each = [
        own.say(
            "audit.stricter_rule", column=column, code=code, most=threshold - 1, cover=str(cover)
        )
        for column, code, threshold, cover in released.structure["stricter"]
    ]
    return own.say("audit.stricter", rules=own.join("join.semicolon", each)) if each else ""


def _relations_part(released: Released, own: Words) -> list[str]:
    used = relations_used(released)
    used["relation"] = used["relation"].map(lambda kind: own.say(f"audit.relation.{kind}"))
    return [
        _heading("h2", "audit.part.relations", own),
        f"<p>{escape(own.say('audit.relations_known'))}</p>",
        _html_table(used, "audit.table.relations", own),
    ]


def _traded_part(cells: pd.DataFrame, released: Released, own: Words) -> list[str]:
    return [
        _heading("h2", "audit.part.traded", own),
        _html_table(_traded_table(cells, released, own), "audit.table.traded", own),
        _html_table(_n_rows(released, own), "audit.table.rows", own),
        _html_table(_reasons_table(released, own), "audit.table.reasons", own),
    ]


def _traded_table(cells: pd.DataFrame, released: Released, own: Words) -> pd.DataFrame:
    names = {
        level: released.territory.level_label(level, own.lang)
        for level in (*released.territory.levels, *released.territory.beyond_levels)
    }
    where = [cells["indicator"], cells["level"].map(names)]
    table = pd.crosstab(where, cells["status"])
    table = table[[s for s in WITHHELD_WORDS if s in table]]
    table.columns = [own.say(f"audit.withheld.{s}") for s in table.columns]
    if "facts" in cells:
        besides = cells["facts"].where(cells["status"] == "suppressed_secondary")
        table["facts_withheld"] = cells["facts"].groupby(where).sum()
        table["besides"] = besides.groupby(where).sum()
    return table.reset_index()


def _n_rows(released: Released, own: Words) -> pd.DataFrame:
    counts = {name: released[name].table["status"].value_counts() for name in released.names}
    table = pd.DataFrame(counts).T.fillna(0).astype("int64").sort_index(axis=1)
    table.columns = [
        own.say(f"audit.withheld.{s}") if s in WITHHELD_WORDS else own.code("statuses", s)
        for s in table.columns
    ]
    return table.rename_axis("table").reset_index()


def _reasons_table(released: Released, own: Words) -> pd.DataFrame:
    actions = released.actions.assign(withheld=_withheld_words(released.actions["action"], own))
    return actions.groupby(["withheld", "rule", "reason"]).size().reset_index(name="rows")


def _reader_part(cells: pd.DataFrame, own: Words) -> list[str]:
    return [
        _heading("h2", "audit.part.reader", own),
        _html_table(_widths_table(cells, own), "audit.table.widths", own),
        _html_table(_cells_table(cells, own), "audit.table.all", own),
    ]


def _widths_table(cells: pd.DataFrame, own: Words) -> pd.DataFrame:
    width = (cells["high"] - cells["low"]).astype("Float64")
    ranges = [
        own.say("audit.range", low=low, high=high) for low, high in ((1, 4), (5, 9), (10, 49))
    ]
    names = ["0", *ranges, own.say("audit.at_least", low=50)]
    bands = pd.cut(width, [-1, 0, 4, 9, 49, float("inf")], labels=names).astype("str")
    bands = bands.where(width.notna(), own.say("audit.no_limit"))
    table = pd.crosstab(_withheld_words(cells["status"], own), bands)
    order = [n for n in (*names, own.say("audit.no_limit")) if n in table]
    return table[order].rename_axis("withheld", axis=0).reset_index()


def _cells_table(cells: pd.DataFrame, own: Words) -> pd.DataFrame:
    listed = cells.drop(columns="level").assign(status=_withheld_words(cells["status"], own))
    listed["breakdowns"] = listed["breakdowns"].str.replace(r"\S+=all ?", "", regex=True)
    answers = {True: own.say("audit.yes"), False: own.say("audit.no")}
    listed["safe"] = cells["safe"].map(answers).mask(cells["guessed"], own.say("audit.guess"))
    return listed.drop(columns="guessed").rename(columns={"status": "withheld"})
