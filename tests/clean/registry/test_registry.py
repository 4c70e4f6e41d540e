"""The registry: every delivery kept as it was, every past extraction rebuilt."""

import json
import re
import shutil
from dataclasses import replace

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from obs.clean import clean_police, clean_prosecutor, clean_survey, load_profile
from obs.clean.registry.delivery_registry import DELIVERIES, Registry
from obs.errors import DeliveryError
from obs.schemas import check_table
from tests.clean.deliveries import HEADER, NOTICE, line

pytestmark = pytest.mark.slow

JANUARY, JUNE, NEXT = (
    "police_2021_20220131.csv",
    "police_2021_20220630.csv",
    "police_2022_20230131.csv",
)
YEAR_AFTER = {"DATE_FAIT": "05/03/2022", "DATE_PV": "06/03/2022", "DATE_EXTRACTION": "31/01/2023"}
SENT = {
    JANUARY: [
        line(NUM_FAIT="kept"),
        line(NUM_FAIT="recoded", CODE_FAIT="MENACES"),
        line(NUM_FAIT="moved", COMMUNE="Jette"),
        line(NUM_FAIT="bad", COMMUNE="Zaventem"),
    ],
    JUNE: [
        line(NUM_FAIT="recoded", CODE_FAIT="COUPS", VERSION="2", DATE_EXTRACTION="30/06/2022"),
        line(NUM_FAIT="late", DATE_PV="01/05/2022", DATE_EXTRACTION="30/06/2022"),
    ],
    NEXT: [
        line(NUM_FAIT="new", **YEAR_AFTER),
        line(NUM_FAIT="moved", COMMUNE="Evere", DATE_EXTRACTION="31/01/2023"),
    ],
}
OPTIONS = {"source": "police", "profile": "obs_sample", "clean": clean_police}


@pytest.fixture(scope="module")
def received(tmp_path_factory):
    folder = tmp_path_factory.mktemp("received")
    for name, rows in SENT.items():
        text = "\n".join([NOTICE, HEADER, *rows]) + "\n"
        (folder / name).write_text(text, encoding="utf-8-sig")
    return [folder / name for name in SENT]


@pytest.fixture(scope="module")
def filled(tmp_path_factory, received):
    folder = tmp_path_factory.mktemp("processed") / "registry"
    assert Registry(folder).update(received, **OPTIONS) == [JANUARY, JUNE, NEXT]
    return folder


@pytest.fixture
def registry(filled, tmp_path):
    return Registry(shutil.copytree(filled, tmp_path / "registry"))


def test_each_delivery_is_a_row_with_its_account(registry):
    table = check_table(registry.deliveries, DELIVERIES).set_index("file")
    assert table.loc[JANUARY, ["read", "kept", "merged", "rejected"]].tolist() == [4, 3, 0, 1]
    assert table["extracted"].dt.strftime("%Y-%m-%d").tolist() == [
        "2022-01-31",
        "2022-06-30",
        "2023-01-31",
    ]
    assert table["sha256"].str.len().eq(64).all()
    assert table["synthetic"].all()


@pytest.mark.parametrize(
    ("day", "told"),
    [
        ("2022-01-31", {"kept": "assault", "recoded": "threats", "moved": "assault"}),
        ("2022-06-29", {"kept": "assault", "recoded": "threats", "moved": "assault"}),
        (
            "2022-06-30",
            {"kept": "assault", "recoded": "assault", "moved": "assault", "late": "assault"},
        ),
    ],
)
def test_a_past_extraction_is_rebuilt(registry, day, told):
    table = registry.table_as_of(day, source="police").set_index("event_id")
    assert table["phenomenon"].to_dict() == told


def test_the_latest_extraction_is_what_cleaning_all_files_gives(registry, received):
    whole = clean_police(received, profile="obs_sample").table
    rebuilt = registry.table_as_of("2030-01-01", source="police")
    assert_frame_equal(
        rebuilt.sort_values("event_id", ignore_index=True),
        whole.sort_values("event_id", ignore_index=True),
    )


def test_the_days_covered_are_those_of_the_deliveries_known(registry):
    assert list(map(str, registry.covered("2022-06-30", source="police"))) == [
        "2021-01-01",
        "2021-12-31",
    ]
    assert str(registry.covered("2023-01-31", source="police")[1]) == "2022-12-31"
    assert registry.covered("2021-01-01", source="police") is None


def test_a_delivery_known_is_not_cleaned_again(registry, received):
    def refuse(*_, **__):
        raise AssertionError

    assert registry.update(received, **OPTIONS | {"clean": refuse}) == []


def test_a_changed_profile_cleans_again_in_the_same_place(registry, received):
    other = replace(load_profile("obs_sample"), bands=(18,))
    added = registry.update(received[:1], **OPTIONS | {"profile": other})
    assert added == [JANUARY]
    assert registry.deliveries["file"].tolist() == [JANUARY, JUNE, NEXT]
    table = registry.table_as_of("2022-01-31", source="police")
    assert set(table["victim_age_band"]) == {"18+"}


