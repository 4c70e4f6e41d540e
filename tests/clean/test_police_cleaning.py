"""Facts of a police delivery: what each row becomes, is merged into, or is rejected for."""

import gzip

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from pandas.testing import assert_frame_equal

from obs.clean import Cleaned, clean_police, read_cleaned
from obs.errors import CatalogueError, DeliveryError
from obs.schemas import EVENTS, check_table
from tests.clean.deliveries import FACT, HEADER, NAME, NOTICE, line

pytestmark = pytest.mark.slow


def clean(*paths, **options) -> Cleaned:
    return clean_police(list(paths), profile="obs_sample", **options)


WAYS = ["br.11.la.004633/2021", "BR 11 LA 004633/2021", "BR-11-LA-4633-2021", "BR11LA004633/2021"]
LIVES = [  # what became of facts, most of them sent several times
    {"NUM_FAIT": "simple"},
    {"NUM_FAIT": "by code", "COMMUNE": "21004"},
    *({"NUM_FAIT": f"way {i}", "NUM_PV": way} for i, way in enumerate(WAYS)),
    {"NUM_FAIT": "quoted", "LIB_FAIT": 'vol "simple'},
    {"NUM_FAIT": "corrected"},
    {"NUM_FAIT": "corrected", "VERSION": "2", "COMMUNE": "Jette"},
    *({"NUM_FAIT": "identical"} for _ in range(3)),
    {"NUM_FAIT": "contradicted"},
    {"NUM_FAIT": "contradicted", "VERSION": "2", "COMMUNE": "Jette"},
    {"NUM_FAIT": "contradicted", "VERSION": "2", "COMMUNE": "Evere"},
    {"NUM_FAIT": "settled", "COMMUNE": "Jette"},
    {"NUM_FAIT": "settled", "COMMUNE": "Evere"},
    {"NUM_FAIT": "settled", "VERSION": "2"},
    {"NUM_FAIT": "broken", "COMMUNE": "Uccle"},
    {"NUM_FAIT": "broken", "VERSION": "2", "COMMUNE": "Zaventem"},
]


@pytest.fixture(scope="module")
def lives(tmp_path_factory):
    path = tmp_path_factory.mktemp("lives") / NAME
    rows = [line(**cells) for cells in LIVES]
    path.write_text("\n".join([NOTICE, HEADER, *rows]) + "\n", encoding="utf-8-sig")
    return clean(path)


@pytest.fixture(scope="module")
def facts(lives):
    return lives.table.set_index("event_id")


def test_a_fact_becomes_one_event(facts):
    event = facts.loc["simple"]
    assert event[["report_id", "territory", "phenomenon"]].tolist() == [
        "BR.11.LA.004633/2021",
        "21009",
        "assault",
    ]
    assert event["event_date"] == pd.Timestamp("2021-03-05")
    assert event["event_hour"] == 21
    assert event["extracted"] == pd.Timestamp("2022-01-31")
    assert (event["form"], event["relation"], event["place"]) == ("physical", "couple", "home")
    assert (event["victim_age_band"], event["suspect_age_band"]) == ("25-34", "35-44")
    assert (bool(event["attempt"]), bool(event["synthetic"])) == (False, True)


def test_a_code_of_a_commune_is_taken_where_its_name_is_ambiguous(facts):
    assert facts.at["by code", "territory"] == "21004"


def test_a_report_number_is_written_one_way(facts):
    assert {facts.at[f"way {i}", "report_id"] for i in range(len(WAYS))} == {FACT["NUM_PV"]}


def test_a_quotation_mark_inside_a_text_is_a_character(facts):
    assert "quoted" in facts.index


def test_a_fact_sent_again_is_taken_from_its_last_version(facts):
    assert facts.at["corrected", "territory"] == "21010"


def test_identical_rows_of_one_fact_are_merged(lives, facts):
    assert facts.index.is_unique
    assert lives.report["merged"].tolist() == [1 + 2 + 2]  # corrected, identical, settled


