"""Columns of a header matched to a profile, by hand."""

import pytest

from obs.clean.profiles.file_layout import FileLayout
from obs.clean.profiles.profile import Profile
from obs.clean.read.headers import HeaderError, bind_header, place_of
from obs.errors import DeliveryError


def bound(header, labels=(), *, columns=None, **keys):
    keys = {"columns": columns or {"territory": ("nis",)}} | keys
    return bind_header(
        header, "a.csv", Profile("own", "Own", "police", "counts", **keys), labels=labels
    )


def refusal(header, **keys):
    with pytest.raises(DeliveryError) as refused:
        bound(header, **keys)
    return str(refused.value)


def test_the_exact_name_goes_before_one_alike_and_that_before_a_label():
    assert bound(["NIS", "nis"]).columns == {"territory": 1}
    assert bound(["x", " Nís "]).columns == {"territory": 1}
    assert bound(["a", "nis"], labels=["nis", "b"]).columns == {"territory": 1}
    assert bound(["a", "b"], labels=["", "NIS"]).columns == {"territory": 1}


def test_the_first_of_several_names_that_a_column_has_is_taken():
    columns = {"territory": ("code", "nis", "commune")}
    assert bound(["commune", "nis"], columns=columns).columns == {"territory": 1}


def test_two_columns_of_one_name_are_refused():
    said = refusal(["NIS", "n i s", "Nis"])
    assert "columns 1 ('NIS') and 3 ('Nis') both answer to 'nis' of profile 'own'" in said
    said = refusal(["N" * 41] * 4, columns={"x": ("n" * 41,)})
    shown = " and ".join(f"{i} ('{'N' * 40}')" for i in (1, 2, 3))
    assert f"columns {shown} both answer" in said


def test_an_optional_column_may_be_absent_and_no_other():
    columns = {"territory": ("nis",), "population": ("pop",)}
    assert bound(["nis"], columns=columns, optional=("population",)).columns == {"territory": 0}
    assert "missing: 'month'." in refusal(["nis", "day"], joined={"event_date": ("day", "month")})
    assert "missing: 'fraud'." in refusal(["nis"], wide=("fraud",))
    assert "1 column of profile 'own' missing: 'pop'." in refusal(["nis"], columns=columns)


def test_joined_and_wide_columns_are_found_by_name():
    found = bound(
        ["nis", "day", "month", "theft", "fraud"],
        joined={"event_date": ("day", "month")},
        wide=("fraud", "theft", "arson"),
        wide_optional=("arson",),
    )
    assert found.joined == {"event_date": [1, 2]}
    assert found.wide == [("fraud", 4), ("theft", 3)]
    assert found.target_of() == {
        **{0: "territory", 1: "event_date", 2: "event_date"},
        **{3: "numerator", 4: "numerator"},
    }


def test_wide_columns_by_a_pattern_are_told_by_its_group():
    found = bound(["nis", "N  2021", "n 2022", "total"], wide_pattern=r"n (\d{4})")
    assert found.wide == [("2021", 1), ("2022", 2)]
    assert bound(["nis", "2021"], wide_pattern=r"\d{4}").wide == [("2021", 1)]
    assert "columns of the form n" in refusal(["nis"], wide_pattern=r"n (\d{4})")


def test_what_is_missing_is_listed_with_what_is_near():
    columns = {name: (name,) for name in ("territory", "period", "offence")}
    said = refusal(["territory", "perod", "x"], columns=columns)
    assert "2 columns of profile 'own' missing: 'period'; 'offence'." in said
    assert "Found: territory, perod, x. Nearest: perod." in said
    assert "Nearest" not in refusal(["territory", "x"], columns=columns)


def test_five_missing_names_are_shown_and_more_are_hinted_at():
    six = {f"c{i}": (f"name {i}",) for i in range(6)}
    assert refusal(["x"], columns=six).count("'name") == 5
    assert "'name 4'; ..." in refusal(["x"], columns=six)
    five = {f"c{i}": (f"name {i}", "or this") for i in range(5)}
    assert "..." not in refusal(["x"], columns=five)
    assert "'name 0' or 'or this'" in refusal(["x"], columns=five)


def test_a_first_line_with_no_known_name_is_not_shown():
    said = refusal(["Jan Peeters", "rue Neuve 1"])
    assert "Peeters" not in said
    assert "Neuve" not in said


def test_another_separator_is_told_where_most_missing_names_stand():
    columns = {name: (name,) for name in ("a", "b", "c", "d")}
    layout = FileLayout(separator=";")
    assert "separated by ','" in refusal(['"a",b,C'], columns=columns, file=layout)
    assert "says ';'" in refusal(["a\tb\tc\td"], columns=columns, file=layout)
    assert "a tab" in refusal(["a\tb\tc\td"], columns=columns, file=layout)
    either = {"a": ("a", "other"), "b": ("b", "another")}
    assert "separated by ','" in refusal(["a,b"], columns=either, file=layout)
    assert "4 columns" in refusal(["a,b,x"], columns=columns, file=layout)  # half is not most
    assert "another sign" in refusal(["a,b,c"], columns=columns, file=FileLayout(separator="!"))


def test_what_lacks_columns_is_an_error_of_its_own():
    with pytest.raises(HeaderError):
        bound(["x"])


def test_the_place_of_a_name_is_the_exact_one_first():
    assert place_of("nis", ["NIS", "nis"]) == 1
    assert place_of("nis", ["x", "NIS"]) == 1
    assert place_of("nis", ["x"]) is None
