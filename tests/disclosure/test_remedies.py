import re

import pandas as pd
import pytest

from obs.disclosure import (
    Ledger,
    add_facts,
    audit,
    audit_report,
    propose_remedies,
    refuse_unsafe,
    release,
)
from obs.disclosure.audit.verdict import unsafe_rows
from obs.disclosure.sensitive.dominance import judge_sum
from obs.disclosure.sensitive.rules import get_rule
from obs.errors import DisclosureError
from tests.disclosure.small_town import ZONES, entry, make_town, status, whole

pytestmark = pytest.mark.slow

COUNTS = {"A": 3, "B": 40, "C": 30, "D": 25, "E": 60}


@pytest.fixture(scope="module")
def town():
    return make_town()


@pytest.fixture
def entries():
    return {"theft": entry()}


@pytest.mark.slow
def test_two_years_together_may_withhold_less(town, entries):
    table = pd.concat([whole(COUNTS), whole(COUNTS, period="2021")])
    found = propose_remedies(table, territory=town, catalogue=entries).set_index("remedy")
    assert found.loc["as it is", "withheld"] > 0
    assert found.loc["two successive periods together", "withheld"] == 0  # A: 3 + 3


@pytest.mark.slow
def test_the_officer_s_report_is_whole_and_escaped(town, entries):
    table = whole(COUNTS)
    released = release({"<thefts>": table}, territory=town, catalogue=entries)
    page = audit_report(released, original={"<thefts>": table})
    assert "Every withheld figure keeps the doubt" in page
    assert "&lt;thefts&gt;" in page
    assert "<thefts>" not in page
    withheld = {t: n for t, n in totals(COUNTS).items() if status(released)[t] != "ok"}
    assert 3 in withheld.values()
    assert f"They are {sum(withheld.values()):,} offences, {sum(withheld.values()) - 3:,}" in page
    assert f"{len(withheld)} counts are withheld: for itself 1," in page
    with pytest.raises(DisclosureError, match="not there as it was released"):
        audit_report(released, original={"<thefts>": table.head(3)})


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("fr", "Chaque nombre non publié garde le doute que sa règle demande."),
        ("nl", "Elk niet gepubliceerd aantal behoudt de twijfel die zijn regel vraagt."),
    ],
)
def test_the_officer_s_report_speaks_every_language(town, entries, lang, said):
    table = whole(COUNTS)
    released = release({"t": table}, territory=town, catalogue=entries)
    page = audit_report(released, original={"t": table}, lang=lang)
    assert f'<html lang="{lang}">' in page
    assert said in page
    for english in ("withheld", "counts", "figure", "Rules", "reader"):
        assert english not in re.sub('<style>.*?</style>|<td lang="en">.*?</td>', "", page)


@pytest.mark.parametrize(
    ("status", "truth", "guessed", "stops"),
    [
        ("suppressed_primary", 4, True, True),
        ("suppressed_primary", 3, True, False),  # the guess misses it
        ("suppressed_primary", 3, False, True),
        ("suppressed_primary", None, True, True),
        ("suppressed_secondary", 4, True, False),  # no small count
        ("suppressed_secondary", 4, False, True),
        ("suppressed_source", 4, True, True),
    ],
)
def test_a_guess_stops_an_edition_if_it_is_right_of_a_small_count(status, truth, guessed, stops):
    row = {"facts": [truth], "low": [4], "high": [4], "guessed": guessed, "safe": False}
    audited = pd.DataFrame(row | {"status": status})
    audited = audited.astype({"facts": "Int64", "low": "Int64", "high": "Int64"})
    assert unsafe_rows(audited).tolist() == [stops]


def totals(counts):
    zones = {z: sum(counts[c] for c in members) for z, members in ZONES.items()}
    return {**counts, **zones, "R": sum(counts.values())}


@pytest.mark.slow
def test_the_officer_s_report_says_which_editions_it_knows(town, entries, tmp_path):
    ledger = Ledger(tmp_path / "ledger.csv")
    safe = whole({**COUNTS, "A": 30}, period="2021")
    ledger.append(release(safe, territory=town, catalogue=entries), edition="2021")
    released = release(whole(COUNTS), territory=town, catalogue=entries, ledger=ledger)
    page = audit_report(released, known=ledger)
    assert f"{len(ledger)} counts of earlier editions are known too" in page
    assert "Earlier editions were not given" in audit_report(released)


@pytest.mark.slow
def test_the_officer_s_report_says_what_is_not_safe(town, entries):
    table = whole(COUNTS)
    released = release(table, territory=town, catalogue=entries)
    page = audit_report(released, known=table[table["territory"] != "A"])
    assert "do not publish" in page


@pytest.mark.slow
def test_what_is_not_safe_is_refused_by_name_and_never_by_figure(town, entries):
    table = whole({(c, f): n for c, n in COUNTS.items() for f in ("sexual", "physical")})
    released = release({"forms": table}, territory=town, catalogue=entries)
    original = {"forms": table}
    refuse_unsafe(add_facts(audit(released), released, original), released, edition=2022)
    all_but_one = table[~((table["territory"] == "A") & (table["form"] == "sexual"))]
    found = add_facts(audit(released, known=all_but_one), released, original)
    with pytest.raises(DisclosureError) as refused:
        refuse_unsafe(found, released, edition=2022)
    said = str(refused.value)
    assert "theft A 2022 form=sexual in 'forms' (withheld for itself; rule sensitive)" in said
    assert "edition 2022 is not published" in said
    unsafe = int((~found["safe"]).sum())
    counted = [2022, unsafe, len(found), *[2022] * 5, unsafe - 5]  # keys, and how many rows
    assert [int(n) for n in re.findall(r"\b\d+\b", said)] == counted


@pytest.mark.parametrize(
    ("amounts", "reason"),
    [
        ([], ""),
        ([10, 10], "fewer than 3 contributors"),
        ([900, 50, 30, 20], "one contributor dominates"),
        ([100, 90, 5, 4], "the largest contributor can be estimated within 10%"),
        ([50, 40, 30], ""),
    ],
)
def test_sums_of_amounts_by_hand(amounts, reason):
    assert judge_sum(amounts, rule=get_rule("business")) == reason


def test_unknown_amounts_are_refused():
    with pytest.raises(DisclosureError, match="known"):
        judge_sum([1, float("nan")], rule=get_rule("business"))
