"""Interviews: residues, routing, what cannot be, and the dictionary that says so."""

from dataclasses import replace

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from obs.clean import clean_survey, load_profile, read_cleaned
from obs.clean.profiles.questionnaire_files import list_questionnaires, load_questionnaire
from obs.errors import CatalogueError, CodeError, DeliveryError
from tests.clean.supplier_rows import BURGLED, CALM, REASONS

pytestmark = pytest.mark.slow


def clean(*rows, profile="obs_sample_business"):
    return clean_survey(pd.DataFrame(rows), profile=profile)


def answer(cleaned, question, item="all"):
    found = cleaned.answers.query("question == @question and item == @item").iloc[0]
    return [None if pd.isna(v) else v for v in found[["value", "status", "reason"]]]


def rules(cleaned):
    return cleaned.rejected[["row", "column", "rule"]].to_numpy().tolist()


def test_an_interview_gives_its_design_and_its_answers():
    cleaned = clean(BURGLED)
    row = cleaned.table.iloc[0]
    assert row[["respondent_id", "weight", "stratum", "territory", "unit"]].tolist() == [
        *("2", 71.0, "PP-A1-COM", "21007", "business")
    ]
    assert row[["sample", "sector", "size"]].tolist() == ["natural", "shops", "small"]
    assert answer(cleaned, "victim", "burglary") == ["yes", "ok", None]
    assert answer(cleaned, "reported", "burglary") == ["sometimes", "ok", None]
    assert answer(cleaned, "reported", "fraud") == [None, "not_applicable", "not_asked"]
    assert answer(cleaned, "reasons", "not_worth") == ["named", "ok", None]
    assert answer(cleaned, "satisfied") == ["very", "ok", None]
    assert cleaned.flagged.empty


def test_residue_codes_become_missing_with_their_reason():
    cleaned = clean({**BURGLED, "SECURITE": "8", "SATISF": "9"})
    assert answer(cleaned, "safe") == [None, "missing", "dont_know"]
    assert answer(cleaned, "satisfied") == [None, "missing", "refused"]
    assert cleaned.flagged.empty


def test_a_residue_does_not_open_the_questions_that_follow():
    told = {**BURGLED, "D_CAMB": "8", "SATISF": "", **{f"R_{r}": "" for r in REASONS}}
    cleaned = clean(told)
    assert answer(cleaned, "reasons", "not_worth") == [None, "not_applicable", "not_asked"]
    assert cleaned.flagged.empty


def test_an_answer_that_was_not_to_be_given_is_set_aside_and_remarked():
    cleaned = clean({**CALM, "D_CAMB": "1"})
    assert answer(cleaned, "reported", "burglary") == [None, "not_applicable", "routing"]
    assert cleaned.table["remark"].tolist() == ["routing"]
    assert cleaned.flagged[["row", "column", "rule"]].to_numpy().tolist() == [
        [1, "D_CAMB", "routing"]
    ]


def test_a_blank_where_an_answer_was_due_is_missing_and_remarked():
    cleaned = clean({**BURGLED, "D_CAMB": "", "SATISF": "", **{f"R_{r}": "" for r in REASONS}})
    assert answer(cleaned, "reported", "burglary") == [None, "missing", "no_answer"]
    assert cleaned.flagged["column"].tolist() == ["D_CAMB"]


FAULTY = [
    ({"V_VEH": "7"}, "V_VEH", "unknown_answer"),
    ({"SECURITE": "x"}, "SECURITE", "unknown_answer"),
    ({"SECTEUR": "MINES"}, "SECTEUR", "unknown_answer"),
    ({"POIDS": "0"}, "POIDS", "impossible_weight"),
    ({"POIDS": ""}, "POIDS", "impossible_weight"),
    ({"POIDS": "-3"}, "POIDS", "impossible_weight"),
    ({"POIDS": "7.1"}, "POIDS", "impossible_weight"),  # the profile's mark is a comma
    ({"COMMUNE": "Zaventem"}, "COMMUNE", "unknown_territory"),
    ({"COMMUNE": ""}, "COMMUNE", "missing_key"),
    ({"STRATE": ""}, "STRATE", "missing_key"),
    ({"ID": ""}, "ID", "missing_key"),
    ({"SECURITE": "=1+1"}, "SECURITE", "formula"),
    ({"TAILLE": "<b>A1</b>"}, "TAILLE", "markup"),
]


@pytest.fixture(scope="module")
def faulty():
    """Clean all faulty interviews together, before and after sound ones."""
    rows = [{**CALM, "ID": f"{100 + i}", **cells} for i, (cells, _, _) in enumerate(FAULTY)]
    return clean(BURGLED, *rows, {**CALM, "ID": "3"})


@pytest.mark.parametrize("i", range(len(FAULTY)))
def test_a_faulty_interview_is_rejected_by_its_rule(faulty, i):
    _, column, rule = FAULTY[i]
    assert rules(faulty)[i] == [i + 2, column, rule]


def test_the_sound_interviews_among_faulty_ones_stay_whole(faulty):
    assert len(faulty.rejected) == len(FAULTY)
    assert faulty.table["respondent_id"].tolist() == ["2", "3"]
    assert set(faulty.answers["respondent_id"]) == {"2", "3"}


def test_the_same_interview_twice_merges_and_two_different_ones_contradict():
    twice = clean(CALM, CALM)
    assert twice.report[["read", "kept", "merged"]].to_numpy().tolist() == [[2, 1, 1]]
    differ = clean(CALM, {**CALM, "SECURITE": "1"}, BURGLED)
    assert [rule for *_, rule in rules(differ)] == ["conflicting_duplicate"] * 2
    assert differ.table["respondent_id"].tolist() == ["2"]


