"""A number over eleven months of a year is not the count of that year."""

import json

from obs.disclosure.ledger.published_counts import counts_published

HEADER = "indicator,territory,period,base,point,numerator,unit\n"


def test_a_sum_over_the_months_known_in_both_years_is_no_count_of_the_year(tmp_path):
    path = tmp_path / "data" / "text.csv"
    path.parent.mkdir()
    path.write_text(
        HEADER
        + "helpline_calls,04000,2021,2019,same_months,27042,call\n"
        + "vif_total,04000,2024,2015,peak,4810,fact\n"
        + "vif_total,04000,2023,,,4700,fact\n"
    )
    key = {"indicator": "helpline_calls", "territory": "04000", "period": "2021", "base": "2019"}
    numbers = [
        {"key": key | {"point": "same_months"}, "numerator": 27042, "unit": "call"},
        {"key": key, "numerator": 29000, "unit": "call"},
    ]
    notes = {"notes": {"n": {"fr": {"numbers": numbers}}}}
    (tmp_path / "manifest.json").write_text(json.dumps(notes))
    assert [(c[0], c[2], c[-1]) for c in counts_published([path])] == [
        ("vif_total", "2024", "4810"),
        ("vif_total", "2023", "4700"),
        ("helpline_calls", "2021", "29000"),
    ]
