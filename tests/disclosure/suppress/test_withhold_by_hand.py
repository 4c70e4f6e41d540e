"""What a withheld row keeps and loses, column by column, by hand."""

import numpy as np
import pandas as pd
import pytest

from obs.disclosure.cells.cell_list import Cells, Key
from obs.disclosure.multiple_comparisons import readjust_comparisons
from obs.disclosure.sensitive.rules import get_rule
from obs.disclosure.suppress.withhold import withhold

RULE = get_rule("default")
TYPES = {"numerator": "Int64", "n": "Int64", "days": "Int64", "value": "Float64",
         "denominator": "Float64", "grade": "str", "partial": "boolean"}  # fmt: skip


def row(place="A", status="ok", **given):
    made = {"indicator": "theft", "territory": place, "period": "2022", "numerator": 3, "n": 3}
    made |= {"denominator": 100.0, "value": 0.03, "days": 365, "partial": False, "status": status}
    return made | {"grade": "A", "reason": "few_events", "unit": "fact"} | given


def made(*rows, hidden="", reason="", source="", series="", whole=False, types=TYPES):
    """Withhold the rows of some places."""
    frame = pd.DataFrame(list(rows))
    frame = frame.astype({c: t for c, t in types.items() if c in frame})
    cells, keys = Cells(), []
    for place in frame["territory"]:
        key = Key("theft (fact)", place, "2022")
        cell = cells.find_or_add(key, 3, RULE)
        cell.reason = reason if place in hidden else ""
        cell.source, cell.series = place in source, place in series
        keys.append((key, *([key._replace(measure="whole")] if whole else [])))
        if whole:
            cells.find_or_add(keys[-1][1], 100, RULE)
    cells.rows["t"] = keys
    shown = {k: k.measure == "whole" or k.territory not in hidden for k in cells.of_key}
    return withhold("t", frame, cells=cells, shown=shown)


COUNTED = ["numerator", "n", "value"]


def test_a_withheld_row_keeps_what_is_public():
    table, actions = made(row(), row("B"), hidden="A")
    gone, kept = table.iloc[0], table.iloc[1]
    assert gone[[*COUNTED, "grade", "reason"]].isna().all()
    assert (gone["denominator"], gone["days"], gone["partial"]) == (100, 365, False)
    assert gone["status"] == "suppressed_secondary"
    assert kept.to_dict() == row("B")
    assert actions.to_dict("records") == [
        {
            "table": "t",
            "indicator": "theft",
            "territory": "A",
            "period": "2022",
            "breakdowns": "",
            "action": "suppressed_secondary",
            "rule": "default",
            "reason": "would give a withheld figure away by subtraction",
        }
    ]


def test_the_whole_of_a_share_is_a_count():
    assert pd.isna(made(row(), hidden="A", whole=True)[0]["denominator"]).tolist() == [True]
    assert made(row(), whole=True)[0]["denominator"].tolist() == [100]


@pytest.mark.parametrize("status", ["missing", "not_applicable"])
def test_a_row_without_a_value_keeps_its_status_and_no_figure(status):
    table, actions = made(row(status=status), row("B"), hidden="A")
    assert table["status"].tolist() == [status, "ok"]
    assert table.loc[0, COUNTED].isna().all()
    assert table.loc[0, "denominator"] == 100
    assert (table.loc[0, "grade"], table.loc[0, "reason"]) == ("A", "few_events")
    assert actions.empty


@pytest.mark.parametrize(
    ("given", "status", "reason"),
    [
        ({"reason": "count below 5"}, "suppressed_primary", "count below 5"),
        ({"reason": "unreliable"}, "unreliable", "unreliable"),
        ({"reason": "so", "source": "A"}, "suppressed_source", "withheld by the source"),
        ({"source": "A"}, "suppressed_source", "withheld by the source"),
        ({"series": "A"}, "suppressed_secondary", "its series does not hold for as many"),
        ({"reason": "so", "series": "A"}, "suppressed_primary", "so"),
        ({}, "suppressed_secondary", "would give a withheld figure away"),
    ],
)
def test_why_a_row_is_withheld(given, status, reason):
    table, actions = made(row(), hidden="A", **given)
    assert table["status"].tolist() == [status]
    assert actions["reason"].str.startswith(reason).tolist() == [True]
    assert pd.isna(table["grade"]).tolist() == [status != "unreliable"]  # its grade says why


TRENDS = {"change": "Float64", "p_value": "Float64", "p_unadjusted": "Float64",
          "confidence": "Float64", "days": "Int64"}  # fmt: skip


def change(place, p, verdict, *, by=0.2, method="test, holm", **given):
    made = {"indicator": "theft", "territory": place, "period": "2022", "base": "2021", "days": 365}
    made |= {"change": by, "p_unadjusted": p, "p_value": p and 3 * p, "verdict": verdict}
    return made | {"confidence": 0.95, "method": method, "denominator": 9.0} | given


