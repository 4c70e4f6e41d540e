"""Prosecutor's cases: dates, links, and what is never done with them."""

import pandas as pd
import pytest

from obs.clean import clean_prosecutor, read_cleaned
from obs.clean.judge.case_links import follow_links
from obs.errors import CatalogueError, SchemaError
from obs.indicators import count_events
from tests.clean.supplier_rows import CASE

pytestmark = pytest.mark.slow


def clean(*cases, **options):
    table = pd.DataFrame([{**CASE, **one} for one in cases])
    return clean_prosecutor(table, profile="obs_sample_prosecutor", **options)


def rules(cleaned):
    return cleaned.rejected[["row", "column", "rule"]].to_numpy().tolist()


def test_a_case_is_read_with_its_codes():
    row = clean({}).table.iloc[0]
    assert row["charge"] == "COUPS"
    assert row["phenomenon"] == "assault"
    assert row["context"] == "couple"
    assert row["decision"] == "summons"
    assert row["territory"] == "21009"
    assert row["entry_date"] == pd.Timestamp("2021-01-04")
    assert row["extracted"] == pd.Timestamp("2022-01-31")


def test_no_context_is_none_and_not_missing():
    assert clean({"CONTEXTE": ""}).table["context"].tolist() == ["none"]


FAULTY = [
    ({"DATE_CLOTURE": "01/01/2021"}, "DATE_CLOTURE", "closed_before_entry"),
    ({"DATE_CLOTURE": ""}, "DATE_CLOTURE", "decision_mismatch"),
    ({"MODE_CLOTURE": "EN-COURS"}, "DATE_CLOTURE", "decision_mismatch"),
    ({"MODE_CLOTURE": "ZZ-99"}, "MODE_CLOTURE", "unknown_code"),
    ({"PREVENTION": "FANTAISIE"}, "PREVENTION", "unknown_offence"),
    ({"DATE_ENTREE": "31/02/2021"}, "DATE_ENTREE", "impossible_date"),
    ({"DATE_ENTREE": ""}, "DATE_ENTREE", "missing_key"),
    ({"DATE_CLOTURE": "01/02/2022"}, "DATE_CLOTURE", "future_date"),
    ({"COMMUNE": "Zaventem"}, "COMMUNE", "unknown_territory"),
    ({"NOTICE": "A", "NOTICE_MERE": "A"}, "NOTICE_MERE", "own_link"),
    ({"NOTICE": "B", "NOTICE_SUIVANTE": "B"}, "NOTICE_SUIVANTE", "own_link"),
    ({"PREMIERE_CLOTURE": "03/01/2021"}, "PREMIERE_CLOTURE", "closed_before_entry"),
    ({"PREMIERE_CLOTURE": "01/05/2021"}, "DATE_REOUVERTURE", "reopening_order"),
    ({"DATE_REOUVERTURE": "01/05/2021"}, "DATE_REOUVERTURE", "reopening_order"),
    (
        {"PREMIERE_CLOTURE": "01/05/2021", "DATE_REOUVERTURE": "01/04/2021"},
        "DATE_REOUVERTURE",
        "reopening_order",
    ),
    ({"PREVENTION": "=1+1"}, "PREVENTION", "formula"),
]


@pytest.fixture(scope="module")
def faulty():
    """Clean all faulty cases together, after a sound one."""
    rows = [{"NOTICE": f"FR-2021/{i:06d}", **cells} for i, (cells, _, _) in enumerate(FAULTY, 100)]
    return clean({"NOTICE": "FR-2021/000002"}, *rows)


@pytest.mark.parametrize("i", range(len(FAULTY)))
def test_a_faulty_case_is_rejected_by_its_rule(faulty, i):
    _, column, rule = FAULTY[i]
    assert rules(faulty)[i] == [i + 2, column, rule]


def test_the_sound_case_among_faulty_ones_stays(faulty):
    assert len(faulty.rejected) == len(FAULTY)
    assert faulty.table["case_id"].tolist() == ["FR-2021/000002"]


def test_a_context_that_is_not_known_is_not_told():
    cleaned = clean({"CONTEXTE": "VIF-Z"})
    assert cleaned.table["context"].isna().all()
    assert cleaned.flagged[["row", "column", "rule"]].to_numpy().tolist() == [
        [1, "CONTEXTE", "unknown_code"]
    ]


def test_a_later_extraction_supersedes():
    open_ = {"MODE_CLOTURE": "EN-COURS", "DATE_CLOTURE": "", "DATE_EXTRACTION": "31/01/2021"}
    cleaned = clean(open_, {})
    assert cleaned.table["decision"].tolist() == ["summons"]
    assert cleaned.report["merged"].tolist() == [1]


def test_two_states_of_one_extraction_contradict():
    cleaned = clean({}, {"MODE_CLOTURE": "MEDIATION"})
    assert [rule for *_, rule in rules(cleaned)] == ["conflicting_duplicate"] * 2


