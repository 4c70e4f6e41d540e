"""Counts finer than our key are added, kept apart or refused, and their sums close."""

import itertools

import pandas as pd
import pytest

from obs.clean import clean_police, clean_prosecutor
from obs.errors import CatalogueError, DeliveryError
from obs.schemas import COUNTS as TABLE
from obs.schemas import check_table
from tests.clean.profile_texts import COUNTS, profile

ROW = {"nis": "21004", "annee": "2023", "fait": "VOL", "n": "1"}
CASES = """
name = "cases"
title = "Cases by charge"
kind = "prosecutor"
shape = "case_counts"
period = "%Y"
{more}
offences = [{ offence = "theft", phenomenon = "theft_other" }]
[territory]
match = "pattern"
pattern = "X"
[columns]
period = "year"
offence = "charge"
numerator = "n"
[constants]
territory = "X"
"""


def rows(*changes):
    return pd.DataFrame([ROW | change for change in changes])


def sums(cleaned):
    names = ["sum_read", "sum_kept", "sum_merged", "sum_rejected"]
    return cleaned.report[names].iloc[0].tolist()


TWO = rows({"fait": "VOL-A", "n": "40"}, {"fait": "VOL-B", "n": "40"}, {"nis": "21001", "n": "7"})
SEXES = rows({"sexe": "H", "n": "12"}, {"sexe": "F", "n": "12"}, {"sexe": "", "n": "3"})


def test_two_classes_of_one_phenomenon_are_refused_by_the_name_of_the_column():
    with pytest.raises(DeliveryError) as caught:
        clean_police(TWO, profile=profile())
    said = str(caught.value)
    assert "differ in column 'fait'" in said
    assert "profile 'counts' says nothing (1 keys, first in line 1 and 2)" in said
    assert "`summed` adds its counts" in said
    assert "VOL-A" not in said


@pytest.mark.parametrize("name", ["fait", "offence", "FAIT"])
def test_two_classes_are_added_where_the_profile_says_so(name):
    cleaned = clean_police(TWO, profile=profile(more=f'summed = ["{name}"]'))
    assert cleaned.table[["territory", "numerator"]].to_numpy().tolist() == [
        ["21004", 80],
        ["21001", 7],
    ]
    assert cleaned.report[["read", "kept", "merged"]].iloc[0].tolist() == [3, 2, 1]
    assert sums(cleaned) == [87, 87, 0, 0]
    assert cleaned.flagged[["row", "rule"]].to_numpy().tolist() == [[1, "added_rows"]]


def test_a_breakdown_that_the_profile_is_silent_about_is_refused():
    with pytest.raises(DeliveryError, match="differ in column 'sexe'"):
        clean_police(SEXES, profile=profile())


def test_a_breakdown_is_kept_apart_and_a_blank_is_no_total():
    kept = profile(
        columns='victim_sex = "sexe"', tables='[codes.victim_sex]\nH = "male"\nF = "female"'
    )
    table = check_table(clean_police(SEXES, profile=kept).table, TABLE)
    assert table[["victim_sex", "numerator"]].to_numpy().tolist() == [
        ["male", 12],
        ["female", 12],
        ["not_told", 3],
    ]


def test_totals_of_a_breakdown_are_left_out():
    whole = pd.concat([SEXES, rows({"sexe": "Ensemble", "n": "27"})])
    left = profile(more='summed = ["sexe"]', tables='[left_out]\nsexe = "ensemble|total"')
    cleaned = clean_police(whole, profile=left)
    assert cleaned.table["numerator"].tolist() == [27]
    assert cleaned.rejected[["row", "rule"]].to_numpy().tolist() == [[4, "totals_row"]]
    assert cleaned.intolerable == 0
    assert sums(cleaned) == [54, 27, 0, 27]


def test_what_the_profile_leaves_out_must_be_there():
    with pytest.raises(DeliveryError, match="no column 'genre', whose totals"):
        clean_police(TWO, profile=profile(tables='[left_out]\ngenre = "total"'))


