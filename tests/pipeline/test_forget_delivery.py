"""`obs forget`: rows past their term go from everywhere in the house, their account stays."""

import datetime as dt
import json

import pandas as pd
import pytest

from obs.__main__ import main
from obs.clean import clean_police
from obs.clean.registry.delivery_registry import Registry
from obs.errors import CatalogueError, DeliveryError
from obs.pipeline.deliveries import clean_all
from obs.pipeline.forget_delivery import forget_delivery, past_term
from obs.reference import load_observatory

DECLARATION = """
name = "ours"
languages = ["fr"]
notes = ["focus_vols"]
licence = "CC BY 4.0"
title.fr = "Observatoire"
publisher.fr = "Nous"
retention = "10 years"
[territory]
reference = "brussels"
[[source]]
kind = "police"
profile = "facts"
files = ["police/*.csv"]
retention = "2 years"
"""
PROFILE = """
name = "facts"
title = "Facts"
kind = "police"
shape = "events"
dates = ["%Y-%m-%d"]
offences = [{ offence = ".*", phenomenon = "theft" }]
[file]
extracted = '_(\\d{8})'
[territory]
level = "commune"
[columns]
event_id = "id"
event_date = "day"
territory = "place"
offence = "class"
"""
OLD, NEW = "facts_20200131.csv", "facts_20240131.csv"
LATE = dt.date(2025, 6, 1)


@pytest.fixture
def ours(tmp_path):
    """An observatory with two deliveries, registered, and one edition made of both."""
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "facts.toml").write_text(PROFILE)
    (tmp_path / "observatory.toml").write_text(DECLARATION)
    raw = tmp_path / "data" / "raw" / "police"
    raw.mkdir(parents=True)
    for name, year in ((OLD, 2019), (NEW, 2023)):
        rows = "".join(f"F{year}-{i},{year}-0{i}-03,Ixelles,a\n" for i in range(1, 4))
        (raw / name).write_text(f"id,day,place,class\n{rows}")
    observatory = load_observatory(tmp_path / "observatory.toml")
    cleaned = clean_all(observatory, raw.parent, tmp_path / "processed", lambda _: None)
    cleaned[0][1].write(
        tmp_path / "processed" / "ours" / "2023" / "clean" / "police-0", by_year=True
    )
    return tmp_path


def forget(ours, name=OLD, *, today=LATE, **options):
    return forget_delivery(
        name,
        config=ours / "observatory.toml",
        raw=ours / "data" / "raw",
        processed=ours / "processed",
        today=today,
        **options,
    )


def events_of(ours):
    path = ours / "processed" / "ours" / "2023" / "clean" / "police-0" / "events.parquet"
    return pd.read_parquet(path)["delivery"].tolist()


def stored(ours):
    return sorted((ours / "processed" / "ours" / "registry" / "tables").rglob("*.parquet"))


def test_rows_past_their_term_go_and_their_account_stays(ours):
    assert (events_of(ours), len(stored(ours))) == ([OLD] * 3 + [NEW] * 3, 2)
    made = forget(ours)
    assert (made.raw_files, made.edition_rows) == (1, 3)
    assert not (ours / "data" / "raw" / "police" / OLD).exists()
    assert (ours / "data" / "raw" / "police" / NEW).exists()
    assert (events_of(ours), len(stored(ours))) == ([NEW] * 3, 1)
    index = json.loads((ours / "processed" / "ours" / "registry" / "registry.json").read_text())
    entry = next(e for e in index if e["file"] == OLD)
    assert (entry["read"], entry["kept"], entry["forgotten"]) == (3, 3, "2025-06-01")
    assert entry["why"] == "past their term since 2022-02-01"
    assert len(entry["sha256"]) == 64
    told = Registry.of(ours / "processed", "ours").deliveries.set_index("file")
    assert told.at[OLD, "forgotten"] == pd.Timestamp("2025-06-01")
    assert pd.isna(told.at[NEW, "forgotten"])


def test_nothing_of_the_rows_is_left_in_any_file_of_the_house(ours):
    forget(ours)
    for path in (p for p in ours.rglob("*") if p.is_file()):
        content = path.read_bytes()
        assert b"F2019-1" not in content, path
        if path.suffix == ".parquet":
            assert "F2019-1" not in pd.read_parquet(path).to_csv(), path


def test_before_the_term_nothing_is_erased_without_a_reason(ours):
    with pytest.raises(
        DeliveryError, match="its rows may be kept until 2022-01-31; nothing is erased"
    ):
        forget(ours, today=dt.date(2022, 1, 31))
    assert len(stored(ours)) == 2
    made = forget(ours, today=dt.date(2022, 1, 31), early="asked by the zone")
    assert made.entries[0].why == "for this reason: asked by the zone"
    assert events_of(ours) == [NEW] * 3


