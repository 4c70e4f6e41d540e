"""Facts that stay are looked over once for many indicators, and the answers are the same."""

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

import obs
from obs.errors import SchemaError
from obs.indicators.compute import open_once
from obs.indicators.count import facts_looked_over
from obs.indicators.count.facts_looked_over import facts_that_stay

DAYS = ("2022-01-01", "2022-12-31")
KINDS = ("bicycle_theft", "shoplifting")


def facts(ids="abcd"):
    return pd.DataFrame(
        {
            "event_id": list(ids),
            "event_date": pd.to_datetime(["2022-01-01", "2022-06-30", "2022-06-30", "2022-12-31"]),
            "territory": ["21004", "21004", "21001", "21007"],
            "phenomenon": ["bicycle_theft", "shoplifting", "bicycle_theft", "bicycle_theft"],
            "source": "police",
            "synthetic": True,
        }
    )


@pytest.fixture
def looked(monkeypatch):
    """How often facts were looked over."""
    calls, own = [], facts_looked_over.follow_facts
    monkeypatch.setattr(
        facts_looked_over, "follow_facts", lambda *given: calls.append(given) or own(*given)
    )
    return calls


def test_the_answers_are_those_of_each_indicator_by_itself(looked):
    alone = [obs.compute(one, {"police": facts()}, coverage=DAYS) for one in KINDS]
    assert [int(t["numerator"].max()) for t in alone] == [3, 1]
    looked.clear()
    place = obs.load_territory("brussels")
    with facts_that_stay():
        opened = {"police": open_once(facts())}
        together = [obs.compute(one, opened, coverage=DAYS, territory=place) for one in KINDS]
    assert len(looked) == 1
    for one, other in zip(together, alone, strict=True):
        assert_frame_equal(one, other)


def test_other_facts_other_days_or_another_time_are_looked_over_anew(looked):
    place = obs.load_territory("brussels")
    others = ("2022-01-01", "2022-06-30")
    with facts_that_stay():
        opened = {"police": open_once(facts())}
        known = {"coverage": DAYS, "territory": place}
        obs.compute("bicycle_theft", opened, **known)
        half = obs.compute("bicycle_theft", opened, coverage=others, territory=place)
        assert len(looked) == 2
        fewer = obs.compute("bicycle_theft", {"police": open_once(facts().iloc[:2])}, **known)
        assert len(looked) == 3
    assert half["days"].max() == 181
    assert fewer["numerator"].max() == 1
    obs.compute("bicycle_theft", opened, **known)
    assert len(looked) == 4


def test_what_cannot_be_counted_is_refused_each_time():
    opened = {"police": open_once(facts("abca"))}
    with facts_that_stay():
        for one in KINDS:
            with pytest.raises(SchemaError, match=r"1 row\(s\) repeat an event_id"):
                obs.compute(one, opened, coverage=DAYS)
