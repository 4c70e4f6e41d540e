"""Rows of files under our names, by hand: wide rows, names of files, what is not known."""

import datetime as dt

import numpy as np
import pytest

from obs.clean.coded_columns import encode_list
from obs.clean.delivered_rows import (
    day_of,
    extracted_by_name,
    gather_rows,
    group_by_layout,
    profile_of_all,
)
from obs.clean.profiles.file_layout import FileLayout
from obs.clean.profiles.profile import NameEntry, Profile
from obs.clean.profiles.territory_rule import TerritoryRule
from obs.clean.read.headers import bind_header
from obs.clean.read.reading import Reading
from obs.errors import DeliveryError
from tests.clean.judge.some_rows import told


def profile(shape="counts", **keys):
    return Profile(*("own", "Own", "police", shape), **keys)


def reading(by, columns, name="a.csv", **more):
    header = [*columns]
    coded = [encode_list(list(texts)) for texts in columns.values()]
    n = len(coded[0])
    return Reading(
        name,
        header,
        coded,
        np.arange(2, n + 2),
        bound=bind_header(header, name, by),
        layout=by,
        **more,
    )


def gathered(by, *readings, day=None):
    return gather_rows(list(readings), by, day=day)


@pytest.mark.parametrize(
    ("given", "day"),
    [
        (None, None),
        ("2024-01-31", dt.date(2024, 1, 31)),
        (dt.date(2024, 1, 31), dt.date(2024, 1, 31)),
        (dt.datetime(2024, 1, 31, 12, tzinfo=dt.UTC), dt.date(2024, 1, 31)),
    ],
)
def test_the_day_of_extraction_that_is_given(given, day):
    found = day_of(given)
    assert found == day
    assert not isinstance(found, dt.datetime)


def test_what_is_no_day_is_refused():
    with pytest.raises(DeliveryError, match="'31/01/2024' is not a day; write it as 2024-01-31"):
        day_of("31/01/2024")


def test_the_day_of_extraction_in_a_name():
    by = profile(file=FileLayout(extracted=r"_(\d{4}-?\d\d-?\d\d)"))
    assert extracted_by_name("a_20240131.csv", by) == dt.date(2024, 1, 31)
    assert extracted_by_name("a_2024-01-31.csv", by) == dt.date(2024, 1, 31)
    assert extracted_by_name("a.csv", by) is None
    assert extracted_by_name("a_20240131.csv", profile()) is None
    with pytest.raises(DeliveryError, match="a_20241331.csv: the name should hold a day"):
        extracted_by_name("a_20241331.csv", by)


def test_a_wide_row_is_a_row_for_each_of_its_counts():
    by = profile(
        "wide_counts",
        columns={"territory": ("nis",)},
        wide=("theft", "fraud"),
        constants={"unit": "fact"},
    )
    one = reading(
        by,
        {"fraud": ["1", "2", None], "nis": ["21001", "21002", "21003"], "theft": ["4", None, "6"]},
    )
    rows = gathered(by, one)
    assert rows.place.tolist() == [0, 0, 1, 1, 2, 2]
    assert rows.cell.tolist() == [0, 1, 0, 1, 0, 1]
    assert told(rows.texts["territory"]) == ["21001"] * 2 + ["21002"] * 2 + ["21003"] * 2
    assert told(rows.texts["offence"]) == ["theft", "fraud"] * 3
    assert told(rows.texts["numerator"]) == ["4", "1", None, "2", "6", None]
    assert told(rows.texts["unit"]) == ["fact"] * 6


def test_rows_of_several_files_stand_file_by_file():
    by = profile(columns={"territory": ("nis",)}, file=FileLayout(extracted=r"_(\d{8})"))
    files = [
        reading(by, {"nis": ["1", "2"]}, "a_20240131.csv", synthetic=True),
        reading(by, {"nis": ["3"]}, "b.csv"),
    ]
    rows = gathered(by, *files)
    assert rows.file.tolist() == [0, 0, 1]
    assert rows.place.tolist() == [0, 1, 0]
    assert told(rows.delivery) == ["a_20240131.csv"] * 2 + ["b.csv"]
    assert rows.synthetic.tolist() == [True, True, False]
    assert told(rows.extracted) == ["2024-01-31", "2024-01-31", None]
    assert told(gathered(by, *files, day=dt.date(2025, 1, 1)).extracted) == ["2025-01-01"] * 3
    assert np.isnan(rows.version).all()


