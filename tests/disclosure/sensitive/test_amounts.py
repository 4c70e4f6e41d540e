"""Sums of amounts (losses of businesses): judged by who makes them up, in one system."""

import numpy as np
import pandas as pd
import pytest

from obs.disclosure import Ledger, audit, release
from obs.disclosure.sensitive.dominance import Contributions, judge_contributions, protection_level
from obs.disclosure.sensitive.rules import Rule, get_rule
from obs.errors import DisclosureError
from obs.indicators.survey import SurveyDesign, add_contributors, make_indicators
from tests.disclosure.small_town import BASE, dress, entry, make_town, status, whole
from tests.draws import draws

LOSSES = {  # commune: the losses of its businesses, in euros
    "A": [90_000, 4_000, 3_000, 3_000],  # one makes 90 %
    "B": [50_000, 40_000, 30_000],
    "C": [20_000, 20_000, 20_000, 20_000],
    "D": [70_000, 60_000, 50_000, 40_000],
    "E": [30_000, 25_000, 20_000, 15_000],
}
MEMBERS = {"Z1": "AB", "Z2": "CDE", "R": "ABCDE"}


@pytest.fixture(scope="module")
def town():
    return make_town()


@pytest.fixture
def entries():
    return {"loss": entry(kind="amount", unit="euro", disclosure="business")}


def losses(of=LOSSES, scale="count"):
    """Make the whole table of losses, with who makes up each sum."""
    groups = {t: sum((of[c] for c in m), []) for t, m in MEMBERS.items()} | of
    table = pd.DataFrame({"territory": list(groups)})
    table["numerator"] = [sum(v) for v in groups.values()]
    made = dress(table, indicator="loss", period="2022", scale=scale).assign(unit="euro")
    top = [sorted(v, reverse=True) + [0, 0] for v in groups.values()]
    total = [max(sum(v), 1) for v in groups.values()]
    return made.assign(
        contributors=pd.array([sum(x > 0 for x in v) for v in groups.values()], dtype="Int64"),
        largest_share=[t[0] / s for t, s in zip(top, total, strict=True)],
        second_share=[t[1] / s for t, s in zip(top, total, strict=True)],
    )


@pytest.mark.slow
def test_a_dominated_sum_is_withheld_with_another(town, entries):
    released = release(losses(), territory=town, catalogue=entries)
    found = status(released)
    assert found["A"] == "suppressed_primary"
    assert "suppressed_secondary" in (found["B"], found["Z1"])
    assert found["D"] == "ok"


@pytest.mark.slow
def test_the_attacker_finds_the_sum_could_be_a_tenth_more_or_less(town, entries):
    """A = 100 000, of which 90 000 of one: 90 000 / 0.85 = 105 882; the margin asks 110 000."""
    seen = audit(release(losses(), territory=town, catalogue=entries))
    assert seen["safe"].all()
    a = seen.set_index("territory").loc["A"]
    assert a["low"] <= 90_000
    assert a["high"] >= 110_000


@pytest.mark.slow
def test_millions_of_euros_are_protected_alike(town, entries):
    """Figures of nine and ten digits: the same cells, in the same proportions."""
    many = {c: [x * 12_345 for x in v] for c, v in LOSSES.items()}
    few, large = (release(losses(of), territory=town, catalogue=entries) for of in (LOSSES, many))
    assert status(few) == status(large)
    seen = audit(large).set_index("territory").loc["A"]
    assert seen["safe"]
    assert seen["low"] <= 0.9 * 100_000 * 12_345
    assert seen["high"] >= 1.1 * 100_000 * 12_345


@pytest.mark.slow
@pytest.mark.parametrize(
    ("amounts", "withheld"),
    [
        ([50_000, 50_000], True),  # two contributors
        ([50_000, 40_000, 30_000], False),
        ([85_000, 7_500, 7_500], True),  # 85 % is not above 85 %, but 7 500 is below 8 500
        ([84_000, 8_000, 8_000], True),  # the rest, 8 000, is under 10 % of 84 000
        ([84_000, 7_000, 9_000], True),
        ([80_000, 10_000, 10_000], False),  # 10 000 is over 8 000
        ([0, 0], False),  # nobody lost anything
    ],
)
def test_each_rule_on_both_sides_of_its_threshold(town, entries, amounts, withheld):
    found = status(release(losses(LOSSES | {"A": amounts}), territory=town, catalogue=entries))
    assert (found["A"] == "suppressed_primary") == withheld


