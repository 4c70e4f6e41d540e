"""The rule of successive years: by hand, through `release`, and as its source applies it."""

from itertools import product
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from obs.disclosure import audit, release
from obs.disclosure.audit.attack_bounds import bound_cells
from obs.disclosure.sensitive.successive_years import judge_series
from obs.errors import DisclosureError
from obs.reference import make_territory
from tests.disclosure.sensitive.suppression_pattern import read_pattern
from tests.disclosure.small_town import entry, make_town, whole
from tests.draws import draws

RULE = {"threshold": 5, "years": 3}
ENTRIES = {"theft": entry(disclosure="successive")}
CALM = {"A": 40, "B": 50, "C": 30, "D": 25, "E": 60}


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ("9 8 7 6 5", "11111"),
        ("9 8 7 4 6 6 6", "1110001"),  # a small year takes two years with it
        ("9 4 9 9 9", "00001"),  # the first years stand and fall with the third
        ("0 0 0 1 0 0 0", "1110001"),
        ("0 0 0 6 7 8", "111001"),  # from none to some: not three alike until the third
        ("9 9 9 ? 9 9 9", "1110001"),
        ("9 9", "00"),  # too short to hold for three years
        ("0 0 5", "000"),
    ],
)
def test_by_hand(counts, shown):
    values = [[np.nan if c == "?" else float(c) for c in counts.split()]]
    assert judge_series(values, **RULE)[0].tolist() == [c == "1" for c in shown]


def test_over_one_year_it_is_the_plain_threshold_with_zeros_shown():
    counts = [[0, 1, 4, 5, 0]]
    assert judge_series(counts, threshold=5, years=1)[0].tolist() == [
        True,
        False,
        False,
        True,
        True,
    ]


@pytest.mark.parametrize("wrong", [{"threshold": 0, "years": 3}, {"threshold": 5, "years": 0}])
def test_what_makes_no_rule_is_refused(wrong):
    with pytest.raises(DisclosureError, match="1 year or more"):
        judge_series([[1, 2, 3]], **wrong)


def readings(pattern):
    """Yield every sequence of nothing (0), small (s) and large (+) that fits what is shown."""
    yield from product(*({".": "0s+"}.get(c, c) for c in pattern))


def trailing(classes, year):
    last = max(year, 2)
    return _alike(classes[last - 2 : last + 1])


def containing(classes, year):
    first = range(max(0, year - 2), min(len(classes) - 3, year) + 1)
    return any(_alike(classes[i : i + 3]) for i in first)


def centred(classes, year):
    middle = min(max(year, 1), len(classes) - 2)
    return _alike(classes[middle - 1 : middle + 2])


def ahead(classes, year):
    first = min(year, len(classes) - 3)
    return _alike(classes[first : first + 3])


def last_three(classes, year):
    return _alike(classes[-3:])


def containing_zeros_shown(classes, year):
    first = range(max(0, year - 2), min(len(classes) - 3, year) + 1)
    return classes[year] == "0" or any(set(classes[i : i + 3]) == {"+"} for i in first)


def _alike(span):
    return len(set(span)) == 1 and span[0] != "s"


def makes(rule, pattern):
    """Tell whether some sequence is shown, under a reading of the rule, just as it is."""
    years = range(len(pattern))
    return any(
        all(rule(classes, y) == (pattern[y] != ".") for y in years) for classes in readings(pattern)
    )


@pytest.mark.parametrize(
    "pattern", ["000...0", "+++..00.", "...+..", "++.....", "+++...0.", "000++++"]
)
def test_reading_backwards_is_what_trying_every_sequence_gives(pattern):
    possible = [
        c
        for c in readings(pattern)
        if all(trailing(c, y) == (pattern[y] != ".") for y in range(len(pattern)))
    ]
    shown = [[{".": np.nan, "0": 0.0, "+": 9.0}[c] for c in pattern]]
    low, high, explained = read_pattern(shown, **RULE)
    assert explained[0] == bool(possible)
    for year, seen in enumerate(pattern):
        classes = {c[year] for c in possible}
        if seen == "." and possible:
            assert low[0, year] == min({"0": 0, "s": 1, "+": 5}[c] for c in classes)
            assert high[0, year] == max({"0": 0, "s": 4, "+": np.inf}[c] for c in classes)


def towns(years):
    """Make the whole table of a list of counts by commune, one per year from 2016."""
    return pd.concat([whole(c, period=str(2016 + i)) for i, c in enumerate(years)])


@pytest.mark.slow
def test_release_withholds_the_years_around_a_small_one():
    table = towns([CALM] * 3 + [{**CALM, "A": 3}] + [CALM] * 3)
    released = release(table, territory=make_town(), catalogue=ENTRIES)
    a = released.select(territory="A").table.set_index("period")["status"]
    assert a.tolist() == ["ok"] * 3 + ["suppressed_primary"] + ["suppressed_secondary"] * 2 + ["ok"]
    reasons = released.actions.query("territory == 'A' and action == 'suppressed_secondary'")
    assert reasons["reason"].str.contains("successive years").all()
    for year in ("2019", "2020", "2021"):  # the zone would give each away
        found = released.select(period=year).table.set_index("territory")["status"]
        assert "suppressed_secondary" in (found["B"], found["Z1"])
    assert audit(released)["safe"].all()


