"""What the officer's page lists of relations: those declared, and how many equations are loosened."""

import pandas as pd

from obs.disclosure import release
from obs.disclosure.audit.relations_used import RELATIONS, relations_used
from tests.disclosure.cells.test_relations import REPORTS, at, rows
from tests.disclosure.cells.test_surveys import REPORTED, answers, table
from tests.disclosure.small_town import entry, make_town, whole

TOWN = make_town()


def lines(released):
    used = relations_used(released)
    assert set(used["relation"]) <= set(RELATIONS)
    return {tuple(row) for row in used.drop(columns="because").itertuples(index=False, name=None)}


def test_each_declared_relation_is_a_line_with_what_is_loosened():
    """In A the reports exceed the facts, so that there they are not at most the facts."""
    made = [at(p, n, "facts") for p, n in (("A", 2), ("B", 9))]
    made += [at(p, n, "reports", unit="pv") for p, n in (("A", 3), ("B", 4))]
    found = lines(release(rows(*made), territory=TOWN, catalogue=REPORTS))
    assert ("at_most", "reports", "facts", 1) in found
    assert {line[:3] for line in found if line[1] == "facts"} == {
        ("sum", "facts", way) for way in ("area", "time", "offence")
    }


def test_a_sum_that_leaves_something_over_is_counted():
    made = whole({"A": 30, "B": 40, "C": 30, "D": 25, "E": 60})
    made.loc[made["territory"] == "R", ["numerator", "n"]] = 200  # 15 facts of no known place
    made["value"] = (made["numerator"] / 10).astype("Float64")
    found = lines(release(made, territory=TOWN, catalogue={"theft": entry()}))
    assert {line[3] for line in found if line[:3] == ("sum", "theft", "area")} == {1}


def test_the_question_of_a_survey_is_a_line():
    released = release(table(*answers(**REPORTED)))
    assert ("answers", "business_reporting", "business_2021 reported", 0) in lines(released)
    assert isinstance(relations_used(released), pd.DataFrame)