def test_answers_that_cannot_go_together_reject_the_interview():
    school = {
        **{"cds": "1", "stype": "E", "name": "A school", "pw": "44.2", "fpc": "4421"},
        **{"api00": "840", "api99": "816", "enroll": "276", "meals": "33"},
        **{"sch.wide": "No", "comp.imp": "No", "both": "Yes"},
    }
    cleaned = clean(school, {**school, "cds": "2", "both": "No"}, profile="apistrat")
    assert rules(cleaned) == [[1, "both", "impossible_combination"]]
    assert cleaned.with_answers("enrolled")["enrolled"].tolist() == [276.0]


def test_a_column_per_item_stands_beside_the_respondents():
    cleaned = clean(CALM, BURGLED)
    wide = cleaned.with_answers("reported", "safe")
    assert wide["reported_burglary"].fillna("-").tolist() == ["-", "sometimes"]
    assert wide["safe"].tolist() == ["rarely", "rarely"]
    assert "safe" not in cleaned.table
    with pytest.raises(CodeError, match="no question 'age'; the questionnaire has victim"):
        cleaned.with_answers("age")


def test_order_of_rows_is_irrelevant_and_input_is_not_modified():
    rows = pd.DataFrame([CALM, BURGLED])
    before = rows.copy()
    one = clean_survey(rows, profile="obs_sample_business")
    other = clean_survey(rows[::-1], profile="obs_sample_business")
    assert_frame_equal(rows, before)
    order = {"ignore_index": True}
    assert_frame_equal(
        one.table, other.table.sort_values("respondent_id", **order), check_exact=True
    )


def test_what_is_written_is_read_back(tmp_path):
    cleaned = clean(CALM, BURGLED)
    names = [path.name for path in cleaned.write(tmp_path)]
    assert names == ["respondents.parquet", "answers.parquet", "rejected.csv", "report.csv"]
    assert_frame_equal(read_cleaned(tmp_path / "respondents.parquet"), cleaned.table)


def test_a_file_that_lacks_a_question_is_refused():
    with pytest.raises(DeliveryError, match="missing: 'SECURITE'"):
        clean({k: v for k, v in CALM.items() if k != "SECURITE"})


@pytest.mark.parametrize("name", list_questionnaires())
def test_packaged_questionnaires_are_worded_in_three_languages(name):
    one = load_questionnaire(name)
    sizes = {lang: len(one.labels(lang)) for lang in ("fr", "nl", "en")}
    assert len(set(sizes.values())) == 1
    assert all(one.labels(lang)["label"].str.len().gt(0).all() for lang in sizes)


def test_totals_of_the_population_name_the_codes_of_a_covariate():
    assert load_questionnaire("apistrat").totals == {
        "type": {"elementary": 4421, "high": 755, "middle": 1018}
    }


BAD = [
    ('unit = "business"', 'unit = "firm"', "unit: 'firm' is not one of"),
    ('routing = "flag"', 'routing = "mend"', "routing: 'mend' is not one of flag, reject"),
    ('kind = "multiple"', 'kind = "many"', "questions.2.kind: 'many' is not one of"),
    ('column = "SATISF"', "", "question 'satisfied': needs a column or items"),
    ('answers = ["yes"]', 'answers = ["oui"]', "'oui' is no answer to 'victim'"),
    ('question = "victim"', 'question = "victims"', "asked after 'victims'"),
    ('given = ["3"], fr = "jamais"', 'given = ["8"], fr = "jamais"', "'8' stands for two answers"),
    ('id = "safe"', 'id = "victim"', "'victim' comes twice"),
    ('name = "sample"', 'name = "weight"', "the name is taken"),
    ('respondent = ["ID"]', "respondent = []", "the columns that name a respondent"),
    ("[design]", '[totals]\nsize = { none = 3 }\n[design]', "totals.size: must give the size"),
    ("[design]", "[desing]", "unknown key 'desing' (did you mean 'design'"),
    (', nl = "handel"', "", "covariates.1.answers.0: has no text in nl, as the title has"),
    ('fr = "jamais"', 'de = "nie", fr = "jamais"', "has a text in de, which the title has not"),
    ("[design]", "[design", "not valid TOML"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "fault"), BAD)
def test_a_faulty_questionnaire_is_told(root, tmp_path, old, new, fault):
    text = (root / "obs/clean/questionnaires/business_2021.toml").read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "mine.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(CatalogueError) as caught:
        load_questionnaire(path)
    assert fault in str(caught.value)


def test_an_unknown_questionnaire_lists_the_known_ones():
    profile = replace(load_profile("obs_sample_business"), questionnaire="business")
    with pytest.raises(CatalogueError, match="no questionnaire 'business': give one of apiclus1"):
        clean(CALM, profile=profile)


def test_a_questionnaire_may_reject_what_breaks_its_routing(root, tmp_path):
    text = (root / "obs/clean/questionnaires/business_2021.toml").read_text(encoding="utf-8")
    path = tmp_path / "strict.toml"
    path.write_text(text.replace('routing = "flag"', 'routing = "reject"'), encoding="utf-8")
    profile = replace(load_profile("obs_sample_business"), questionnaire=str(path))
    cleaned = clean(BURGLED, {**CALM, "D_CAMB": "1"}, profile=profile)
    assert rules(cleaned) == [[2, "D_CAMB", "routing"]]