def test_a_column_that_never_splits_a_key_needs_no_word():
    noted = rows({"note": "a"}, {"nis": "21001", "note": "b"})
    assert len(clean_police(noted, profile=profile()).table) == 2


def test_a_rate_beside_the_counts_is_not_what_is_named_first():
    rated = TWO.assign(tx=["1,1", "1,2", "0,3"])
    with pytest.raises(DeliveryError, match="differ in column 'fait', 'tx'"):
        clean_police(rated, profile=profile())


def test_sums_know_what_they_do_not_know():
    parts = rows(
        *({"nis": "21001", "fait": f"VOL-{i}", "n": n} for i, n in enumerate(["4", "<5"])),
        *({"nis": "21002", "fait": f"VOL-{i}", "n": n} for i, n in enumerate(["4", "n.d.", "1"])),
        *({"nis": "21003", "fait": f"VOL-{i}", "n": n} for i, n in enumerate(["-", "0"])),
    )
    cleaned = clean_police(parts, profile=profile(more='summed = ["fait"]'))
    found = cleaned.table[["numerator", "status"]].astype("object").to_numpy().tolist()
    assert found == [[pd.NA, "suppressed_source"], [pd.NA, "missing"], [0, "zero"]]
    assert sums(cleaned) == [9, 0, 9, 0]  # numbers of sums that are not known are in none


def test_identical_rows_count_once_unless_they_are_kept():
    twice = rows(
        {"fait": "VOL-A", "n": "4"}, {"fait": "VOL-A", "n": "4"}, {"fait": "VOL-B", "n": "2"}
    )
    once = clean_police(twice, profile=profile(more='summed = ["fait"]'))
    assert (once.table["numerator"].tolist(), sums(once)) == ([6], [10, 6, 4, 0])
    each = clean_police(twice, profile=profile(more='summed = ["fait"]\nidentical = "keep"'))
    assert (each.table["numerator"].tolist(), sums(each)) == ([10], [10, 10, 0, 0])


def test_a_faulty_row_takes_no_sound_row_like_it_out_of_the_sum():
    """Two rows of one place and year; one more, in other cells alike, is of no known class."""
    parts = rows(
        {"fait": "RIEN", "n": "4"},
        {"fait": "VOL-A", "n": "-1"},
        {"fait": "VOL-A", "n": "4"},
        {"fait": "VOL-A", "n": "4"},
        {"fait": "VOL-B", "n": "2"},
    )
    for profiled in ('summed = ["fait"]', 'repeated = "add"'):
        cleaned = clean_police(parts, profile=profile(more=profiled))
        assert cleaned.table["numerator"].tolist() == [6]
        assert cleaned.rejected["row"].tolist() == [1, 2]
        assert sums(cleaned)[1:3] == [6, 4]


def test_wide_columns_of_one_phenomenon_are_refused_or_added():
    wide = profile(
        more='wide = ["vol_a", "vol_b"]',
        **{
            '"counts"\nperiod': '"wide_counts"\nperiod',
            'offence = "fait"\n': "",
            'numerator = "n"\n': "",
        },
    )
    delivered = pd.DataFrame(
        {"nis": ["21001", "21002"], "annee": "2022", "vol_a": "40", "vol_b": ["40", "41"]}
    )
    with pytest.raises(DeliveryError, match=r"'offence' \(the columns vol_a, vol_b\)"):
        clean_police(delivered, profile=wide)
    added = profile(
        more='wide = ["vol_a", "vol_b"]\nsummed = ["offence"]',
        **{
            '"counts"\nperiod': '"wide_counts"\nperiod',
            'offence = "fait"\n': "",
            'numerator = "n"\n': "",
        },
    )
    assert clean_police(delivered, profile=added).table["numerator"].tolist() == [80, 81]


