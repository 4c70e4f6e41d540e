import pandas as pd
import pytest

from obs.disclosure import audit, propose_remedies, release
from obs.disclosure.sensitive.rules import get_rule, rule_of
from obs.errors import DisclosureError
from obs.reference import load_codelist
from tests.disclosure.small_town import dress, entry, make_town, status, whole

COUNTS = {"A": 3, "B": 40, "C": 30, "D": 25, "E": 60}


@pytest.fixture(scope="module")
def town():
    return make_town()


@pytest.fixture
def entries():
    return {"theft": entry(), "vif": entry()}


@pytest.mark.slow
def test_a_small_count_takes_another_with_it_in_its_zone(town, entries):
    found = status(release(whole(COUNTS), territory=town, catalogue=entries))
    assert found["A"] == "suppressed_primary"
    assert found["B"] == "suppressed_secondary" or found["Z1"] == "suppressed_secondary"


@pytest.mark.parametrize("given", [1, "theft", [whole(COUNTS)], {"thefts": 3}, {}, None])
def test_what_is_no_table_is_refused(town, entries, given):
    with pytest.raises(DisclosureError, match="table"):
        release(given, territory=town, catalogue=entries)


@pytest.mark.slow
def test_who_knows_his_own_figure_learns_no_other_commune_s(town, entries):
    table = whole(COUNTS)
    released = release(table, territory=town, catalogue=entries)
    for insider in "BCDE":
        own = table[table["territory"] == insider]
        seen = audit(released, known=own).query("territory == 'A'").iloc[0]
        assert pd.isna(seen["high"]) or seen["high"] > seen["low"]


def test_nothing_small_nothing_withheld(town, entries):
    table = whole({**COUNTS, "A": 5})
    released = release(table, territory=town, catalogue=entries)
    assert released.actions.empty
    assert audit(released).empty
    assert released.table["numerator"].tolist() == table["numerator"].tolist()


@pytest.mark.slow
def test_input_is_not_modified(town, entries):
    table = whole(COUNTS)
    before = table.copy()
    release(table, territory=town, catalogue=entries)
    pd.testing.assert_frame_equal(table, before)


@pytest.mark.slow
def test_every_number_of_a_withheld_row_goes_and_the_exposure_stays(town, entries):
    released = release(whole(COUNTS), territory=town, catalogue=entries)
    row = released.select(territory="A").table.iloc[0]
    assert row[["numerator", "value", "low", "high", "n"]].isna().all()
    assert row["denominator"] == 10_000


@pytest.mark.slow
def test_zero_is_shown_by_default_and_is_no_hiding_place(town, entries):
    found = status(release(whole({**COUNTS, "B": 0}), territory=town, catalogue=entries))
    assert found["B"] == "zero"
    assert found["Z1"] == "suppressed_primary"  # A + 0, so it is A
    assert "suppressed_secondary" in found.values()


@pytest.mark.slow
def test_zero_is_withheld_where_zero_is_information(town):
    entries = {"theft": entry(disclosure="group")}
    found = status(release(whole({**COUNTS, "B": 0}), territory=town, catalogue=entries))
    assert found["B"] == "suppressed_primary"


@pytest.mark.slow
def test_an_indicator_s_own_rule_is_stricter_than_the_rule_asked(town):
    entries = {"theft": entry(disclosure="sensitive")}
    found = status(release(whole({**COUNTS, "A": 9}), territory=town, catalogue=entries))
    assert found["A"] == "suppressed_primary"