@pytest.mark.slow
def test_who_contributes_how_much_goes_no_further(town, entries):
    released = release(losses(), territory=town, catalogue=entries)
    assert not {"contributors", "largest_share", "second_share"} & set(released.table)


@pytest.mark.parametrize("absent", ["contributors", "largest_share", "second_share"])
def test_losses_without_their_contributors_are_refused(town, entries, absent):
    with pytest.raises(DisclosureError, match="contributors, largest_share and second_share"):
        release(losses().drop(columns=absent), territory=town, catalogue=entries)


@pytest.mark.parametrize(
    "given",
    [
        {"kind": "amount", "unit": "business", "disclosure": "business"},
        {"kind": "rate", "unit": "euro", "disclosure": "default"},
        {"kind": "count", "unit": "fact", "disclosure": "business"},
        {"kind": "survey", "unit": "business", "disclosure": "business"},
    ],
)
def test_whatever_calls_it_an_amount_the_contributors_are_needed(town, given):
    table = losses().drop(columns=["contributors", "largest_share", "second_share"])
    with pytest.raises(DisclosureError, match="without its contributors"):
        release(
            table.assign(unit=given["unit"]), territory=town, catalogue={"loss": entry(**given)}
        )


def test_some_rows_without_contributors_are_refused(town, entries):
    table = losses()
    table.loc[2, "contributors"] = pd.NA
    with pytest.raises(DisclosureError, match="row 2 is a sum or mean of amounts"):
        release(table, territory=town, catalogue=entries)


@pytest.mark.parametrize(
    ("column", "value"), [("largest_share", 1.2), ("second_share", 0.95), ("largest_share", 0.01)]
)
def test_shares_that_cannot_be_are_refused(town, entries, column, value):
    table = losses()
    table.loc[3, column] = value
    with pytest.raises(DisclosureError, match="contributions that cannot be"):
        release(table, territory=town, catalogue=entries)


@pytest.mark.slow
def test_a_remainder_of_amounts_is_of_unknown_contributors(town, entries):
    """A left out: the zone less B is A, and nothing tells who makes it up."""
    table = losses().query("territory != 'A'")
    found = status(release(table, territory=town, catalogue=entries))
    assert "suppressed_secondary" in (found["B"], found["Z1"])


def test_a_mean_of_few_or_one_is_withheld_and_a_sound_one_shown(town):
    entries = {"loss": entry(kind="survey", unit="business", disclosure="business")}
    table = losses(scale="mean").assign(
        unit="business", numerator=pd.array([pd.NA] * 8, "Int64"), grade="A", n=40
    )
    found = status(release(table.astype({"n": "Int64"}), territory=town, catalogue=entries))
    assert found["A"] == "suppressed_primary"
    assert found["D"] == "ok"


def test_a_weighted_base_does_not_stand_in_for_respondents(town):
    """500 weighted respondents may be three interviews."""
    entries = {"fear": entry(kind="survey", unit="respondent")}
    table = dress(
        pd.DataFrame({"territory": ["A"], "numerator": [100]}), indicator="fear", period="2022"
    ).assign(unit="respondent", denominator=500.0, n=pd.array([pd.NA], "Int64"))
    found = status(release(table, territory=town, catalogue=entries))
    assert found == {"A": "suppressed_primary"}


def test_counts_keep_the_rule_of_counts_under_the_same_name(town):
    """Facts have no contributors: asked for the rule "business", their threshold is 3."""
    released = release(
        whole({"A": 2, "B": 40, "C": 30, "D": 25, "E": 60}),
        rule="business",
        territory=town,
        catalogue={"theft": entry()},
    )
    assert status(released)["A"] == "suppressed_primary"
    assert audit(released)["safe"].all()


