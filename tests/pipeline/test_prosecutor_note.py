"""The prosecutor's cases in the note on family violence: two shares of one table, and a chain of counts."""

import html
import re

import pandas as pd
import pytest

from obs.disclosure import read_released

YEAR = 2024
HEADINGS = {
    "fr": ("Au parquet", "Du fait à l’affaire", "Ce que personne", "Aide et hébergement"),
    "nl": ("Bij het parket", "Van feit tot zaak", "Wat niemand", "Hulp en opvang"),
    "en": ("At the public prosecutor’s", "From offence to case", "What nobody", "Support and"),
}


@pytest.fixture(scope="module")
def edition(sample_edition):
    return sample_edition.base / "processed" / "brussels" / str(YEAR)


@pytest.fixture(scope="module")
def released(edition):
    return read_released(edition / "released")


@pytest.fixture(scope="module")
def cases(edition):
    """Give the cases as pandas reads them."""
    (path,) = (edition / "clean").glob("prosecutor-*/*.parquet")
    table = pd.read_parquet(path)
    return table.assign(year=table["entry_date"].dt.year)


@pytest.fixture(scope="module")
def reports(edition):
    """Give the facts of family violence as pandas reads them."""
    (path,) = (edition / "clean").glob("police-*/*.parquet")
    columns = ["report_id", "event_date", "report_date", "form", "relation", "phenomenon"]
    table = pd.read_parquet(path, columns=columns)
    family = table["form"].notna() & table["relation"].notna() & (table["relation"] != "none")
    family &= table["phenomenon"] != "family_dispute"
    return table.assign(year=table["event_date"].dt.year, family=family)


def shown(released, name, year=YEAR):
    """Give the rows of a table that are published, by charge."""
    table = released[f"focus_vif.{name}"].table
    table = table[(table["period"].astype(str) == str(year)) & table["numerator"].notna()]
    rows = table.itertuples()
    return {row.phenomenon: (int(row.numerator), int(row.denominator)) for row in rows}


def test_charges_share_out_family_violence_and_each_charge_has_its_own_whole(released, cases):
    own = cases[cases["year"] == YEAR]
    within = own[own["context"].isin(["couple", "family"])]
    by_charge = within["phenomenon"].value_counts()
    told = own[own["context"].notna()]["phenomenon"].value_counts()
    found = shown(released, "charges")
    assert found
    assert found == {c: (by_charge[c], len(within)) for c in found}
    found = shown(released, "charge_context")
    assert found.pop("all") == (len(within), int(told.sum()))
    assert found == {c: (by_charge.get(c, 0), told[c]) for c in found}


@pytest.mark.parametrize("year", [2023, 2024])
def test_the_chain_leads_from_the_facts_to_the_cases_without_a_rest(released, cases, reports, year):
    chain = released["focus_vif.chain"].table
    chain = chain[chain["period"].astype(str) == str(year)].set_index(["indicator", "filing"])
    own = reports[reports["family"] & (reports["year"] == year)]
    numbers = set(own["report_id"])
    filed = cases[cases["context"].isin(["couple", "family"]) & (cases["year"] == year)]
    known = set(reports["report_id"])
    step = chain["step"].astype("float")
    assert chain.loc[("vif_total", "all"), "numerator"] == len(own)
    assert step["vif_pv", "all"] == len(numbers) - len(own)
    last = cases["extracted"].max()
    found = own["report_id"].isin(set(cases["report_id"]))
    late = own["report_date"] > last - pd.Timedelta(days=60)
    assert -step["vif_pv", "not_filed"] == own.loc[~found & ~late, "report_id"].nunique()
    if late.any():
        assert -step["vif_pv", "recent"] == own.loc[~found & late, "report_id"].nunique()
    inside = filed["report_id"].isin(numbers)
    assert step["vif_cases", "from_report"] == inside.sum() - filed["report_id"][inside].nunique()
    other = ~inside & filed["report_id"].notna()
    assert step["vif_cases", "other_report"] == (other & filed["report_id"].isin(known)).sum()
    assert step["vif_cases", "unknown_report"] == (other & ~filed["report_id"].isin(known)).sum()
    assert step["vif_cases", "no_number"] == filed["report_id"].isna().sum()
    assert chain.loc[("vif_cases", "all"), "numerator"] == len(filed)
    assert len(own) + step.sum() == len(filed)


@pytest.mark.parametrize("lang", HEADINGS)
def test_the_note_says_it_in_each_language(sample_edition, lang):
    page = sample_edition.built.folder / f"focus_vif.{lang}.html"
    text = html.unescape(page.read_text(encoding="utf-8")).replace("'", "’")
    heads = re.sub(r"<[^>]+>", "", " ".join(re.findall(r"(?s)<h2.*?</h2>", text)))
    for heading in HEADINGS[lang]:
        assert heading in heads