@pytest.mark.slow
def test_every_age_band_of_minors_has_the_sensitive_threshold(town):
    """Bands of the codelist that end before 18; counts of 5 to 9, and of two bands joined."""
    codes = load_codelist("age_bands")["code"]
    young = [c for c in codes if c == "minor" or ("-" in c and int(c.split("-")[1]) < 18)]
    assert len(young) >= 3
    for band in young:
        for column in ("victim_age_band", "suspect_age_band"):
            table = whole({"A": 7, "B": 40, "C": 30, "D": 25, "E": 60}).assign(**{column: band})
            released = release(table, territory=town, catalogue={"theft": entry()})
            assert status(released)["A"] == "suppressed_primary", (column, band)
            ends = audit(released).set_index("territory").loc["A"]
            assert (ends["low"], ends["high"] >= 20) == (1, True), (column, band)
    joined, grown = (("victim_age_band", c) for c in ("0-11|12-17", "12-17|18-24"))
    assert rule_of((joined,), get_rule("default")).threshold == 10
    assert rule_of((grown,), get_rule("default")).threshold == 5


@pytest.mark.slow
def test_sexual_violence_has_the_sensitive_threshold_in_any_table(town, entries):
    counts = {(c, f): n for c in "ABCDE" for f, n in (("physical", 40), ("sexual", 9))}
    table = whole(counts, indicator="vif")
    released = release(table, territory=town, catalogue=entries)
    assert status(released, form="sexual")["A"] == "suppressed_primary"
    assert audit(released)["safe"].all()


@pytest.mark.slow
def test_the_count_of_a_rate_and_of_a_day_is_one_cell(town):
    entries = {"theft": entry(), "theft_per_day": entry()}
    numerator = {"phenomena": ["theft"]}
    for e in entries.values():
        e.numerator = numerator
        e.source, e.place_rule, e.date_rule = "police", "p", "d"
        e.where, e.attempts, e.phenomena, e.exclude = {}, "included", ("theft",), ()
    tables = {
        "rates": whole(COUNTS),
        "daily": whole(COUNTS, indicator="theft_per_day", scale="per_day").assign(days=365),
    }
    released = release(tables, territory=town, catalogue=entries)
    assert status(released["rates"]) == status(released["daily"])
    assert released["daily"].select(territory="A").table["value"].isna().all()


def test_one_count_cannot_have_two_values(town, entries):
    tables = {"one": whole(COUNTS), "two": whole({**COUNTS, "C": 31})}
    with pytest.raises(DisclosureError, match="two tables give different counts"):
        release(tables, territory=town, catalogue=entries)


@pytest.mark.slow
def test_a_category_left_out_is_protected_too(town, entries):
    counts = {(c, f): n for c in "ABCDE" for f, n in (("physical", 40), ("economic", 30))}
    counts["A", "economic"] = 3
    table = whole(counts, indicator="vif")
    shown = table[table["form"] != "economic"]  # all - physical = 3 in A
    released = release(shown, territory=town, catalogue=entries)
    found = released.table.query("territory == 'A'")["status"].tolist()
    assert "suppressed_secondary" in found


@pytest.mark.slow
def test_a_place_left_out_is_protected_too(town, entries):
    table = whole(COUNTS).query("territory != 'A'")  # Z1 - B = 3
    found = status(release(table, territory=town, catalogue=entries))
    assert "suppressed_secondary" in (found["B"], found["Z1"])


@pytest.mark.slow
def test_the_complement_of_a_share_is_protected(town):
    entries = {"share": entry(kind="share")}
    parts, wholes = {**COUNTS, "A": 48, "B": 30}, {"A": 50, "B": 60, "C": 90, "D": 90, "E": 90}
    table = whole(parts, indicator="share", scale="share")
    table["denominator"] = whole(wholes)["numerator"].astype("Float64")
    table["value"] = table["numerator"] / table["denominator"]
    released = release(table, territory=town, catalogue=entries)
    row = released.select(territory="A").table.iloc[0]
    assert row["status"] == "suppressed_secondary"
    assert row[["numerator", "denominator", "value"]].isna().all()


