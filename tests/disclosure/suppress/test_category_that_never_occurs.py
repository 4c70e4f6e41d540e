"""A category without a row holds nobody: the categories that are shown add up to all.

Acts of violence have a relation "family", for sources that tell no more. In a source that tells
more, no act has it and no table a row for it. Who sees the other relations adds them up.
"""

import numpy as np
import pandas as pd
import pytest

import obs
from tests.disclosure.small_town import dress

PLACES = [str(code) for code in (*range(21001, 21020), *range(5339, 5345))] + ["04000"]
ALL = [19, 4, 1, 42, 9, 7, 4, 6, 15, 8, 6, 20, 6, 5, 20, 8, 1, 8, 4, 57, 41, 29, 13, 21, 32, 193]
PHYSICAL = [
    12,
    4,
    0,
    32,
    4,
    4,
    4,
    6,
    10,
    7,
    6,
    14,
    6,
    3,
    15,
    5,
    1,
    4,
    4,
    42,
    33,
    22,
    10,
    12,
    22,
    141,
]
CLASSES = {
    ("all", "all"): 193,
    ("all", "couple"): 150,
    ("all", "descendant"): 23,
    ("all", "other_family"): 20,
    ("economic", "all"): 4,
    ("economic", "couple"): 4,
    ("physical", "all"): 141,
    ("physical", "couple"): 98,
    ("physical", "descendant"): 23,
    ("physical", "other_family"): 20,
    ("psychological", "all"): 47,
    ("psychological", "couple"): 47,
    ("sexual", "all"): 1,
    ("sexual", "couple"): 1,
}
COVER = {"economic": 10, "sexual": 20}


def counted(rows, indicator):
    return dress(pd.DataFrame(rows), indicator=indicator, period="2023")


@pytest.fixture(scope="module")
def released():
    """Release violence by place, and by form and relation, as a year of a small region has it."""
    years = [
        counted({"territory": PLACES, "numerator": counts}, indicator)
        for indicator, counts in (("vif_total", ALL), ("vif_physical", PHYSICAL))
    ]
    form, relation = zip(*CLASSES, strict=True)
    classes = {"territory": "04000", "form": form, "relation": relation}
    classes["numerator"] = list(CLASSES.values())
    return obs.release({"years": pd.concat(years), "classes": counted(classes, "vif_total")})


def seen(released, relation):
    """Give what is shown of each form, "all" worked out from the relations where it can be."""
    table = released["classes"].table
    shown = {
        (row.form, row.relation): row.numerator
        for row in table.itertuples()
        if not pd.isna(row.numerator)
    }
    others = [shown.get(("all", r)) for r in ("couple", "descendant", "other_family")]
    if relation == "all" and None not in others:
        shown["all", "all"] = sum(others)
    forms = ("all", "economic", "physical", "psychological", "sexual")
    return {f: shown[f, relation] for f in forms if (f, relation) in shown}


@pytest.mark.parametrize("relation", ["all", "couple"])
@pytest.mark.parametrize("form", COVER)
def test_a_small_form_may_be_all_that_its_cover_asks(released, form, relation):
    figures = seen(released, relation)
    assert form not in figures
    total = figures.pop("all", np.inf)
    hidden = 4 - len(figures)
    most = total - sum(figures.values()) - (hidden - 1)  # each other one is 1 at least
    assert most >= COVER[form]
