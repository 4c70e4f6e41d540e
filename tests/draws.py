"""Seeds of a random test: a few at each run, more before landing, many before a release."""

import pytest


def draws(quick: int, test: int, proof: int, *, first: int = 0) -> list:
    """Give seeds: those of `make quick`, marked slow those of `make test`, the rest as a proof."""
    marks = [(quick, ()), (test, pytest.mark.slow), (proof, pytest.mark.proof)]
    seeds, begin = [], 0
    for end, mark in marks:
        seeds += [pytest.param(first + i, marks=mark) for i in range(begin, end)]
        begin = max(begin, end)
    return seeds
