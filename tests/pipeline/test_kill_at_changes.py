"""A command killed before any of its changes of files loses nothing, and the next one makes it good.

`make test` kills at a handful of changes, `make proof` at each: the file opened last is whole at one
and half written at the next, or both where a command is quick.
"""

import datetime as dt
import shutil
from functools import partial

import pytest

from obs.clean.registry.delivery_registry import Registry
from obs.disclosure import internal_folder, read_released
from obs.errors import ObsError
from obs.pipeline.forget_delivery import forget_delivery
from obs.report.edition.drafts import read_draft
from obs.report.edition.manifest import MANIFEST
from tests.pipeline.at_each_change import count_changes, killed
from tests.pipeline.small_observatory import build_of, contents, ledger_of, publish_of


def proof(*few):
    """Give the changes before which to kill: a few, and for a proof all (None)."""
    return pytest.mark.parametrize("numbers", [few, pytest.param(None, marks=pytest.mark.proof)])


def deliveries_of(base):
    """Read the registry and every table in it: each is whole or is refused."""
    registry = Registry.of(base / "processed", "arvalie")
    registry.table_as_of("2030-01-01", source="police")
    return set(registry.deliveries["sha256"])


def need_whole_draft(base):
    """Read what is kept inside of the draft and of the edition: a damaged part is refused."""
    public = base / "publications" / "drafts" / "2024" / MANIFEST
    read_draft(internal_folder(base / "processed", base / "publications"), public, "2024")
    read_released(base / "processed" / "arvalie" / "2024" / "released")


def kills(numbers, run_of, base, tmp_path, *, both=False):
    """Kill a run on a copy before each of these changes; give the copies.

    The file opened last is half written at every second one, or both whole and half at each.
    """
    if numbers is None:
        whole = shutil.copytree(base, tmp_path / "counted")
        numbers = range(1, count_changes(run_of(whole), whole) + 1)
    for number in numbers:
        for torn in (False, True) if both else (number % 2 == 1,):
            copy = shutil.copytree(base, tmp_path / f"{number}{torn}")
            if killed(run_of(copy), copy, number, torn=torn):
                yield f"killed before change {number}, half written: {torn}", copy
            shutil.rmtree(copy)


@pytest.mark.slow
@proof(105)
def test_a_killed_build_leaves_what_was_there(states, tmp_path, numbers):
    before, after = states / "published", states / "drafted"
    tried = 0
    for said, copy in kills(numbers, build_of, before, tmp_path):
        tried += 1
        edition, draft = copy / "publications" / "2024", copy / "publications" / "drafts" / "2024"
        assert contents(edition) == contents(before / "publications" / "2024"), said
        assert contents(draft, shown=True) in (
            {},
            contents(after / "publications" / "drafts" / "2024"),
        ), said
        assert ledger_of(copy) == ledger_of(before), said
        assert deliveries_of(before) <= deliveries_of(copy) <= deliveries_of(after), said
        build_of(copy)()
        assert contents(copy) == contents(after), said
        need_whole_draft(copy)
    assert tried > (100 if numbers is None else 0)


@pytest.mark.slow
@proof(3, 25, 60, 75)
def test_a_killed_publication_is_the_former_one_or_the_new(states, tmp_path, numbers):
    before, after = states / "drafted", states / "replaced"
    editions = [contents(base / "publications" / "2024") for base in (before, after)]
    ledgers = [ledger_of(base) for base in (before, after)]
    tried = 0
    for said, copy in kills(numbers, partial(publish_of, day=2), before, tmp_path, both=True):
        tried += 1
        shown = contents(copy / "publications" / "2024", shown=True)
        assert shown in editions, said
        assert ledger_of(copy) in ledgers, said
        try:
            publish_of(copy, day=2)()
        except ObsError as fault:
            assert "edition 2024 is published already (2025-06-02)" in str(fault)  # noqa: PT017
            assert shown == editions[1], said
        assert contents(copy) == contents(after), said
    assert tried > (100 if numbers is None else 3)


def forget_of(base):
    folders = {"raw": base / "raw", "processed": base / "processed"}
    reason = {"early": "asked for by the police", "today": dt.date(2025, 7, 1)}
    return partial(
        forget_delivery, "faits_2023.csv", config=base / "observatory.toml", **folders, **reason
    )


@pytest.mark.slow
@proof(4, 9)
def test_a_killed_erasure_is_taken_up_by_the_next_one(states, tmp_path, numbers):
    before = states / "drafted"
    whole = shutil.copytree(before, tmp_path / "whole")
    forget_of(whole)()
    tried = 0
    for said, copy in kills(numbers, forget_of, before, tmp_path, both=True):
        tried += 1
        assert contents(copy / "publications") == contents(before / "publications"), said
        assert len(Registry.of(copy / "processed", "arvalie").deliveries) == 3, said
        forget_of(copy)()
        assert contents(copy) == contents(whole), said
    assert tried > 0
