"""Files kept as they were judged: a history and one new file give what cleaning all from nothing gives."""

import os
import shutil
import signal
from itertools import count
from unittest.mock import patch

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from obs.clean import clean_police
from obs.clean.parts import judged_parts, kept_files, mapped_rows, streamed_cleaning
from obs.pipeline.reuse import judged_files
from obs.pipeline.reuse.judged_files import JudgedFiles, forget_judged
from tests.clean.deliveries import line
from tests.clean.parts.test_streamed_cleaning import assert_same, random_lines, write
from tests.clean.profile_texts import FACTS, profile

NAMES = ("police_2020_20210131.csv", "police_2021_20220131.csv", "police_2021_20220228.csv")
OTHER_YEAR = {"DATE_FAIT": "05/03/2020", "VERSION": "2"}  # of a fact that was of 2021


@pytest.fixture(autouse=True)
def small_parts(monkeypatch):
    monkeypatch.setattr(streamed_cleaning, "SMALL", 0)
    monkeypatch.setattr(streamed_cleaning, "ROWS", 7)


@pytest.fixture
def history(tmp_path):
    rng = np.random.default_rng(4)
    return [write(tmp_path, name, random_lines(rng, 20)) for name in NAMES]


class Cleaning:
    """A cleaning of some paths with what is kept in a folder: which files it judged, what it said."""

    def __init__(self, folder, paths, *, force=False, apart=False, **options):
        self.said, self.judged = [], []
        self.shelf = JudgedFiles(folder, self.said.append, force=force)
        judge = kept_files.judge_file

        def counted(delivery, *more):
            self.judged.append(delivery.name)
            return judge(delivery, *more)

        given = {"profile": "obs_sample", "shelf": self.shelf, "apart": apart, **options}
        with patch.object(kept_files, "judge_file", counted):
            self.cleaned = clean_police(paths, **given)
        self.shelf.say_judged()


def whole(paths, **options):
    return clean_police(paths, **{"profile": "obs_sample", **options})


def test_one_new_file_is_judged_alone_and_all_are_decided_on_together(tmp_path, history):
    first = Cleaning(tmp_path / "in", history[:2])
    assert first.judged == [path.name for path in history[:2]]
    assert first.said == ["  files judged: 2 anew (nothing is kept)"]
    then = Cleaning(tmp_path / "in", history, apart=True)
    assert then.judged == [history[2].name]
    assert then.said == ["  files judged: 2 as before, 1 anew (nothing is kept)"]
    expected = whole(history, apart=True)
    assert len(expected.rejected) > 5 < len(expected.table)
    assert_same(then.cleaned, expected)
    assert Cleaning(tmp_path / "in", history, force=True).said == [
        "  files judged: 3 anew (all is asked for anew)"
    ]


# What the next delivery of a history is: its name, and its facts by number with what is told of each.
CELLS = {
    "new": {},
    "in another year": OTHER_YEAR,
    "other version": {"VERSION": "2", "CODE_FAIT": "VOL-ETAL"},
    "contradicted": {"CODE_FAIT": "VOL-ETAL"},
    "faulty": {"DATE_FAIT": "31/02/2021"},
}
DELIVERY = st.tuples(
    st.sampled_from(NAMES),  # a name that came before: the file is replaced
    st.lists(st.tuples(st.integers(0, 4), st.sampled_from([*CELLS])), min_size=1, max_size=8),
)


@settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    deliveries=st.lists(DELIVERY, min_size=2, max_size=4),
    vanished=st.sampled_from(["keep", "drop"]),
)
def test_any_history_file_by_file_is_what_cleaning_all_from_nothing_gives(
    tmp_path, deliveries, vanished
):
    place = tmp_path / "history"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    own = profile(
        FACTS,
        file="extracted = '_(\\d{8})'",
        more=f'vanished = "{vanished}"',
        columns='version = "V"',
    )
    for name, facts in deliveries:
        rows = [
            (n, {"DATE_FAIT": "05/03/2021", "VERSION": "1", **CELLS[kind]}) for n, kind in facts
        ]
        frame = pd.DataFrame(
            {
                "ID": [f"a{n}" for n, _ in rows],
                "Date": [cells["DATE_FAIT"] for _, cells in rows],
                "Commune": "Ixelles",
                "Fait": ["AUTRE" if "CODE_FAIT" in cells else "VOL" for _, cells in rows],
                "V": [cells["VERSION"] for _, cells in rows],
            }
        )
        frame.to_csv(place / name, sep=";", index=False)
        paths = sorted(place.glob("*.csv"))
        made = Cleaning(place / "in", paths, profile=own, apart=True)
        assert set(made.judged) <= {name}
    assert_same(made.cleaned, whole(paths, profile=own, apart=True))


def test_a_cleaning_that_fails_goes_on_after_the_files_that_are_judged(tmp_path, history):
    judge, turn = kept_files.judge_file, count()

    def failing(*given):
        if next(turn) == 2:
            raise KeyboardInterrupt
        return judge(*given)

    with patch.object(kept_files, "judge_file", failing), pytest.raises(KeyboardInterrupt):
        Cleaning(tmp_path / "in", history)
    then = Cleaning(tmp_path / "in", history)
    assert then.judged == [history[2].name]
    assert_same(then.cleaned, whole(history))


