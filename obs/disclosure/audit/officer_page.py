"""Write the audit as a page for the data-protection officer; it is internal, never published."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

import pandas as pd

from obs.disclosure.audit.audit import audit
from obs.disclosure.audit.verdict import WITHHELD_WORDS, unsafe_rows
from obs.disclosure.audit.withheld_facts import add_facts
from obs.disclosure.ledger.ledger import Ledger
from obs.disclosure.released import Released
from obs.errors import DisclosureError

__all__ = ["audit_report"]

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

    Returns
    -------
    str
        A page complete in itself, without scripts. It is for the house alone: intervals of
        withheld figures are no secret, but what was traded is.

    Raises
    ------
    DisclosureError
        If it is not a Released, the audit fails, or `original` is not what was released.
    """
    if not isinstance(released, Released):
        raise DisclosureError("audit_report takes what obs.release made.")
    found = audit(released, known=known) if audited is None else audited
    cells = add_facts(found, released, original)
    unsafe = cells[~cells["safe"]]
    parts = [
        "<h1>Disclosure audit</h1>",
        "<p>Internal"
        + (": this page holds the withheld counts themselves.</p>" if original else ".</p>"),
        _verdict_text(cells),
        _html_table(_cells_table(unsafe), "Counts that are not safe") if len(unsafe) else "",
        f"<p>{escape(_summary_table(cells, original))}</p>",
        f"<p>{escape(_reader_text(known))}</p>",
        f"<p>Rule asked: {escape(released.rule)}. Release {released.mark()['actions_sha'][:16]}, "
        f"{len(released.names)} tables.</p>",
        "<h2>Rules</h2>",
        _html_table(
            _rules_text(released), "What is withheld and which doubt must remain, by indicator"
        ),
        f"<p>{escape(_stricter(released))}</p>",
        "<h2>What was withheld and what was traded</h2>",
        _html_table(
            _traded_table(cells), "Counts withheld, by indicator and level; one count once"
        ),
        _html_table(_n_rows(released), "Rows of the tables, by status"),
        _html_table(_reasons_table(released), "Why rows are withheld"),
        "<h2>What a reader can still know</h2>",
        _html_table(
            _widths_table(cells), "Counts withheld, by the width of the interval that is left"
        ),
        _html_table(
            _cells_table(cells), "Every withheld count and the interval a reader can compute"
        ),
    ]
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><title>Disclosure audit</title>'
        f"<style>{_STYLE}</style></head><body><main>{''.join(parts)}</main></body></html>\n"
    )


def _html_table(frame: pd.DataFrame, caption: str) -> str:
    if frame.empty:
        return f"<p><strong>{escape(caption)}</strong>: none.</p>"
    numeric = [pd.api.types.is_numeric_dtype(frame[c]) for c in frame.columns]
    kinds = [' class="n"' if n else "" for n in numeric]
    head = "".join(
        f'<th scope="col"{k}>{escape(str(c))}</th>'
        for c, k in zip(frame.columns, kinds, strict=True)
    )
    body = "".join(
        "<tr>" + "".join(f"<td{k}>{_html_cell(v)}</td>" for v, k in zip(row, kinds, strict=True))
        for row in frame.astype(object).itertuples(index=False, name=None)
    )
    return (
        f"<table><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table>"
    )


def _html_cell(value: Any) -> str:
    if pd.isna(value):
        return "–"
    return f"{value:,}" if isinstance(value, int) else escape(str(value))


def _verdict_text(cells: pd.DataFrame) -> str:
    certain = (
        cells if "facts" in cells else cells.assign(facts=pd.array([pd.NA] * len(cells), "Int64"))
    )
    stopping, guessed = int(unsafe_rows(certain).sum()), int(cells["guessed"].sum())
    words = "Every withheld figure keeps the doubt that its rule asks for."
    if stopping:
        words = f"{stopping} withheld figure(s) can be narrowed too far: do not publish (`obs build` does not)."
    elif guessed:
        words = (
            f"{guessed} figure(s) can be narrowed by who supposes that as little as possible was "
            "revised since the last edition; but none of them is a small count, or the guess is wrong."
        )
    return f'<p class="verdict {"unsafe" if stopping or guessed else "safe"}">{words}</p>'