def test_the_term_passes_on_the_day_after_it(ours):
    assert forget(ours, today=dt.date(2022, 2, 1)).raw_files == 1


def test_without_a_declared_term_nothing_is_erased(ours):
    path = ours / "observatory.toml"
    text = path.read_text().replace('retention = "2 years"\n', "")
    path.write_text(text)
    with pytest.raises(DeliveryError, match="may be kept until 2030-01-31"):
        forget(ours)
    path.write_text(text.replace('retention = "10 years"\n', ""))
    with pytest.raises(DeliveryError, match="no `retention` is declared for police"):
        forget(ours)
    assert len(stored(ours)) == 2


@pytest.mark.parametrize("term", ["5", "five years", "0 years", "2 weeks", "1 year or so"])
def test_a_faulty_term_is_told(ours, term):
    path = ours / "observatory.toml"
    path.write_text(DECLARATION.replace('"2 years"', f'"{term}"'))
    with pytest.raises(CatalogueError, match="a number of days, months or years, as '5 years'"):
        load_observatory(path)


def test_a_name_that_is_not_registered_lists_those_that_are(ours):
    with pytest.raises(
        DeliveryError, match=f"no delivery 'x.csv' is registered; there are 2: {OLD}"
    ):
        forget(ours, "x.csv")


def test_done_twice_it_takes_up_what_an_interrupted_one_left(ours):
    kept = (ours / "data" / "raw" / "police" / OLD).read_bytes()
    forget(ours)
    (ours / "data" / "raw" / "police" / OLD).write_bytes(kept)
    made = forget(ours, today=dt.date(2026, 1, 1))
    assert (made.raw_files, made.edition_rows) == (1, 0)
    assert made.entries[0].forgotten == "2025-06-01"
    assert made.entries[0].why == "past their term since 2022-02-01"


def test_a_forgotten_delivery_that_comes_again_is_not_read(ours):
    path = ours / "data" / "raw" / "police" / OLD
    kept = path.read_bytes()
    forget(ours)
    path.write_bytes(kept)
    observatory = load_observatory(ours / "observatory.toml")
    with pytest.raises(DeliveryError, match=f"{OLD}: forgotten on 2025-06-01 and there again"):
        clean_all(observatory, ours / "data" / "raw", ours / "processed", lambda _: None)


def test_an_extraction_with_forgotten_rows_is_not_made_again_smaller(ours):
    forget(ours)
    registry = Registry.of(ours / "processed", "ours")
    with pytest.raises(
        DeliveryError, match=f"{OLD}: forgotten since; the police table of 2024-12-31"
    ):
        registry.table_as_of("2024-12-31", source="police")


def test_what_is_past_its_term_is_named(ours):
    observatory = load_observatory(ours / "observatory.toml")
    registry = Registry.of(ours / "processed", "ours")
    assert past_term(observatory, registry, LATE) == [OLD]
    forget(ours)
    assert past_term(observatory, Registry.of(ours / "processed", "ours"), LATE) == []


def test_answers_go_with_their_respondents(tmp_path):
    from obs.clean.cleaned import erase_rows

    frame = pd.DataFrame({"respondent_id": ["a", "b", "a"], "value": ["yes", "no", "no"]})
    frame.to_parquet(tmp_path / "answers.parquet")
    assert erase_rows(tmp_path / "answers.parquet", "x.csv", respondents={"a"}) == 2
    assert pd.read_parquet(tmp_path / "answers.parquet")["value"].tolist() == ["no"]


def test_the_command_says_what_went(ours, capsys):
    where = ["--config", str(ours / "observatory.toml"), "--processed", str(ours / "processed")]
    where += ["--raw", str(ours / "data" / "raw")]
    assert main(["forget", OLD, *where, "--early", "test"]) == 0
    said = capsys.readouterr().out
    assert f"{OLD} (police): rows erased on" in said
    assert "its account stays: read 3, kept 3, merged 0, rejected 0" in said
    assert "raw files erased: 1; rows erased from tables of editions: 3" in said
    assert main(["forget", "nothing.csv", *where]) == 2


def test_the_command_takes_the_observatory_of_its_folder(ours, monkeypatch, capsys):
    monkeypatch.chdir(ours)
    assert main(["forget", OLD, "--processed", "processed", "--early", "test"]) == 0
    assert f"{OLD} (police): rows erased on" in capsys.readouterr().out


def test_one_table_of_two_deliveries_stays_for_the_other(tmp_path, ours):
    twin = ours / "twin.csv"
    twin.write_text((ours / "data" / "raw" / "police" / NEW).read_text())
    registry = Registry(tmp_path / "registry")
    profile = ours / "profiles" / "facts.toml"
    for kind in ("police", "other"):
        registry.update([twin], source=kind, profile=profile, clean=clean_police)
    registry.forget("twin.csv", source="police", day=LATE, why="test")
    assert len([*(tmp_path / "registry").rglob("*.parquet")]) == 1
