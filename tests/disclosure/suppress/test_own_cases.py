"""Ten tables small enough to solve by hand; the least loss is worked out in each comment."""

import numpy as np
import pytest

from obs.disclosure.suppress.secondary import EFFORTS, protect_block
from tests.disclosure.sdc_cases import bounds, make_system

ROW = [(3, [0, 1, 2])]  # three parts and their total
TWO_ROWS = [(3, [0, 1, 2]), (7, [4, 5, 6])]
GRID = [(2, [0, 1]), (5, [3, 4]), (8, [6, 7]), (6, [0, 3]), (7, [1, 4]), (8, [2, 5])]  # 2 x 2
CHAIN = [(2, [0, 1]), (5, [3, 4]), (6, [2, 5])]  # two zones of two communes, their Region


@pytest.mark.parametrize(
    ("name", "values", "sums", "primary", "cover", "loss"),
    [
        # 3 hides behind 20, the smaller of the two others
        ("one in a row", [3, 20, 50, 73], ROW, [0], 10, 20),
        # 9 can give only 8 (it must stay at 1 or more): 3 + 8 = 11 reaches 10
        ("a partner just large enough", [3, 9, 50, 62], ROW, [0], 10, 9),
        # 7 can give 6 only, 3 + 6 < 10: 20 is the cheapest that can
        ("a partner too small", [3, 7, 20, 30], ROW, [0], 10, 20),
        # 6 and 5 together can give 5 + 4 = 9 >= 7; 11 is less than 30
        ("two small partners", [3, 6, 5, 30, 44], [(4, [0, 1, 2, 3])], [0], 10, 11),
        # two primary cells of 4 move against each other to 1 and 7 only: 20 goes as well
        ("two primary ones are not enough", [4, 4, 20, 28], ROW, [0, 1], 10, 20),
        # with 5 as the upper end they are enough
        ("two primary ones are enough", [4, 4, 20, 28], ROW, [0, 1], 5, 0),
        # rows that share no cell are solved apart: 20 + 15
        ("two rows", [3, 20, 50, 73, 2, 15, 60, 77], TWO_ROWS, [0, 4], 10, 35),
        # a cycle of the grid: 30 + 40 + 50 beats any margin
        ("a grid", [3, 30, 33, 40, 50, 90, 43, 80, 123], GRID, [0], 10, 120),
        # zone of two: its other commune (40) costs less than the zone and another zone
        ("a zone of two communes", [3, 40, 43, 60, 70, 130, 173], CHAIN, [0], 10, 40),
        # the other commune has nothing: the zone is the figure, so another zone's part goes
        ("a zone that is its commune", [3, 0, 3, 60, 70, 130, 133], CHAIN, [0, 2], 10, 133),
    ],
)
def test_the_least_loss_is_found(name, values, sums, primary, cover, loss):
    flags = np.isin(np.arange(len(values)), primary)
    system = make_system(values, sums, flags, cover=np.where(flags, cover, np.nan))
    system.need_low[flags] = 1
    found = protect_block(system, effort=EFFORTS["thorough"])
    assert found.loss == loss
    assert found.bound == pytest.approx(loss, rel=0.01)
    low, high = bounds(system, sums, found.hidden)
    assert (low[flags] <= 1).all()
    assert (high[flags] >= cover).all()
