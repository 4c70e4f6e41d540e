"""The registry of deliveries, on tidy tables of one or two facts: nothing is cleaned."""

import datetime as dt
from dataclasses import replace

import pytest

from obs.clean.registry.delivery_registry import Registry
from obs.errors import DeliveryError
from tests.clean.registry.tidy_deliveries import TIDY, cleaned

ROWS = {
    "a.csv": ("2022-01-31", ("F1", "2021-03-05", "21001"), ("F2", "2021-04-06", "21002")),
    "b.csv": ("2022-06-30", ("F1", "2021-03-05", "21009")),
    "c.csv": (None, ("F3", "2020-12-31", "21001")),
    "d.csv": ("2022-12-31", ("F4", None, "21001")),
}
DAY = dt.date(2030, 1, 1)


def never(*_, **__):
    raise AssertionError


@pytest.fixture
def add(tmp_path):
    """Give a function that registers files of ROWS, or of rows given, and gives the registry."""

    def register(*names, source="police", profile=TIDY, rows=None):
        registry = Registry(tmp_path / "registry")
        made = []
        for name in names:
            day, *own = rows or ROWS[name]
            made.append(cleaned(tmp_path / name, *own, extracted=day))
        paths = [tmp_path / name for name in names]
        options = {"source": source, "profile": profile, "clean": never}
        assert registry.update(paths, cleaned=made, **options) == list(names)
        return registry

    return register


def ids(registry, day=DAY, **which):
    table = registry.table_as_of(day, source="police", **which)
    return dict(zip(table["event_id"], table["territory"], strict=True))


def test_a_delivery_is_a_row_with_its_account_and_days(add, tmp_path):
    registry = Registry(tmp_path / "registry")
    assert registry.update([], source="police", profile=TIDY, clean=never) == []
    assert not registry.folder.exists()
    told = add("a.csv", "c.csv").deliveries.set_index("file")
    counts = told[["read", "kept", "merged", "rejected"]].to_numpy().tolist()
    assert counts == [[2, 2, 0, 0], [1, 1, 0, 0]]
    days = told[["extracted", "covered_from", "covered_to"]].astype("str")
    assert days.loc["a.csv"].tolist() == ["2022-01-31", "2021-03-05", "2021-04-06"]
    assert told["extracted"].isna().tolist() == [False, True]
    assert told["forgotten"].isna().all()
    assert told["synthetic"].all()
    assert told["current"].all()
    assert told["tables"].tolist() == ["events", "events"]


def test_a_file_that_is_known_is_left_and_one_of_its_bytes_given_twice_is_one(add, tmp_path):
    registry = add("a.csv")
    paths = [tmp_path / "a.csv"]
    assert not registry.lacks(paths, source="police", profile=TIDY)
    assert registry.lacks(paths, source="helpline", profile=TIDY)
    assert registry.lacks(paths, source="police", profile=replace(TIDY, title="Other"))
    assert registry.update(paths, source="police", profile=TIDY, clean=never) == []
    made = [
        cleaned(tmp_path / name, *ROWS["b.csv"][1:], extracted="2022-06-30") for name in ("x", "y")
    ]
    given = [tmp_path / "x", tmp_path / "y"]
    told = registry.update(given, source="police", profile=TIDY, clean=never, cleaned=made)
    assert told == ["x"]
    (tmp_path / "z.csv").write_text("z")
    assert registry.lacks([*paths, tmp_path / "z.csv"], source="police", profile=TIDY)


def test_a_file_is_cleaned_with_the_day_of_extraction_given(tmp_path):
    asked = []

    def clean(path, *, profile, **more):
        asked.append((path.name, profile.name, more))
        return cleaned(path, *ROWS["a.csv"][1:], extracted="2022-01-31")

    for name, day in (("a.csv", {}), ("b.csv", {"extracted": "2022-02-01"})):
        (tmp_path / name).write_text(name)
        registry = Registry(tmp_path / "registry")
        registry.update([tmp_path / name], source="police", profile=TIDY, clean=clean, **day)
    assert asked == [("a.csv", "tidy", {}), ("b.csv", "tidy", {"extracted": "2022-02-01"})]


def test_a_past_extraction_is_rebuilt_and_one_of_no_day_comes_first(add):
    registry = add("a.csv", "b.csv", "c.csv")
    assert ids(registry) == {"F1": "21009", "F2": "21002", "F3": "21001"}
    assert ids(registry, "2022-06-29") == {"F1": "21001", "F2": "21002", "F3": "21001"}
    assert ids(registry, "2022-06-30")["F1"] == "21009"
    assert ids(registry, "2021-01-01") == {"F3": "21001"}
    assert registry.extractions(source="police") == [dt.date(2022, 1, 31), dt.date(2022, 6, 30)]
    assert registry.extractions(source="police", profile="other") == []
    assert registry.extractions(source="helpline") == []


def test_nothing_extracted_by_a_day_is_said_with_the_first(add):
    registry = add("b.csv", "a.csv")
    with pytest.raises(DeliveryError, match="by 2021-12-31; the first one was on 2022-01-31"):
        registry.table_as_of("2021-12-31", source="police")
    with pytest.raises(DeliveryError, match="no helpline delivery was extracted by 2021-12-31\\.$"):
        registry.table_as_of("2021-12-31", source="helpline")