def test_texts_that_mean_not_known_are_blank_and_of_facts_the_whole():
    texts = {"nis": ["21001", "Inconnu", None]}
    columns = {"territory": ("nis",)}
    unknown = {"territory": ("INCONNU",)}
    counts = profile(columns=columns, unknown=unknown)
    assert told(gathered(counts, reading(counts, texts)).texts["territory"]) == [
        "21001",
        None,
        None,
    ]
    facts = profile("events", columns=columns, unknown=unknown)
    assert told(gathered(facts, reading(facts, texts)).texts["territory"]) == [
        "21001",
        "04000",
        None,
    ]
    blank = profile("events", columns=columns, unknown={"territory": ("inconnu", "")})
    assert told(gathered(blank, reading(blank, texts)).texts["territory"]) == [
        "21001",
        "04000",
        "04000",
    ]
    own = profile(
        "events", columns=columns, unknown=unknown, territory=TerritoryRule(unplaced="5340")
    )
    assert told(gathered(own, reading(own, texts)).texts["territory"])[1] == "5340"
    other = profile("events", columns={"place": ("nis",)}, unknown={"place": ("inconnu",)})
    assert told(gathered(other, reading(other, texts)).texts["place"]) == ["21001", None, None]


def test_columns_are_joined_named_or_constant():
    by = profile(
        joined={"period": ("y", "m")},
        named={"territory": NameEntry(pattern=r"zone_(\d+)", of="file")},
        constants={"unit": "fact", "offence": "VOL"},
    )
    one = reading(by, {"y": ["2021", None], "m": ["1", "2"]}, "zone_5340.csv")
    rows = gathered(by, one)
    assert told(rows.texts["period"]) == ["2021 1", "2"]
    assert told(rows.texts["territory"]) == ["5340", "5340"]
    assert told(rows.texts["offence"]) == ["VOL", "VOL"]
    with pytest.raises(
        DeliveryError, match="the name of the file 'a.csv' should tell our column 'territory'"
    ):
        gathered(by, reading(by, {"y": ["1"], "m": ["2"]}))


def test_the_name_of_each_sheet_may_tell_a_column():
    by = profile(
        named={"period": NameEntry(pattern=r"(\d{4})", of="sheet")}, columns={"territory": ("nis",)}
    )
    one = reading(by, {"nis": ["1", "2"]}, sheets=encode_list(["Y 2021", "Y 2022"]))
    assert told(gathered(by, one).texts["period"]) == ["2021", "2022"]
    with pytest.raises(DeliveryError, match="the name of the sheet 'Notes' should tell"):
        gathered(by, reading(by, {"nis": ["1"]}, sheets=encode_list(["Notes"])))
    plain = reading(by, {"nis": ["1"]}, "f_2023.csv")  # of no workbook, the name of the file
    assert told(gathered(by, plain).texts["period"]) == ["2023"]


def test_rows_that_nothing_names_are_named_by_their_content():
    columns = {"territory": ("nis",), "offence": ("o",)}
    by = profile("events", columns=columns, identical="keep")
    rows = gathered(by, reading(by, {"nis": ["1", "1", "2"], "o": ["a", "a", "a"]}))
    names = told(rows.content)
    assert names[0] == names[1] != names[2]
    silent = profile("events", columns=columns)
    assert told(gathered(silent, reading(silent, {"nis": ["1"], "o": ["a"]})).content) == [None]
    named = profile("events", columns=columns | {"event_id": ("id",)}, identical="keep")
    one = reading(named, {"nis": ["1"], "o": ["a"], "id": ["F"]})
    assert told(gathered(named, one).content) == [None]


def test_files_are_grouped_by_what_read_them_and_their_columns_joined():
    one, two = (
        profile(columns={"territory": ("a",)}),
        profile(columns={"offence": ("b",)}, constants={"unit": "fact"}),
    )
    files = [reading(one, {"a": ["1"]}), reading(two, {"b": ["1"]}), reading(one, {"a": ["2"]})]
    assert group_by_layout(files) == [(one, [0, 2]), (two, [1])]
    whole = profile_of_all([one, two])
    assert whole.columns == {"territory": ("a",), "offence": ("b",)}
    assert whole.constants == {"unit": "fact"}
