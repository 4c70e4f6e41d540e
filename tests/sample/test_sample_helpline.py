"""Helpline and services samples: calls triple, a closed day has no count, totals contradict."""

import csv
from collections import Counter
from datetime import date

import pytest

from obs.sample.helpline_files import helpline_files
from obs.sample.services_files import services_files


def read(file):
    first, *lines = file.payload.decode("utf-8-sig").splitlines()
    assert first.startswith("# DONNEES SYNTHETIQUES")
    rows = list(csv.DictReader(lines, delimiter=";"))
    assert {r["SYNTH"] for r in rows} == {"OUI"}
    return rows


def day(row):
    return date(*(int(x) for x in reversed(row["DATE"].split("/"))))


@pytest.fixture(scope="module")
def helpline():
    files = helpline_files(range(2015, 2025), seed=1, scale=1.0)
    return {f.path.split("/")[1]: read(f) for f in files}


def test_only_the_years_of_the_lines_are_written(helpline):
    names = [f"helpline_{kind}_{year}.csv" for year in (2018, 2019, 2020, 2021) for kind in KINDS]
    assert list(helpline) == names


KINDS = ("daily", "calls")


@pytest.mark.parametrize("line", ["EVC", "1712"])
def test_calls_triple_from_15_april_2020(helpline, line):
    rows = [r for r in helpline["helpline_daily_2020.csv"] if r["LIGNE"] == line]
    opened = [(day(r), int(r["APPELS"])) for r in rows if r["OUVERT"] == "O"]
    before = [n for d, n in opened if d < date(2020, 4, 15)]
    after = [n for d, n in opened if date(2020, 4, 15) <= d <= date(2020, 6, 30)]
    assert sum(after) / len(after) == 3 * sum(before) / len(before)


def test_closed_days_are_blank_and_not_zero(helpline):
    for year, days in ((2018, 365), (2019, 365), (2020, 366), (2021, 365)):
        rows = helpline[f"helpline_daily_{year}.csv"]
        assert Counter(r["LIGNE"] for r in rows) == {"EVC": days, "1712": days}
        assert all((r["APPELS"] == "") == (r["OUVERT"] == "N") for r in rows)
        weekend = [r for r in rows if r["LIGNE"] == "1712" and day(r).weekday() > 4]
        assert {r["OUVERT"] for r in weekend} == {"N"}
    broken = [r for r in helpline["helpline_daily_2019.csv"] if r["OUVERT"] == "N"]
    assert [r["DATE"] for r in broken if r["LIGNE"] == "EVC"] == ["17/09/2019", "18/09/2019"]


def test_calls_add_up_to_the_days(helpline):
    for year in (2018, 2019, 2020, 2021):
        calls = Counter((r["DATE"], r["LIGNE"]) for r in helpline[f"helpline_calls_{year}.csv"])
        daily = {
            (r["DATE"], r["LIGNE"]): int(r["APPELS"])
            for r in helpline[f"helpline_daily_{year}.csv"]
            if r["APPELS"] not in ("", "0")
        }
        assert calls == daily


def test_counts_on_minors_and_on_violence_online_are_the_published_totals():
    """Youth prosecutors: 1,657 then 1,725; a platform: 1,144 referrals, a third with a procedure."""
    told = {
        (row["ANNEE"], row["ACTIVITE"]): int(row["NOMBRE"])
        for file in services_files([2018, 2020, 2021, 2022], seed=3, scale=1.0)
        for row in read(file)
        if row["NIVEAU"] == "country"
    }
    assert told["2020", "minors_exploitation"] == 1657
    assert told["2021", "minors_exploitation"] == 1725
    assert told["2022", "cyber_referrals"] == 1144
    assert told["2022", "cyber_referrals_with_procedure"] == round(1144 / 3)
    assert ("2018", "cyber_referrals") not in told  # the platform counts from 2019


def test_services_have_one_contradictory_total_a_year():
    (file,) = services_files([2021], seed=1, scale=1.0)
    rows = read(file)
    support = [r for r in rows if r["ACTIVITE"] == "vif_support"]
    totals = {r["TERRITOIRE"]: int(r["NOMBRE"]) for r in support if not r["PARTIE"]}
    parts = Counter()
    for row in support:
        if row["PARTIE"]:
            parts[row["TERRITOIRE"]] += int(row["NOMBRE"])
    wrong = [t for t, total in totals.items() if parts[t] != total]
    assert len(totals) == 19
    assert len(wrong) == file.counts["kinds"]["contradictory_total"] == 1
