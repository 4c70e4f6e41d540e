"""Indicators from delivered counts: totals and parts, units, what the source withholds."""

from dataclasses import replace

import pandas as pd
import pytest

from obs.catalogue import get_indicator
from obs.errors import CodeError, ObsError, SchemaError
from obs.indicators import compute
from obs.reference import make_territory

UNITS = pd.DataFrame(
    {
        "code": ["a", "b", "c", "north", "south", "top"],
        "level": ["commune", "commune", "commune", "zone", "zone", "region"],
        "parent": ["north", "north", "south", "top", "top", None],
        **{f"name_{lang}": ["A", "B", "C", "North", "South", "All"] for lang in ("fr", "nl", "en")},
    }
)
PLACE = make_territory(UNITS, name="small", levels=("commune", "zone", "region"))


def make_counts(*rows, unit="fact", freq="Y", **columns):
    """Rows of (territory, period, phenomenon, count or status)."""
    table = pd.DataFrame(rows, columns=["territory", "period", "phenomenon", "given"])
    known = table["given"].map(lambda g: not isinstance(g, str))
    return pd.DataFrame(
        {
            "territory": table["territory"].astype("str"),
            "period": pd.PeriodIndex(table["period"], freq=freq),
            "phenomenon": table["phenomenon"].astype("str"),
            "unit": unit,
            "numerator": table["given"].where(known).astype("Int64"),
            "status": table["given"].where(~known, "ok").astype("str"),
            "population": 1000.0,
            "delivery": "counts.csv",
            **columns,
        }
    )


def run(indicator, counts, **options):
    return compute(indicator, {"police": counts}, territory=PLACE, **options)


def told(table, **key):
    """Give count and status by territory."""
    for column, value in key.items():
        table = table.loc[table[column].astype("str") == value]
    rows = zip(table["territory"], table["numerator"], table["status"], strict=True)
    return {t: (None if pd.isna(n) else int(n), s) for t, n, s in rows}


ABC = [("a", "2022", "robbery", 30), ("b", "2022", "robbery", 12), ("c", "2022", "robbery", 0)]


@pytest.mark.slow
def test_levels_add_up_and_zero_is_told():
    assert told(run("robbery", make_counts(*ABC))) == {
        "a": (30, "ok"),
        "b": (12, "ok"),
        "c": (0, "zero"),
        "north": (42, "ok"),
        "south": (0, "zero"),
        "top": (42, "ok"),
    }


@pytest.mark.slow
def test_population_comes_with_the_counts_and_adds_up():
    table = run("robbery", make_counts(*ABC)).set_index("territory")
    assert table["denominator"].to_dict() == {
        "a": 1000,
        "b": 1000,
        "c": 1000,
        "north": 2000,
        "south": 1000,
        "top": 3000,
    }
    assert table.loc["top", "value"] == pytest.approx(14.0)
    assert set(table["days"]) == {365}
    assert set(table["covered_from"]) == {pd.Timestamp("2022-01-01")}
    assert set(table["covered_to"]) == {pd.Timestamp("2022-12-31")}


@pytest.mark.slow
@pytest.mark.parametrize("status", ["suppressed_source", "missing"])
def test_a_sum_with_an_unknown_part_is_unknown_never_partial(status):
    table = told(run("robbery", make_counts(*ABC[:1], ("b", "2022", "robbery", status), *ABC[2:])))
    assert table["b"] == table["north"] == table["top"] == (None, status)
    assert table["a"] == (30, "ok")
    assert table["south"] == (0, "zero")


@pytest.mark.parametrize(
    ("a", "b", "north"),
    [
        (30, "not_applicable", "missing"),  # its count is of a part of the zone
        (30, "provisional", "missing"),  # and no number
        ("not_applicable", "missing", "missing"),
        ("not_applicable", "suppressed_source", "suppressed_source"),
        ("not_applicable", "not_applicable", "not_applicable"),
    ],
)
def test_a_zone_does_not_apply_only_where_no_commune_of_it_does(a, b, north):
    counts = make_counts(("a", "2022", "robbery", a), ("b", "2022", "robbery", b), *ABC[2:])
    table = told(run("robbery", counts))
    assert table["b"] == (None, "missing" if b == "provisional" else b)
    assert table["north"] == (None, north)
    assert table["top"] == (None, "missing" if north == "not_applicable" else north)


def test_withheld_is_stronger_than_missing_and_an_absent_row_is_missing():
    counts = make_counts(("a", "2022", "robbery", "suppressed_source"), *ABC[2:])
    table = told(run("robbery", counts))
    assert table["b"] == (None, "missing")
    assert table["top"] == (None, "suppressed_source")


