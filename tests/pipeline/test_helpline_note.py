"""The notes on family violence and the lockdown: calls beside recorded facts, in three languages."""

import html
import json
import re

import pandas as pd
import pytest

import obs
from obs.disclosure import read_released

pytestmark = pytest.mark.slow
HEADINGS = {
    "fr": "Appels aux lignes d'écoute en 2020",
    "nl": "Oproepen naar de hulplijnen in 2020",
    "en": "Calls to helplines in 2020",
}


@pytest.fixture(scope="module")
def edition(tmp_path_factory, root):
    base = tmp_path_factory.mktemp("helpline")
    obs.sample(base / "raw", years=range(2018, 2022), scale=0.2, seed=5)
    built = obs.build(
        raw=base / "raw",
        out=base / "publications",
        processed=base / "processed",
        notebooks=root / "notebooks",
        notes=["focus_vif", "focus_vif_covid"],
    )
    released = read_released(base / "processed" / "brussels" / "2021" / "released")
    return base / "raw", built.folder, released


def section(folder, lang):
    page = html.unescape((folder / f"focus_vif.{lang}.html").read_text(encoding="utf-8"))
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.replace("’", "'")))
    return text.split(HEADINGS[lang], 1)[1][:900]


def test_the_calls_are_those_of_the_raw_files(edition):
    raw, _, released = edition
    calls = released["focus_vif.calls"].table.set_index("period")["numerator"]
    for year in (2019, 2020, 2021):
        file = raw / "helpline" / f"helpline_daily_{year}.csv"
        told = pd.read_csv(file, sep=";", comment="#", encoding="utf-8-sig")["APPELS"].sum()
        assert calls[pd.Period(str(year))] == told


@pytest.mark.parametrize("lang", ["fr", "nl", "en"])
def test_calls_and_facts_stand_in_one_line_from_one_base(edition, lang):
    """The base lacks two days of one line in one month: eleven months are compared."""
    _, folder, released = edition
    text = section(folder, lang)
    calls = obs.compare_same_months(released["focus_vif.calls_months"].table, base=2019)
    assert calls["periods"].tolist() == [11, 11]
    years = released["focus_vif.years"].table
    facts = obs.compare_periods(years, base="2019").set_index(["territory", "indicator", "period"])
    assert re.search(rf"\b{calls['periods'].iloc[0]}\b", text)
    for _, row in calls.iterrows():
        year = row["period"].year
        line = text.split(f"{year} ", 2)[-1] if year == 2020 else text.split(f"{year} ", 1)[1]
        assert f"{abs(round(100 * row['change']))}" in line
        fact = facts.loc[("04000", "vif_total", pd.Period(str(year)))]
        if not pd.isna(fact["change"]):
            assert f"{abs(round(100 * fact['change']))}" in line


def test_a_year_whose_line_broke_down_is_not_compared_and_the_later_ones_are(edition):
    raw, _, released = edition
    told = {
        year: pd.read_csv(
            raw / "helpline" / f"helpline_daily_{year}.csv",
            sep=";",
            comment="#",
            encoding="utf-8-sig",
        )["APPELS"].sum()
        for year in (2020, 2021)
    }
    table = released["focus_vif.calls_change"].table.set_index("period")
    broken, whole = (table.loc[pd.Period(year)] for year in ("2020", "2021"))
    assert (broken["verdict"], broken["reason"]) == ("not comparable", "partial_period")
    assert pd.isna(broken["change"])  # the base, 2019, lacks two days of one line
    a_day = {2020: told[2020] / 366, 2021: told[2021] / 365}  # years of unequal length
    assert whole["change"] == pytest.approx(a_day[2021] / a_day[2020] - 1, rel=1e-6)


def test_the_note_on_the_lockdown_says_the_same_numbers_in_every_language(edition):
    raw, folder, released = edition
    versions = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["notes"]
    said = {
        lang: [
            (n["filter"], n["value"], n["key"])
            for n in versions["focus_vif_covid"][lang]["numbers"]
        ]
        for lang in HEADINGS
    }
    assert said["fr"] == said["nl"] == said["en"]
    assert len(said["fr"]) > 15
    effects = released["focus_vif_covid.calls_lockdown"].table.set_index("point")
    quoted = {value for _, value, key in said["fr"] if key.get("point") == "counterfactual"}
    assert effects.loc["counterfactual", "change"] in quoted


def test_months_of_the_lockdown_are_those_of_the_raw_files(edition):
    raw, _, released = edition
    paths = (raw / "helpline").glob("helpline_daily_*.csv")
    days = pd.concat(pd.read_csv(p, sep=";", comment="#", encoding="utf-8-sig") for p in paths)
    month = pd.to_datetime(days["DATE"], format="%d/%m/%Y").dt.to_period("M")
    wanted = days.groupby(month)["APPELS"].sum()
    path = released["focus_vif_covid.calls_lockdown_expected"].table.set_index("period")
    assert path["numerator"].to_dict() == wanted.astype(int).to_dict()
    facts = released["focus_vif_covid.facts"].table
    shared = released["focus_vif.months"].table
    shared = shared[shared["indicator"] == "vif_total"].set_index("period")["numerator"]
    pd.testing.assert_series_equal(facts.set_index("period")["numerator"], shared)
