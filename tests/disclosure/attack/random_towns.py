"""Towns of random facts, reports, cases, stocks and interviews, as tables of the catalogue.

A report may hold facts of several communes and forms, a case comes from a report, cases are closed
and some opened again, and a survey asks businesses by sector.
"""

import numpy as np
import pandas as pd

from tests.disclosure.small_town import BASE, ZONES

FORMS = ("physical", "sexual", "psychological", "economic")
RELATIONS = ("couple", "descendant", "other_family")
SECTORS = ("industry", "construction", "hospitality", "trade")
YEARS = ("2022", "2023")
UP = {c: z for z, members in ZONES.items() for c in members}
PLACES = (*BASE, *ZONES, "R")
TYPES = {"numerator": "Int64", "n": "Int64", "denominator": "Float64", "value": "Float64"}


def town(seed):
    """Make the tables of one edition, by name."""
    rng = np.random.default_rng(seed)
    facts = pd.concat([_facts(rng, year) for year in YEARS], ignore_index=True)
    entered = _cases(facts, rng)
    tables = {
        "facts": _count(facts, "vif_total", "fact"),
        "forms": _count(facts, "vif_total", "fact", by="form"),
        "reports": _count(facts, "vif_pv", "pv", distinct="report"),
        "report_forms": _count(facts, "vif_pv", "pv", by="form", distinct="report"),
        "cases": _vif_cases(entered),
        "flows": _flows(entered, rng),
    }
    tables["couples"] = _count(
        facts[(facts["relation"] == "couple") & (facts["form"] == "physical")],
        "vif_couple_physical",
        "fact",
    )
    return tables | {"survey": _survey(rng), "reported": _reported(rng)}


def _facts(rng, year):
    """Draw facts with their place, form, relation and report."""
    mean = rng.lognormal(rng.uniform(3.0, 4.5), 0.8, len(BASE))
    rows = []
    for home, expected in zip(BASE, mean, strict=True):
        mixture = rng.dirichlet((2.0, 1.0, 1.5, 1.0))
        for _ in range(rng.poisson(expected)):
            report = f"{year}-{len(rows)}"
            relation = rng.choice(RELATIONS, p=(0.6, 0.2, 0.2))
            for _ in range(1 + rng.poisson(0.2)):
                place = home if rng.random() < 0.95 else rng.choice(BASE)
                form = rng.choice(FORMS, p=mixture)
                rows.append((year, place, form, relation, report))
    return pd.DataFrame(rows, columns=["year", "place", "form", "relation", "report"])


def _count(facts, indicator, unit, *, by=None, distinct=None):
    """Count facts, or what they belong to, at every level; with all categories of one column."""
    rows = []
    codes = [None] if by is None else sorted(facts[by].unique())
    for year in YEARS:
        for place in PLACES:
            inside = {c for c in BASE if place in (c, UP[c], "R")}
            here = facts[(facts["year"] == year) & facts["place"].isin(inside)]
            for code in codes:
                own = here if code is None else here[here[by] == code]
                number = own[distinct].nunique() if distinct else len(own)
                rows.append(
                    {"territory": place, "period": year, "numerator": number}
                    | ({by: code} if by else {})
                )
    return _dress(rows, indicator, unit)


def _cases(facts, rng):
    """Make a case of most reports, by the context that it is given; of others besides."""
    reports = facts.drop_duplicates("report")
    kept = reports[rng.random(len(reports)) < 0.7]
    couple = kept["relation"] == "couple"
    entered = {}
    for year in YEARS:
        now = kept["year"] == year
        entered["couple", year] = int((couple & now).sum())
        entered["family", year] = int((~couple & now).sum())
        entered["none", year] = int(rng.poisson(60))
    return entered


def _vif_cases(entered):
    rows = [
        {"territory": "R", "period": year, "context": context, "numerator": n}
        for (context, year), n in entered.items()
        if context != "none"
    ]
    return _dress(rows, "vif_cases", "case")


def _flows(entered, rng):
    """Make a stock of cases by context, and what enters and leaves it; some are opened again."""
    rows = []
    for context in ("couple", "family", "none"):
        pending = int(rng.integers(1, 40))
        rows.append(("cases_pending", "2021", context, pending))
        for year in YEARS:
            again = int(rng.poisson(0.5))
            closed = int(rng.integers(0, pending + entered[context, year] + 1))
            pending += entered[context, year] + again - closed
            flows = {"cases_entered": entered[context, year], "cases_closed": closed}
            rows += [(name, year, context, n) for name, n in flows.items()]
            rows.append(("cases_pending", year, context, pending))
    made = [
        _dress([{"territory": "R", "period": p, "context": c, "numerator": n}], name, "case")
        for name, p, c, n in rows
    ]
    return pd.concat(made, ignore_index=True)


def _dress(rows, indicator, unit):
    table = pd.DataFrame(rows).assign(indicator=indicator, unit=unit, scale="count", grade=None)
    table["status"] = np.where(table["numerator"] == 0, "zero", "ok")
    table["period"] = pd.PeriodIndex(table["period"], freq="Y")
    table["value"] = table["numerator"].astype("Float64")
    table = table.assign(n=table["numerator"], denominator=pd.NA, low=pd.NA, high=pd.NA)
    table["grade"] = table["grade"].astype("str").where(table["grade"].notna(), None)
    return table.astype(TYPES | {"low": "Float64", "high": "Float64"})


def _survey(rng):
    """Ask businesses of four sectors whether an offence happened to them; some tell no sector."""
    sizes = dict(zip((*SECTORS, ""), rng.integers(0, (90, 60, 30, 120, 25)), strict=True))
    yes = {s: int(rng.binomial(n, 0.3)) for s, n in sizes.items()}
    rows = [("all", sum(yes.values()), sum(sizes.values()))]
    rows += [(s, yes[s], int(sizes[s])) for s in SECTORS if sizes[s]]
    made = [
        _share("business_victim", k / n, n, rng, offence="all", sector=s, size="all")
        for s, k, n in rows
    ]
    return pd.DataFrame(made).astype(TYPES | {"low": "Float64", "high": "Float64"})


def _reported(rng):
    """Ask those who suffered three offences how often they reported it."""
    rows = []
    for offence in ("burglary", "fraud", "cyber"):
        n = int(rng.integers(15, 90))
        always, sometimes, never = (int(x) for x in rng.multinomial(n, (0.6, 0.08, 0.32)))
        of = {"reported": always + sometimes, "always": always}
        of |= {"sometimes": sometimes, "never": never}
        own = [
            _share("business_reporting", k / n, n, rng, offence=offence, answer=a)
            for a, k in of.items()
        ]
        dark = _share("business_dark_share", never / n, n, rng, offence=offence)
        rows += [*own, dark]
    return pd.DataFrame(rows).astype(TYPES | {"low": "Float64", "high": "Float64"})


def _share(indicator, value, n, rng, **marks):
    unsure = 0 < value * n < 8 and rng.random() < 0.7
    row = {"indicator": indicator, "territory": "R", "period": pd.Period("2021", "Y")}
    row |= {"numerator": pd.NA, "denominator": pd.NA, "value": value, "n": n, "scale": "share"}
    row |= {"low": value * 0.7, "high": min(1.0, value * 1.3), "unit": "business"}
    return (
        row | marks | {"status": "unreliable" if unsure else "ok", "grade": "F" if unsure else "A"}
    )