@pytest.mark.slow
def test_a_change_beside_its_base_gives_nothing_away(town, entries):
    now, then = whole(COUNTS), whole({**COUNTS, "A": 20}, period="2021")
    trends = now[["indicator", "territory", "period", "numerator", "unit"]].assign(
        base=pd.PeriodIndex(["2021"] * len(now), freq="Y"),
        base_numerator=then["numerator"],
        change=(now["numerator"] / then["numerator"] - 1).astype("Float64"),
        low=0.0,
        high=0.0,
        verdict="stable",
        method="exact",
    )
    tables = {"levels": pd.concat([now, then]), "trends": trends}
    released = release(tables, territory=town, catalogue=entries)
    row = released["trends"].select(territory="A").table.iloc[0]
    assert row[["change", "numerator", "base_numerator"]].isna().all()
    assert pd.isna(row["verdict"])
    assert row["status"] == "suppressed_primary"
    assert status(released["levels"], period="2021")["A"] == "ok"
    assert audit(released)["safe"].all()


def test_a_change_without_its_counts_is_refused(town, entries):
    now = whole(COUNTS)
    trends = now[["indicator", "territory", "period", "low", "high"]].assign(
        base=pd.PeriodIndex(["2021"] * len(now), freq="Y"),
        change=0.1,
        verdict="stable",
        method="exact",
    )
    with pytest.raises(DisclosureError, match="change of counts that are in no table"):
        release(trends, territory=town, catalogue=entries)


@pytest.mark.slow
def test_months_and_their_year_are_one_system(town, entries):
    months = [
        whole({**COUNTS, "A": 3 if m == 5 else 20}, period=f"2022-{m:02d}") for m in range(1, 13)
    ]
    year = whole({c: 12 * n if c != "A" else 223 for c, n in COUNTS.items()})
    released = release(
        {"months": pd.concat(months), "year": year}, territory=town, catalogue=entries
    )
    found = status(released["months"].select(territory="A", period="2022-05"))
    assert found == {"A": "suppressed_primary"}
    also = released.table.query("territory == 'A' and status == 'suppressed_secondary'")
    assert len(also) >= 1  # another month of A, or its year
    assert audit(released)["safe"].all()


@pytest.mark.slow
def test_what_the_source_withheld_stays_withheld_and_is_not_determined(town, entries):
    table = whole({**COUNTS, "A": 30})
    row = table["territory"] == "A"
    table.loc[row, ["numerator", "value", "low", "high", "n"]] = pd.NA
    table.loc[row, "status"] = "suppressed_source"
    released = release(table, territory=town, catalogue=entries)
    found = status(released)
    assert found["A"] == "suppressed_source"
    assert "suppressed_secondary" in (found["B"], found["Z1"])
    assert audit(released)["safe"].all()


def test_unknown_is_not_withheld_and_not_counted(town, entries):
    table = whole({**COUNTS, "A": 30})
    row = table["territory"].isin(["A", "Z1", "R"])
    table.loc[row, ["numerator", "value", "low", "high", "n"]] = pd.NA
    table.loc[row, "status"] = "missing"
    released = release(table, territory=town, catalogue=entries)
    assert released.actions.empty
    assert status(released)["A"] == "missing"


def test_facts_of_no_known_commune_break_nothing(town, entries):
    table = whole({**COUNTS, "A": 30})
    table.loc[table["territory"] == "R", ["numerator", "n"]] += 3
    table["value"] = table["numerator"] / 10  # per 1,000 of 10,000 inhabitants
    assert release(table, territory=town, catalogue=entries).actions.empty


def test_a_survey_estimate_on_few_respondents_is_not_shown(town):
    entries = {"fear": entry(kind="survey", additive_over=(), unit="respondent")}
    table = dress(
        pd.DataFrame({"territory": ["A", "B", "C"], "numerator": [10, 20, 30]}),
        indicator="fear",
        period="2022",
        scale="share",
    ).assign(unit="respondent", n=[19, 20, 300])
    table["grade"] = ["C", "F", "A"]
    table["n"] = table["n"].astype("Int64")
    found = status(release(table, territory=town, catalogue=entries))
    assert found == {"A": "suppressed_primary", "B": "unreliable", "C": "ok"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.drop(columns="status"), "column 'status' is absent"),
        (lambda t: t.drop(columns="territory"), "column 'territory' is absent"),
        (lambda t: t.assign(territory="99999"), "not in the hierarchy|repeated"),
        (lambda t: t.assign(colour="red"), "neither of its schema nor a breakdown: colour"),
        (lambda t: t.assign(indicator="gossip"), "not in the catalogue: gossip"),
        (lambda t: t.assign(numerator=-t["numerator"]), "is negative"),
        (lambda t: t.assign(numerator=pd.array([pd.NA] * len(t), "Int64")), "no numerator"),
        (lambda t: t.assign(status="suppressed_primary"), "already protected"),
        (lambda t: pd.concat([t, t]), "repeated"),
    ],
)
def test_when_in_doubt_it_refuses(town, entries, change, message):
    with pytest.raises(DisclosureError, match=message):
        release(change(whole(COUNTS)), territory=town, catalogue=entries)