@pytest.mark.parametrize(
    ("amounts", "rule", "doubt"),
    [
        ((900, 40), Rule("nk", dominance=(1, 0.85)), 900 / 0.85 - 1000),
        ((600, 350), Rule("nk", dominance=(2, 0.9)), 950 / 0.9 - 1000),
        ((700, 250), Rule("p", p_percent=0.10), 0.10 * 700 - 50),
        ((600, 400), Rule("few", min_contributors=3, margin=0.2), 200),
        ((900, 40), get_rule("business"), 100),  # the margin asks most
    ],
)
def test_upper_protection_levels_by_hand(amounts, rule, doubt):
    given = Contributions(1000.0, 4, tuple(map(float, amounts)))
    assert protection_level(given, rule=rule) == pytest.approx(doubt)


def test_a_rule_of_three_largest_cannot_be_judged_from_two():
    given = Contributions(100.0, 5, (40.0, 30.0))
    with pytest.raises(DisclosureError, match="n = 3 needs the 3 largest"):
        judge_contributions(given, rule=Rule("nk", dominance=(3, 0.8)))


@pytest.mark.slow
def test_an_insider_commune_learns_no_other_sum(town, entries):
    table = losses()
    released = release(table, territory=town, catalogue=entries)
    for insider in "BCDE":
        seen = audit(released, known=table[table["territory"] == insider])
        a = seen[seen["territory"] == "A"].iloc[0]
        assert pd.isna(a["high"]) or a["high"] > a["low"]


@pytest.mark.slow
@pytest.mark.parametrize("seed", draws(3, 12, 100))
def test_random_losses_are_never_worked_out(town, entries, seed):
    rng = np.random.default_rng(seed)
    drawn = {
        c: np.ceil(rng.lognormal(8, 1.5, int(rng.integers(1, 9)))).astype(int).tolist()
        for c in LOSSES
    }
    seen = audit(release(losses(drawn), territory=town, catalogue=entries))
    assert seen["safe"].all()


@pytest.mark.slow
def test_an_amount_is_judged_by_contributors_whatever_rule_its_indicator_names(town):
    entries = {"loss": entry(kind="amount", unit="euro", disclosure="default")}
    released = release(losses(), territory=town, catalogue=entries)
    assert status(released)["A"] == "suppressed_primary"
    assert audit(released)["safe"].all()
    with pytest.raises(DisclosureError, match="does not look at contributors"):
        release(losses(), territory=town, catalogue={"loss": entry(unit="fact")})


@pytest.mark.slow
def test_a_change_of_losses_goes_with_its_losses(town, entries):
    now, then = losses(), losses().assign(period=pd.PeriodIndex(["2021"] * 8, freq="Y"))
    trends = now[["indicator", "territory", "period", "numerator", "unit"]].assign(
        base=then["period"],
        base_numerator=then["numerator"],
        change=0.0,
        low=-0.1,
        high=0.1,
        verdict="stable",
        method="exact",
    )
    tables = {"levels": pd.concat([now, then]), "trends": trends}
    released = release(tables, territory=town, catalogue=entries)
    row = released["trends"].select(territory="A").table.iloc[0]
    assert row[["numerator", "base_numerator", "change", "verdict"]].isna().all()
    assert audit(released)["safe"].all()
    with pytest.raises(DisclosureError, match="change of counts that are in no table"):
        release(trends, territory=town, catalogue=entries)


@pytest.mark.slow
def test_losses_published_before_are_known_and_still_protect_each_other(town, entries, tmp_path):
    """Last year's edition showed B and the zones; A, withheld then, stays in doubt now."""
    ledger = Ledger(tmp_path / "ledger.csv")
    first = release(losses(), territory=town, catalogue=entries)
    ledger.append(first, edition="2022")
    again = release(losses(), territory=town, catalogue=entries, ledger=ledger)
    assert status(again)["A"] == "suppressed_primary"
    seen = audit(again, known=ledger.entries).set_index("territory")
    assert seen.loc["A", "safe"]


