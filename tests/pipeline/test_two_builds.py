"""Two commands at once with one folder of internal tables: each edition is its own, and whole.

The first one waits before one of its changes of files until the second has ended, or waits for it.
"""

import shutil
from functools import partial

import pytest

from obs.errors import ObsError
from obs.report.checks.check_path import check_path
from tests.pipeline.at_each_change import beside, held
from tests.pipeline.small_observatory import (
    build_of,
    contents,
    count_in,
    ledger_of,
    publish_of,
    write_facts,
    write_observatory,
)


def proof(few, last):
    """Give the changes to wait before: one, and for a proof twenty, to the last one."""
    every = [round(1 + i * (last - 1) / 19) for i in range(20)]
    twenty = pytest.param(every, marks=pytest.mark.proof, id="twenty")
    return pytest.mark.parametrize("numbers", [pytest.param([few], id="one"), twenty])


def at_once(first, second, folder, number):
    """Let the second begin while the first waits; give how both ended."""
    with held(first, folder, number) as one, beside(second) as other:
        return one.ended(), other.ended()


def published_once(run, **options):
    """Publish, or be told that another has done so."""
    try:
        run(**options)
    except ObsError as fault:
        assert "is published already" in str(fault)  # noqa: PT017


@pytest.mark.slow
@proof(45, 125)
def test_each_of_two_builds_makes_its_own_edition(tmp_path, numbers):
    for number in numbers:
        base = write_observatory(tmp_path / str(number), facts=90)
        shutil.copytree(base / "raw", base / "raw_other")
        write_facts(base / "raw_other", 2024, 120)
        one, other = build_of(base), build_of(base, raw="raw_other", out="out_other")
        assert at_once(one, other, base, number) == (0, 0), number
        for out, facts in (("publications", 90), ("out_other", 120)):
            assert count_in(base / out / "2024") == facts, number
            assert check_path(base / out, processed=base / "processed") == [], number


@pytest.mark.slow
@proof(30, 88)
def test_two_publications_are_one(states, tmp_path, numbers):
    for number in numbers:
        base = shutil.copytree(states / "drafted", tmp_path / str(number))
        run = partial(published_once, publish_of(base, day=2))
        assert at_once(run, run, base, number) == (0, 0), number
        assert contents(base) == contents(states / "replaced"), number


@pytest.mark.slow
@proof(60, 125)
def test_a_publication_beside_a_build_is_the_former_draft_or_the_new(states, tmp_path, numbers):
    for number in numbers:
        base = shutil.copytree(states / "drafted", tmp_path / str(number))
        write_facts(base / "raw", 2024, 150)
        ended = at_once(build_of(base), publish_of(base, day=2), base, number)
        assert ended == (0, 0), number
        _need_one_of_both(base, states, number)


@pytest.mark.slow
@proof(60, 88)
def test_a_build_beside_a_publication_drafts_its_own_edition(states, tmp_path, numbers):
    for number in numbers:
        base = shutil.copytree(states / "drafted", tmp_path / str(number))
        write_facts(base / "raw", 2024, 150)
        ended = at_once(publish_of(base, day=2), build_of(base), base, number)
        assert ended == (0, 0), number
        _need_one_of_both(base, states, number)


def _need_one_of_both(base, states, number):
    """Need the former draft published and the new one beside it, or the new one published."""
    out = base / "publications"
    facts = count_in(out / "2024")
    assert facts in (120, 150), number
    if facts == 120:
        assert contents(out / "2024") == contents(states / "replaced" / "publications" / "2024")
        assert count_in(out / "drafts" / "2024") == 150, number
    assert str(facts) in {cell for line in ledger_of(base) for cell in line}, number
    assert check_path(out, processed=base / "processed") == [], number