def test_unknown_rules_refuse(town, entries):
    with pytest.raises(DisclosureError, match="Unknown disclosure rule 'lax'"):
        release(whole(COUNTS), rule="lax", territory=town, catalogue=entries)
    with pytest.raises(DisclosureError, match="Unknown disclosure rule 'lax'"):
        release(whole(COUNTS), territory=town, catalogue={"theft": entry(disclosure="lax")})


def test_a_share_without_its_whole_is_refused(town):
    entries = {"share": entry(kind="share")}
    table = whole(COUNTS, indicator="share", scale="share")
    table["denominator"] = pd.array([pd.NA] * len(table), "Float64")
    with pytest.raises(DisclosureError, match="share without its whole"):
        release(table, territory=town, catalogue=entries)


def test_parts_that_exceed_their_total_are_refused(town, entries):
    table = whole(COUNTS)
    table.loc[table["territory"] == "Z1", "numerator"] = 20
    with pytest.raises(DisclosureError, match="parts exceed the total of"):
        release(table, territory=town, catalogue=entries)


def test_no_message_shows_a_count(town, entries):
    table = whole(COUNTS)
    table.loc[table["territory"] == "Z1", "numerator"] = 4217
    table.loc[table["territory"] == "R", "numerator"] = 17
    with pytest.raises(DisclosureError) as caught:
        release(table, territory=town, catalogue=entries)
    assert "17" not in str(caught.value)


@pytest.mark.slow
def test_what_two_tables_impose_on_a_small_count_is_not_asked_to_be_in_doubt(town):
    """A = 3, all physical, of at least one woman and one man: 2 or more, whatever is withheld.

    Asked to be 1 as well, no choice protected it, and the two tables were refused together.
    """
    women = {"A": 1, "B": 20, "C": 20, "D": 15, "E": 30}
    men = {"A": 2, "B": 20, "C": 10, "D": 10, "E": 30}
    by_sex = whole({(c, s): n for s, x in (("f", women), ("m", men)) for c, n in x.items()})
    by_sex = by_sex.rename(columns={"form": "victim_sex"})
    by_sex["victim_sex"] = by_sex["victim_sex"].replace({"f": "female", "m": "male"})
    by_form = whole({(c, "physical"): women[c] + men[c] for c in women})
    tables = {"forms": by_form, "sexes": by_sex}
    released = release(tables, territory=town, catalogue={"theft": entry()})
    found = audit(released)
    assert found["safe"].all()
    ends = found[(found["territory"] == "A") & (found["table"] == "forms")]
    assert ends["low"].tolist() == [2, 2]


def test_an_empty_table_is_released_empty(town, entries):
    table = whole(COUNTS)
    released = release(table.iloc[:0], territory=town, catalogue=entries)
    assert set(released.table) == set(table)
    assert released.table.empty
    assert released.actions.empty
    assert audit(released).empty
    found = propose_remedies(table.iloc[:0], territory=town, catalogue=entries)
    assert found["cells"].tolist() == [0]


@pytest.mark.parametrize(("count", "found"), [(0, "zero"), (1, "suppressed_primary"), (5, "ok")])
def test_one_row_is_judged_by_itself(town, entries, count, found):
    table = whole({**COUNTS, "A": count}).head(1)
    assert status(release(table, territory=town, catalogue=entries)) == {"A": found}
