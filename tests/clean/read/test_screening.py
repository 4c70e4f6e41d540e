"""Cells screened: what refuses a file, what rejects a row, in whole and part by part."""

from pathlib import Path

import numpy as np
import pytest

from obs.clean.coded_columns import encode_list, repeat
from obs.clean.profiles.file_layout import FileLayout
from obs.clean.profiles.profile import Profile
from obs.clean.read.headers import Bound
from obs.clean.read.reading import Reading
from obs.clean.read.screening import Door, screen
from obs.errors import DeliveryError

PHONE, OTHER_PHONE, MAIL = "0470/12.34.56", "0471/12.34.57", "a.b@example.org"


def reading(columns, *, bound=None, lines=None, sheets=None, **keys):
    """Give a file of some columns, the positions of ours in it, and what its profile says."""
    n = max(map(len, columns.values()))
    by = Profile(*("own", "Own", "police", keys.pop("shape", "events")), **keys)
    return Reading(
        *("a.csv", [*columns], [encode_list(texts) for texts in columns.values()]),
        np.arange(2, n + 2) if lines is None else np.array(lines),
        bound=Bound(bound or {}),
        layout=by,
        sheets=None if sheets is None else repeat(sheets, n),
    )


def refusal(columns, **keys):
    """Give what refuses a file, by both ways of screening."""
    one = reading(columns, **keys)
    with pytest.raises(DeliveryError) as refused:
        screen(one)
    door = Door(one)
    door.look(one)
    assert door.doubted(), "part by part the column would pass"
    return str(refused.value)


def passes(columns, **keys):
    one = reading(columns, **keys)
    door = Door(one)
    door.look(one)
    return screen(one) == [] and door.doubted() == []


def test_plain_cells_pass():
    assert passes({"nis": ["21001", "21002"], "what": ["VOL", None]})


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ([PHONE], "column 'x' holds a phone number in 1 row (first: 2)"),
        ([None, MAIL, MAIL], "column 'x' holds an e-mail address in 2 rows (first: 3, 4)"),
        ([PHONE, MAIL], "holds a phone number in 1 row (first: 2)"),
        ([PHONE] * 6, "in 6 rows (first: 2, 3, 4, 5, 6)"),
        (["192.168.1.1"], "holds an internet address in 1 row"),
    ],
)
def test_personal_cells_refuse_the_file_by_their_rows(texts, said):
    told = refusal({"x": texts})
    assert said in told
    assert told.startswith("a.csv: refused at the door: ")
    assert not any(text in told for text in texts if text)


def test_each_kind_is_told_and_the_sheet_of_a_row():
    told = refusal({"x": [PHONE, MAIL]})
    assert told.index("e-mail address") < told.index("phone number")
    assert "(first: 2 of sheet 'S')" in refusal({"x": [PHONE]}, sheets="S")


def test_a_column_that_is_allowed_passes_and_its_hostile_cells_do_not():
    assert passes({"x": [PHONE]}, allow=("x",))
    ((mask, name, rule),) = screen(reading({"x": ["=1+1", "y"]}, allow=("x",)))
    assert (mask.tolist(), name, rule) == ([True, False], "x", "formula")


def test_hostile_cells_reject_their_rows_by_rule():
    texts = ["=cmd", "fine", None, "<b>x</b>", "a\x07b", "=cmd", "y" * 11, "z" * 10]
    one = reading({"x": texts}, file=FileLayout(longest_text=10))
    found = {rule: mask.tolist() for mask, _, rule in screen(one)}
    assert {rule: [i for i, hit in enumerate(mask) if hit] for rule, mask in found.items()} == {
        **{"formula": [0, 5], "markup": [3], "control_characters": [4], "field_too_long": [6]}
    }
    parts = {rule: mask.tolist() for mask, _, rule in Door(one).look(one)}
    assert parts == found


@pytest.mark.parametrize("n", [10, 1_200])
def test_few_texts_and_many_are_searched_alike(n):
    texts = [f"text {i}" for i in range(n)]
    hostile = [*texts, "=1+1"]
    ((mask, _, rule),) = screen(reading({"x": hostile}))
    assert (np.flatnonzero(mask).tolist(), rule) == ([n], "formula")
    assert "holds a phone number in 1 row" in refusal({"x": [*texts, PHONE]})
    dates = [f"2021-03-{i % 28 + 1:02d} 21:{i % 60:02d}:{i // 60:02d}" for i in range(n)]
    assert passes({"x": dates})


