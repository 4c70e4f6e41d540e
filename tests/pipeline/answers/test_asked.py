"""What is asked is read in words that people use, and what a page cannot quote is refused."""

import shlex

import pytest

from obs.errors import CatalogueError, CodeError, ObsError
from obs.pipeline.answers.asked import asked_of, read_periods
from obs.reference import load_observatory, load_territory

QUESTION = "Combien de vols à Ixelles ?"


def asked(question=QUESTION, **other):
    given = {"indicator": "theft", "places": ["Ixelles"], "period": "2024", "lang": "fr"}
    return asked_of(load_observatory(), load_territory(), question=question, **{**given, **other})


def test_places_are_names_codes_or_levels_each_once():
    assert asked(places=["Elsene", "21009", "Sint-Gillis"]).places == ("21009", "21013")
    assert len(asked(places=["communes"]).places) == 19
    assert asked(places=["zones", "region"]).places[-1] == "04000"
    assert asked(places=["politiezones"]).places == tuple(load_territory().codes("zone"))


def test_periods_are_years_quarters_or_months_of_one_kind():
    assert asked(period="2022-2024").periods == ["2022", "2023", "2024"]
    assert asked(period="2024-Q4..2025-Q1").periods == ["2024Q4", "2025Q1"]
    assert asked(period="2024-11..2025-01").periods == ["2024-11", "2024-12", "2025-01"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2024-13", "'2024-13' is no period: give a year"),
        ("2024..2024-06", "is no period"),
        ("2024..2022", "ends before it begins"),
        ("last year", "'last year' is no period"),
        ("2020..2021..2022", "is no period"),
    ],
)
def test_what_is_no_period_is_refused_with_those_that_are(text, said):
    with pytest.raises(ObsError, match=said):
        read_periods(text)


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("=HYPERLINK(A1)", "a spreadsheet takes for a formula"),
        ("Combien <script>alert(1)</script> ?", "takes for markup"),
        ("Combien\x07 ?", "a character that cannot be seen"),
        ("\u202eCombien ?", "a character that cannot be seen"),
        ("vols " * 200, "has over 600 characters"),
        ("42 ?", "has no words"),
        ("Appelez le 0470 12 34 56, combien de vols ?", r"a person's data \(phone number\)"),
        ("12 des 48 dossiers (30 %) sont clos. Pourquoi ?", "says '30 %', which its own numbers"),
    ],
)
def test_a_question_that_acts_hides_or_contradicts_itself_is_refused(question, said):
    with pytest.raises(ObsError, match=said):
        asked(question)


def test_a_refused_question_does_not_repeat_a_persons_data():
    with pytest.raises(ObsError) as refused:
        asked("Jan, 85.07.30-033.28, kreeg hij antwoord?")
    assert "85.07" not in str(refused.value)


@pytest.mark.parametrize(
    ("other", "error", "said"),
    [
        ({"indicator": "thefts"}, CatalogueError, "did you mean 'theft'"),
        ({"places": ["Ixeles"]}, CodeError, "nearest: Ixelles 21009"),
        ({"places": ["Bruxelles"]}, CodeError, "may be 04000"),
        ({"places": [" "]}, ObsError, r"no place is asked: .* \(commune, zone, region\)"),
        ({"lang": "de"}, ObsError, "language 'de' is none of fr, nl, en"),
        (
            {"places": ["communes"], "period": "2020-01..2024-12"},
            ObsError,
            "one page: 20 places and 60 periods have no room there",
        ),
    ],
)
def test_what_cannot_be_asked_says_what_can(other, error, said):
    with pytest.raises(error, match=said):
        asked(**other)


def test_the_command_of_a_question_asks_the_same_again():
    one = asked("Vols avec « violence » ou l'aide ?", places=["21009", "zones"], period="2022-2024")
    words = shlex.split(one.command)
    assert words[:2] == ["obs", "answer"]
    assert words[2] == one.question
    given = dict(zip(words[3::2], words[4::2], strict=True))
    again = asked(
        words[2],
        indicator=given["--indicator"],
        places=given["--places"].split(","),
        period=given["--period"],
        lang=given["--lang"],
    )
    assert again == one
