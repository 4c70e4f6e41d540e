"""All cases of a prosecutor beside those of family violence: a part, not a contradiction."""

import pytest

import obs
from tests.report.small_tables import indicator_table


def cases(indicator, number):
    row = {"indicator": indicator, "territory": "04000", "level": "region", "period": 2021}
    made = indicator_table(
        [row | {"numerator": number, "denominator": None}], scale="count", unit="case"
    )
    return made.assign(source="prosecutor")


@pytest.mark.parametrize("all_cases", [290, 40])
def test_both_are_shown_where_what_is_left_is_large(all_cases):
    released = obs.release(
        {
            "n.all": cases("cases_entered", all_cases),
            "n.vif": cases("vif_cases", 34 if all_cases > 40 else 20),
        }
    )
    assert set(released.table["status"]) == {"ok"}


def test_a_few_other_cases_are_not_told_by_subtraction():
    """293 cases of which 290 of family violence: three others, who could be found."""
    released = obs.release({"n.all": cases("cases_entered", 293), "n.vif": cases("vif_cases", 290)})
    assert "suppressed_secondary" in set(released.table["status"])
    audited = obs.audit(released)
    assert audited["safe"].all()