@pytest.mark.parametrize(
    ("name", "cells", "bound", "keys", "said"),
    [
        ("Prénom", ["x"], {}, {}, "column 'Prénom' by its name holds personal data"),
        ("Prénom", ["x"], {"detail": 0}, {}, "by its name holds personal data"),
        ("Auteur", ["x"], {}, {}, "by its name holds personal data"),
        ("Auteur", ["3"], {}, {}, None),  # counts of them
        ("Auteur", ["M"], {"suspect_sex": 0}, {"codes": {"suspect_sex": {"M": "male"}}}, None),
        ("Auteur", ["M"], {"suspect_sex": 0}, {}, "by its name holds personal data"),
        ("Nationalité", ["BE"], {}, {}, "what the law protects most, of each person"),
        ("Nationalité", ["BE"], {"detail": 0}, {}, None),
        ("Nationalité", ["BE"], {}, {"shape": "counts"}, None),
        ("Prénom", ["x"], {}, {"allow": ("Prénom",)}, None),
    ],
)
def test_names_of_columns_that_announce_persons(name, cells, bound, keys, said):
    if said is None:
        assert passes({name: cells}, bound=bound, **keys)
    else:
        assert said in refusal({name: cells}, bound=bound, **keys)


def test_two_coordinates_are_an_exact_place_unless_they_are_read():
    columns = {"X": ["1"], " y ": ["2"], "n": ["3"]}
    told = refusal(columns)
    assert "column 'X' is one of two coordinates" in told
    assert "column ' y ' is one of two coordinates" in told
    assert "'n'" not in told
    assert passes(columns, bound={"detail": 0, "version": 1})
    assert passes({"x": ["1"], "n": ["2"]})


def test_a_hostile_name_refuses_and_a_personal_one_is_not_quoted():
    assert "the name of column 2 is a text that no header holds (formula)" in refusal(
        {"a": ["1"], "=b": ["2"]}
    )
    one = reading({"=b": ["2"], "a": ["1"]})
    assert Door(one).doubted() == [0, 1]
    told = refusal({PHONE: [MAIL]})
    assert "column 1 holds an e-mail address" in told
    assert PHONE not in told


REPORTS = [f"BR{i:05d}" for i in range(20)]


@pytest.mark.parametrize(("phones", "refused"), [(3, False), (4, False), (5, True)])
def test_numbers_of_files_may_look_like_phones_where_few_do(phones, refused):
    """Four of twenty are a fifth of the texts: so many and more are no chance."""
    texts = REPORTS[: 20 - phones] + [f"0470/12.34.{50 + i}" for i in range(phones)]
    bound = {"report_id": 0}
    if refused or phones == 4:
        assert "phone number" in refusal({"PV": texts}, bound=bound)
    else:
        assert passes({"PV": texts}, bound=bound)
    assert "phone number" in refusal({"PV": texts})  # of a column that names nothing, one is enough


def test_a_mail_in_a_column_of_numbers_of_files_is_enough():
    assert "e-mail" in refusal({"PV": [*REPORTS, MAIL]}, bound={"report_id": 0})


def test_bare_numbers_are_judged_together_and_not_where_they_count():
    mobiles = [f"4701234{i:02d}" for i in range(10, 30)]
    assert "phone number in 20 rows" in refusal({"x": mobiles})
    assert passes({"x": mobiles}, bound={"numerator": 0})


def test_names_in_capitals_are_judged_together():
    names = ["JAN PEETERS", "MARIE DUBOIS", "PIERRE LAMBERT", "LUC JANSSENS"]
    assert "a person's name in 4 rows" in refusal({"x": names})
    assert passes({"x": [*names[:2], "VOL SIMPLE"]})


def test_what_parts_show_is_added_up_and_a_repeated_text_counts_once():
    names = ["JAN PEETERS", "MARIE DUBOIS", "PIERRE LAMBERT"]
    parts = [reading({"x": [name]}) for name in names]
    door = Door(parts[0])
    for part, doubted in zip(parts, ([], [], [0]), strict=True):
        door.look(part)
        assert door.doubted() == doubted
    again = Door(parts[0])
    for _ in range(5):
        again.look(parts[0])
    assert again.doubted() == []


def test_the_door_of_numbers_of_files_weighs_by_the_largest_part():
    bound = {"report_id": 0}
    few = reading({"PV": [*REPORTS[:18], "0470/12.34.50", "0470/12.34.51"]}, bound=bound)
    door = Door(few)
    door.look(few)
    door.look(reading({"PV": ["0470/12.34.50"]}, bound=bound))
    assert door.doubted() == []
    door.look(reading({"PV": [f"0470/12.34.{i}" for i in range(52, 56)]}, bound=bound))
    assert door.doubted() == [0]


def test_a_path_is_no_reading(tmp_path: Path):
    with pytest.raises(AssertionError):
        screen(Reading("a", [], [], np.array([])))
