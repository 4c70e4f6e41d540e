"""What is said of faulty denominators: which rows, how many more, which units, which totals."""

import pandas as pd
import pytest

from obs.clean.denominator_files import read_denominators
from obs.errors import DeliveryError
from obs.reference import make_territory
from obs.reference.declared_denominators import DenominatorTable

CODES = [str(i) for i in range(1, 9)]
NAMES = ["Dorna", "Velmi", *(f"Place {c}" for c in "CDEFGH")]
PLACE = make_territory(
    pd.DataFrame(
        {
            "code": [*CODES, "north", "0"],
            "level": ["area"] * 8 + ["zone", "city"],
            "parent": ["north", "north", *["0"] * 6, "0", None],
            **{f"name_{lang}": [*NAMES, "North", "Sarn"] for lang in ("fr", "nl", "en")},
        }
    ),
    name="town",
    levels=("area", "zone", "city"),
)
TABLE = {"files": ("a.csv",), "unit": "lieu", "value": "n", "year": "an"}


@pytest.fixture
def read(tmp_path):
    """Give a function that reads files of rows under a header."""

    def of(*rows, head="lieu;an;n", more=None, **changed):
        paths = []
        for name, lines in {"a.csv": rows, **(more or {})}.items():
            paths.append(tmp_path / name)
            paths[-1].write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
        table = DenominatorTable(**TABLE | changed)
        made = read_denominators("population", paths, table, territory=PLACE)
        return {
            (unit, int(year)): int(n)
            for unit, year, n in made[["territory", "year", "exposure"]].to_numpy()
        }

    return of


def every(n=10, *, year=2023, skip=()):
    return [f"{name};{year};{n}" for name in NAMES if name not in skip]


def refusal(read, *rows, **options):
    with pytest.raises(DeliveryError) as refused:
        read(*rows, **options)
    return str(refused.value)


def test_every_unit_has_its_number(read):
    assert read(*every()) == {(code, 2023): 10 for code in CODES}
    assert len(read(*every(), *every(11, year=2024))) == 16


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("", "the number is blank in row 2"),
        ("-5", "the number is negative in row 2"),
        ("\u22125", "the number is negative in row 2"),
        ("1,5", "the number has a fraction, or a sign between thousands"),
        ("1 000", "the number has a fraction, or a sign between thousands"),
        ("x", "no number in row 2"),
    ],
)
def test_each_kind_of_number_that_is_none_is_told(read, cell, said):
    told = refusal(read, f"Dorna;2023;{cell}", *every(skip=("Dorna",)))
    assert said in told
    assert told.count("row 2") == 1


def test_five_rows_are_shown_and_the_others_counted(read):
    blank = [f"{name};2023;" for name in NAMES]
    assert "the number is blank in rows 2, 3, 4, 5, 6 and 3 more" in refusal(read, *blank)
    five = [*blank[:5], *every()[5:]]
    assert "the number is blank in rows 2, 3, 4, 5, 6" in refusal(read, *five)
    assert "4, 5, 6 and" not in refusal(read, *five)


@pytest.mark.parametrize(
    ("year", "found"),
    [
        ("2023", 2023),
        ("2023.0", 2023),
        ("2023,00", 2023),
        ("2023-01-01", 2023),
        ("01/01/2023", 2023),
        ("1.1.1999", 1999),
    ],
)
def test_years_are_told_by_themselves_or_by_a_day(read, year, found):
    assert {y for _, y in read(*[f"{name};{year};1" for name in NAMES])} == {found}


@pytest.mark.parametrize("year", ["", "23", "1899", "2100", "20 23"])
def test_what_is_no_year_is_told_by_its_rows(read, year):
    said = refusal(read, f"Dorna;{year};1", *every(skip=("Dorna",)))
    assert "no year from 1900 to 2099 in row 2" in said


def test_units_that_lack_in_a_year_are_named(read):
    rows = [*every(), *every(year=2024, skip=NAMES[:1])]
    assert "2024 has no number of 1 units: Dorna (1)" in refusal(read, *rows)
    rows = [*every(), *every(year=2024, skip=NAMES[:5])]
    assert (
        "2024 has no number of 5 units: Dorna (1), Velmi (2), Place C (3), Place D (4), Place E (5)"
        in refusal(read, *rows)
    )
    rows = [*every(), *every(year=2024, skip=NAMES[:7])]
    assert "Place E (5) and 2 more" in refusal(read, *rows)


