import pandas as pd
import pytest

from obs.disclosure import Ledger, audit, release
from obs.errors import DisclosureError
from tests.disclosure.small_town import entry, make_town, status, whole

COUNTS = {"A": 3, "B": 40, "C": 30, "D": 25, "E": 60}
SAFE = {**COUNTS, "A": 30}


@pytest.fixture(scope="module")
def town():
    return make_town()


@pytest.fixture
def entries():
    return {"theft": entry()}


@pytest.fixture
def ledger(tmp_path):
    return Ledger(tmp_path / "ledger.csv")


def publish(ledger, table, town, entries, edition):
    released = release(table, territory=town, catalogue=entries, ledger=ledger)
    ledger.append(released, edition=edition)
    return released


@pytest.mark.slow
def test_it_remembers_what_was_shown_and_only_that(ledger, town, entries):
    released = publish(ledger, whole(COUNTS), town, entries, "2022")
    shown = released.table.dropna(subset="numerator")
    assert len(ledger) == len(shown)
    assert set(ledger.entries["territory"]) == set(shown["territory"])
    assert ledger.append(released, edition="2023") == 0


@pytest.mark.slow
def test_two_editions_together_give_nothing_away(ledger, town, entries):
    first = whole(COUNTS).query("territory != 'Z1'")  # Z1 not asked for: B may be shown
    publish(ledger, first, town, entries, "2022")
    second = whole(COUNTS).query("territory not in ['A', 'B']")  # and now Z1 = 43
    released = publish(ledger, second, town, entries, "2023")
    known = set(ledger.entries.query("edition == '2022'")["territory"])
    assert not {"B", "Z1"} <= known | {t for t, s in status(released).items() if s == "ok"}


@pytest.mark.parametrize("revised", [0, 2])
def test_a_figure_revised_since_counts_as_known(ledger, town, entries, revised):
    one = whole(SAFE).query("territory in ['B', 'Z2']")
    publish(ledger, one, town, entries, "2022")
    two = whole({**COUNTS, "B": 40 + revised}).query("territory not in ['B', 'Z2']")
    found = status(release(two, territory=town, catalogue=entries, ledger=ledger))
    assert found["A"] == "suppressed_primary"
    assert found["Z1"] == "suppressed_secondary"


def test_a_small_figure_once_shown_is_not_shown_again_and_said_to_be_known(ledger, town, entries):
    lax = {"theft": entry(disclosure="default")}
    publish(ledger, whole({**SAFE, "A": 7}), town, lax, "2022")
    strict = {"theft": entry(disclosure="sensitive")}
    released = release(whole({**SAFE, "A": 7}), territory=town, catalogue=strict, ledger=ledger)
    assert released.actions["reason"].tolist() == ["count below 10, known since 2022"]


@pytest.mark.slow
def test_the_audit_uses_what_was_published_before(ledger, town, entries):
    publish(ledger, whole(SAFE).query("territory in ['B', 'Z2']"), town, entries, "2022")
    table = whole(COUNTS).query("territory not in ['B', 'Z2']")
    released = release(table, territory=town, catalogue=entries, ledger=ledger)
    assert audit(released, known=ledger.entries)["safe"].all()
    told = whole(COUNTS).query("territory in ['B', 'Z1']")  # more than was ever published
    assert not audit(released, known=told)["safe"].all()


@pytest.mark.slow
def test_it_is_rebuilt_from_the_publications(ledger, town, entries, tmp_path):
    released = publish(ledger, whole(COUNTS), town, entries, "2022")
    folder = tmp_path / "publications" / "2022" / "data"
    folder.mkdir(parents=True)
    released.table.to_csv(folder / "thefts.csv", index=False)
    again = Ledger(tmp_path / "again.csv")
    again.rebuild(tmp_path / "publications")
    pd.testing.assert_frame_equal(again.entries, ledger.entries)
    assert again.path.read_bytes() == ledger.path.read_bytes()


def test_nothing_to_rebuild_from_is_said(ledger, tmp_path):
    with pytest.raises(DisclosureError, match="no data file with counts"):
        ledger.rebuild(tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("edit", ["change", "drop", "swap", "header"])
def test_a_ledger_edited_by_hand_is_refused(ledger, town, entries, edit):
    publish(ledger, whole(COUNTS), town, entries, "2022")
    lines = ledger.path.read_text().splitlines()
    if edit == "change":
        lines[1] = lines[1].replace("theft", "thefts")
    elif edit == "drop":
        del lines[1]
    elif edit == "swap":
        lines[1], lines[2] = lines[2], lines[1]
    else:
        lines[0] = "a,b"
    ledger.path.write_text("\n".join(lines) + "\n")
    with pytest.raises(DisclosureError, match="ledger"):
        Ledger(ledger.path)


def test_it_takes_only_what_was_released(ledger):
    with pytest.raises(DisclosureError, match="takes what"):
        ledger.append(pd.DataFrame(), edition="2022")
