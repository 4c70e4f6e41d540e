import copy
import dataclasses
import datetime as dt
import json
import pickle

import pandas as pd
import pytest

from obs.disclosure import Released, read_released, release, write_released
from obs.errors import CodeError, DisclosureError
from obs.reference import Merger, load_breaks
from tests.disclosure.small_town import entry, make_town, whole

COUNTS = {"A": 3, "B": 40, "C": 30, "D": 25, "E": 60}


@pytest.fixture(scope="module")
def town():
    return make_town()


@pytest.fixture
def entries():
    return {"theft": entry(), "vif": entry()}


@pytest.fixture
def released(town, entries):
    return release({"theft": whole(COUNTS)}, territory=town, catalogue=entries)


def test_it_cannot_be_made_by_hand():
    with pytest.raises(DisclosureError, match=r"made by obs\.release alone"):
        Released({"table": pd.DataFrame()}, actions=pd.DataFrame(), rule="default")
    empty = object.__new__(Released)
    with pytest.raises(DisclosureError, match="not made by"):
        _ = empty.table


def test_it_cannot_be_forged_from_a_genuine_one(released):
    with pytest.raises(TypeError):
        dataclasses.replace(released, rule="none")
    with pytest.raises(DisclosureError, match="cannot be changed"):
        released.rule = "none"
    with pytest.raises(DisclosureError, match="cannot be changed"):
        del released._tables
    assert copy.copy(released) is released
    assert copy.deepcopy(released) is released
    with pytest.raises(DisclosureError, match="not pickled"):
        pickle.dumps(released)
    made_of = {"actions": None, "rule": "", "territory": None, "synthetic": False}
    with pytest.raises(DisclosureError, match="made once"):
        released.__init__({}, **made_of, structure={}, maker=None)


def test_changing_the_table_seen_changes_nothing(released):
    table = released.table
    table["numerator"] = 1
    assert released.table["numerator"].isna().any()


def test_it_selects_rows_tables_and_their_actions(released):
    part = released.select(territory=["A", "C"], period="2022")
    assert part.table["territory"].tolist() == ["A", "C"]
    withheld = part.table.loc[part.table["numerator"].isna(), "territory"]
    assert part.actions["territory"].tolist() == withheld.tolist()
    assert released["theft"].names == ("theft",)
    with pytest.raises(DisclosureError, match="No released table 'gossip'"):
        released["gossip"]
    with pytest.raises(DisclosureError, match="has the columns colour"):
        released.select(colour="red")


def test_a_part_is_kept_where_asked_and_another_question_gives_another(released, tmp_path):
    write_released(released, tmp_path)
    kept, name = read_released(tmp_path, keep_parts=True), released.names[0]
    assert kept[name] is kept[name]
    assert released[name] is not released[name]
    table = kept[name].table
    place, other = table["territory"].unique()[:2]
    assert kept.select(territory=place) is kept.select(territory=[place])
    for code in (place, other):
        assert kept.select(territory=code).table.equals(released.select(territory=code).table)
    table["territory"] = "changed"
    assert "changed" not in set(kept[name].table["territory"])


def test_a_misspelt_value_is_refused_with_the_nearest_and_a_known_one_selects_nothing(released):
    for key, said in (
        ({"territory": "Z11"}, "'territory' has no 'Z11'. Did you mean 'Z1'"),
        ({"territory": ["A", "a "]}, "'territory' has no 'a '"),
        ({"indicator": "thefts"}, "'indicator' has no 'thefts'. Did you mean 'theft'"),
        ({"period": "twenty"}, "'period' has no 'twenty'.* It has: 2"),
        ({"status": "okay"}, "'status' has no 'okay'"),
    ):
        with pytest.raises(CodeError, match=said):
            released.select(**key)
    with pytest.raises(DisclosureError, match="columns teritory. Did you mean 'territory'"):
        released.select(teritory="A")
    assert released.select(period="1999").table.empty
    assert released.select(status="zero").table.empty