def test_a_file_sent_again_under_its_name_stands_for_the_former(registry, tmp_path):
    again = tmp_path / JANUARY
    again.write_text("\n".join([NOTICE, HEADER, line(NUM_FAIT="only")]), encoding="utf-8-sig")
    registry.update([again], **OPTIONS)
    table = registry.table_as_of("2022-01-31", source="police")
    assert table["event_id"].tolist() == ["only"]
    assert registry.deliveries["current"].tolist() == [False, True, True, True]


def test_a_failed_update_leaves_the_registry_as_it_was(registry, tmp_path):
    before = registry.deliveries
    bad = tmp_path / "police_2023_20240131.csv"
    bad.write_text("nothing;that;fits\n1;2;3\n")
    with pytest.raises(DeliveryError):
        registry.update([bad], **OPTIONS)
    assert_frame_equal(Registry(registry.folder).deliveries, before)


def test_nothing_extracted_yet_is_said(registry):
    with pytest.raises(DeliveryError, match="by 2021-12-31; the first one was on 2022-01-31"):
        registry.table_as_of("2021-12-31", source="police")
    with pytest.raises(DeliveryError, match="no prosecutor delivery"):
        registry.table_as_of("2022-12-31", source="prosecutor")


def test_a_damaged_table_is_refused(registry):
    path = next((registry.folder / "tables" / "police").iterdir())
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(DeliveryError, match="absent or damaged"):
        registry.table_as_of("2023-01-31", source="police")


@pytest.mark.parametrize("text", ["[", "{}x", '[{"source": "police"}]'])
def test_a_damaged_index_is_refused(registry, text):
    (registry.folder / "registry.json").write_text(text)
    with pytest.raises(DeliveryError, match="damaged"):
        Registry(registry.folder)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"tables": 5}, "'0.tables': input should be an object"),
        ({"tables": ["counts"]}, "'0.tables'"),
        ({"tables": {}}, "a delivery without a table"),
        ({"tables": {"events": "../../x"}}, "a digest that is no sha256"),
        ({"tables": {"a/b": "0" * 64}}, "a delivery without a table"),
        ({"source": "../x"}, "a source that is no name"),
        ({"extracted": 7}, "'0.extracted'"),
        ({"extracted": "soon"}, "a day that is none"),
        ({"covered_to": "2022-1-1"}, "a day that is none"),
        ({"read": "many"}, "'0.read'"),
        ({"kept": -1}, "a count below 0"),
        ({"sha256": None}, "'0.sha256'"),
        ({"seen": True}, "'0.seen'"),
    ],
)
def test_an_index_of_other_types_is_refused_on_opening(registry, change, why):
    index = registry.folder / "registry.json"
    entry = json.loads(index.read_text(encoding="utf-8"))[0]
    index.write_text(json.dumps([entry | change]), encoding="utf-8")
    with pytest.raises(DeliveryError, match=re.escape(why)):
        Registry(registry.folder)


@pytest.mark.parametrize("text", ["null", "5", "[" * 100_000, "[" + "9" * 6_000 + "]"])
def test_an_index_that_is_no_index_is_refused_on_opening(registry, text):
    (registry.folder / "registry.json").write_text(text)
    with pytest.raises(DeliveryError, match=r"is damaged \(.*remove it and build again"):
        Registry(registry.folder)


def test_two_registries_of_one_folder_forget_nothing(tmp_path):
    one, two = Registry(tmp_path / "registry"), Registry(tmp_path / "registry")
    options = {"source": "police", "profile": "ssmsi_communes", "clean": clean_police}
    one.update([counts_file(tmp_path, "a.parquet", "31")], extracted="2017-02-01", **options)
    two.update([counts_file(tmp_path, "b.parquet", "33")], extracted="2018-02-01", **options)
    known = Registry(tmp_path / "registry").deliveries
    assert known["file"].tolist() == ["a.parquet", "b.parquet"]


def test_an_empty_registry_has_no_rows(tmp_path):
    table = Registry(tmp_path / "none").deliveries
    assert len(table) == 0
    assert list(table.columns) == list(DELIVERIES.columns)
    assert not (tmp_path / "none").exists()


def test_the_index_says_no_more_than_the_account(registry):
    entry = json.loads((registry.folder / "registry.json").read_text())[0]
    assert set(entry) == set(DELIVERIES.columns) - {"current"} | {"rules", "why"}


def counts_file(folder, name, count):
    row = {"classe": "Vols avec armes", "annee": "16", "CODGEO_2024": "76540", "POP": "110117"}
    pd.DataFrame([row | {"faits": count}]).to_parquet(folder / name)
    return folder / name


def test_counts_are_superseded_by_territory_period_and_class(tmp_path):
    registry = Registry(tmp_path / "registry")
    options = {"source": "police", "profile": "ssmsi_communes", "clean": clean_police}
    registry.update([counts_file(tmp_path, "a.parquet", "31")], extracted="2017-02-01", **options)
    registry.update([counts_file(tmp_path, "b.parquet", "33")], extracted="2018-02-01", **options)
    seen = [
        registry.table_as_of(day, source="police")["numerator"].tolist()
        for day in ("2017-12-31", "2018-12-31")
    ]
    assert seen == [[31], [33]]
    assert pd.Timestamp("2018-02-01") == registry.deliveries["extracted"].max()