def _summary_table(cells: pd.DataFrame, original: object) -> str:
    count = cells["status"].value_counts()
    each = [f"{words} {count[s]:,}" for s, words in WITHHELD_WORDS.items() if s in count]
    text = f"{len(cells):,} counts are withheld" + (f": {', '.join(each)}." if each else ".")
    if original is not None:
        besides = cells.loc[cells["status"] == "suppressed_secondary", "facts"].sum()
        text += f" They are {cells['facts'].sum():,} facts, {besides:,} of them besides."
    return text


def _reader_text(known: pd.DataFrame | Ledger | None) -> str:
    text = (
        "The reader assumed here sees every table, knows the places, the sums of the catalogue, "
        "the rules and that counts are whole, and solves linear programs"
    )
    if isinstance(known, Ledger):
        return f"{text}, keeping {len(known):,} counts of earlier editions, with their own sums."
    if known is not None:
        return f"{text}, knowing {len(known):,} other figures exactly."
    return f"{text}. Earlier editions were not given to this audit."


def _rules_text(released: Released) -> pd.DataFrame:
    rows = []
    for name, about in sorted(released.structure["indicators"].items()):
        least = about["floor"]
        doubt = f"{least} to {about['cover']}"
        if about["margin"]:
            doubt = f"{about['margin']:.0%} more and less"
        withheld = f"{least} to {about['threshold'] - 1}"
        rows.append((name, about["kind"], about["unit"], withheld, doubt))
    named = ["indicator", "kind", "unit", "counts withheld", "doubt that must remain"]
    return pd.DataFrame(rows, columns=named)


def _stricter(released: Released) -> str:
    each = [
        f"{column}={code} 1 to {threshold - 1}, doubt to {cover}"
        for column, code, threshold, cover in released.structure["stricter"]
    ]
    return f"Whatever the indicator: {'; '.join(each)}." if each else ""


def _traded_table(cells: pd.DataFrame) -> pd.DataFrame:
    where = [cells["indicator"], cells["level"]]
    table = pd.crosstab(where, cells["status"].map(WITHHELD_WORDS))
    table = table[[words for words in WITHHELD_WORDS.values() if words in table]]
    if "facts" in cells:
        besides = cells["facts"].where(cells["status"] == "suppressed_secondary")
        table["facts withheld"] = cells["facts"].groupby(where).sum()
        table["of them besides"] = besides.groupby(where).sum()
    return table.reset_index()


def _n_rows(released: Released) -> pd.DataFrame:
    counts = {name: released[name].table["status"].value_counts() for name in released.names}
    table = pd.DataFrame(counts).T.fillna(0).astype("int64").sort_index(axis=1)
    return table.rename_axis("table").reset_index()


def _reasons_table(released: Released) -> pd.DataFrame:
    actions = released.actions.assign(withheld=released.actions["action"].map(WITHHELD_WORDS))
    return actions.groupby(["withheld", "rule", "reason"]).size().reset_index(name="rows")


def _widths_table(cells: pd.DataFrame) -> pd.DataFrame:
    width = (cells["high"] - cells["low"]).astype("Float64")
    names = ["0", "1 to 4", "5 to 9", "10 to 49", "50 or more"]
    bands = pd.cut(width, [-1, 0, 4, 9, 49, float("inf")], labels=names).astype("str")
    bands = bands.where(width.notna(), "no upper limit")
    table = pd.crosstab(cells["status"].map(WITHHELD_WORDS), bands)
    order = [n for n in (*names, "no upper limit") if n in table]
    return table[order].rename_axis("withheld", axis=0).reset_index()


def _cells_table(cells: pd.DataFrame) -> pd.DataFrame:
    listed = cells.drop(columns="level").assign(status=cells["status"].map(WITHHELD_WORDS))
    listed["breakdowns"] = listed["breakdowns"].str.replace(r"\S+=all ?", "", regex=True)
    safe = cells["safe"].map({True: "yes", False: "no"}).mask(cells["guessed"], "no, by a guess")
    listed["safe"] = safe
    listed = listed.drop(columns="guessed")
    return listed.rename(columns={"status": "withheld", "low": "least", "high": "most"})