def test_the_days_covered_are_those_of_what_was_extracted_by_then(add):
    registry = add("a.csv", "b.csv", "c.csv", "d.csv")
    assert registry.covered(DAY, source="police") == (dt.date(2020, 12, 31), dt.date(2021, 4, 6))
    assert registry.covered("2022-01-30", source="police") == (dt.date(2020, 12, 31),) * 2
    assert registry.covered("2022-01-31", source="police")[1] == dt.date(2021, 4, 6)
    assert registry.covered(DAY, source="police", profile="other") is None


def test_tables_that_cover_part_of_a_year_are_listed_the_last_one_last(add):
    registry = add("b.csv", "a.csv", "c.csv")
    table = {
        e.file: next(iter(e.tables.values()))[:32] for name in ROWS for e in registry.named(name)
    }

    def stored(year, until=DAY):
        found = registry.stored(source="police", until=until, year=year)
        return [next(file for file in table if table[file] == path.stem) for path in found]

    assert stored(2021) == ["a.csv", "b.csv"]
    assert stored(2020) == ["c.csv"]
    assert stored(2019) == stored(2022) == []
    assert stored(2021, dt.date(2022, 6, 29)) == ["a.csv"]
    assert stored(2021, dt.date(2022, 6, 30)) == ["a.csv", "b.csv"]


def test_a_file_sent_again_under_its_name_stands_for_the_former(add):
    add("a.csv")
    registry = add("a.csv", rows=("2022-01-31", ("F9", "2021-03-05", "21001")))
    assert registry.deliveries["current"].tolist() == [False, True]
    assert ids(registry) == {"F9": "21001"}
    other = add(
        "a.csv",
        profile=replace(TIDY, name="other"),
        rows=("2022-01-31", ("F8", "2021-03-05", "21001")),
    )
    assert other.deliveries["current"].tolist() == [False, True, True]
    assert ids(other, profile="other") == {"F8": "21001"}
    assert len(other.named("a.csv")) == 3


def test_a_changed_profile_takes_the_place_of_the_former_entry(add):
    add("a.csv", "b.csv")
    registry = add("a.csv", profile=replace(TIDY, title="Other"))
    assert registry.deliveries["file"].tolist() == ["a.csv", "b.csv"]
    assert registry.deliveries["current"].all()


def test_deliveries_of_one_name_are_those_of_a_source_or_of_all(add):
    add("a.csv")
    registry = add("a.csv", source="helpline")
    assert [e.source for e in registry.named("a.csv")] == ["police", "helpline"]
    assert [e.source for e in registry.named("a.csv", source="helpline")] == ["helpline"]
    assert registry.named("b.csv", source="helpline") == []


def test_what_is_forgotten_loses_its_table_and_keeps_its_account(add, tmp_path):
    add("b.csv")
    add("b.csv", source="helpline")
    registry = add("a.csv")
    gone = registry.forget("a.csv", source="police", day=dt.date(2030, 1, 1), why="the term")
    assert [(e.file, e.forgotten, e.why) for e in gone] == [("a.csv", "2030-01-01", "the term")]
    again = registry.forget("a.csv", source="police", day=dt.date(2031, 1, 1), why="other")
    assert [(e.forgotten, e.why) for e in again] == [("2030-01-01", "the term")]
    assert registry.forgotten("police") == {gone[0].sha256: "2030-01-01"}
    assert registry.forgotten("helpline") == {}
    left = sorted(path.parent.name for path in (tmp_path / "registry/tables").rglob("*.parquet"))
    assert left == ["helpline", "police"]
    with pytest.raises(
        DeliveryError, match="a.csv: forgotten since; the police table of 2022-01-31"
    ):
        registry.table_as_of("2022-01-31", source="police")
    assert registry.stored(source="police", until=dt.date(2022, 1, 31), year=2021) == []
    assert len(Registry(tmp_path / "registry").named("b.csv", source="helpline")) == 1


def test_a_table_that_another_delivery_has_too_is_kept(add, tmp_path):
    same = ("2022-01-31", ("F1", "2021-03-05", "21001"))
    one = add("a.csv", rows=same).named("a.csv")[0]
    path = tmp_path / "registry" / "tables" / "police" / f"{one.tables['events'][:32]}.parquet"
    index = tmp_path / "registry" / "registry.json"
    text = index.read_text().replace('"a.csv"', '"b.csv"').replace(one.sha256, "0" * 64)
    index.write_text(index.read_text().rstrip()[:-1] + "," + text.lstrip()[1:])
    registry = Registry(tmp_path / "registry")
    registry.forget("a.csv", source="police", day=DAY, why="x")
    assert path.is_file()
    registry.forget("b.csv", source="police", day=DAY, why="x")
    assert not path.is_file()


def test_a_stored_table_that_is_changed_or_absent_is_refused(add, tmp_path):
    registry = add("a.csv")
    (path,) = (tmp_path / "registry" / "tables" / "police").iterdir()
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(DeliveryError, match="'a.csv' is absent or damaged"):
        ids(registry)
    path.unlink()
    with pytest.raises(DeliveryError, match="'a.csv' is absent or damaged"):
        ids(registry)
    with pytest.raises(DeliveryError, match="has no table 'answers'; it has events"):
        ids(registry, table="answers")
    assert Registry.of(tmp_path, "brussels").folder == tmp_path / "brussels" / "registry"