def test_what_jupyter_shows_carries_the_mark(released):
    data, metadata = released._repr_mimebundle_()
    assert metadata["obs"]["released"] is True
    assert metadata["obs"]["rule"] == "default"
    assert metadata["obs"]["seal"] == released.seal
    assert f"{len(released.actions)} withheld" in data["text/plain"]


def test_actions_say_what_was_done(released):
    first = released.actions.iloc[0].to_dict()
    assert first["table"] == "theft"
    assert first["territory"] == "A"
    assert (first["action"], first["reason"]) == ("suppressed_primary", "count below 5")


@pytest.mark.slow
def test_it_comes_back_from_disk_as_it_was(released, tmp_path):
    write_released(released, tmp_path)
    again = read_released(tmp_path)
    pd.testing.assert_frame_equal(again.table, released.table)
    pd.testing.assert_frame_equal(again.actions, released.actions)
    assert again.mark() == released.mark()
    assert again.territory.children("Z1") == ["A", "B"]
    assert (again.territory.boundaries, again.territory.breaks) == (None, None)
    assert (again.names, again.synthetic) == (released.names, released.synthetic)


BREAK = """
[[breaks]]
indicator = "theft"
territory = "T"
date = 2024-01-01
effect = "refuse"
source = "a circular"
reason = { en = "The counting rule changed." }
"""
MERGER = Merger("A", "Aa", dt.date(2020, 1, 1), {"A": "Aa", "O": "Oo"}, "a decree")


def test_breaks_mergers_and_boundaries_of_the_territory_come_back_too(town, entries, tmp_path):
    register, drawn = tmp_path / "breaks.toml", tmp_path / "areas.geojson"
    register.write_text(BREAK.replace('"T"', f'"{town.top}"'))
    place = dataclasses.replace(town, breaks=register, mergers=(MERGER,), boundaries=drawn)
    made = release({"theft": whole(COUNTS)}, territory=place, catalogue=entries)
    write_released(made, tmp_path / "out")
    register.unlink()
    again = read_released(tmp_path / "out").territory
    assert load_breaks(territory=again)["effect"].tolist() == ["refuse"]
    assert (again.mergers, again.boundaries) == ((MERGER,), drawn)
    assert again.former_units == {"A_2019": "A", "O": "A"}
    (tmp_path / "out" / "breaks.toml").write_text("")
    with pytest.raises(DisclosureError, match="changed since the release"):
        read_released(tmp_path / "out")


def test_two_writings_are_the_same_bytes(released, tmp_path):
    for name in ("one", "two"):
        write_released(released, tmp_path / name)
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["table_0.parquet", "actions.parquet", "units.parquet"])
def test_an_edited_file_is_refused(released, tmp_path, name):
    write_released(released, tmp_path)
    frame = pd.read_parquet(tmp_path / name)
    frame.iloc[::-1].to_parquet(tmp_path / name, index=False)
    with pytest.raises(DisclosureError, match="changed since the release"):
        read_released(tmp_path)


def test_an_edited_sheet_is_refused(released, tmp_path):
    write_released(released, tmp_path)
    path = tmp_path / "released.json"
    sheet = json.loads(path.read_text())
    path.write_text(json.dumps(sheet | {"rule": "none"}))
    with pytest.raises(DisclosureError, match="changed since the release"):
        read_released(tmp_path)


@pytest.mark.parametrize("name", ["table_0.parquet", "released.json"])
def test_a_missing_file_is_refused(released, tmp_path, name):
    write_released(released, tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(DisclosureError, match="release the tables again"):
        read_released(tmp_path)


def test_only_a_released_is_written(tmp_path):
    with pytest.raises(DisclosureError, match="only what"):
        write_released(pd.DataFrame(), tmp_path)


def test_a_selection_of_columns_that_no_table_has_names_them(released):
    with pytest.raises(DisclosureError, match=r"No released table has the columns form\."):
        released.select(form="sexual")
    with pytest.raises(DisclosureError, match=r"has the columns form, table\. .*Tables: "):
        released.select(form="sexual", table=released.names[0])
