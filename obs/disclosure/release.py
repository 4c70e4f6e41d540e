"""Release tables: protect them together, or refuse where protection is in doubt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from obs.disclosure.cells.composites import link_composites, link_products
from obs.disclosure.cells.indicator_terms import (
    Between,
    Definition,
    is_amount,
    load_between,
    load_definitions,
)
from obs.disclosure.cells.relations import Relations, build_relations
from obs.disclosure.cells.shared_counts import refuse_undeclared
from obs.disclosure.cells.survey_cells import QUALITY_DOUBT
from obs.disclosure.cells.table_cells import collect_cells, mark_published
from obs.disclosure.cells.values_from_counts import refuse_foreign_values
from obs.disclosure.coarser_tables import describe_coarser_tables
from obs.disclosure.curves.curve_tables import Curves, is_curve, split_entries
from obs.disclosure.curves.quantile_tables import Quantiles, are_quantiles
from obs.disclosure.ledger.ledger import Ledger
from obs.disclosure.released import _MAKER, Released
from obs.disclosure.sensitive.primary import mark_primary
from obs.disclosure.sensitive.rules import RULES, SENSITIVE_MARKS, Rule, get_rule, strictest
from obs.disclosure.suppress.independent_blocks import choose_hidden
from obs.disclosure.suppress.secondary import EFFORTS
from obs.disclosure.suppress.withhold import withhold
from obs.errors import DisclosureError, SchemaError
from obs.reference.territory import Territory
from obs.schemas import (
    BREAKDOWNS,
    CONTRIBUTORS,
    INCIDENCE,
    INDICATORS,
    QUANTILES,
    TRENDS,
    check_table,
    require,
)

__all__ = ["release"]

_NO_ENTRIES = pd.DataFrame(columns=["indicator", "territory", "period", "figure"])


def release(
    tables: pd.DataFrame | Mapping[str, pd.DataFrame],
    *,
    rule: str = "default",
    ledger: Ledger | None = None,
    territory: str | Territory = "brussels",
    catalogue: Mapping[str, Any] | None = None,
    effort: str = "fast",
) -> Released:
    """Protect tables together and make them fit to show.

    Small counts are withheld, then as many others as it takes for no reader to narrow a
    withheld count by sums over places, categories, parts, shares or periods; every rate,
    share, per-day figure and change of a withheld count goes with it.

    Parameters
    ----------
    tables : DataFrame or mapping of str to DataFrame
        INDICATORS or TRENDS tables, whole, with their totals; INCIDENCE, QUANTILES. Not modified.
    rule : str
        The least strict rule allowed; an indicator's own rule may be stricter.
    ledger : Ledger, optional
        What was published before: readers know it, so the new release is solved against it.
    territory : str or Territory
        The hierarchy of places.
    catalogue : mapping, optional
        Definitions of the indicators; the observatory's catalogue by default.
    effort : {"fast", "quick", "thorough"}
        How long to look for less to withhold; the protection is the same.

    Returns
    -------
    Released
        The tables, withheld figures blank and their status said.

    Raises
    ------
    DisclosureError
        On no table, an unknown rule, effort, indicator, place or breakdown, an absent column, a count that is
        absent, negative or contradicted, a value that its own count does not make, tables already
        protected, or a solver failure. If so many counts are small that little would be left, it
        names coarser tables.
    """
    from obs.reference import load_territory

    get_rule(rule)
    if effort not in EFFORTS:
        raise DisclosureError(f"Unknown effort '{effort}': choose one of {', '.join(EFFORTS)}.")
    place = load_territory(territory)
    frames = _check_tables(tables, place)
    ids = {str(i) for f in frames.values() for i in f["indicator"].unique()}
    definitions = load_definitions(ids, catalogue=catalogue)
    refuse_undeclared(ids, catalogue=catalogue)
    names = tuple(frames)
    followed = {name: frame for name, frame in frames.items() if is_curve(frame)}
    ended = {name: frame for name, frame in frames.items() if are_quantiles(frame)}
    frames = {n: frame for n, frame in frames.items() if n not in followed and n not in ended}
    rules = _strictest_rules(definitions, rule)
    cells = collect_cells(frames, definitions=definitions, rules=rules)
    link_composites(frames, cells, definitions=definitions, rules=rules)
    link_products(frames, cells, definitions=definitions)
    known, steps = split_entries(_NO_ENTRIES if ledger is None else _of_places(ledger, place))
    curves = Curves(followed, rules, steps)
    curves.add_sizes(cells, definitions=definitions, rules=rules)
    quantiles = Quantiles(ended, rules)
    quantiles.add_sizes(cells, definitions=definitions)
    if ledger is not None:
        mark_published(cells, known, definitions=definitions, rules=rules)
    between = load_between(definitions, catalogue=catalogue)
    relations = build_relations(cells, definitions=definitions, territory=place, between=between)
    for name, frame in frames.items():
        refuse_foreign_values(name, frame, definitions=definitions)
    mark_primary(cells)
    hidden = choose_hidden(
        cells,
        relations.equations,
        territory=place,
        effort=EFFORTS[effort],
        remedies=lambda: _advise_coarser(frames, rules, place),
    )
    shown = {
        k: not h and not cells.of_key[k].reason for k, h in zip(cells.of_key, hidden, strict=True)
    }
    results = {
        n: withhold(n, _public_columns(f), cells=cells, shown=shown) for n, f in frames.items()
    }
    results |= curves.protect(shown) | quantiles.protect(shown)
    return Released(
        {n: results[n][0] for n in names},
        actions=pd.concat([results[n][1] for n in names], ignore_index=True),
        rule=rule,
        territory=place,
        synthetic=any(map(_is_synthetic, (*frames.values(), *followed.values(), *ended.values()))),
        structure=_describe_structure(definitions, rules, between, relations),
        maker=_MAKER,
    )


def _strictest_rules(definitions: Mapping[str, Any], rule: str) -> dict[str, Rule]:
    """Give the strictest rule of each indicator: the one asked, its own, that of amounts."""
    return {
        i: strictest([rule, d.rule, *(["business"] if is_amount(d, None) else [])])
        for i, d in definitions.items()
    }


def _of_places(ledger: Ledger, territory: Territory) -> pd.DataFrame:
    """Leave aside what was published of places that are no more; refuse another observatory's."""
    entries = ledger.entries
    entries = _under_former_codes(entries, territory)
    ours = entries["territory"].isin(
        [
            *territory.units["code"].astype("str"),
            *territory.unplaced_units,
            *territory.former_units,
            *territory.beyond_units,
        ]
    )
    if len(entries) and not ours.any():
        raise DisclosureError(
            f"the ledger '{ledger.path.name}' holds no place of '{territory.name}': it is that "
            "of another observatory. Give each observatory its own folder of publications."
        )
    return entries[ours]


