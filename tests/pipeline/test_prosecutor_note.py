"""The prosecutor's cases in the note on family violence: two shares of one table, and a chain of counts."""

import html
import re

import pandas as pd
import pytest

from obs.disclosure import read_released

YEAR = 2024
HEADINGS = {
    "fr": ("Au parquet", "Du fait à l’affaire", "Aide et hébergement"),
    "nl": ("Bij het parket", "Van feit tot zaak", "Hulp en opvang"),
    "en": ("At the public prosecutor’s", "From offence to case", "Support and"),
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
def test_the_steps_from_facts_to_cases_are_counts_of_the_rows(released, cases, reports, year):
    chain = released["focus_vif.chain"].table
    chain = chain[chain["period"].astype(str) == str(year)].set_index(["indicator", "filing"])
    own = reports[reports["family"] & (reports["year"] == year)]
    filed = cases[cases["context"].isin(["couple", "family"]) & (cases["year"] == year)]
    numbers, known = set(own["report_id"]), set(reports["report_id"])
    found = own["report_id"].isin(set(cases["report_id"]))
    late = own["report_date"] > cases["extracted"].max() - pd.Timedelta(days=60)
    inside = filed["report_id"].isin(numbers)
    other = ~inside & filed["report_id"].notna()
    of_police = filed["report_id"].isin(known)
    wanted = {
        ("vif_pv", "all"): len(numbers) - len(own),
        ("vif_pv", "not_filed"): -own.loc[~found & ~late, "report_id"].nunique(),
        ("vif_pv", "recent"): -own.loc[~found & late, "report_id"].nunique(),
        ("vif_cases", "from_report"): inside.sum() - filed["report_id"][inside].nunique(),
        ("vif_cases", "other_report"): (other & of_police).sum(),
        ("vif_cases", "unknown_report"): (other & ~of_police).sum(),
        ("vif_cases", "no_number"): filed["report_id"].isna().sum(),
    }
    assert len(own) + sum(wanted.values()) == len(filed)  # without a rest
    shown = {key: step for key, step in chain["step"].items() if not pd.isna(step)}
    assert len(shown) >= 4
    assert shown == {key: wanted[key] for key in shown}
    assert chain.loc[("vif_cases", "all"), "numerator"] == len(filed)


@pytest.mark.parametrize("lang", HEADINGS)
def test_the_note_says_it_in_each_language(sample_edition, lang):
    page = sample_edition.built.folder / f"focus_vif.{lang}.html"
    text = html.unescape(page.read_text(encoding="utf-8")).replace("'", "’")
    heads = re.sub(r"<[^>]+>", "", " ".join(re.findall(r"(?s)<h2.*?</h2>", text)))
    for heading in HEADINGS[lang]:
        assert heading in heads


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("fr", ("Le parcours des plaintes", "Citation directe", "Toutes les clôtures")),
        ("nl", ("Het traject van klachten", "Rechtstreekse dagvaarding", "Alle afsluitingen")),
        ("en", ("The path of complaints", "Direct summons", "All closings")),
    ],
)
def test_what_becomes_of_complaints_is_told_with_the_matching_first(sample_edition, lang, words):
    page = sample_edition.built.folder / f"focus_parcours.{lang}.html"
    text = html.unescape(page.read_text(encoding="utf-8"))
    assert all(word in text for word in words)
    first = text.index(
        {"fr": "Ce qui se retrouve", "nl": "Wat van de ene", "en": "What is found"}[lang]
    )
    assert first < text.index(words[2])


def test_the_matching_rates_are_those_of_pandas(released, cases, reports):
    shares = released["focus_parcours.matched"].table
    shares = shares[shares["period"].astype(str) == str(YEAR)].set_index("indicator")
    own = reports[reports["family"] & (reports["year"] == YEAR)]["report_id"].drop_duplicates()
    assert shares.loc["vif_pv_matched", "value"] == pytest.approx(
        own.isin(set(cases["report_id"].dropna())).mean()
    )
    filed = cases[cases["context"].isin(["couple", "family"]) & (cases["year"] == YEAR)]
    of_family = set(reports.loc[reports["family"], "report_id"])
    assert shares.loc["vif_cases_matched", "value"] == pytest.approx(
        filed["report_id"].isin(of_family).mean()
    )