def test_a_total_delivered_apart_is_taken_where_the_parts_are_withheld():
    communes = make_counts(*ABC[:1], ("b", "2022", "robbery", "suppressed_source"), *ABC[2:])
    higher = make_counts(("top", "2022", "robbery", 45), ("elsewhere", "2022", "robbery", 99))
    table = told(run("robbery", [communes, higher]))
    assert table["north"] == (None, "suppressed_source")
    assert table["top"] == (45, "ok")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("parts", "total", "said"),
    [
        ("missing", "suppressed_source", (None, "suppressed_source")),
        ("suppressed_source", "missing", (None, "suppressed_source")),
        ("missing", "not_applicable", (None, "missing")),
        (3, "suppressed_source", (33, "ok")),
    ],
)
def test_a_total_that_its_supplier_withholds_stays_withheld_where_a_part_is_missing(
    parts, total, said
):
    rows = (ABC[0], ("b", "2022", "robbery", parts), ("north", "2022", "robbery", total))
    assert told(run("robbery", make_counts(*rows)))["north"] == said


def test_a_withheld_total_of_what_does_not_add_up_is_not_replaced_by_its_parts():
    entry = replace(get_indicator("robbery"), additive_over=frozenset({"time"}))
    rows = (*ABC, ("north", "2022", "robbery", "suppressed_source"))
    found = told(run(entry, make_counts(*rows)))
    assert found["north"] == (None, "suppressed_source")


def test_the_sum_is_kept_where_every_part_is_known():
    table = told(run("robbery", [make_counts(*ABC), make_counts(("top", "2022", "robbery", 45))]))
    assert table["top"] == (42, "ok")


def test_counts_of_zones_alone_start_at_their_level():
    counts = make_counts(("north", "2022", "theft", 40), ("south", "2022", "theft", 2))
    assert told(run("theft", counts)) == {
        "north": (40, "ok"),
        "south": (2, "ok"),
        "top": (42, "ok"),
    }


@pytest.mark.slow
def test_a_total_is_never_added_to_its_parts():
    counts = make_counts(("a", "2022", "theft", 100), ("a", "2022", "burglary_dwelling", 40))
    assert told(run("theft", counts))["a"] == (100, "ok")
    assert told(run("burglary_dwelling", counts))["a"] == (40, "ok")


@pytest.mark.slow
def test_parts_are_added_only_if_they_are_the_whole():
    both = make_counts(("a", "2022", "robbery_armed", 3), ("a", "2022", "robbery_unarmed", 4))
    assert told(run("robbery", both))["a"] == (7, "ok")
    one = run("robbery", make_counts(("a", "2022", "robbery_armed", 3)))
    assert set(one["status"]) == {"not_applicable"}
    assert set(one["reason"]) == {"incomplete_in_source"}


@pytest.mark.slow
def test_a_part_that_lacks_for_one_commune_makes_its_sum_missing():
    counts = make_counts(
        ("a", "2022", "robbery_armed", 3),
        ("a", "2022", "robbery_unarmed", 4),
        ("b", "2022", "robbery_armed", 3),
    )
    table = told(run("robbery", counts))
    assert table["a"] == (7, "ok")
    assert table["b"] == (None, "missing")


def test_two_units_are_never_added():
    counts = make_counts(
        ("a", "2022", "robbery_armed", 3),
        ("a", "2022", "robbery_unarmed", 4),
        unit=["fact", "victim"],
    )
    table = run("robbery", counts)
    assert set(table["reason"]) == {"mixed_units"}
    assert table["numerator"].isna().all()


@pytest.mark.slow
def test_another_unit_is_refused_unless_the_indicator_accepts_it():
    rows = [("a", "2022", "vehicle_theft", 3), ("a", "2022", "burglary_dwelling", 4)]
    counts = make_counts(*rows, unit="vehicle")
    assert set(run("vehicle_theft", counts)["unit"]) == {"vehicle"}
    assert told(run("vehicle_theft", counts))["a"] == (3, "ok")
    assert set(run("burglary_dwelling", counts)["reason"]) == {"other_unit"}


def test_what_was_not_delivered_is_not_zero():
    table = run("shoplifting", make_counts(*ABC))
    assert set(table["status"]) == {"not_applicable"}
    assert set(table["reason"]) == {"absent_from_source"}


def family(form, relation, count):
    return ("a", "2022", "assault_family", count), form, relation


def make_family(*rows):
    counts = [r[0] for r in rows]
    return make_counts(
        *counts, unit="victim", form=[r[1] for r in rows], relation=[r[2] for r in rows]
    )


@pytest.mark.slow
def test_physical_violence_alone_is_not_all_violence():
    counts = make_family(family("physical", "family", 50))
    assert told(run("vif_physical", counts))["a"] == (50, "ok")
    assert set(run("vif_physical", counts)["unit"]) == {"victim"}
    whole = run("vif_total", counts)
    assert set(whole["reason"]) == {"incomplete_in_source"}
    assert set(run("vif_couple_physical", counts)["reason"]) == {"absent_from_source"}