def test_daughters_follow_their_mother_and_transfers_their_successor():
    daughter = {"MODE_CLOTURE": "JONCTION", "DATE_CLOTURE": "02/02/2021"}
    sent = {"MODE_CLOTURE": "DISPO", "DATE_CLOTURE": "03/02/2021"}
    cleaned = clean(
        {"NOTICE": "A"},
        {"NOTICE": "B", "NOTICE_MERE": "A", **daughter},
        {"NOTICE": "C", "NOTICE_MERE": "B", **daughter},
        {"NOTICE": "D", "NOTICE_SUIVANTE": "A", **sent},
        {"NOTICE": "E", "NOTICE_MERE": "HV-2021/1", **daughter},
        {"NOTICE": "F", "NOTICE_SUIVANTE": "LE-2021/1", **sent},
        {"NOTICE": "G", **sent},
    )
    table = cleaned.table.set_index("case_id")
    assert table["link"].tolist() == [
        *("own", "joined", "joined", "transferred", "joined_lost", "transfer_lost"),
        "transfer_lost",
    ]
    assert table.loc[["B", "C", "D"], "lead_id"].tolist() == ["A", "A", "A"]
    assert table.loc[["B", "C", "D"], "outcome"].tolist() == ["summons"] * 3
    assert table.loc[["E", "F"], "outcome"].tolist() == ["joinder", "disposition"]
    assert table.loc["B", ["decision", "mother_id"]].tolist() == ["joinder", "A"]
    noted = cleaned.flagged[["row", "rule"]].to_numpy().tolist()
    assert noted == [[5, "lost_mother"], [6, "lost_transfer"], [7, "lost_transfer"]]
    assert cleaned.summary()[1:] == [
        "remarked as lost_mother: 1",
        "remarked as lost_transfer: 2",
    ]


def test_a_circle_of_links_has_no_outcome():
    ring = pd.DataFrame(
        {
            "case_id": ["A", "B", "C"],
            "mother_id": ["B", "A", "A"],
            "decision": "joinder",
            "decision_date": pd.Timestamp("2021-02-01"),
        }
    )
    followed = follow_links(ring)
    assert followed["link"].tolist() == ["circular"] * 3
    assert followed[["lead_id", "outcome", "outcome_date"]].isna().all().all()


def test_a_long_chain_is_followed_to_its_end():
    n = 1_000
    chain = pd.DataFrame(
        {
            "case_id": [str(i) for i in range(n)],
            "mother_id": [None, *(str(i) for i in range(n - 1))],
            "decision": ["summons", *["joinder"] * (n - 1)],
            "decision_date": pd.Timestamp("2021-02-01"),
        }
    ).astype({"mother_id": "str"})
    assert follow_links(chain)["lead_id"].eq("0").all()


def test_the_input_is_not_modified():
    cases = clean({}).table.drop(columns=["link", "lead_id", "outcome", "outcome_date"])
    before = cases.copy()
    follow_links(cases)
    pd.testing.assert_frame_equal(cases, before)


def test_a_case_is_never_counted_as_an_offence():
    with pytest.raises(SchemaError, match="EVENTS"):
        count_events(clean({}).table)


def test_what_is_written_is_read_back_with_its_remarks(tmp_path):
    cleaned = clean({"MODE_CLOTURE": "DISPO"})
    names = [path.name for path in cleaned.write(tmp_path)]
    assert names == ["cases.parquet", "rejected.csv", "report.csv", "flagged.csv", "coverage.csv"]
    pd.testing.assert_frame_equal(read_cleaned(tmp_path / "cases.parquet"), cleaned.table)
    again = clean_prosecutor(tmp_path / "cases.parquet", profile="tidy")
    pd.testing.assert_frame_equal(again.table, cleaned.table)
    plain = [path.name for path in clean({}).write(tmp_path)]
    assert plain == ["cases.parquet", "rejected.csv", "report.csv", "coverage.csv"]
    assert not (tmp_path / "flagged.csv").exists()


def test_a_profile_of_another_source_is_refused():
    with pytest.raises(CatalogueError, match="use clean_police"):
        clean_prosecutor(pd.DataFrame([CASE]), profile="obs_sample")


def test_rows_of_one_charge_are_added_and_identical_ones_count_once(tmp_path):
    row = "CONTRA LA FAMILIA;ATENTADOS;149;Omisión;{n};140101;2021;10/01/2022"
    head = "generico;subgenerico;articulo;des_articulo;cantidad;ubigeo;anio_denuncia;fecha_descarga"
    path = tmp_path / "peru.csv"
    lines = [row.format(n=n) for n in (5, 3, 3)] + [row.replace("149", "S/Art").format(n=2)]
    path.write_text("\n".join([head, *lines]) + "\n", encoding="utf-8-sig")
    cleaned = clean_prosecutor(path, profile="peru_mpfn_lambayeque")
    assert cleaned.table["numerator"].tolist() == [8, 2]
    assert cleaned.table["charge"].str.split(" / ").str[2].tolist() == ["149", "unspecified"]
    assert cleaned.table["unit"].eq("case").all()
    assert cleaned.report[["read", "kept", "merged"]].to_numpy().tolist() == [[4, 2, 2]]
    assert cleaned.flagged["rule"].tolist() == ["added_rows"]
