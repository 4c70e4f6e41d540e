"""Which dependences between lists are tried, and when the search ends."""

import numpy as np
import pytest

from obs.indicators.estimate.list_models import ALIKE, fit_models, table_of_models

ROWS = np.array([[int(bit) for bit in f"{code:03b}"] for code in range(7, 0, -1)])
UNEQUAL = ["unequal chances, chao", "unequal chances, darroch"]


def counts(chances, persons=1000, more_on_both=0):
    """Persons on each history of three independent lists, and some more on the first two alone."""
    chance = np.where(ROWS == 1, chances, 1 - np.array(chances)).prod(axis=1)
    made = np.round(persons * chance)
    made[ROWS.tolist().index([1, 1, 0])] += more_on_both
    return made


def test_lists_that_are_independent_need_no_second_pair():
    tried = fit_models(ROWS, counts([0.5, 0.4, 0.3]), ["a", "b", "c"])
    assert [name for name, _ in tried] == ["independent", "a:b", "a:c", "b:c", *UNEQUAL]
    told = table_of_models(tried, 0.95)
    assert told.loc[told["chosen"], "model"].tolist() == ["independent"]
    # each pair costs one term, 2 of AIC, and explains nothing
    delta = told.set_index("model")["delta"]
    assert delta[["a:b", "a:c", "b:c"]].tolist() == pytest.approx([2, 2, 2], abs=0.05)
    assert told["alike"].tolist() == (told["delta"] <= ALIKE).tolist()


def test_a_pair_of_dependent_lists_is_found_and_the_next_ones_are_tried():
    tried = fit_models(ROWS, counts([0.5, 0.4, 0.3], more_on_both=150), ["a", "b", "c"])
    names = [name for name, _ in tried]
    assert names[:6] == ["independent", "a:b", "a:c", "b:c", "a:b + a:c", "a:b + b:c"]
    told = table_of_models(tried, 0.95)
    assert "a:b" in told.loc[told["chosen"], "model"].item()


def test_lists_without_a_common_person_are_not_said_to_depend():
    apart = counts([0.5, 0.4, 0.3])
    apart[(ROWS[:, 0] == 1) & (ROWS[:, 1] == 1)] = 0
    names = [name for name, _ in fit_models(ROWS, apart, ["a", "b", "c"])]
    assert "a:b" not in names
    assert "a:c" in names
