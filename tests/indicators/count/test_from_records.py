"""Records of every source leave through release, and are left as they are."""

import pandas as pd
import pytest

import obs
from obs.indicators import compute
from tests.indicators.count.cases.test_from_cases import cases
from tests.indicators.count.test_from_calls import whole_month
from tests.indicators.count.test_from_services import load_communes, services


@pytest.mark.slow
def test_records_leave_through_release_and_small_counts_stay():
    rows = [
        (t, "2022", "mediation_files", 10, "file", "all", "ok", "exact") for t in load_communes()
    ]
    rows[3] = (*rows[3][:3], 2, *rows[3][4:])
    tables = {
        "files": compute("mediation_files", {"services": services(rows)}),
        "calls": compute("helpline_calls", {"helpline": whole_month()}, period="month"),
        "entered": compute("cases_entered", {"prosecutor": cases()}, breakdown=["context"]),
    }
    released = obs.release(tables)
    files = released["files"].table.set_index("territory")
    assert files.loc[rows[3][0], "status"] == "suppressed_primary"
    assert released["calls"].table["numerator"].tolist() == [155]
    entered = released["entered"].table
    shown = entered[entered["status"].isin(["ok", "zero"])]["numerator"]
    assert not shown.between(1, 4).any()


def test_input_is_left_alone():
    table, before = cases(), cases()
    compute("cases_pending", {"prosecutor": table})
    pd.testing.assert_frame_equal(table, before)
    days, kept = whole_month(), whole_month()
    compute("helpline_calls", {"helpline": days})
    pd.testing.assert_frame_equal(days, kept)
