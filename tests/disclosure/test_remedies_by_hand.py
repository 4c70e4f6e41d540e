"""What each remedy leaves out, counted once in the finest rows: by hand."""

from types import SimpleNamespace

import pandas as pd
import pytest

from obs.disclosure import remedies
from obs.disclosure.coarser_tables import describe_coarser_tables
from obs.disclosure.sensitive.rules import get_rule
from tests.disclosure.small_town import entry, make_town, whole

TOWN = make_town()
FORMS = {("A", "x"): 3, ("A", "y"): 20, ("B", "x"): 30, ("B", "y"): 40, ("C", "x"): 50}


@pytest.fixture
def withholding(monkeypatch):
    """Withhold the rows named, by place and form, whatever the table."""

    def given(*named):
        def release(table, **_):
            keys = zip(table["territory"], table.get("form", ["all"] * len(table)), strict=True)
            hidden = [" ".join(key) in named for key in keys]
            how = ["suppressed_primary", "suppressed_secondary"]
            status = [how[i % 2] if h else "ok" for i, h in enumerate(hidden)]
            return SimpleNamespace(table=table.assign(status=status))

        monkeypatch.setattr(remedies, "release", release)
        own = {"theft": entry()}
        return remedies.propose_remedies(whole(FORMS), territory=TOWN, catalogue=own)

    return given


def test_what_is_withheld_is_counted_in_the_finest_rows_once(withholding):
    """Of 143 facts, 3 and 30 are in the rows of a form and a commune; the others are their sums."""
    found = withholding("A x", "B x", "A all", "Z1 x", "R all")
    first = found.iloc[0]
    assert first["cells"] == len(whole(FORMS))
    assert (first["withheld"], first["counts_withheld"]) == (5, 33)
    assert first["shown_share"] == round(1 - 33 / 143, 4)
    assert (first["saves_cells"], first["saves_counts"]) == (0, 0)


def test_a_coarser_table_has_finest_rows_of_its_own(withholding):
    found = withholding("A x", "B x", "A all").set_index("remedy")
    totals = found.loc["without the breakdown by form"]
    assert (totals["cells"], totals["withheld"], totals["counts_withheld"]) == (6, 1, 23)
    assert (totals["saves_cells"], totals["saves_counts"]) == (2, 10)
    zones = found.loc["without the level commune"]
    assert (zones["withheld"], zones["counts_withheld"], zones["shown_share"]) == (0, 0, 1.0)
    assert zones["saves_counts"] == 33
    assert found.index[1] == "without the level commune"  # what shows most comes first


def test_nothing_to_withhold_shows_all(withholding):
    found = withholding()
    assert set(found["withheld"]) == {0}
    assert set(found["shown_share"]) == {1.0}
    assert found.index.tolist() == list(range(len(found)))


def rows(*counts):
    made = pd.DataFrame(counts, columns=["territory", "period", "numerator"])
    return made.assign(
        indicator="theft",
        period=pd.PeriodIndex(made["period"], freq="Y"),
        numerator=made["numerator"].astype("Int64"),
        value=made["numerator"].astype("Float64"),
        status="ok",
    )


def test_the_best_coarser_tables_are_named_with_the_small_counts_they_leave():
    """Four are small; two years together leave one, the zone alone one of its years."""
    years = [("A", "2021", 3), ("A", "2022", 4), ("B", "2021", 2), ("B", "2022", 1)]
    own = rows(*years, ("Z1", "2021", 4), ("Z1", "2022", 9))
    other = rows(("C", "2021", 3), ("C", "2022", 1))
    said = describe_coarser_tables({"t": own}, rule=get_rule("default"), territory=TOWN)
    assert said == (
        "Small counts left by a coarser table: two successive periods together, 1; "
        "without the level commune, 1."
    )
    both = {"t": own, "u": other, "d": own.assign(base="2020")}
    said = describe_coarser_tables(both, rule=get_rule("default"), territory=TOWN)
    assert said == (
        "Small counts left by a coarser table: two successive periods together, 2; "
        "without the level commune, 3."
    )
    large = rows(("A", "2021", 30), ("A", "2022", 40))
    assert describe_coarser_tables({"t": large}, rule=get_rule("default"), territory=TOWN) == ""