def test_cases_are_added_whatever_tells_them_apart():
    delivered = pd.DataFrame(
        {"year": "2022", "charge": "theft", "group": [*"ABC"], "n": ["100", "50", "7"]}
    )
    added = clean_prosecutor(delivered, profile=profile(CASES, more='repeated = "add"'))
    assert added.table["numerator"].tolist() == [157]
    with pytest.raises(DeliveryError, match="differ in column 'group'"):
        clean_prosecutor(delivered, profile=profile(CASES))


def test_a_later_file_supersedes_counts_and_their_sums_close(tmp_path):
    paths = []
    for day, n in (("20240131", "40"), ("20240630", "44")):
        paths.append(tmp_path / f"c_{day}.csv")
        rows({"fait": "VOL-A", "n": n}, {"fait": "VOL-B", "n": "1"}).to_csv(
            paths[-1], sep=";", index=False
        )
    cleaned = clean_police(
        paths, profile=profile(more='summed = ["fait"]', file="extracted = '_(\\d{8})'")
    )
    assert cleaned.table["numerator"].tolist() == [45]
    assert cleaned.report["sum_kept"].tolist() == [0, 45]
    assert cleaned.report["sum_merged"].tolist() == [41, 0]


@pytest.mark.parametrize("seed", range(3))
def test_accounts_of_any_counts_close_as_plain_pandas_adds_them(seed):
    rng = pd.Series(range(200)).sample(60, replace=True, random_state=seed).to_numpy()
    cells = itertools.product(
        ["21001", "21002", "nulle part"], ["2022", "2023"], ["VOL-A", "VOL-B", "RIEN"]
    )
    table = pd.DataFrame([*cells] * 3, columns=["nis", "annee", "fait"])
    table["n"] = [str(n) for n in [*rng][: len(table)]]
    table["part"] = [str(i) for i in range(len(table))]
    cleaned = clean_police(table, profile=profile(more='repeated = "add"'))
    sound = table[(table["nis"] != "nulle part") & (table["fait"] != "RIEN")]
    by_key = sound["n"].astype(int).groupby([sound["nis"], sound["annee"]]).sum()
    found = cleaned.table.set_index(["territory", cleaned.table["period"].astype("str")])[
        "numerator"
    ]
    assert found.to_dict() == by_key.to_dict()
    total = table["n"].astype(int).sum()
    assert sums(cleaned) == [total, by_key.sum(), 0, total - by_key.sum()]


@pytest.mark.parametrize(
    ("columns", "match"),
    [
        ("", "wide: the columns that hold counts are missing"),
        (
            'wide = ["a"]\nwide_pattern = "b.*"',
            "wide_pattern: give the columns by name .* not both",
        ),
        ('wide = ["vol"]\nwide_optional = ["vil"]', "wide_optional: 'vil' is not in wide.*'vol'"),
    ],
)
def test_faults_of_wide_columns_are_told(columns, match):
    changes = {'"counts"\nperiod': '"wide_counts"\nperiod', 'offence = "fait"\n': ""}
    with pytest.raises(CatalogueError, match=match):
        profile(more=columns, **changes, **{'numerator = "n"\n': ""})


@pytest.mark.parametrize(
    ("lines", "match"),
    [
        ('summed = ["fait"]\nrepeated = "add"', "repeated: adds whatever `summed` does not name"),
        ('wide = ["a"]', "only wide_counts have such columns"),
        ('vanished = "forget"', "vanished"),
        ('time_zone = "Europe/Bruxelles"', "is no time zone.*Europe/Brussels"),
        ('strict = ["territory"]', "no column that a row may lack"),
    ],
)
def test_faults_of_such_keys_are_told(lines, match):
    with pytest.raises(CatalogueError, match=match):
        profile(more=lines)


