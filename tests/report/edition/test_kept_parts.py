"""A kept part is taken again only if all that it was made of is the same and its files are whole."""

import os
import shutil
import stat
import tracemalloc

import numpy as np
import pandas as pd
import pytest

from obs.report.edition.kept_parts import FILES, KeptParts

INPUTS = {"the code": "1", "the rows": "2"}


@pytest.fixture
def told():
    return []


@pytest.fixture
def parts(tmp_path, told):
    made = KeptParts(tmp_path / "kept", told.append)
    made.keep("table", INPUTS, pd.DataFrame({"n": [1, 2]}))
    return made


def made_anew(parts, inputs=INPUTS):
    new = parts.part("table", inputs, lambda: pd.DataFrame({"n": [9]}), called="the table")
    return new["n"].tolist() == [9]


def test_the_same_inputs_give_the_same_part_again(parts, told):
    assert not made_anew(parts)
    assert told == ["as before: the table"]


@pytest.mark.parametrize(
    ("inputs", "why"),
    [
        ({**INPUTS, "the rows": "3"}, "changed: the rows"),
        ({"the code": "1"}, "changed: the rows"),
        ({**INPUTS, "the ledger": "1"}, "changed: the ledger"),
        ({"the code": "0", "the rows": "0"}, "changed: the code, the rows"),
    ],
)
def test_a_changed_input_has_it_made_anew_and_says_which(parts, told, inputs, why):
    assert made_anew(parts, inputs)
    assert told == [f"anew: the table ({why})"]
    assert not parts.part("table", inputs, list, called="the table").empty
    assert told[-1] == "as before: the table"


@pytest.mark.parametrize("content", [b"", b"not a table", None])
def test_a_damaged_part_is_never_believed(parts, told, tmp_path, content):
    path = tmp_path / "kept" / "table" / "value"
    path.write_bytes(path.read_bytes()[:-1] + b"?" if content is None else content)
    assert made_anew(parts)
    assert told == ["anew: the table (what was kept is damaged)"]


@pytest.mark.parametrize("content", ["", "{}", '{"format": 1, "inputs": {}, "files": 3}', "[]"])
def test_so_is_one_with_a_damaged_account(parts, told, tmp_path, content):
    (tmp_path / "kept" / "table" / "part.json").write_text(content)
    assert made_anew(parts)
    assert told == ["anew: the table (what was kept is damaged)"]


def test_a_file_more_or_less_is_damage(parts, tmp_path):
    (tmp_path / "kept" / "table" / "more").touch(mode=0o600)
    assert made_anew(parts)
    (tmp_path / "kept" / "table" / "value").unlink()
    assert made_anew(parts)


@pytest.mark.parametrize("name", ["table", "table/value", "table/part.json"])
def test_what_others_may_read_or_write_is_not_believed(parts, told, tmp_path, name):
    path = tmp_path / "kept" / name
    path.chmod(stat.S_IMODE(path.stat().st_mode) | 0o020)
    assert made_anew(parts)
    assert told == ["anew: the table (others than its owner could have changed what was kept)"]


def test_parts_are_for_their_owner_alone_whatever_the_mask(tmp_path):
    before = os.umask(0)
    try:
        KeptParts(tmp_path / "kept", print).keep("2024/page", INPUTS, {"a": b"1"}, form=FILES)
    finally:
        os.umask(before)
    for path in (tmp_path / "kept", *(tmp_path / "kept").rglob("*")):
        assert not path.stat().st_mode & 0o077, path


def test_asked_for_anew_nothing_is_taken_again(parts, told, tmp_path):
    assert made_anew(KeptParts(tmp_path / "kept", told.append, force=True))
    assert told == ["anew: the table (all is asked for anew)"]
    assert parts.take("table", INPUTS)["n"].tolist() == [9]


def test_a_part_that_could_not_be_made_leaves_the_former_one(parts):
    def fail():
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        parts.part("table", {"the code": "2"}, fail)
    assert parts.take("table", INPUTS)["n"].tolist() == [1, 2]


def test_files_come_back_byte_for_byte(parts):
    files = {"html": "é".encode(), "pdf": b"\x00%PDF"}
    parts.keep("page", INPUTS, files, form=FILES)
    assert parts.take("page", INPUTS, form=FILES) == files


def test_what_was_not_used_and_is_not_needed_is_swept(tmp_path, told):
    before = KeptParts(tmp_path / "kept", told.append)
    for name in ("rows", "2023/figures", "2023/page-a", "2024/page-a", "2024/page-b"):
        before.keep(name, INPUTS, name)
    outside = tmp_path / "outside"
    shutil.copytree(tmp_path / "kept" / "rows", outside)
    (tmp_path / "kept" / "2025").symlink_to(outside.parent)
    (tmp_path / "kept" / "link").symlink_to(outside)
    now = KeptParts(tmp_path / "kept", told.append)
    assert now.take("2024/page-a", INPUTS) == "2024/page-a"
    now.keep("2024/page-c", INPUTS, "new")
    assert now.inputs_of("2023/figures") == INPUTS
    assert now.sweep(lambda name: name == "2024/page-b") == 3
    left = {path.name for path in (tmp_path / "kept").iterdir()}
    assert left == {"2024", "2025", "link"}
    left = {path.name for path in (tmp_path / "kept" / "2024").iterdir()}
    assert left == {"page-a", "page-b", "page-c"}
    assert (outside / "part.json").is_file()


def test_a_part_whose_account_cannot_be_read_was_made_of_nothing_known(parts, tmp_path):
    (tmp_path / "kept" / "table" / "part.json").write_text("{")
    assert parts.inputs_of("table") == {}
    assert parts.inputs_of("absent") == {}


def test_a_part_is_held_once_while_it_is_written_and_read(parts):
    whole = np.ones(4_000_000, dtype="uint8")
    for step, most in ((parts.keep, 0.5), (parts.take, 1.5)):
        tracemalloc.start()
        step("rows", INPUTS, *([whole] if step == parts.keep else []))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < most * whole.nbytes
