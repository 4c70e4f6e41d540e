"""Which equations tell something of what is hidden."""

import numpy as np
import pytest
import scipy.sparse as sp

from obs.disclosure.feasible.linear_system import System, informative_equations

NONE = np.full(3, np.nan)


@pytest.mark.parametrize(
    ("least_total", "kept"),
    [(2.0, []), (3.0, [0])],  # parts of 1 and 1 at least are 2 together
)
def test_a_hidden_total_tells_of_its_parts_when_it_must_be_more_than_they(least_total, kept):
    """A hidden total that must be 3 while each part may be 1 forbids that both are."""
    system = System(
        value=np.array([5.0, 2.0, 3.0]),
        lower=np.array([least_total, 1.0, 1.0]),
        upper=np.full(3, np.inf),
        hidden=np.array([True, True, True]),
        fixed=np.zeros(3, dtype=bool),
        need_low=NONE,
        need_high=NONE,
        weight=np.ones(3),
        owner=np.full(3, -1),
        equations=sp.csr_array([[-1.0, 1.0, 1.0]]),
    )
    assert informative_equations(system).tolist() == kept
