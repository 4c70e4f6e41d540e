"""Group disclosure: where all are in one category, everybody's answer is known."""

import numpy as np
import pandas as pd
import pytest

from obs.disclosure import audit, release
from tests.disclosure.small_town import dress, entry, make_town, status, whole

pytestmark = pytest.mark.slow

TOWN = make_town()
GROUP = {"vif": entry(disclosure="group")}


def forms(of):
    """Make a table by form; `of` maps commune to counts of (physical, sexual, economic)."""
    names = ("physical", "psychological", "economic")
    counts = {(c, f): n for c, row in of.items() for f, n in zip(names, row, strict=True)}
    return whole(counts, indicator="vif")


OTHERS = {c: (30, 40, 20) for c in "BCDE"}


def test_a_commune_with_all_in_one_form_does_not_say_which():
    table = forms({**OTHERS, "A": (60, 0, 0)})
    released = release(table, territory=TOWN, catalogue=GROUP)
    a = released.select(territory="A").table.set_index("form")["status"]
    assert a["psychological"] == a["economic"] == "suppressed_primary"
    assert "suppressed_secondary" in (a["physical"], a["all"])
    seen = audit(released)
    assert seen["safe"].all()
    zero = seen[(seen["territory"] == "A") & seen["breakdowns"].str.contains("economic")].iloc[0]
    assert zero["high"] >= 10
    # under the default rule zeros are shown, and so is the whole group
    plain = release(table, territory=TOWN, catalogue={"vif": entry()})
    assert plain.actions.empty


@pytest.mark.parametrize("left_out", ["economic", "psychological"])
def test_a_form_left_out_of_the_table_is_a_zero_all_the_same(left_out):
    table = forms({**OTHERS, "A": (60, 0, 0)})
    table = table[~((table["territory"] == "A") & (table["form"] == left_out))]
    released = release(table, territory=TOWN, catalogue=GROUP)
    a = released.select(territory="A").table.set_index("form")["status"]
    assert "suppressed_secondary" in (a["physical"], a["all"])
    assert audit(released)["safe"].all()


@pytest.mark.parametrize("part", [0, 60])
def test_a_share_of_none_or_of_all_is_withheld(part):
    entries = {"share": entry(kind="share", disclosure="group")}
    counts = {"A": part, "B": 30, "C": 30, "D": 25, "E": 20}
    table = whole(counts, indicator="share", scale="share")
    table["denominator"] = whole(dict.fromkeys(counts, 60))["numerator"].astype("Float64")
    table["value"] = table["numerator"] / table["denominator"]
    released = release(table, territory=TOWN, catalogue=entries)
    row = released.select(territory="A").table.iloc[0]
    assert row[["numerator", "denominator", "value"]].isna().all()
    assert audit(released)["safe"].all()


@pytest.mark.parametrize(("value", "shown"), [(0.0, False), (1.0, False), (0.5, True)])
def test_a_survey_in_which_all_answered_alike_is_withheld(value, shown):
    entries = {"fear": entry(kind="survey", unit="respondent", disclosure="group")}
    table = dress(
        pd.DataFrame({"territory": ["A"], "numerator": [40]}),
        indicator="fear",
        period="2022",
        scale="share",
    ).assign(unit="respondent", value=value)
    found = status(release(table, territory=TOWN, catalogue=entries))
    assert (found["A"] == "ok") == shown


def test_random_groups_are_never_worked_out():
    for seed in range(8):
        rng = np.random.default_rng(seed)
        drawn = {
            c: tuple(int(x) for x in rng.poisson(12, 3) * rng.integers(0, 2, 3)) for c in "ABCDE"
        }
        released = release(forms(drawn), territory=TOWN, catalogue=GROUP)
        assert audit(released)["safe"].all()