def test_rows_that_contradict_each_other_are_all_rejected_with_their_older_versions(lives, facts):
    assert "contradicted" not in facts.index
    conflicts = lives.rejected[lives.rejected["rule"] == "conflicting_duplicate"]
    assert conflicts[["row", "column"]].to_numpy().tolist() == [
        [15, "NUM_FAIT"],
        [16, "NUM_FAIT"],
        [17, "NUM_FAIT"],
    ]


def test_old_contradictions_are_settled_by_a_newer_version(facts):
    assert facts.at["settled", "territory"] == "21009"


def test_a_broken_new_version_leaves_the_old_one(lives, facts):
    assert facts.at["broken", "territory"] == "21016"
    assert lives.rejected["rule"].tolist()[-1] == "unknown_territory"


def test_the_table_has_the_schema_and_the_account_closes(deliver):
    cleaned = clean(deliver(line(), line(NUM_FAIT="F2", COMMUNE="Zaventem")))
    check_table(cleaned.table, EVENTS)
    row = cleaned.report.iloc[0]
    assert row["read"] == row["kept"] + row["merged"] + row["rejected"] == 2
    assert cleaned.summary() == [
        "read 2, kept 1, merged 0, rejected 1",
        "rejected by unknown_territory: 1",
        "no unit: 'Zaventem' is unknown (1 row)",
    ]


BAD_ROWS = [
    ({"COMMUNE": "Zaventem"}, "COMMUNE", "unknown_territory"),
    ({"COMMUNE": "Bruxelles"}, "COMMUNE", "ambiguous_territory"),
    ({"COMMUNE": "Zone du Littoral"}, "COMMUNE", "unknown_territory"),
    ({"COMMUNE": ""}, "COMMUNE", "missing_key"),
    ({"COMMUNE": "  "}, "COMMUNE", "missing_key"),
    ({"NUM_FAIT": ""}, "NUM_FAIT", "missing_key"),
    ({"NUM_FAIT": " "}, "NUM_FAIT", "missing_key"),
    ({"DATE_FAIT": ""}, "DATE_FAIT", "missing_key"),
    ({"CODE_FAIT": ""}, "CODE_FAIT", "missing_key"),
    ({"CODE_FAIT": "VOL-ZZ"}, "CODE_FAIT", "unknown_offence"),
    ({"DATE_FAIT": "31/02/2021"}, "DATE_FAIT", "impossible_date"),
    ({"DATE_FAIT": "2021-13-01"}, "DATE_FAIT", "impossible_date"),
    ({"DATE_FAIT": "05/03/0021"}, "DATE_FAIT", "impossible_date"),
    ({"DATE_FAIT": "01/02/2022", "DATE_PV": ""}, "DATE_FAIT", "future_date"),
    ({"DATE_PV": "01/02/2022"}, "DATE_PV", "future_date"),
    ({"DATE_PV": "04/03/2021"}, "DATE_PV", "date_order"),
    ({"VERSION": "deux"}, "VERSION", "not_a_number"),
    ({"LIEU": "=cmd|' /C calc'!A0"}, "LIEU", "formula"),
    ({"LIB_FAIT": "@SUM(A1)"}, "LIB_FAIT", "formula"),
    ({"LIB_FAIT": "+call()"}, "LIB_FAIT", "formula"),
    ({"LIB_FAIT": "<script>alert(1)</script>"}, "LIB_FAIT", "markup"),
    ({"LIB_FAIT": "x\x07y"}, "LIB_FAIT", "control_characters"),
    ({"LIB_FAIT": "x" * 501}, "LIB_FAIT", "field_too_long"),
    ({"LIB_FAIT": '"vol'}, None, "broken_quotes"),
    ({"LIB_FAIT": "a;b"}, None, "field_count"),
]


