"""Interviews of several files: days of extraction, hostile cells, which come twice, all answers."""

from dataclasses import replace

import pandas as pd
import pytest

from obs.clean import clean_survey, load_profile
from obs.errors import CodeError
from tests.clean.supplier_rows import BURGLED, CALM

HEAD = ";".join(CALM)


@pytest.fixture
def clean(tmp_path):
    """Give a function that cleans files (name = interviews)."""

    def of(**options):
        files = options.pop("files")
        paths = []
        for name, rows in files.items():
            paths.append(tmp_path / name)
            text = "\n".join([HEAD, *(";".join(row.values()) for row in rows)]) + "\n"
            paths[-1].write_text(text, encoding="utf-8")
        return clean_survey(paths, **{"profile": "obs_sample_business"} | options)

    return of


def interview(number, **cells):
    return {**CALM, "ID": f"{number:04d}", **cells}


def report(made):
    return made.report[["file", "read", "kept", "merged", "rejected"]].to_numpy().tolist()


def test_an_interview_in_two_files_is_one_and_two_that_differ_are_none(clean):
    made = clean(
        files={
            "business_2021.csv": [interview(1), interview(2), interview(3)],
            "more_2021.csv": [interview(1), interview(2, COMMUNE="Jette"), interview(4)],
        }
    )
    assert made.table["respondent_id"].tolist() == ["0001", "0003", "0004"]
    assert report(made) == [["business_2021.csv", 3, 2, 0, 1], ["more_2021.csv", 3, 1, 1, 1]]
    assert made.rejected[["file", "row", "rule"]].to_numpy().tolist() == [
        ["business_2021.csv", 3, "conflicting_duplicate"],
        ["more_2021.csv", 3, "conflicting_duplicate"],
    ]
    assert set(made.answers["respondent_id"]) == {"0001", "0003", "0004"}
    assert made.first["fate"].tolist() == ["kept", "rejected", "kept", "merged", "rejected", "kept"]
    assert made.table["delivery"].tolist() == ["business_2021.csv"] * 2 + ["more_2021.csv"]


def test_a_faulty_interview_contradicts_no_other(clean):
    made = clean(files={"a.csv": [interview(1), interview(1, V_VEH="7")]})
    assert made.table["respondent_id"].tolist() == ["0001"]
    assert made.rejected["rule"].tolist() == ["unknown_answer"]


def test_the_first_hostile_cell_rejects_whatever_else_is_wrong(clean):
    first, second = "COMMUNE", "SECTEUR"
    made = clean(
        files={
            "a.csv": [interview(1)],
            "b.csv": [
                interview(2),
                interview(3, **{first: "=1", second: "<b>x</b>"}),
                interview(4, V_VEH="7"),
            ],
        }
    )
    found = made.rejected[["file", "row", "column", "rule"]].to_numpy().tolist()
    names = list(CALM)
    earlier = min((first, second), key=names.index)
    assert found == [
        ["b.csv", 3, earlier, "formula" if earlier == first else "markup"],
        ["b.csv", 4, "V_VEH", "unknown_answer"],
    ]


def test_the_day_of_extraction_is_given_or_told_by_the_name(clean):
    rows = {"business_2021_20220131.csv": [interview(1)]}
    own = load_profile("obs_sample_business")
    own = replace(own, file=replace(own.file, extracted=r"_(\d{8})"))
    assert clean(files=rows, profile=own).table["extracted"].tolist() == [
        pd.Timestamp("2022-01-31")
    ]
    given = clean(files=rows, profile=own, extracted="2023-01-01")
    assert given.table["extracted"].tolist() == [pd.Timestamp("2023-01-01")]
    assert clean(files={"x.csv": [interview(1)]}, profile=own).table["extracted"].isna().all()


def test_every_question_stands_beside_the_respondents_unless_some_are_asked_for(clean):
    made = clean(files={"a.csv": [interview(1), BURGLED]})
    every = made.with_answers()
    asked = made.answers[["question", "item"]].drop_duplicates()
    names = [q if item == "all" else f"{q}_{item}" for q, item in asked.to_numpy()]
    assert list(every.columns) == [*made.table.columns, *names]
    assert list(made.with_answers("safe").columns) == [*made.table.columns, "safe"]
    with pytest.raises(CodeError, match="no question 'age'"):
        made.with_answers("safe", "age")


def test_remarks_are_of_kept_interviews_alone(clean):
    astray = {"D_CAMB": "1"}
    made = clean(
        files={"a.csv": [interview(1, **astray), interview(2), interview(3, **astray, V_VEH="7")]}
    )
    assert made.table["remark"].fillna("-").tolist() == ["routing", "-"]
    assert made.flagged[["row", "column", "rule"]].to_numpy().tolist() == [[2, "D_CAMB", "routing"]]
