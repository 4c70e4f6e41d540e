"""What a build says of rows and figures beyond the tolerance of its observatory."""

from types import SimpleNamespace

import pandas as pd
import pytest

from obs.pipeline.accounts import warn

ROWS_DROPPED = ("totals_row", "footer", "not_interviewed", "withdrawn")
REPORT = pd.DataFrame({"read": [40, 60]})
OBSERVATORY = SimpleNamespace(rejected_share=0.01, withheld_share=0.5)
RELEASED = SimpleNamespace(table=pd.DataFrame({"status": ["ok", "suppressed_primary"]}))


def warned(*rules):
    rejected = pd.DataFrame({"rule": pd.Series(rules, dtype="str")})
    return warn(OBSERVATORY, REPORT, rejected, RELEASED)


def test_rows_dropped_on_purpose_are_no_rejected_rows():
    assert warned(*ROWS_DROPPED * 5) == ()


@pytest.mark.parametrize("rule", ["future_date", "unknown_code"])
def test_faulty_rows_beyond_the_tolerance_are_counted_alone(rule):
    """One of a hundred rows is within 1 %, two are beyond."""
    assert warned(rule, *ROWS_DROPPED) == ()
    assert warned(rule, rule, *ROWS_DROPPED) == (
        "2 of 100 rows were rejected (2.0%; tolerance 1.0%): see rejected.csv",
    )