@pytest.mark.slow
def test_forms_add_up_when_all_are_delivered_and_breakdowns_hold_their_total():
    forms = ("physical", "sexual", "psychological", "economic")
    counts = make_family(*(family(f, "couple", n) for n, f in enumerate(forms, start=1)))
    assert told(run("vif_total", counts))["a"] == (10, "ok")
    table = run("vif_total", counts, breakdown=("form",))
    assert told(table, form="all")["a"] == (10, "ok")
    assert told(table, form="economic")["a"] == (4, "ok")
    assert told(run("vif_couple_share", counts))["a"] == (10, "ok")


@pytest.mark.slow
def test_a_delivered_total_of_forms_is_taken_and_not_added():
    counts = make_family(family("all", "couple", 12), family("physical", "couple", 7))
    assert told(run("vif_total", counts))["a"] == (12, "ok")
    assert told(run("vif_couple_physical", counts))["a"] == (7, "ok")


@pytest.mark.slow
def test_months_make_a_year_only_when_all_are_there():
    months = [("a", f"2022-{m:02}", "robbery", 2) for m in range(1, 13)]
    whole = make_counts(*months, freq="M")
    assert told(run("robbery", whole))["a"] == (24, "ok")
    eleven = run("robbery", make_counts(*months[:11], freq="M")).set_index("territory").loc["a"]
    assert (eleven["numerator"], eleven["status"], eleven["days"]) == (22, "provisional", 334)
    hole = make_counts(
        *months, *(("b", f"2022-{m:02}", "robbery", 1) for m in range(1, 12)), freq="M"
    )
    assert told(run("robbery", hole))["b"] == (None, "missing")


@pytest.mark.parametrize("indicator", ["robbery", "burglary_attempt_share", "theft_per_day"])
def test_years_cannot_be_split_into_months(indicator):
    table = run(indicator, make_counts(*ABC), period="month")
    assert len(table) == 12 * 6
    assert set(table["status"]) == {"not_applicable"}
    assert set(table["reason"]) == {"longer_periods"}
    assert table[["numerator", "value", "days"]].isna().all(axis=None)


def test_a_provisional_part_makes_a_provisional_sum():
    counts = make_counts(*ABC).assign(status=["provisional", "ok", "zero"])
    table = told(run("robbery", counts))
    assert table["north"] == table["top"] == (42, "provisional")
    assert table["b"] == (12, "ok")


def test_provenance_travels_and_one_synthetic_part_marks_all():
    parts = [
        make_counts(*ABC, synthetic=False, extracted=pd.Timestamp("2023-01-05")),
        make_counts(("top", "2022", "robbery", 42), synthetic=True),
    ]
    table = run("robbery", parts)
    assert table["synthetic"].all()
    assert table["extracted"].isna().all()  # the undated part may be the later one
    parts[1] = parts[1].assign(extracted=pd.Timestamp("2024-02-01"))
    assert set(run("robbery", parts)["extracted"]) == {pd.Timestamp("2024-02-01")}


@pytest.mark.slow
def test_phenomena_of_a_breakdown_are_disjoint_and_of_one_unit():
    counts = make_counts(
        ("a", "2022", "theft", 100),
        ("a", "2022", "burglary", 40),
        ("a", "2022", "burglary_dwelling", 30),
        ("a", "2022", "vehicle_theft", 9),
        unit=["fact", "fact", "fact", "vehicle"],
    )
    table = run("theft", counts, breakdown=("phenomenon",))
    assert sorted(table["phenomenon"].unique()) == ["all", "burglary"]
    assert told(table, phenomenon="burglary")["a"] == (40, "ok")


@pytest.mark.slow
def test_the_input_is_untouched_and_the_order_of_rows_irrelevant():
    counts = make_counts(*ABC, ("a", "2021", "robbery", 5))
    before = counts.copy(deep=True)
    table = run("robbery", counts)
    pd.testing.assert_frame_equal(counts, before)
    pd.testing.assert_frame_equal(run("robbery", counts.iloc[::-1]), table)


@pytest.mark.slow
def test_a_file_of_counts_gives_the_same(tmp_path):
    counts = make_counts(*ABC)
    counts.assign(period=counts["period"].astype("str")).to_parquet(tmp_path / "text.parquet")
    with pytest.raises(SchemaError, match="column 'period' must hold period"):
        run("robbery", tmp_path / "text.parquet")
    counts.to_parquet(tmp_path / "counts.parquet")
    pd.testing.assert_frame_equal(
        run("robbery", tmp_path / "counts.parquet"), run("robbery", counts)
    )