def test_a_column_of_rates_is_refused_and_some_broken_counts_are_not():
    rates = rows(
        *({"nis": str(21001 + i), "n": n} for i, n in enumerate(["0", "3,16", "0", "4,19"]))
    )
    own = profile(file='decimal = ","')
    with pytest.raises(DeliveryError, match=r"column 'n' holds rates or shares, not counts \(100%"):
        clean_police(rates, profile=own)
    percents = rows(*({"nis": str(21001 + i), "n": n} for i, n in enumerate(["0", "3 %", "12%"])))
    with pytest.raises(DeliveryError, match="percent sign"):
        clean_police(percents, profile=own)
    mixed = rows(*({"nis": str(21001 + i), "n": n} for i, n in enumerate(["5", "3,16", "12", "7"])))
    assert clean_police(mixed, profile=own).rejected["rule"].tolist() == ["not_a_number"]


def test_a_column_named_after_a_rate_is_refused_unless_allowed():
    whole = rows({}, {"nis": "21001"}).rename(columns={"n": "Taux pour mille"})
    changed = {'numerator = "n"': 'numerator = "Taux pour mille"'}
    with pytest.raises(DeliveryError, match="its name tells so"):
        clean_police(whole, profile=profile(**changed))
    allowed = profile(more='allow = ["Taux pour mille"]', **changed)
    assert len(clean_police(whole, profile=allowed).table) == 2


def test_marks_with_patterns():
    marks = """
mark_patterns = [
  { pattern = '(\\d+) ?\\*', status = "provisional" },
  { pattern = '~ ?(\\d+)', status = "unreliable" },
  { pattern = '< ?\\d+', status = "suppressed_source" },
]
"""
    texts = ["12*", "12 *", "~12", "< 10", "12", "-", "12?", "~-3"]
    delivered = rows(*({"nis": str(21001 + i), "n": n} for i, n in enumerate(texts)))
    cleaned = clean_police(delivered, profile=profile(more=marks))
    found = cleaned.table[["numerator", "status"]].astype("object").to_numpy().tolist()
    assert found == [
        *(
            [12, "provisional"],
            [12, "provisional"],
            [12, "unreliable"],
            [pd.NA, "suppressed_source"],
        ),
        *([12, "ok"], [0, "zero"]),
    ]
    assert cleaned.rejected["row"].tolist() == [7, 8]


def test_a_status_of_the_file_goes_before_the_number_beside_it():
    delivered = rows(
        *(
            {"nis": str(21001 + i), "n": n, "OBS_STATUS": status}
            for i, (n, status) in enumerate(
                [
                    ("12", "A"),
                    ("12", "P"),
                    ("", "M"),
                    ("3.5", "Q"),
                    ("4", "Q"),
                    ("NaN", "L"),
                    ("0", "A"),
                    ("4", "I"),
                    ("", "A"),
                ]
            )
        )
    )
    cleaned = clean_police(
        delivered,
        profile=profile(COUNTS.replace('"" = "missing"', ""), columns='status = "OBS_STATUS"'),
    )
    found = cleaned.table[["numerator", "status"]].astype("object").to_numpy().tolist()
    assert found == [
        *([12, "ok"], [12, "provisional"], [pd.NA, "not_applicable"]),
        *([pd.NA, "suppressed_source"], [pd.NA, "missing"], [0, "zero"]),
    ]
    assert cleaned.rejected[["row", "column", "rule"]].to_numpy().tolist() == [
        [4, "n", "not_a_number"],
        [8, "OBS_STATUS", "unknown_code"],
        [9, "n", "not_a_number"],
    ]


def test_lines_under_the_table_are_dropped_by_a_rule_of_their_own(tmp_path):
    path = tmp_path / "c.csv"
    path.write_text(
        "nis;annee;fait;n\n21004;2023;VOL;3\nTotal;;;3\nSource : police, 2024;;;\n"
        "Total;2023;VOL;3\nNamur;2023;VOL;1\n"
    )
    cleaned = clean_police(path, profile=profile())
    assert cleaned.rejected[["row", "rule"]].to_numpy().tolist() == [
        [3, "footer"],
        [4, "footer"],
        [5, "unknown_territory"],
        [6, "unknown_territory"],
    ]
    assert cleaned.intolerable == 2