@pytest.mark.parametrize(("name", "left"), [("judge_file", 0), ("_write_judged", 1)])
def test_a_cleaning_that_is_killed_goes_on_after_the_files_that_are_judged(
    tmp_path, history, name, left
):
    """At a file, or in the middle of writing what is kept of it."""
    child = os.fork()
    if child == 0:
        done, turn = getattr(kept_files, name), count()

        def killed(*given):
            result = done(*given)
            if next(turn) == 1:
                os.kill(os.getpid(), signal.SIGKILL)
            return result

        setattr(kept_files, name, killed)
        clean_police(
            history, profile="obs_sample", shelf=JudgedFiles(tmp_path / "in", print, force=False)
        )
        os._exit(0)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL
    folder = tmp_path / "in" / "judged"
    assert len([*folder.glob("[!.]*")]) == 1
    assert len([*folder.glob(".*.partial")]) == left
    then = Cleaning(tmp_path / "in", history)
    assert then.judged == [path.name for path in history[1:]]
    assert not [*folder.glob(".*")]
    assert_same(then.cleaned, whole(history))


def kept_of(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("ending", ["sums", ".keys", ".told", "000001", "part.json"])
def test_what_was_kept_and_is_damaged_is_judged_again(tmp_path, history, ending):
    Cleaning(tmp_path / "in", history)
    path = next(p for p in kept_of(tmp_path / "in") if p.name.endswith(ending))
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    then = Cleaning(tmp_path / "in", history)
    assert len(then.judged) == 1
    assert "what was kept is damaged" in then.said[0] or "changed" in then.said[0]
    assert_same(then.cleaned, whole(history))


def test_what_is_kept_is_its_owners_alone_and_is_not_trusted_otherwise(tmp_path, history):
    Cleaning(tmp_path / "in", history)
    folder = tmp_path / "in" / "judged"
    assert {p.stat().st_mode & 0o777 for p in folder.rglob("*") if p.is_file()} == {0o600}
    assert {p.stat().st_mode & 0o777 for p in (folder, *folder.iterdir())} == {0o700}
    kept_of(folder)[0].chmod(0o644)
    then = Cleaning(tmp_path / "in", history)
    assert len(then.judged) == 1
    assert "others than its owner could have changed what was kept" in then.said[0]


def test_what_a_file_is_judged_by_is_part_of_what_it_is_kept_under(tmp_path, history, monkeypatch):
    Cleaning(tmp_path / "in", history)
    then = Cleaning(tmp_path / "in", history, extracted="2023-01-31")
    assert then.said == ["  files judged: 3 anew (changed: the day of extraction)"]
    monkeypatch.setattr(judged_files.build_inputs, "code", lambda: "another")
    then = Cleaning(tmp_path / "in", history, extracted="2023-01-31")
    assert then.said == ["  files judged: 3 anew (changed: the code)"]


def test_a_file_of_no_known_extraction_is_judged_again_where_the_day_can_change_it(
    tmp_path, monkeypatch
):
    future = line(DATE_FAIT="05/03/2030", DATE_PV="05/03/2030", DATE_EXTRACTION="", NUM_FAIT="F2")
    undated = {"ahead.csv": [future, line()], "past.csv": [line(DATE_EXTRACTION="", NUM_FAIT="F3")]}
    paths = [write(tmp_path, name, lines) for name, lines in undated.items()]
    paths.append(write(tmp_path, NAMES[1], [line(NUM_FAIT="F4")]))
    days = {
        name: np.datetime64(day) for name, day in (("now", "2026-01-01"), ("then", "2031-01-01"))
    }

    def on(day):
        for module in (judged_parts, mapped_rows, kept_files):
            monkeypatch.setattr(module, "this_day", lambda: days[day])
        return Cleaning(tmp_path / "in", paths)

    assert len(on("now").judged) == 3
    assert on("now").judged == []
    later = on("then")
    assert later.judged == ["ahead.csv"]
    assert later.said == ["  files judged: 2 as before, 1 anew (changed: the day)"]
    assert "future_date" not in {*later.cleaned.rejected["rule"]}
    assert on("now").judged == ["ahead.csv"]  # a clock that was set back


def test_files_that_are_no_longer_cleaned_are_swept(tmp_path, history):
    Cleaning(tmp_path / "in", history)
    folder = tmp_path / "in" / "judged"
    then = Cleaning(tmp_path / "in", history[:2])
    (folder / ".left.partial").mkdir()
    then.shelf.sweep(lambda _: True)
    assert len([*folder.iterdir()]) == 3
    then.shelf.sweep(lambda _: False)
    assert len([*folder.iterdir()]) == 2
    forget_judged(tmp_path / "in")
    assert not folder.exists()


def test_small_deliveries_are_not_kept(tmp_path, history, monkeypatch):
    monkeypatch.setattr(streamed_cleaning, "SMALL", sum(p.stat().st_size for p in history) + 1)
    made = Cleaning(tmp_path / "in", history)
    made.shelf.sweep(lambda _: False)
    assert made.said == []
    assert not (tmp_path / "in").exists()
