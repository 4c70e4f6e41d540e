"""Sharper forms of cuts, against every whole choice there is."""

from itertools import product

import numpy as np
import pytest

from obs.disclosure.suppress.cuts import Cuts


def sharpened(values, choice):
    cuts = Cuts()
    cuts.add(np.arange(len(values)), np.array(values, dtype=float))
    forms = []
    for cells, shares in cuts.strengthen(np.array(choice, dtype=float)):
        form = np.zeros(len(values))
        form[cells] = shares
        forms.append(form)
    return forms


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(200))
def test_no_whole_choice_that_meets_a_cut_breaks_its_sharper_form(seed):
    dice = np.random.default_rng(seed)
    n = int(dice.integers(2, 9))
    values = dice.choice([1 / 9, 2 / 9, 1 / 3, 4 / 9, 0.5, 5 / 9, 2 / 3, 8 / 9, 1.0], n)
    every = np.array(list(product([0.0, 1.0], repeat=n)))
    meets = every[every @ values >= 1 - 1e-9]
    for _ in range(20):
        choice = dice.choice([0.0, 0.3, 0.5, 0.8, 0.95, 1.0], n)
        for form in sharpened(values, choice):
            assert (form >= 0).all()
            assert form @ choice < 1
            assert (meets @ form >= 1 - 1e-9).all()


def test_two_of_three_are_needed():
    (form,) = sharpened([0.6, 0.6, 0.6], [5 / 9, 5 / 9, 5 / 9])  # 0.6 each adds up to one
    np.testing.assert_allclose(form, 0.5)


def test_what_is_missing_after_one_cell_is_asked_of_the_others():
    (form,) = sharpened([0.75, 0.5, 1.0], [1.0, 0.0, 0.0])  # either of the others will do
    np.testing.assert_allclose(form, [0.0, 1.0, 1.0])


def test_a_choice_that_meets_a_cut_gives_no_other():
    assert sharpened([0.6, 0.6, 0.6], [1.0, 1.0, 0.0]) == []


def test_no_cut_has_no_sharper_form():
    assert list(Cuts().strengthen(np.zeros(3))) == []


def test_the_same_cut_is_kept_once():
    cuts = Cuts()
    cells, values = np.array([0, 1]), np.array([0.5, 1.0])
    assert cuts.add(cells, values)
    assert not cuts.add(cells.copy(), values.copy())