@pytest.fixture(scope="module")
def bad(tmp_path_factory):
    """Clean one file that holds every kind of bad row, each between two good ones."""
    rows = [line(NUM_FAIT="G0")]
    for i, (cells, _, _) in enumerate(BAD_ROWS, start=1):
        rows += [line(**{"NUM_FAIT": f"B{i}", **cells}), line(NUM_FAIT=f"G{i}")]
    path = tmp_path_factory.mktemp("bad") / NAME
    path.write_text("\n".join([NOTICE, HEADER, *rows]) + "\n", encoding="utf-8-sig")
    return clean(path)


@pytest.mark.parametrize(
    ("i", "column", "rule"), [(i, c, r) for i, (_, c, r) in enumerate(BAD_ROWS, start=1)]
)
def test_a_bad_row_is_rejected_with_its_rule(bad, i, column, rule):
    rejected = bad.rejected[bad.rejected["row"] == 2 * i + 2].iloc[0]
    assert rejected["rule"] == rule
    assert pd.isna(rejected["column"]) if column is None else rejected["column"] == column
    for value in BAD_ROWS[i - 1][0].values():
        assert len(value) < 3 or value not in rejected["message"]


def test_the_good_rows_between_the_bad_ones_go_on(bad):
    assert bad.table["event_id"].tolist() == [f"G{i}" for i in range(len(BAD_ROWS) + 1)]
    assert len(bad.rejected) == len(BAD_ROWS)


ATTRIBUTES = [  # a faulty cell, the column and the rule; and what the column becomes: nothing
    ({"HEURE_FAIT": "25:00"}, "HEURE_FAIT", "impossible_hour", "event_hour"),
    ({"AGE_VICTIME": "150"}, "AGE_VICTIME", "impossible_age", "victim_age_band"),
    ({"FORME_VIF": "Q"}, "FORME_VIF", "unknown_code", "form"),
    ({"TENTATIVE": "peut-être"}, "TENTATIVE", "unknown_code", "attempt"),
    ({"NUM_PV": "4633"}, "NUM_PV", "malformed_report_id", "report_id"),
    ({"DATE_PV": "31/02/2021"}, "DATE_PV", "impossible_date", "report_date"),
]


@pytest.mark.parametrize(("cells", "column", "rule", "ours"), ATTRIBUTES)
def test_a_faulty_attribute_is_not_told_and_costs_no_row(deliver, cells, column, rule, ours):
    cleaned = clean(deliver(line(), line(NUM_FAIT="F2", **cells)))
    assert cleaned.summary() == [
        "read 2, kept 2, merged 0, rejected 0",
        f"remarked as {rule}: 1",
    ]
    assert cleaned.flagged[["row", "column", "rule"]].to_numpy().tolist() == [[4, column, rule]]
    assert cleaned.table[ours].isna().tolist() == [False, True]


def test_dutch_headers_and_words_are_read(deliver):
    head = (
        "FEITNUMMER;PV_NUMMER;DATUM_FEIT;UUR_FEIT;DATUM_PV;GEMEENTE;FEITCODE;OMSCHRIJVING;POGING;"
        "VORM_IFG;RELATIE_IFG;PLAATS;GESLACHT_SLACHTOFFER;LEEFTIJD_SLACHTOFFER;GESLACHT_VERDACHTE;"
        "LEEFTIJD_VERDACHTE;VERSIE;DATUM_EXTRACTIE;SYNTH"
    )
    row = line(COMMUNE="Elsene", TENTATIVE="J", SEXE_VICTIME="V", LIEU="woning", SYNTH="JA")
    event = clean(deliver(row, head=head)).table.iloc[0]
    assert event["territory"] == "21009"
    assert event["attempt"]
    assert (event["victim_sex"], event["place"]) == ("female", "home")


def test_latin_1_is_read_when_utf_8_does_not_fit(tmp_path):
    path = tmp_path / "police_2021_20220131.csv"
    path.write_bytes(f"{HEADER}\n{line(LIB_FAIT='Dégradé')}\n".encode("latin-1"))
    assert len(clean(path).table) == 1


