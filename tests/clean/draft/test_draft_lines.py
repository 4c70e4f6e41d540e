"""The lines of a draft: what is declared, and what waits as a comment with its rows."""

import tomllib

import pytest

from obs.clean.draft.drafted_profile import draft_profile
from obs.errors import DeliveryError
from obs.reference import load_territory

BRUSSELS = load_territory("brussels")


@pytest.fixture
def draft(tmp_path):
    """Give a function that drafts the profile of a file of some lines."""

    def of(*lines, kind="police", schema=""):
        path = tmp_path / "facts.csv"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return draft_profile(path, kind=kind, name="my_zone", territory=BRUSSELS, schema=schema)

    return of


def lines(made, *starts):
    return [line for line in made.text.splitlines() if line.startswith(starts)]


FACTS = (
    "id fait;date fait;commune;fait;sexe victime;remarque",
    "F1;31/03/2021;Ixelles;Vol à la tire;Femme;a",
    "F2;02/03/2021;Jette;Vol à la tire;Homme;b",
    "F3;03/03/2021;Ixelles;Tapage;Femme;c",
    "F4;04/03/2021;Total;Tapage;x;d",
)


def test_facts_are_declared_with_their_evidence(draft):
    made = draft(*FACTS)
    told = tomllib.loads(made.text)
    assert (told["name"], told["title"], told["kind"], told["shape"]) == (
        *("my_zone", "my zone", "police", "events"),
    )
    assert told["confirmed"] is False
    assert (told["dates"], told["file"]["separator"]) == (["%d/%m/%Y"], ";")
    assert told["columns"] == {
        **{"event_id": "id fait", "event_date": "date fait", "territory": "commune"},
        **{"offence": "fait", "victim_sex": "sexe victime"},
    }
    assert told["territory"]["level"] == "commune"
    assert told["codes"]["victim_sex"] == {"Femme": "female", "Homme": "male"}
    (offence,) = told["offences"]
    assert offence == {"offence": "Vol à la tire", "phenomenon": "pickpocketing"}
    assert "identical" not in told
    assert "wide" not in told
    assert "constants" not in told
    assert (made.rows, made.lacks) == (4, ())


def test_what_waits_is_a_comment_with_its_rows(draft):
    made = draft(*FACTS)
    assert lines(made, "# unmapped:") == ['# unmapped: "remarque", 4 rows, 4 different texts']
    assert lines(made, "# 1 of 2 classes") == [
        "# 1 of 2 classes bear the name of a phenomenon (2 rows)."
    ]
    assert lines(made, "  # unmapped") == [
        "  # unmapped, 2 rows: { offence = 'Tapage', phenomenon = \"\" },"
    ]
    assert lines(made, "# unmapped, 1 rows") == ['# unmapped, 1 rows: "x" = ""']
    assert 'level = "commune"  # 100.0% of 3 rows name a commune' in made.text
    assert "totals = '(?i:(?:sous-?)?total|totaal|ensemble|totaux).*'  # 1 rows" in made.text
    assert "100% of the first lines" in made.text
    assert "the day is above 12 in 1 of 4 different cells" in made.text


def test_needed_columns_that_nothing_proves_are_said_and_make_the_draft_incomplete(draft):
    made = draft("id fait;chose;truc", "F1;a;x1", "F2;b;x2", "F3;c;x3")
    needed = [
        line.split(" ")[1] for line in lines(made, "# ") if "needed; no column proves" in line
    ]
    assert needed == ["event_date", "territory", "offence"]
    assert made.lacks
    whole = draft(*FACTS)
    assert [line for line in lines(whole, "# ") if "needed; no column" in line] == []


def test_two_columns_that_fit_alike_are_open_and_not_needed_again(draft):
    made = draft("place a;place b;n faits;annee", *(f"Ixelles;Jette;{i};2021" for i in (3, 4, 5)))
    open_ = [line for line in lines(made, "# territory")]
    assert open_ == ['# territory = one of ["place a", "place b"]: nothing decides between them']


COUNTS = (
    "commune;annee;fait;nombre faits",
    "Ixelles;2021;Vol à la tire;3",
    "Jette;2021;Tapage;4",
    "Uccle;2022;Tapage;",
)