def test_a_row_of_changes_has_a_status_of_its_own_and_loses_its_verdict():
    rows = change("A", 0.01, "up"), change("B", 0.02, "up"), change("C", None, None, by=None)
    plain, _ = made(*rows, hidden="A", types=TRENDS)
    assert plain["status"].tolist() == ["suppressed_secondary", "ok", "missing"]
    assert plain.loc[0, ["change", "p_value", "verdict", "method"]].isna().all()
    assert plain.loc[0, ["days", "denominator"]].tolist() == [365, 9]  # public
    assert plain.loc[1, "verdict"] == "up"
    assert plain.loc[2, ["change", "p_value", "verdict"]].isna().all()
    assert plain.loc[2, "method"] == "test, holm"


@pytest.mark.parametrize(
    ("status", "verdict", "kept"),
    [
        ("not_applicable", "not comparable", True),
        ("not_applicable", "up", False),
        ("missing", "not comparable", False),
        ("ok", "up", True),
    ],
)
def test_that_two_things_are_not_alike_is_no_secret(status, verdict, kept):
    table, _ = made(change("B", 0.02, verdict, status=status), types=TRENDS)
    assert (table["verdict"].tolist() == [verdict]) == kept
    hidden, _ = made(change("A", 0.02, verdict), hidden="A", types=TRENDS)
    assert hidden["verdict"].isna().all()


# --- several comparisons -----------------------------------------------------------------


def adjusted(*rows, hidden="A"):
    frame = pd.DataFrame(list(rows)).astype({c: t for c, t in TRENDS.items() if c in rows[0]})
    return readjust_comparisons(frame, frame["territory"].isin([*hidden]).to_numpy())


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("test, holm", [0.04, 0.04]),  # 2 x 0.02, and no less for the larger
        ("test, bh", [0.039, 0.039]),  # 0.039 x 2 / 2, and no more for the smaller
    ],
)
def test_values_are_adjusted_again_over_the_rows_that_stay(method, expected):
    """With A they would be three: 0.03, 0.04 and 0.04, which tells that A is the least."""
    rows = [change(p, v, "up", method=method) for p, v in (("A", 0.01), ("B", 0.02), ("C", 0.039))]
    assert adjusted(*rows)["p_value"].tolist()[1:] == pytest.approx(expected)
    for other in (rows, [r | {"method": "test"} for r in rows]):
        hidden = "" if other is rows else "A"
        assert adjusted(*other, hidden=hidden)["p_value"].tolist() == pytest.approx(
            [0.03, 0.06, 0.117]
        )


@pytest.mark.parametrize("column", ["indicator", "period", "base", "level", "form"])
def test_families_are_of_one_kind_of_row(column):
    rows = [change("A", 0.01, "up"), change("B", 0.02, "up")]
    rows = [r | {column: f"{i}"} for i, r in enumerate(rows)]
    assert adjusted(*rows)["p_value"].tolist()[1] == pytest.approx(0.06)


@pytest.mark.parametrize(
    ("p", "before", "by", "after"),
    [
        (0.02, "stable", 0.2, "up"),  # 0.04 of two
        (0.02, "stable", -0.2, "down"),
        (0.02, "stable", 0.0, "down"),
        (0.03, "up", 0.2, "stable"),  # 0.06
        (0.03, "down", -0.2, "stable"),
        (0.02, "up", 0.2, "up"),
        (0.03, "stable", 0.2, "stable"),
        (0.03, "too few", 0.2, "too few"),
        (0.02, "too few", 0.2, "too few"),
    ],
)
def test_verdicts_are_those_of_the_values_that_stay(p, before, by, after):
    rows = change("A", 0.01, "up"), change("B", p, before, by=by), change("C", 0.9, "stable")
    assert adjusted(*rows)["verdict"].tolist()[1:] == [after, "stable"]


def test_points_give_the_sign_where_there_is_no_change():
    rows = change("A", 0.01, "up"), change("B", 0.02, "stable", by=None, points=-1.0)
    rows = [r | {"points": r.get("points", 1.0)} for r in rows]
    assert adjusted(*rows)["verdict"].tolist()[1] == "down"


@pytest.mark.parametrize("column", ["p_unadjusted", "confidence"])
def test_values_that_cannot_be_made_again_go(column):
    rows = [change(p, 0.02, "up") for p in "AB"]
    table = adjusted(*({k: v for k, v in r.items() if k != column} for r in rows))
    assert table.loc[1, ["p_value", "verdict"]].isna().all()
    assert np.array_equal(table["change"], [0.2, 0.2])