def _under_former_codes(entries: pd.DataFrame, territory: Territory) -> pd.DataFrame:
    """Tell apart the part whose code a merged unit took: what was published of it before."""
    codes = entries["territory"].astype("str")
    for one in territory.mergers:
        if one.new in one.parts:
            early = entries["period"].astype("str").str[:4].astype(int) < one.date.year
            known = pd.to_numeric(entries["edition"].astype("str").str[:4], errors="coerce")
            own = (codes == one.new) & early & (known < one.date.year)
            codes = codes.mask(own, one.former(one.new))
    return entries.assign(territory=codes)


def _check_tables(
    tables: pd.DataFrame | Mapping[str, pd.DataFrame], territory: Territory
) -> dict[str, pd.DataFrame]:
    named = {"table": tables} if isinstance(tables, pd.DataFrame) else tables
    given = list(named.values()) if isinstance(named, Mapping) else [named]
    others = [type(g).__name__ for g in given if not isinstance(g, pd.DataFrame)]
    if others:
        raise DisclosureError(
            f"what is to be released holds a {others[0]}; give one table of indicators "
            "(a DataFrame), or several by name."
        )
    if not named:
        raise DisclosureError("no table to release.")
    return {str(name): _check_table(str(name), frame, territory) for name, frame in named.items()}


def _check_table(name: str, frame: pd.DataFrame, territory: Territory) -> pd.DataFrame:
    schema = INDICATORS
    if "base" in frame.columns:
        schema = TRENDS
    elif is_curve(frame):
        schema = INCIDENCE
    elif are_quantiles(frame):
        schema = QUANTILES
    try:
        checked = check_table(frame, schema if schema is TRENDS else require(schema, "status"))
    except SchemaError as error:
        raise DisclosureError(f"table '{name}' cannot be judged: {error}") from error
    _refuse_unknown_columns(name, checked, schema.columns)
    units = territory.units["code"].astype("str")
    places = {*units, *territory.unplaced_units, *territory.beyond_units}
    unknown = ~checked["territory"].isin(places)
    if unknown.any():
        codes = ", ".join(checked.loc[unknown, "territory"].drop_duplicates().head(5))
        raise DisclosureError(
            f"table '{name}' (column 'territory', {int(unknown.sum())} rows): {codes} not in the "
            f"hierarchy of '{territory.name}'. Places outside it cannot be protected."
        )
    if (
        "status" in checked
        and checked["status"].isin(["suppressed_primary", "suppressed_secondary"]).any()
    ):
        raise DisclosureError(
            f"table '{name}' is already protected; release the original, whole table."
        )
    return checked