@pytest.mark.slow
def test_a_zero_among_other_counts_is_withheld_and_may_be_something():
    table = towns([CALM, CALM, {**CALM, "A": 0}, CALM, CALM])
    released = release(table, territory=make_town(), catalogue=ENTRIES)
    assert set(released.select(territory="A").table["status"]) == {"suppressed_secondary"}
    seen = audit(released).query("territory == 'A' and period == '2018'").iloc[0]
    assert seen["low"] == 0
    assert pd.isna(seen["high"]) or seen["high"] > 0


@pytest.mark.slow
def test_as_an_option_it_is_at_least_as_strict_as_the_indicator_s_own():
    table = towns([{**CALM, "A": 9}] * 3)
    shown = release(table, rule="successive", territory=make_town(), catalogue={"theft": entry()})
    assert shown.actions.empty
    released = release(
        table,
        rule="successive",
        territory=make_town(),
        catalogue={"theft": entry(disclosure="sensitive")},
    )
    assert "suppressed_primary" in set(released.select(territory="A").table["status"])


def test_months_are_refused_under_it():
    with pytest.raises(DisclosureError, match="judges successive years"):
        release(whole(CALM, period="2022-01"), territory=make_town(), catalogue=ENTRIES)


@pytest.mark.slow
@pytest.mark.parametrize("seed", draws(2, 6, 60))
def test_random_series_are_withheld_as_the_rule_says_and_never_worked_out(seed):
    rng = np.random.default_rng(seed)
    years = [{c: int(rng.poisson(9)) for c in CALM} for _ in range(5)]
    table = towns(years)
    released = release(table, territory=make_town(), catalogue=ENTRIES)
    wide = released.table.pivot(index="territory", columns="period", values="numerator")
    true = table.pivot(index="territory", columns="period", values="numerator")
    judged = judge_series(true.to_numpy(dtype=float), **RULE)
    assert not (wide.notna().to_numpy() & ~judged).any()
    assert audit(released)["safe"].all()


# the communal base of the French ministry: 708 communes of Seine-Maritime, 14 classes, 8 years


@pytest.fixture(scope="module")
def communes(shared):
    path = shared / "data" / "fr_ssmsi" / "communes_76_2016_2023.parquet"
    frame = pd.read_parquet(path, columns=["annee", "classe", "CODGEO_2024", "faits"])
    return frame.astype({"classe": "str", "CODGEO_2024": "str"}).assign(
        annee=lambda d: d["annee"] + 2000
    )


@pytest.fixture(scope="module")
def series(communes):
    return communes.pivot(index=["CODGEO_2024", "classe"], columns="annee", values="faits")


@pytest.fixture(scope="module")
def patterns(series):
    values = series.to_numpy()
    signs = np.select([np.isnan(values), values == 0], [".", "0"], "+")
    return pd.Series(["".join(row) for row in signs]).value_counts()


@pytest.fixture(scope="module")
def departement(shared):
    path = next((shared / "data" / "fr_ssmsi").glob("donnee-dep-data.gouv-2022-*.csv"))
    frame = pd.read_csv(path, sep=";", dtype="str", encoding="utf-8")
    own = frame[frame["Code.département"] == "76"]
    years = 2000 + own["annee"].astype(int)
    return own["faits"].astype(int).set_axis(pd.MultiIndex.from_arrays([own["classe"], years]))


@pytest.mark.slow
def test_the_rule_makes_every_series_of_the_source(series, patterns):
    """9,912 series with 39,064 withheld years: only the trailing reading makes them all."""
    assert (len(series), int(series.isna().sum().sum())) == (9912, 39_064)
    assert read_pattern(series, **RULE)[2].all()
    made = {
        rule.__name__: sum(n for p, n in patterns.items() if makes(rule, p))
        for rule in (trailing, containing, centred, ahead, last_three, containing_zeros_shown)
    }
    assert made == {
        "trailing": 9912,
        "centred": 8846,
        "containing": 8171,
        "ahead": 7892,
        "last_three": 5937,
        "containing_zeros_shown": 9745,
    }


@pytest.mark.slow
def test_it_could_have_been_refuted():
    """Of the 6,561 patterns that eight years can have, the rule can make 83."""
    every = np.array(list(product([np.nan, 0.0, 9.0], repeat=8)))
    assert read_pattern(every, **RULE)[2].sum() == 83
    assert read_pattern(every, threshold=5, years=2)[2].sum() > 83


def test_more_than_five_reads_five_or_more_and_three_years_not_four(series):
    assert int((series == 5).sum().sum()) == 226
    assert int(((series > 0) & (series < 5)).sum().sum()) == 0
    assert read_pattern(series, threshold=6, years=3)[2].sum() < 9912
    assert read_pattern(series, threshold=5, years=4)[2].sum() < 9912