def test_faulty_sources_are_refused():
    with pytest.raises(CodeError, match="no row is of territory 'small'"):
        run("robbery", make_counts(("z", "2022", "robbery", 1)))
    with pytest.raises(SchemaError, match="key .* is repeated"):
        run("robbery", make_counts(*ABC, ABC[0]))
    with pytest.raises(ObsError, match="must all be COUNTS"):
        run("robbery", [])


@pytest.mark.slow
def test_burglary_rates_of_2014_by_police_zone(shared):
    """The six rates that the list of real files gives, to three decimals."""
    from obs.clean import clean_police

    file = shared / "data" / "be_police" / "zp_crimetype_updated.csv"
    counts = clean_police(file, profile="brussels_zones").table
    table = compute("burglary_dwelling", {"police": counts})
    rates = table.loc[table["period"].astype("str") == "2014"].set_index("territory")["value"]
    assert rates.drop("04000").round(3).to_dict() == {
        "5339": 8.978,
        "5340": 7.549,
        "5341": 6.931,
        "5342": 10.901,
        "5343": 7.860,
        "5344": 6.081,
    }


def reasons(table):
    return dict(zip(table["territory"], table["reason"].fillna(""), strict=True))


def test_a_delivered_total_that_is_not_the_sum_of_its_parts_is_told():
    """The sum is taken, by the rule; what adds up nowhere else says nothing."""
    other = make_counts(("top", "2022", "robbery", 45), ("north", "2022", "robbery", 42))
    table = run("robbery", [make_counts(*ABC), other])
    assert told(table)["top"] == (42, "ok")
    assert reasons(table) == {
        **dict.fromkeys(["a", "b", "c", "north", "south"], ""),
        "top": "total_differs",
    }
    same = run("robbery", [make_counts(*ABC), make_counts(("top", "2022", "robbery", 42))])
    assert set(reasons(same).values()) == {""}


def test_the_delivered_total_of_what_does_not_add_up_over_areas_is_taken():
    """One report may touch two communes: their counts add up to more than the reports."""
    entry = replace(get_indicator("robbery"), additive_over=frozenset({"time"}))
    table = run(entry, [make_counts(*ABC), make_counts(("top", "2022", "robbery", 40))])
    assert told(table)["top"] == (40, "ok")
    assert reasons(table)["top"] == ""


@pytest.mark.parametrize("code", ["z", "unknown", "north "])
def test_counts_of_codes_that_are_no_unit_are_told_on_the_whole(code):
    strays = make_counts(
        (code, "2022", "robbery", 99), (code, "2021", "theft", 5), (code, "2023", "robbery", 1)
    )
    table = run("robbery", [make_counts(*ABC, ("a", "2021", "robbery", 3)), strays])
    assert table["period"].astype("str").unique().tolist() == ["2021", "2022"]
    last = table[table["period"].astype("str") == "2022"]
    assert told(last)["top"] == (42, "ok")
    assert reasons(last)["top"] == "other_places"
    assert set(reasons(last[last["territory"] != "top"]).values()) == {""}
    first = table[table["period"].astype("str") == "2021"]
    assert reasons(first)["top"] == ""  # of another phenomenon


def test_strays_change_no_figure():
    plain = run("robbery", make_counts(*ABC))
    strays = make_counts(("z", "2022", "robbery", 9), ("y", "2022", "vehicle_theft", 9))
    both = run("robbery", [make_counts(*ABC), strays.assign(unit=["fact", "vehicle"])])
    figures = ["territory", "period", "numerator", "value", "status", "unit"]
    pd.testing.assert_frame_equal(plain[figures], both[figures])


@pytest.mark.parametrize(
    ("sources", "options", "said"),
    [
        ([1], {}, "sources must be a mapping"),
        ({"police": 3}, {}, "source 'police' must be a DataFrame"),
        ({"polcie": make_counts(*ABC)}, {}, "source 'police' is absent; given: polcie"),
        (None, {"breakdown": ("fomr",)}, r"not broken down by fomr .* Did you mean 'form'"),
        (None, {"breakdown": None}, "breakdown takes a sequence"),
        (None, {"period": "yaer"}, "period 'yaer' is not one of"),
    ],
)
def test_faulty_calls_name_the_argument(sources, options, said):
    given = {"police": make_counts(*ABC)} if sources is None else sources
    with pytest.raises(ObsError, match=said):
        compute("vif_total", given, territory=PLACE, **options)


@pytest.mark.parametrize("column", ["territory", "phenomenon", "unit", "status"])
def test_counts_whose_codes_are_numbers_are_refused(column):
    with pytest.raises(SchemaError, match=f"'{column}' must hold text"):
        run("robbery", make_counts(*ABC).assign(**{column: 1}))