def _public_columns(frame: pd.DataFrame) -> pd.DataFrame:
    """Leave out what a value is made of: it serves to judge, and goes no further."""
    return frame.drop(columns=[c for c in (*CONTRIBUTORS, "smallest_part") if c in frame])


def _refuse_unknown_columns(name: str, frame: pd.DataFrame, known: Mapping[str, Any]) -> None:
    extra = [c for c in frame.columns if c not in known and c not in BREAKDOWNS]
    if extra:
        raise DisclosureError(
            f"table '{name}' has column(s) that are neither of its schema nor a breakdown: "
            f"{', '.join(map(str, extra[:5]))}. Breakdowns: {', '.join(BREAKDOWNS)}. "
            "Drop them, or add the breakdown to obs.schemas.BREAKDOWNS."
        )


def _advise_coarser(
    frames: Mapping[str, pd.DataFrame], rules: Mapping[str, Rule], place: Territory
) -> str:
    """Say what coarser tables would leave, under the strictest rule of those asked."""
    strict = max(rules.values(), key=lambda r: r.threshold)
    return describe_coarser_tables(frames, rule=strict, territory=place)


def _is_synthetic(frame: pd.DataFrame) -> bool:
    return "synthetic" in frame.columns and bool(frame["synthetic"].fillna(value=False).any())


def _describe_structure(
    definitions: Mapping[str, Definition],
    rules: Mapping[str, Rule],
    between: Sequence[Between],
    relations: Relations,
) -> dict[str, Any]:
    """State what a reader may know of the sums, in plain JSON types.

    A relation may be declared of an indicator that is not released, of which another one that is
    counts the same (reports, beside reports per day): it is `alike`.
    """
    sides = {d.indicator: d for r in between for d in (r.own, *r.of, *r.less)}
    alike = {i: d for i, d in sides.items() if i not in definitions}
    return {
        "alike": {
            i: _describe_indicator(d, definitions, get_rule(d.rule)) for i, d in alike.items()
        },
        "indicators": {
            i: _describe_indicator(d, definitions, rules[i]) for i, d in definitions.items()
        },
        "stricter_rule": RULES["sensitive"].name,
        "stricter": [
            [column, code, RULES["sensitive"].threshold, RULES["sensitive"].cover]
            for column, code in sorted(SENSITIVE_MARKS)
        ],
        "relations": [
            {
                "kind": relation.kind,
                "own": relation.own.indicator,
                "of": [d.indicator for d in relation.of],
                "less": [d.indicator for d in relation.less],
                "because": relation.because,
            }
            for relation in between
        ],
        "quality_doubt": QUALITY_DOUBT,
        "loosened": [
            [*key, [list(mark) for mark in marks], how] for *key, marks, how in relations.loosened
        ],
    }


def _describe_indicator(
    definition: Definition, definitions: Mapping[str, Definition], rule: Rule
) -> dict[str, Any]:
    whole = definitions.get(definition.whole or "")
    amount = is_amount(definition, None)
    return {
        "count": definition.count,
        "unit": definition.unit,
        "marks": dict(definition.marks),
        "whole": whole.count if whole else None,
        "whole_marks": dict(definition.whole_marks(whole)) if whole else None,
        "within": list(definition.within),
        "additive_over": sorted(definition.additive_over),
        "union_over": sorted(definition.union_over),
        "parts": [p for p in definition.parts if p in definitions],
        "kind": "amount" if amount else definition.kind,
        "margin": rule.margin if amount else 0.0,
        "rule": rule.name,
        "floor": rule.floor,
        "threshold": rule.threshold,
        "cover": rule.cover,
        "min_base": rule.min_base,
        "question": {
            "name": definition.question.name,
            "answers": list(definition.question.answers),
            "shares": {code: list(joined) for code, joined in definition.question.shares},
            "within": list(definition.question.within),
            "any_item": definition.question.any_item,
            "made_of": list(definition.question.made_of),
        },
    }
