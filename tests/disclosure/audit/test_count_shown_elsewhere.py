"""A row may withhold what it is divided by, while its count stands in another table."""

import pandas as pd

import obs
from tests.report.small_tables import indicator_table

PLACE = {"territory": "04000", "level": "region", "period": 2021}
PARTS = {"assault": 19, "harassment": 6, "threats": 5, "damage": 1, "family_dispute": 1, "rape": 1}


def rows(indicator, column, counts, wholes, scale):
    given = [
        PLACE | {"indicator": indicator, column: code, "numerator": number, "denominator": whole}
        for (code, number), whole in zip(counts.items(), wholes, strict=True)
    ]
    return indicator_table(given, scale=scale, unit="case").assign(source="prosecutor")


def released():
    """Charges within family violence, family violence within charges; the 33 cases are withheld."""
    by_filing = {
        "all": 33, "from_report": 25, "other_report": 5, "no_number": 1, "unknown_report": 2
    }  # fmt: skip
    return obs.release(
        {
            "n.charges": rows("vif_charge_share", "phenomenon", PARTS, [33] * 6, "share"),
            "n.context": rows(
                "vif_context_share", "phenomenon", PARTS, [44, 16, 22, 9, 9, 4], "share"
            ),
            "n.origins": rows("vif_cases", "filing", by_filing, [None] * 5, "count"),
        }
    )


def test_a_count_that_another_table_shows_is_no_secret_of_the_row_that_withholds_its_share():
    made = released()
    shown = made["n.context"].table.set_index("phenomenon")["numerator"]
    assert shown[["assault", "harassment", "threats"]].tolist() == [19, 6, 5]
    withheld = made["n.charges"].table
    assert withheld[["numerator", "value"]].isna().all(axis=None)
    audited = obs.audit(made)
    assert audited["safe"].all()
    assert len(audited) == 9


def test_a_count_withheld_besides_that_no_table_shows_is_unsafe_once_it_is_known():
    heard = pd.DataFrame(
        [{"indicator": "vif_cases", "territory": "04000", "period": "2021", "numerator": 33}]
    )
    audited = obs.audit(released(), known=heard)
    found = audited.set_index("breakdowns")["safe"]
    assert not found["filing=all"]
    assert found["phenomenon=assault"]
