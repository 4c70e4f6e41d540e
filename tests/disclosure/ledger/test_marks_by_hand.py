"""A ledger as it stood, what a release adds to it, and where it is kept: by hand."""

from types import SimpleNamespace

import pandas as pd
import pytest

from obs.disclosure import Ledger, release
from obs.disclosure.ledger.internal_folder import internal_ledger, ledger_path
from obs.errors import DisclosureError
from tests.disclosure.small_town import entry, make_town, whole


def show(place, count, period="2022"):
    return "theft", place, period, "fact", "", "count", str(count)


@pytest.fixture
def ledger(tmp_path):
    made = Ledger(tmp_path / "ledger.csv")
    made.write_down([("2022", [show("A", 40), show("B", 30)])])
    return made


def test_a_ledger_is_given_as_it_stood_at_a_mark(ledger):
    then = ledger.mark
    ledger.write_down([("2023", [show("A", 41)])])
    assert (then["lines"], len(ledger)) == (2, 3)
    old = ledger.as_of(then)
    assert old.lines == ledger.lines[:2]
    assert ledger.as_of(ledger.mark).lines == ledger.lines
    with pytest.raises(DisclosureError, match="has other lines than when it was read"):
        old.write_down([("2024", [show("C", 9)])])


@pytest.mark.parametrize(
    "mark",
    [
        None,
        {},
        {"lines": "2"},
        {"lines": -1},
        {"lines": 3},
        {"lines": 2, "chain": "another"},
        {"lines": 1},
    ],
)
def test_a_ledger_that_never_stood_so_is_none(ledger, mark):
    assert ledger.as_of(mark) is None


def test_an_empty_ledger_stood_at_its_start(ledger, tmp_path):
    start = Ledger(tmp_path / "none.csv").mark
    assert start["lines"] == 0
    assert len(ledger.as_of(start)) == 0


@pytest.mark.parametrize(
    ("shown", "since", "nothing_new"),
    [
        (["A 40", "B 30"], 2, True),  # nothing came later
        (["A 40", "C 9"], 2, True),
        (["A 40", "C 9"], 1, False),  # B came later and is not shown, C is not known
        (["B 30", "C 9"], 1, True),  # shows itself what came later
        (["A 40"], 1, True),  # all is known
        ([], 0, True),
        (["C 9"], 0, False),
    ],
)
def test_a_release_tells_nothing_new_if_all_is_known_or_it_shows_all_that_came_later(
    ledger, shown, since, nothing_new
):
    pairs = [text.split() for text in shown]
    rows = [{"indicator": "theft", "territory": p, "period": "2022", "numerator": int(n),
             "unit": "fact"} for p, n in pairs]  # fmt: skip
    table = pd.DataFrame(rows, columns=["indicator", "territory", "period", "numerator", "unit"])
    released = SimpleNamespace(structure={"indicators": {"theft": {"kind": "count"}}}, names=["t"])
    released = type(
        "Shown", (), {"__getitem__": lambda _, name: SimpleNamespace(table=table)} | vars(released)
    )()
    assert ledger.reveals_nothing_new(released, since=since) == nothing_new


def test_a_release_is_written_down_under_a_name(ledger):
    made = release(whole({"A": 40, "B": 30}), territory=make_town(), catalogue={"theft": entry()})
    with pytest.raises(DisclosureError, match="takes what obs.release made, and a named edition"):
        ledger.append(made, edition=" ")
    assert ledger.append(made, edition="2023") == 2  # the zone and the Region
    assert {line[0] for line in ledger.lines[2:]} == {"2023"}
    assert ledger.append(made, edition="2023") == 0


@pytest.mark.parametrize(
    ("edit", "line"),
    [
        (lambda lines: [*lines[:1], lines[1].replace("40", "4"), *lines[2:]], 2),
        (lambda lines: [*lines[:1], lines[2]], 2),
        (lambda lines: [*lines[:2], lines[2] + ",more"], 3),
    ],
)
def test_a_line_that_was_changed_is_named(ledger, edit, line):
    lines = ledger.path.read_text(encoding="utf-8").splitlines()
    ledger.path.write_text("\n".join(edit(lines)) + "\n", encoding="utf-8")
    with pytest.raises(DisclosureError, match=rf"'ledger.csv' was changed at line {line}: refused"):
        Ledger(ledger.path)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is not a ledger: its header is unknown"),
        (b"a,b\n", "is not a ledger: its header is unknown"),
        (b"\xff\xfe\n", "cannot be read"),
    ],
)
def test_a_file_that_is_no_ledger_is_refused(tmp_path, content, said):
    (tmp_path / "x.csv").write_bytes(content)
    with pytest.raises(DisclosureError, match=said):
        Ledger(tmp_path / "x.csv")


def test_the_history_has_a_column_for_each_breakdown(tmp_path):
    made = Ledger(tmp_path / "ledger.csv")
    marked = ("theft", "A", "2022", "fact", "form=sexual", "count", "9")
    made.write_down([("2022", [show("A", 40), marked])])
    assert made.history["form"].tolist() == ["all", "sexual"]
    assert "relation" not in made.history
    made.write_down([("2023", [show("A", 41)])])
    assert made.entries["numerator"].tolist() == [9, 41]


def test_what_an_edition_shows_and_the_ledger_does_not_know_is_counted(ledger, tmp_path):
    for name, counts, lacking in (
        ("2023", {"A": 40, "B": 30}, 0),
        ("2024", {"A": 40, "C": 9, "D": 8}, 2),
        ("2022", {"A": 40, "B": 30}, 0),
        ("2022", {"A": 39, "B": 30}, 1),
    ):
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        lines = [f"theft,{place},2022,{n},fact" for place, n in counts.items()]
        text = "\n".join(["indicator,territory,period,numerator,unit", *lines])
        (folder / "a.csv").write_text(text, encoding="utf-8")
        assert ledger.lacks(folder) == lacking


def test_a_ledger_among_publications_is_moved_inside(tmp_path):
    processed, publications = tmp_path / "processed", tmp_path / "publications"
    assert len(internal_ledger(processed, publications)) == 0
    Ledger(publications / "ledger.csv").write_down([("2022", [show("A", 40)])])
    moved = internal_ledger(processed, publications)
    assert [line[2] for line in moved.lines] == ["A"]
    assert moved.path == ledger_path(processed, publications)
    assert not (publications / "ledger.csv").exists()
    Ledger(publications / "ledger.csv").write_down([("2022", [show("A", 40), show("B", 30)])])
    assert [line[2] for line in internal_ledger(processed, publications).lines] == ["A", "B"]
    assert not (publications / "ledger.csv").exists()
