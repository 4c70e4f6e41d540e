"""The officer's page, number by number, from an audit of a few rows."""

import re
from html import unescape
from types import SimpleNamespace

import pandas as pd
import pytest

from obs.disclosure import audit_report, release
from obs.disclosure.audit.relations_used import relations_used
from tests.disclosure.small_town import entry, make_town, whole

COUNTS = {"A": 3, "B": 40, "C": 30, "D": 25, "E": 60}
SHOWN = release(
    {"t": whole(COUNTS)},
    territory=make_town(),
    catalogue={"theft": entry(), "harm": entry(disclosure="sensitive")},
)


def found(*rows):
    """Make an audit: least, most, how it is withheld, whether it is safe, whether by a guess."""
    made = [
        {
            "table": "t",
            "indicator": "theft",
            "territory": place,
            "period": "2022",
            "breakdowns": marks,
            "status": status,
            "low": low,
            "high": high,
            "safe": safe,
            "guessed": guessed,
        }
        for place, marks, status, low, high, safe, guessed in rows
    ]
    return pd.DataFrame(made).astype({"low": "Int64", "high": "Int64"})


def row(low=1, high=10, *, place="A", marks="", status="primary", safe=True, guessed=False):
    return place, marks, f"suppressed_{status}", low, high, safe, guessed


def page(*rows, **options):
    return audit_report(SHOWN, audited=found(*rows), **options)


def table(text, caption):
    """Read the head and the rows of the table under a caption."""
    own = text.split(f"<caption>{caption}</caption>")[1].split("</table>")[0]
    lines = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", line) for line in own.split("<tr>")[1:]]
    return [[unescape(c) for c in line] for line in lines]


UNSAFE = "Counts that are not safe"
LEFT = "Every withheld count and the interval a reader can compute"
WIDTHS = "Counts withheld, by the width of the interval that is left"


@pytest.mark.parametrize(
    ("rows", "verdict", "kind", "listed"),
    [
        ([row()], "Every withheld figure keeps the doubt", "safe", 0),
        ([row(), row(safe=False)], "1 withheld figure can be narrowed too far", "unsafe", 1),
        ([row(safe=False)] * 2, "2 withheld figures can be narrowed too far", "unsafe", 2),
        (
            [row(safe=False, guessed=True, status="secondary")],
            "1 figure can be narrowed by who supposes",
            "unsafe",
            1,
        ),
        (
            [row(safe=False), row(safe=False, guessed=True, status="secondary")],
            "1 withheld figure can be narrowed too far",
            "unsafe",
            2,
        ),
    ],
)
def test_the_verdict_says_how_many_are_not_safe(rows, verdict, kind, listed):
    text = page(*rows)
    assert re.search(rf'<p class="verdict {kind}">{verdict}', text)
    assert UNSAFE in text if listed else UNSAFE not in text
    if listed:
        assert len(table(text, UNSAFE)) == 1 + listed


def test_every_count_is_listed_with_its_interval():
    rows = row(1, 1_200, marks="form=all relation=couple"), row(5, None, safe=False, guessed=True)
    head, *lines = table(page(*rows), LEFT)
    assert head == ["table", "indicator", "area", "period", "breakdowns", "withheld", "least", "most",
                    "safe"]  # fmt: skip
    assert lines == [
        ["t", "theft", "A", "2022", "relation=couple", "for itself", "1", "1,200", "yes"],
        ["t", "theft", "A", "2022", "", "for itself", "5", "–", "no, by a guess"],
    ]
    assert table(page(row(safe=False)), LEFT)[1][-1] == "no"


def test_intervals_are_counted_by_their_width():
    widths = [(3, 3), (3, 4), (3, 7), (3, 8), (3, 12), (3, 13), (3, 52), (3, 53), (3, None)]
    rows = [row(low, high) for low, high in widths]
    lines = table(page(*rows, row(3, 3, status="source")), WIDTHS)
    assert lines == [
        ["withheld", "0", "1 to 4", "5 to 9", "10 to 49", "50 or more", "no upper limit"],
        ["by the source", "1", "0", "0", "0", "0", "0"],
        ["for itself", "1", "2", "2", "2", "1", "1"],
    ]


def test_how_much_is_withheld_and_how():
    rows = [row()] * 2 + [row(place="B", status="secondary")]
    text = page(*rows)
    assert "3 counts are withheld: for itself 2, besides, against subtraction 1.</p>" in text
    assert "1 count is withheld: for itself 1.</p>" in page(row())
    traded = table(text, "Counts withheld, by indicator and level; one count once")
    assert traded[1] == ["theft", "municipality", "2", "1"]
    original = {"t": whole(COUNTS)}
    with_counts = page(*rows, original=original)
    assert "They are 46 offences, 40 of them besides." in with_counts
    assert "this page holds the withheld counts themselves" in with_counts
    assert "this page holds the withheld counts themselves" not in text
    own = table(with_counts, "Counts withheld, by indicator and level; one count once")
    assert own[0][-2:] == ["offences withheld", "of them besides"]
    assert own[1] == ["theft", "municipality", "2", "1", "46", "40"]