def test_what_the_pattern_tells_of_the_39064_withheld_counts(series):
    low, high, _ = read_pattern(series, **RULE)
    withheld = series.isna().to_numpy()
    assert int((withheld & (high == 0)).sum()) == 4794  # zeros, known exactly
    assert int((withheld & (low == 5)).sum()) == 490
    assert int((withheld & (low == 0) & (high == 4)).sum()) == 445


ASSAULT = {
    "Coups et blessures volontaires": "assault",
    "Coups et blessures volontaires intrafamiliaux": "assault_family",
    "Autres coups et blessures volontaires": "assault_other",
}


@pytest.fixture(scope="module")
def subtracted(communes):
    """Give the withheld counts of assault that the two other classes give away."""
    own = communes[communes["classe"].isin(ASSAULT)]
    wide = own.pivot(index=["CODGEO_2024", "annee"], columns="classe", values="faits")
    wide = wide.rename(columns=ASSAULT)
    seen = wide.dropna()
    assert (seen["assault"] == seen["assault_family"] + seen["assault_other"]).all()
    one = wide[wide.isna().sum(axis=1) == 1]
    value = one["assault"].sub(one["assault_family"].fillna(one["assault_other"]))
    return one.isna().idxmax(axis=1), value


def test_the_source_gives_135_counts_away_and_they_obey_the_rule(series, subtracted):
    """An independent check: these counts were withheld, and are known all the same."""
    which, value = subtracted
    assert which.value_counts().to_dict() == {"assault_other": 108, "assault_family": 27}
    assert (value >= 5).sum() > 40  # so that a plain threshold does not explain them
    low, high, _ = read_pattern(series, **RULE)
    name = {v: k for k, v in ASSAULT.items()}
    for (commune, year), code in which.items():
        row = series.index.get_loc((commune, name[code]))
        column = series.columns.get_loc(year)
        assert low[row, column] <= value[commune, year] <= high[row, column]


def test_facts_per_withheld_count_are_too_few_for_a_plain_threshold(communes, departement):
    """Withheld counts of sexual violence: 48 facts in 305 of 2017, so most are zeros."""
    own = communes[(communes["classe"] == "Violences sexuelles") & (communes["annee"] == 2017)]
    rest = departement["Violences sexuelles", 2017] - own["faits"].sum()
    assert rest < own["faits"].isna().sum()


@pytest.mark.slow
def test_the_share_of_the_departement_that_is_published(communes, departement):
    """264,706 of 315,683 facts; each withheld count may be 0 or all that is missing."""
    groups = communes.groupby(["classe", "annee"])["faits"]
    table = pd.DataFrame({"shown": groups.sum(), "withheld": groups.agg(lambda v: v.isna().sum())})
    table = table.join(departement.rename("total"), how="inner")
    assert (int(table["shown"].sum()), int(table["total"].sum())) == (264_706, 315_683)
    for row in table.itertuples():
        parts = list(range(1, int(row.withheld) + 1))
        low, high = bound_cells(
            [(0, parts)],
            {0: row.total - row.shown},
            least=np.zeros(len(parts) + 1),
            asked=parts[:1],
        )
        assert low[1] == 0
        assert high[1] >= 5


@pytest.mark.slow
def test_what_could_have_been_published_without_giving_any_away(communes):
    """Assault with its two parts: 231 counts more withheld, and each stays open by the interval of 9."""
    places = sorted(communes["CODGEO_2024"].unique())
    units = pd.DataFrame({"code": [*places, "76"]}, dtype="str").assign(
        level=["commune"] * len(places) + ["departement"], parent=["76"] * len(places) + [None]
    )
    for lang in ("fr", "nl", "en"):
        units[f"name_{lang}"] = units["code"]
    land = make_territory(units, name="76", levels=("commune", "departement"))
    table = indicators(communes[communes["classe"].isin(ASSAULT)])
    kinds = {"disclosure": "default", "additive_over": ("area",), "kind": "count"}
    entries = {i: SimpleNamespace(**kinds, unit="victim", parts=()) for i in ASSAULT.values()}
    entries["assault"].parts = ("assault_family", "assault_other")
    released = release(table, territory=land, catalogue=entries)
    assert audit(released)["safe"].all()
    more = (released.table["status"] == "suppressed_secondary").to_numpy()
    assert more.sum() <= 240
    assert table.loc[more, "numerator"].sum() / table["numerator"].sum() < 0.045


def indicators(frame):
    counts = frame["faits"].astype("Int64").reset_index(drop=True)
    none = pd.array([pd.NA] * len(frame), "Float64")
    status = np.select([counts.isna(), counts.fillna(1) == 0], ["suppressed_source", "zero"], "ok")
    return pd.DataFrame(
        {
            "indicator": frame["classe"].map(ASSAULT).astype("str").to_numpy(),
            "territory": frame["CODGEO_2024"].astype("str").to_numpy(),
            "period": pd.PeriodIndex(frame["annee"].astype("str"), freq="Y"),
            "numerator": counts,
            "denominator": none,
            "value": counts.astype("Float64"),
            "low": none,
            "high": none,
            "status": status,
            "unit": "victim",
            "n": counts,
            "grade": pd.array([None] * len(frame), dtype="str"),
            "scale": "count",
        }
    )