def test_quoted_texts_may_hold_separators_and_line_ends(deliver):
    path = deliver(line(LIB_FAIT='"vol; avec\nviolence"'), line(NUM_FAIT="F2", COMMUNE="?"))
    cleaned = clean(path)
    assert cleaned.table["event_id"].tolist() == ["F1"]
    assert cleaned.rejected["row"].tolist() == [5]  # the record before it takes two lines


def test_the_latest_extraction_goes_before_the_highest_version(deliver):
    old = deliver(line(VERSION="9", COMMUNE="Jette"))
    new = deliver(line(DATE_EXTRACTION="30/06/2022"), name="police_2021_20220630.csv")
    cleaned = clean(new, old)
    assert cleaned.table["territory"].tolist() == ["21009"]
    assert cleaned.report[["file", "kept", "merged"]].to_numpy().tolist() == [
        ["police_2021_20220131.csv", 0, 1],
        ["police_2021_20220630.csv", 1, 0],
    ]


def test_the_year_of_the_name_is_covered_until_the_extraction(deliver):
    whole = clean(deliver(line())).report.iloc[0]
    assert whole["covered_from"] == pd.Timestamp("2021-01-01")
    assert whole["covered_to"] == pd.Timestamp("2021-12-31")
    early = deliver(line(DATE_EXTRACTION="01/07/2021"), name="police_2021_20210701.csv")
    assert clean(early).report["covered_to"].tolist() == [pd.Timestamp("2021-07-01")]


def test_the_day_of_extraction_given_by_the_caller_goes_first(deliver):
    cleaned = clean(deliver(line()), extracted="2021-03-04")
    assert cleaned.rejected["rule"].tolist() == ["future_date"]
    with pytest.raises(DeliveryError, match="write it as 2024-01-31"):
        clean(deliver(line()), extracted="31/01/2022")


def test_rows_are_named_by_line_of_the_file(deliver):
    blank = ";" * 18
    cleaned = clean(deliver(line(), "", blank, line(NUM_FAIT="F2", COMMUNE="Zaventem")))
    assert cleaned.rejected["row"].tolist() == [6]
    assert cleaned.report["read"].tolist() == [2]  # blank lines are no rows


def test_a_data_frame_is_read_like_a_file_and_left_alone():
    frame = pd.DataFrame([FACT, {**FACT, "NUM_FAIT": "F2", "COMMUNE": "Zaventem"}])
    before = frame.copy(deep=True)
    cleaned = clean_police(frame, profile="obs_sample")
    assert cleaned.table["event_id"].tolist() == ["F1"]
    assert cleaned.rejected[["file", "row"]].to_numpy().tolist() == [["table", 2]]
    assert_frame_equal(frame, before)


def test_a_gzip_file_gives_what_the_plain_file_gives(deliver, tmp_path):
    plain = deliver(line(), line(NUM_FAIT="F2"))
    packed = tmp_path / "police_2021_20220131.csv.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    packed_table = clean(packed).table.drop(columns="delivery")
    assert_frame_equal(packed_table, clean(plain).table.drop(columns="delivery"))


def test_cleaning_twice_equals_once(deliver, tmp_path):
    once = clean(deliver(line(), line(NUM_FAIT="F2", HEURE_FAIT="", AGE_VICTIME="")))
    twice = clean_police(once.table, profile="tidy")
    assert_frame_equal(twice.table, once.table)
    path, *_ = once.write(tmp_path / "out")
    assert_frame_equal(clean_police(path, profile="tidy").table, once.table)


def test_tidy_refuses_what_is_not_tidy():
    with pytest.raises(DeliveryError, match="not a tidy table .EVENTS"):
        clean_police(pd.DataFrame({"a": ["1"]}), profile="tidy")