def test_counts_have_a_period_a_unit_and_marks(draft):
    made = draft(*COUNTS)
    told = tomllib.loads(made.text)
    assert (told["shape"], told["period"]) == ("counts", "%Y")
    assert told["constants"] == {"unit": "fact"}
    assert 'unit = "fact"  # a word of the name of the counts' in made.text
    assert "# 1 rows have no number: zero, missing or withheld is not told" in made.text
    bare = draft(
        *(
            line.replace("nombre faits", "nombre").replace(
                "Uccle;2022;Tapage;", "Uccle;2022;Tapage;5"
            )
            for line in COUNTS
        )
    )
    assert "constants.unit: what is counted is not told by the file" in bare.lacks
    assert lines(bare, "# unit = ")
    assert "[marks]" not in bare.text
    assert "identical" not in tomllib.loads(bare.text)


def test_years_across_the_columns_are_periods_and_not_needed(draft):
    made = draft("commune;fait;2021;2022", "Ixelles;Vol à la tire;3;4", "Jette;Tapage;5;6")
    told = tomllib.loads(made.text)
    assert (told["shape"], told["wide"], told["wide_names"]) == (
        "wide_counts",
        ["2021", "2022"],
        "period",
    )
    assert told["period"] == "%Y"
    assert "# period" not in made.text
    assert lines(made, "# unmapped:") == []


def test_classes_across_the_columns_are_offences(draft):
    made = draft("commune;annee;cambriolage;vol à la tire", "Ixelles;2021;3;4", "Jette;2021;5;6")
    told = tomllib.loads(made.text)
    assert (told["shape"], told["wide"]) == ("wide_counts", ["cambriolage", "vol à la tire"])
    assert "wide_names" not in told
    assert len(told["offences"]) == 2
    assert "(0 rows)" in made.text


def test_decimals_with_a_comma_are_declared_where_all_columns_agree(draft):
    head = "commune;annee;nombre faits;taux;autre"
    made = draft(head, "Ixelles;2021;3;1,5;2,25", "Jette;2022;4;0,5;1,75")
    assert tomllib.loads(made.text)["file"]["decimal"] == ","
    mixed = draft(head, "Ixelles;2021;3;1,5;2.25", "Jette;2022;4;0,5;1.75")
    assert "decimal" not in tomllib.loads(mixed.text)["file"]


def test_rows_that_nothing_names_are_kept_and_said(draft):
    made = draft("date fait;commune;fait", "31/03/2021;Ixelles;Tapage", "02/03/2021;Jette;Tapage")
    assert tomllib.loads(made.text)["identical"] == "keep"
    assert "NOT PROVEN: no column names a row (event_id)" in made.text


def test_days_of_no_proven_order_wait_with_their_rows(draft):
    made = draft(
        "id fait;date fait;commune;fait", "1;01/03/2021;Ixelles;Tapage", "2;02/03/2021;Jette;Tapage"
    )
    assert lines(made, "# 2 rows wait: no cell") == [
        "# 2 rows wait: no cell proves the order of day and month; one of:"
    ]
    assert lines(made, "# dates = ") == ['# dates = ["%d/%m/%Y"]', '# dates = ["%m/%d/%Y"]']
    assert made.lacks


def test_days_that_are_proven_in_two_ways_wait_with_both(draft):
    made = draft(
        "id fait;date fait;date pv;commune;fait",
        "1;31/03/2021;2021-04-01;Ixelles;Tapage",
        "2;02/03/2021;2021-04-02;Jette;Tapage",
    )
    assert lines(made, "# dates = ") == ['# dates = ["%d/%m/%Y"]', '# dates = ["%Y-%m-%d"]']
    assert lines(made, "# 4 rows wait") == [
        "# 4 rows wait: columns write days in several ways; declare those that hold:"
    ]


def test_a_first_line_that_may_be_a_row_is_not_quoted(draft):
    made = draft("Jan;Piet;Joris", "a1;b1;c1", "a2;b2;c2")
    assert "Piet" not in made.text
    assert lines(made, "# unmapped")[:1] == ["# unmapped: column 1, 2 rows, 2 different texts"]


def test_the_schema_stands_first_and_surveys_wait_for_their_questions(draft):
    made = draft("id;a", "1;x", "2;y", kind="survey", schema="../p.schema.json")
    assert made.text.startswith("#:schema ../p.schema.json\n# Draft from facts.csv.")
    assert '# questionnaire = ""  # needed' in made.text
    assert draft("id;a", "1;x", "2;y", kind="survey").text.startswith("# Draft from")


def test_what_the_draft_would_refuse_is_refused(draft):
    with pytest.raises(DeliveryError, match="refused at the door"):
        draft("id fait;gsm", "F1;0470/12.34.56", "F2;0470/12.34.57")