def test_the_rules_say_what_is_withheld_and_which_doubt_remains():
    text = page(row())
    rules = table(text, "What is withheld and which doubt must remain, by indicator")
    assert rules[0] == ["indicator", "kind", "unit", "counts withheld", "doubt that must remain"]
    assert rules[1] == ["theft", "rate", "fact", "1 to 4", "1 to 10"]
    assert "sexual_violence 1 to 9, doubt to 20" in text
    assert re.search(r"Rule asked: default\. Release [0-9a-f]{16}, 1 table", text)


def test_the_doubt_of_amounts_is_a_share_of_them():
    made = whole({"A": 300, "B": 400}, indicator="loss", scale="count").assign(unit="euro")
    made = made.assign(contributors=pd.array([9] * len(made), "Int64"), largest_share=0.2)
    own = {"loss": entry(kind="amount", unit="euro", disclosure="business")}
    shown = release(made.assign(second_share=0.2), territory=make_town(), catalogue=own)
    text = audit_report(shown, audited=found(row()))
    rules = table(text, "What is withheld and which doubt must remain, by indicator")
    assert rules[1] == ["loss", "amount", "euro", "1 to 4", "10% more and less"]


def test_rows_of_the_tables_are_counted_by_status():
    rows = table(page(row()), "Rows of the tables, by status")
    by_status = dict(zip(rows[0], rows[1], strict=True))
    withheld = int((SHOWN["t"].table["status"] == "suppressed_primary").sum())
    assert by_status["table"] == "t"
    assert by_status["for itself"] == str(withheld)
    assert sum(map(int, rows[1][1:])) == len(SHOWN["t"].table)


def test_a_status_that_a_table_does_not_have_is_counted_as_none():
    tables = {"t": whole(COUNTS), "u": whole({"A": 30, "B": 0}, indicator="arson")}
    own = {"theft": entry(), "arson": entry()}
    shown = release(tables, territory=make_town(), catalogue=own)
    rows = table(audit_report(shown, audited=found(row())), "Rows of the tables, by status")
    told = {line[0]: dict(zip(rows[0], line, strict=True)) for line in rows[1:]}
    assert told["u"]["for itself"] == "0"
    assert sum(int(n) for k, n in told["u"].items() if k != "table") == len(tables["u"])


@pytest.mark.parametrize(
    ("known", "said"),
    [
        (None, "Earlier editions were not given to this audit"),
        (pd.DataFrame({"x": [1, 2]}), "2 other figures are known exactly"),
        (pd.DataFrame({"x": [1]}), "1 other figure is known exactly"),
    ],
)
def test_what_the_reader_knows_besides_is_said(known, said):
    assert said in page(row(), known=known)


def test_several_languages_are_sections_with_links():
    text = page(row(), lang=["fr", "nl"])
    assert text.startswith('<!DOCTYPE html><html lang="fr">')
    assert re.findall(r'<section id="(..)"', text) == ["fr", "nl"]
    assert re.findall(r'<a href="#(..)"', text) == ["nl"]
    assert "<nav>" not in page(row(), lang="fr")


# --- relations ---------------------------------------------------------------------------


def about(**given):
    question = {"name": "", "answers": [], "made_of": []} | given.pop("question", {})
    usual = {"count": "theft", "additive_over": [], "union_over": [], "parts": [], "whole": None}
    return usual | given | {"question": question}


def lines(*loosened, relations=(), **given):
    structure = {"indicators": {"i": about(**given)}, "relations": list(relations)}
    structure["loosened"] = [[kind, "theft (fact)", "A", "2022", [], "more"] for kind in loosened]
    used = relations_used(SimpleNamespace(structure=structure))
    return list(used.itertuples(index=False, name=None))


@pytest.mark.parametrize(
    ("given", "line"),
    [
        ({"additive_over": ["area"]}, ("sum", "i", "area", "")),
        ({"union_over": ["area"]}, ("union", "i", "area", "")),
        ({"parts": ["a", "b"]}, ("parts", "i", "a b", "")),
        ({"whole": "all"}, ("share", "i", "all", "")),
        ({"question": {"name": "q", "answers": ["yes"]}}, ("answers", "i", "q", "")),
        ({"question": {"made_of": ["v", "r"]}}, ("product", "i", "v r", "")),
    ],
)
def test_each_relation_is_a_line(given, line):
    assert lines(**given) == [(*line, 0)]
    assert lines() == []


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        ("area", "sum"),
        ("time 12", "sum"),
        ("form all", "sum"),
        ("parts of theft", "parts"),
        ("share of all", "share"),
        ("answers of q", "answers"),
        ("at most facts", "at_most"),
        ("stock pending", "stock"),
    ],
)
def test_loosened_equations_are_counted_with_their_relation(kind, line):
    relations = [
        {"kind": k, "own": "i", "of": ["a"], "less": ["b"], "because": "so"}
        for k in ("at_most", "stock")
    ]
    given = {"additive_over": ["area"], "parts": ["a"], "whole": "all"}
    made = lines(kind, kind, relations=relations, question={"name": "q", "answers": ["y"]}, **given)
    assert {one[0]: one[-1] for one in made} == dict.fromkeys(
        ("sum", "parts", "share", "answers", "at_most", "stock"), 0
    ) | {line: 2}
    assert ("stock", "i", "a -b", "so") in {one[:4] for one in made}