def test_a_survey_s_losses_from_interviews_to_release(town):
    """Three sectors and their total, then the same with a sector that one business makes."""
    loss = {"food": [400, 300, 300, 200, 100], "trade": [900, 800, 700, 600, 500]}
    loss |= {"care": [500, 400, 300, 300, 200]}
    shops = pd.DataFrame(
        {
            "w": 4.0,
            "sector": [s for s, v in loss.items() for _ in v * 5],
            "loss": [float(x) for v in loss.values() for x in v * 5],
        }
    )
    design = SurveyDesign(shops, weight="w")
    parts = add_contributors(design.total("loss", by="sector"), design, by="sector")
    total = add_contributors(design.total("loss"), design).assign(sector="all")
    table = make_indicators(
        pd.concat([parts, total], ignore_index=True),
        names={"loss": "loss"},
        period=pd.Period("2021"),
        unit="euro",
        territory="R",
        level="region",
        scale="count",
        breakdowns=["sector"],
    )
    entries = {"loss": entry(kind="amount", unit="euro", disclosure="business")}
    released = release(table, territory=town, catalogue=entries)
    found = released.table.set_index("sector")
    assert not {"contributors", "largest_share", "second_share"} & set(found)
    # each amount stands five times with a weight of 4: nobody makes more than a twentieth
    assert (found["status"] == "ok").all()
    one = table.assign(
        largest_share=table["largest_share"].mask(table["sector"] == "trade", 0.9),
        second_share=table["second_share"].mask(table["sector"] == "trade", 0.05),
    )
    found = release(one, territory=town, catalogue=entries).table.set_index("sector")["status"]
    assert found["trade"] == "suppressed_primary"
    assert "suppressed_secondary" in (found["food"], found["care"], found["all"])


def sectors(of, place="R"):
    """Make the losses of one place by sector, with their total."""
    groups = of | {"all": sum(of.values(), [])}
    table = pd.DataFrame({"territory": place, "sector": list(groups)})
    table["numerator"] = [sum(v) for v in groups.values()]
    made = dress(table, indicator="loss", period="2022", scale="count").assign(unit="euro")
    top = [sorted(v, reverse=True) + [0, 0] for v in groups.values()]
    return made.assign(
        contributors=pd.array([len(v) for v in groups.values()], dtype="Int64"),
        largest_share=[t[0] / sum(t) for t in top],
        second_share=[t[1] / sum(t) for t in top],
    )


def test_two_businesses_alone_in_their_sectors_do_not_learn_each_other_s_loss(town, entries):
    """1,000 and 900 could hide each other from readers, not from the two of them."""
    sound = [500, 400, 300, 300]
    table = sectors({"a": [1000], "b": [900], "c": sound, "d": sound, "e": sound})
    released = release(table, territory=town, catalogue=entries)
    assert audit(released)["safe"].all()
    for own, other in (("a", "b"), ("b", "a")):
        seen = audit(released, known=table[table["sector"] == own]).set_index("breakdowns")
        found = seen.loc[f"sector={other}"]
        assert pd.isna(found["high"]) or found["high"] > found["low"]


@pytest.mark.slow
def test_one_business_is_one_insider_in_every_total_that_it_makes(town, entries):
    """Alone in sector a of A, of zone 1 and of the Region: to know one cell is to know three."""
    by_place = {
        "A": {"a": [1000], "b": [600, 500, 400, 400]},
        "B": {"b": [700, 600, 500, 300]},
        "C": {"c": [900], "b": [800, 700, 600, 500]},
        "D": {"b": [500, 450, 400, 350]},
        "E": {"b": [450, 400, 350, 300]},
    }
    frames = []
    for place, members in {**{c: c for c in BASE}, **MEMBERS}.items():
        of = {s: sum((by_place[c].get(s, []) for c in members), []) for s in "abc"}
        frames.append(sectors({s: v for s, v in of.items() if v}, place))
    table = pd.concat(frames, ignore_index=True)
    released = release(table, territory=town, catalogue=entries)
    assert audit(released)["safe"].all()
    for own, other in (("a", "c"), ("c", "a")):
        mine = table[(table["sector"] == own) & (table["contributors"] == 1)]
        seen = audit(released, known=mine)
        others = seen[seen["breakdowns"] == f"sector={other}"]
        others = others[others["status"] == "suppressed_primary"]
        assert len(others) >= 1
        assert (others["high"].isna() | (others["high"] > others["low"])).all()
