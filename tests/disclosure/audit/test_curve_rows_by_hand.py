"""What a reader can know of states of a cohort that are withheld, from a few horizons by hand."""

from types import SimpleNamespace

import pandas as pd
import pytest

from obs.disclosure.audit.curve_rows import curve_verdicts

RULE = {"threshold": 5, "cover": 10}


class Shown(dict):
    """Tables as a release shows them."""

    @property
    def names(self):
        return tuple(self)


def judged(states, *, size=200, censored=(0, 0, 0), open_=None, place="A", also=(), absent=()):
    """Judge one cohort: state to its cases ended at 90, 180 and 365 days, None where withheld."""
    days = (90, 180, 365)
    told = {s: c for s, (c, _) in states.items()}
    truth = {s: t for s, (_, t) in states.items()}
    rows = []
    for i, day in enumerate(days):
        left = size - censored[i] - sum(t[i] for t in truth.values())
        if open_ is not None and not open_[i]:
            left = None
        usual = {"indicator": "cases", "territory": place, "period": "2021", "within": str(day),
                 "denominator": size, "censored": censored[i]}  # fmt: skip
        rows.append(usual | {"decision": "open", "numerator": left, "status": "ok"})
        for state, counts in told.items():
            if (state, day) in absent:
                continue
            status = "suppressed_primary" if counts[i] is None else "ok"
            rows.append(usual | {"decision": state, "numerator": counts[i], "status": status})
    frame = pd.DataFrame([*rows, *also], dtype=object)
    shown = Shown(
        t=SimpleNamespace(table=frame), u=SimpleNamespace(table=frame.drop(columns="within"))
    )
    shown.structure = {"indicators": {"cases": RULE}}
    return curve_verdicts(shown)


def found(states, **options):
    return [
        (v["breakdowns"].removeprefix("decision="), v["low"], v["high"], v["safe"])
        for v in judged(states, **options)
    ]


def told(*counts):
    return counts, counts


def gone(*counts):
    return (None,) * len(counts), counts


def test_nothing_withheld_and_no_small_step_has_no_row():
    assert found({"x": told(5, 10, 10), "y": told(20, 25, 40)}) == []


def test_a_state_alone_is_what_the_others_leave():
    """200 less the open and the others: 2, 9 and 30 have ended so."""
    assert found({"x": gone(2, 9, 30), "y": told(20, 30, 40)}, censored=(0, 3, 9)) == [
        ("x within=90", 2, 2, False),
        ("x within=180", 7, 7, False),
        ("x within=365", 21, 21, False),
    ]


def test_a_step_of_none_for_sure_gives_nobody_away():
    assert found({"x": gone(12, 12, 30)})[1] == ("x within=180", 0, 0, True)


def test_two_states_share_what_the_others_leave_and_ten_must_be_possible():
    rows = found({"x": gone(2, 9, 30), "z": gone(8, 10, 12), "y": told(20, 30, 40)})
    assert rows == [
        ("x within=90", 0, 10, True),
        ("z within=90", 0, 10, True),
        ("x within=180", 0, 9, False),
        ("z within=180", 0, 9, False),
        ("x within=365", 0, 23, True),
        ("z within=365", 0, 23, True),
    ]


@pytest.mark.parametrize(("step", "unsafe"), [(0, False), (1, True), (4, True), (5, False)])
def test_a_small_step_that_is_shown_is_not_safe(step, unsafe):
    rows = found({"x": told(20, 20 + step, 40)})
    assert rows == ([("x within=180", step, step, False)] if unsafe else [])


def test_a_horizon_at_which_nothing_is_shown_tells_nothing():
    """The step is from 90 to 365 days."""
    rows = found({"x": gone(2, 9, 30)}, open_=(True, False, True))
    assert rows == [("x within=90", 2, 2, False), ("x within=365", 28, 28, False)]
    assert found({"x": gone(2, 9, 30)}, open_=(False, False, False)) == []


def test_a_state_without_a_row_at_a_horizon_has_no_verdict_there():
    """Once a row that a table does not have ended the audit without a word."""
    absent = [("x", 180)]
    rows = found({"x": gone(2, 9, 30)}, absent=absent)
    assert [(name, high) for name, _, high, _ in rows] == [("x within=90", 2), ("x within=365", 21)]
    assert found({"x": told(20, 20, 40)}, absent=absent) == []


def test_cohorts_are_judged_apart_and_named():
    other = judged({"x": gone(2, 9, 30)}, place="B")
    (first, *_) = other
    assert first == {
        "table": "t",
        "indicator": "cases",
        "territory": "B",
        "period": "2021",
        "breakdowns": "decision=x within=90",
        "status": "suppressed_primary",
        "low": 2,
        "high": 2,
        "safe": False,
        "guessed": False,
    }
    usual = {"indicator": "cases", "period": "2021", "within": "90", "denominator": 50,
             "censored": 0, "status": "ok"}  # fmt: skip
    also = [usual | {"territory": p, "decision": "open", "numerator": 50} for p in "CD"]
    assert judged({"x": gone(2, 9, 30)}, place="B", also=also) == other