CASES_HEAD = (
    "NOTICE;SECTION;DATE_ENTREE;PREVENTION;CONTEXTE;NUM_PV;COMMUNE;NOTICE_MERE;MODE_CLOTURE;"
    "DATE_CLOTURE;NOTICE_SUIVANTE;PREMIERE_CLOTURE;DATE_REOUVERTURE;DATE_EXTRACTION;SYNTH"
)


def test_cases_follow_their_mother_across_deliveries(tmp_path):
    daughter = "FR-2021/000002;FR;11/01/2021;MENACES;;;Ixelles;{};{};{};;;;{};OUI"
    mother = "FR-2021/000001;FR;04/01/2021;COUPS;;;Ixelles;;{};{};;;;{};OUI"
    sent = {
        "prosecutor_2021_20220131.csv": [
            mother.format("EN-COURS", "", "31/01/2022"),
            daughter.format("FR-2021/000001", "JONCTION", "20/01/2021", "31/01/2022"),
        ],
        "prosecutor_2022_20230131.csv": [mother.format("CITATION", "01/06/2022", "31/01/2023")],
    }
    paths = []
    for name, rows in sent.items():
        paths.append(tmp_path / name)
        paths[-1].write_text("\n".join([NOTICE, CASES_HEAD, *rows]) + "\n", encoding="utf-8-sig")
    registry = Registry(tmp_path / "registry")
    options = {"source": "prosecutor", "profile": "obs_sample_prosecutor"}
    registry.update(paths, clean=clean_prosecutor, **options)
    outcomes = [
        registry.table_as_of(day, source="prosecutor").set_index("case_id")["outcome"].to_dict()
        for day in ("2022-01-31", "2023-01-31")
    ]
    assert outcomes == [
        {"FR-2021/000001": "open", "FR-2021/000002": "open"},
        {"FR-2021/000001": "summons", "FR-2021/000002": "summons"},
    ]
    whole = clean_prosecutor(paths, profile="obs_sample_prosecutor").table.sort_values("case_id")
    rebuilt = registry.table_as_of("2023-01-31", source="prosecutor").sort_values("case_id")
    assert_frame_equal(rebuilt.reset_index(drop=True)[whole.columns], whole.reset_index(drop=True))


def test_the_answers_of_a_survey_are_kept_with_its_interviews(tmp_path):
    head = "ID;AGE;COMMUNE;POIDS;VIOL_PARTENAIRE;HARC_SEX;STALKING;F_PSY;F_PHYS;F_SEX;F_ECO;"
    path = tmp_path / "women_2017.csv"
    row = "1;30-44;Ixelles;0,93;1;1;2;1;2;2;2;2;1"
    path.write_text("\n".join([NOTICE, head + "CONSEQUENCES;DEMARCHE", row]), encoding="utf-8")
    registry = Registry(tmp_path / "registry")
    registry.update([path], source="survey", profile="obs_sample_women", clean=clean_survey)
    assert registry.deliveries["tables"].tolist() == ["respondents, answers"]
    whole = clean_survey(path, profile="obs_sample_women")
    answers = registry.table_as_of("2030-01-01", source="survey", table="answers")
    assert_frame_equal(answers, whole.answers)
    assert_frame_equal(registry.table_as_of("2030-01-01", source="survey"), whole.table)
    with pytest.raises(DeliveryError, match="has no table 'calls'; it has respondents, answers"):
        registry.table_as_of("2030-01-01", source="survey", table="calls")


def test_several_tables_of_one_source_are_told_apart_by_profile(registry, tmp_path):
    counts = counts_file(tmp_path, "counts.parquet", "31")
    options = {"source": "police", "profile": "ssmsi_communes", "clean": clean_police}
    registry.update([counts], extracted="2022-01-31", **options)
    with pytest.raises(DeliveryError, match=r"\(COUNTS, EVENTS\): name the profile"):
        registry.table_as_of("2022-01-31", source="police")
    table = registry.table_as_of("2022-01-31", source="police", profile="ssmsi_communes")
    assert table["numerator"].tolist() == [31]


def test_files_of_two_profiles_may_have_one_name(registry, tmp_path):
    other = replace(load_profile("obs_sample"), name="another_zone")
    path = tmp_path / JANUARY
    path.write_text("\n".join([NOTICE, HEADER, line(NUM_FAIT="there")]), encoding="utf-8-sig")
    registry.update([path], **OPTIONS | {"profile": other})
    assert registry.deliveries["current"].all()
    for profile, ids in (("another_zone", ["there"]), ("obs_sample", ["kept", "recoded", "moved"])):
        table = registry.table_as_of("2022-01-31", source="police", profile=profile)
        assert table["event_id"].tolist() == ids
