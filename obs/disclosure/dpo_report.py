"""The audit as a page for the data-protection officer: internal, never for publication."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

import pandas as pd

from obs.disclosure.audit import audit
from obs.disclosure.released import Released
from obs.disclosure.rules import RULES
from obs.errors import DisclosureError
from obs.schemas import WITHHELD

__all__ = ["audit_report"]

_STYLE = (
    "body{font:1rem/1.5 sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;margin:1rem 0}caption{text-align:left;font-weight:bold}"
    "th,td{border:1px solid #767676;padding:.25rem .5rem;text-align:left}"
)


def audit_report(
    released: Released,
    *,
    original: Mapping[str, pd.DataFrame] | None = None,
    known: pd.DataFrame | None = None,
) -> str:
    """Write what was withheld, what it cost, and what a reader can still know, as HTML.

    Parameters
    ----------
    released : Released
        What is about to be published.
    original : mapping of str to DataFrame, optional
        The tables before the release, to count the facts withheld; internal.
    known : DataFrame, optional
        What readers know besides, as `audit` takes it (`Ledger.entries`).

    Returns
    -------
    str
        A page complete in itself, without scripts. It is for the house alone: intervals of
        withheld figures are no secret, but what was traded is.

    Raises
    ------
    DisclosureError
        If it is not a Released, or the audit fails.

    Examples
    --------
    `Path("audit.html").write_text(audit_report(released), encoding="utf-8")`
    """
    if not isinstance(released, Released):
        raise DisclosureError("audit_report takes what obs.release made.")
    found = audit(released, known=known)
    unsafe = found[~found["safe"]]
    verdict = (
        "Every withheld figure keeps the doubt that its rule asks for."
        if unsafe.empty
        else f"{len(unsafe)} withheld figure(s) can be narrowed too far: do not publish."
    )
    parts = [
        f"<h1>Disclosure audit</h1><p><strong>{escape(verdict)}</strong></p>",
        f"<p>Tables: {escape(released.name)}. Rule asked: {escape(released.rule)}.</p>",
        _table(_rules(released), "Rules"),
        _table(_statuses(released), "Rows by status"),
        _table(_losses(released, original), "What is lost, by indicator and level"),
        _table(_reasons(released), "Why rows are withheld"),
        _table(_widths(found), "What a reader can still know of withheld counts"),
        _table(unsafe, "Figures that are not safe") if len(unsafe) else "",
        _table(found, "Every withheld count and the interval a reader can compute"),
    ]
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Disclosure audit'
        f"</title><style>{_STYLE}</style></head><body><main>{''.join(parts)}</main></body></html>\n"
    )


def _table(frame: pd.DataFrame, caption: str) -> str:
    head = "".join(f'<th scope="col">{escape(str(c))}</th>' for c in frame.columns)
    rows = frame.astype(object).where(frame.notna(), "no limit").itertuples(index=False, name=None)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(str(v))}</td>" for v in row) + "</tr>" for row in rows
    )
    return (
        f"<table><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table>"
    )


def _rules(released: Released) -> pd.DataFrame:
    used = sorted({released.rule, *(set(released.actions["rule"]) & set(RULES))})
    return pd.DataFrame(
        [
            {
                "rule": name,
                "counts withheld": f"1 to {RULES[name].threshold - 1}",
                "interval that must stay possible": f"{RULES[name].floor} to {RULES[name].cover}",
                "zeros": "withheld" if RULES[name].protect_zeros else "shown",
            }
            for name in used
        ]
    )


def _statuses(released: Released) -> pd.DataFrame:
    counts = released.table["status"].value_counts().sort_index()
    return counts.rename_axis("status").reset_index(name="rows")


def _losses(released: Released, original: Mapping[str, pd.DataFrame] | None) -> pd.DataFrame:
    rows = []
    for name in released.names:
        table = released[name].table
        place = table["territory"].map(released.territory.level_of)
        hidden = table["status"].isin(WITHHELD)
        true = None
        if original is not None and "numerator" in original[name]:
            true = original[name]["numerator"].reset_index(drop=True).fillna(0)
        pairs = table["indicator"] + ", " + place
        for pair in pairs.drop_duplicates():
            rows_of = pairs == pair
            line = {"table": name, "indicator, level": pair, "rows": int(rows_of.sum())}
            line["withheld"] = int(hidden[rows_of].sum())
            if true is not None:
                line["facts"] = int(true[rows_of].sum())
                line["facts withheld"] = int(true[rows_of][hidden[rows_of]].sum())
            rows.append(line)
    return pd.DataFrame(rows)


def _reasons(released: Released) -> pd.DataFrame:
    actions = released.actions
    return actions.groupby(["action", "rule", "reason"]).size().reset_index(name="rows")


def _widths(found: pd.DataFrame) -> pd.DataFrame:
    width = (found["high"] - found["low"]).astype("Float64")
    bands = pd.cut(
        width, [-1, 0, 4, 9, 49, float("inf")], labels=["0", "1-4", "5-9", "10-49", "50+"]
    )
    named = bands.astype("str").where(width.notna(), "no upper limit")
    by = pd.DataFrame({"status": found["status"], "width of the interval": named})
    return by.groupby(["status", "width of the interval"]).size().reset_index(name="counts")