def test_units_of_no_place_are_named_with_their_rows_or_left_out(read):
    rows = [*every(), "Elsewhere;2023;5", "Elsewhere;2024;5", ";2023;5"]
    said = refusal(read, *rows)
    assert "2 units are none of the territory: " in said
    assert "Elsewhere" in said
    assert "(2 rows)" in said
    assert "a blank (1 rows)" in said
    assert len(read(*rows, elsewhere=True)) == 8
    assert "no row is of a unit of territory 'town'" in refusal(
        read, "Elsewhere;2023;5", elsewhere=True
    )


def test_larger_units_are_compared_with_the_sum_of_their_parts(read):
    assert read(*every(), "North;2023;20", "Sarn;2023;80")[("north", 2023)] == 20
    said = refusal(read, *every(), "North;2023;21", "Sarn;2023;80")
    assert "north in 2023 has 21, and its units add up to 20" in said
    assert "0 in 2023" not in said
    both = refusal(read, *every(), "North;2023;21", "Sarn;2023;90")
    assert "0 in 2023 has 90, and its units add up to 80" in both


def test_rows_of_totals_are_compared_year_by_year(read):
    rows = [*every(), *every(year=2024)]
    assert len(read(*rows, "Total;2023;80", "TOTAL;2024;80", totals="total")) == 16
    said = refusal(read, *rows, "Total;2023;80", "Total;2024;81", totals="total")
    assert "row 19: the total of 2024 is 81, and its units add up to 80" in said
    assert "total of 2023" not in said
    assert (
        len(read(*rows, "Total;2023;99", totals="total", elsewhere=True)) == 16
    )  # of a whole country


HEAD = "lieu;an;sexe;n"


def by_sex(men=4, women=6):
    return [f"{name};2023;{sex};{n}" for name in NAMES for sex, n in (("H", men), ("F", women))]


def test_parts_are_added_over_what_is_said_and_refused_otherwise(read):
    assert set(read(*by_sex(), head=HEAD, summed=("sexe",)).values()) == {10}
    said = refusal(read, *by_sex(), head=HEAD)
    assert "8 units and years stand in several rows (first: 1 in 2023, rows 2, 3)" in said
    assert "they differ in 'sexe': add over these columns with `summed`" in said
    twice = refusal(read, *every(), "Dorna;2023;10")
    assert (
        "1 units and years stand in several rows (first: 1 in 2023, rows 2, 10); keep one of them"
        in twice
    )
    again = refusal(read, *by_sex(), "Dorna;2023;F;6", head=HEAD, summed=("sexe",))
    assert "(first: 1 in 2023, rows 3, 18); keep one of them" in again


def test_totals_within_the_parts_are_left_out_and_those_of_the_year_added(read):
    rows = [
        line
        for name in NAMES
        for line in (f"{name};2023;H;4", f"{name};2023;F;6", f"{name};2023;Tous;10")
    ]
    options = {"head": HEAD, "summed": ("sexe",), "left_out": {"sexe": "tous"}}
    assert set(read(*rows, **options).values()) == {10}
    total = ["Total;2023;H;32", "Total;2023;F;48"]
    assert len(read(*rows, *total, totals="total", **options)) == 8
    assert "the total of 2023 is 79" in refusal(
        read, *rows, "Total;2023;H;31", total[1], totals="total", **options
    )


def test_two_files_may_agree_and_not_differ(read):
    assert len(read(*every(), more={"b.csv": every()})) == 8
    said = refusal(read, *every(), more={"b.csv": every(11)})
    assert (
        "population: a.csv and b.csv give 8 units and years two numbers (first: 1 in 2023)" in said
    )


def test_columns_that_are_not_there_are_refused_with_the_nearest(read):
    assert "no column 'nn'" in refusal(read, *every(), value="nn")
    assert "it has lieu, an, n" in refusal(read, *every(), value="nn")
    assert "no column fits the pattern of years" in refusal(
        read, *every(), value="", year="", years=r"pop(\d{4})"
    )
    assert "should tell the year by the pattern" in refusal(
        read, *every(), year="", file_year=r"(\d{4})"
    )


def test_a_level_is_that_of_units_that_several_answer_to(read):
    assert read(*every(), level="area")[("1", 2023)] == 10
    said = refusal(read, *every(), "North;2023;20", level="area")
    assert "1 units are none of the territory" in said
