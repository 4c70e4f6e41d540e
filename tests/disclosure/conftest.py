"""What tests of protection may use: how often the solver is asked."""

import highspy
import pytest


@pytest.fixture
def solver_runs(monkeypatch) -> list[int]:
    """Give a list that grows by the number of columns of each program solved: work, not time."""
    runs: list[int] = []
    solve = highspy.Highs.run

    def counted(program):
        runs.append(program.getNumCol())
        return solve(program)

    monkeypatch.setattr(highspy.Highs, "run", counted)
    return runs