def test_what_is_written_is_what_was_cleaned(deliver, tmp_path):
    cleaned = clean(deliver(line(), line(NUM_FAIT="F2", COMMUNE="Zaventem")))
    paths = cleaned.write(tmp_path / "out")
    assert [p.name for p in paths] == [
        "events.parquet",
        "rejected.csv",
        "report.csv",
        "coverage.csv",
        "unmatched.csv",
    ]
    assert_frame_equal(read_cleaned(paths[0]), cleaned.table)
    assert pq.read_table(paths[0]).num_rows == 1
    assert "unknown_territory" in paths[1].read_text()
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == sorted(p.name for p in paths)
    assert {p.read_bytes() for p in paths} == {
        p.read_bytes() for p in cleaned.write(tmp_path / "o")
    }


def test_what_is_written_cannot_go_over_a_file(deliver, tmp_path):
    (tmp_path / "out").write_text("kept")
    with pytest.raises(DeliveryError, match="give a folder"):
        clean(deliver(line())).write(tmp_path / "out")


def test_a_damaged_tidy_file_is_refused(tmp_path):
    (tmp_path / "events.parquet").write_bytes(b"PAR1 no")
    with pytest.raises(DeliveryError, match="not an Apache Parquet file"):
        read_cleaned(tmp_path / "events.parquet")
    with pytest.raises(DeliveryError, match="no such file"):
        read_cleaned(tmp_path / "other.parquet")


def test_a_profile_of_another_source_is_refused(tmp_path):
    from dataclasses import replace

    from obs.clean import load_profile

    with pytest.raises(CatalogueError, match="use clean_prosecutor"):
        clean_police(pd.DataFrame(), profile=replace(load_profile("obs_sample"), kind="prosecutor"))


def _expected(rows):
    """Settle rows in plain Python: ids kept with their commune, rows merged and rejected."""
    places = {"Ixelles": "21009", "21004": "21004"}
    by_id, rejected = {}, 0
    for row in rows:
        good = row["NUM_FAIT"] and row["COMMUNE"] in places and row["DATE_FAIT"] != "31/02/2021"
        if good:
            version = float(row["VERSION"] or -1)
            by_id.setdefault(row["NUM_FAIT"], []).append((version, places[row["COMMUNE"]]))
        rejected += not good
    kept = {}
    for event_id, versions in by_id.items():
        last = {place for version, place in versions if version == max(versions)[0]}
        if len(last) == 1:
            kept[event_id] = last.pop()
        else:
            rejected += len(versions)
    return kept, len(rows) - rejected - len(kept), rejected


@pytest.mark.parametrize("seed", [0, 1])
def test_any_mix_of_rows_settles_as_in_plain_python_in_any_order(seed):
    rng = np.random.default_rng(seed)
    pools = {
        "NUM_FAIT": [*(f"F{i}" for i in range(150)), ""],
        "COMMUNE": ["Ixelles", "Ixelles", "21004", "Bruxelles", "Zaventem"],
        "VERSION": ["1", "2", ""],
        "DATE_FAIT": ["05/03/2021", "2021-03-05", "31/02/2021"],
    }
    rows = [{**FACT, **{c: str(rng.choice(v)) for c, v in pools.items()}} for _ in range(500)]
    kept, merged, rejected = _expected(rows)
    for order in (np.arange(500), rng.permutation(500)):
        cleaned = clean_police(pd.DataFrame([rows[i] for i in order]), profile="obs_sample")
        assert dict(cleaned.table[["event_id", "territory"]].to_numpy().tolist()) == kept
        assert cleaned.report[["merged", "rejected"]].to_numpy().tolist() == [[merged, rejected]]


def test_the_notice_alone_marks_a_file_synthetic(tmp_path):
    head = HEADER.removesuffix(";SYNTH")
    for notice, expected in ((f"{NOTICE}\n", True), ("", False)):
        path = tmp_path / "police_2021_20220131.csv"
        path.write_text(f"{notice}{head}\n{line().removesuffix(';OUI')}\n")
        cleaned = clean(path)
        assert cleaned.table["synthetic"].tolist() == [expected]
        assert cleaned.report["synthetic"].tolist() == [expected]
