"""The prosecutor's sample, read back with the csv module: quoted shares, flows, links."""

import csv
import json
import re
from collections import Counter
from datetime import date
from functools import cache

import pytest

from obs.sample import sample
from obs.sample.prosecutor_files import prosecutor_files

pytestmark = pytest.mark.slow

YEARS = range(2015, 2022)
DECISIONS = {
    *("CSS-TECH", "CSS-OPP", "SIGNALE", "DISPO", "JONCTION", "PROB-PRET", "RC-ADM", "RC-AUTRE"),
    *("TRANSACTION", "MEDIATION", "CITATION", "INSTRUCTION"),
}


def is_bad(row):
    return (
        row["COMMUNE"] == "Commune inconnue"
        or "<" in row["PREVENTION"]
        or row["MODE_CLOTURE"] not in DECISIONS | {"EN-COURS"}
        or bool(row["DATE_CLOTURE"] and day(row["DATE_CLOTURE"]) < day(row["DATE_ENTREE"]))
    )


@cache
def day(text):
    return date(int(text[6:]), int(text[3:5]), int(text[:2]))


@pytest.fixture(scope="module")
def made():
    return list(prosecutor_files(YEARS, seed=1, scale=1.0))


@pytest.fixture(scope="module")
def deliveries(made):
    """Give the good rows of each delivery, by notice, identical ones once."""
    found = {}
    for year, file in zip(YEARS, made, strict=True):
        lines = file.payload.decode("utf-8").splitlines()[1:]
        rows = csv.DictReader(lines, delimiter=";")
        found[year] = {row["NOTICE"]: row for row in rows if not is_bad(row)}
    return found


@pytest.fixture(scope="module")
def latest(deliveries):
    return {notice: row for rows in deliveries.values() for notice, row in rows.items()}


def entered(cases, year):
    return [c for c in cases.values() if day(c["DATE_ENTREE"]).year == year]


def per_cent(part, whole):
    return round(100 * part / whole)


def test_family_cases_of_2021_are_21_per_cent_above_2015(latest):
    count = {y: sum(bool(c["CONTEXTE"]) for c in entered(latest, y)) for y in (2015, 2021)}
    assert per_cent(count[2021] - count[2015], count[2015]) == 21


def test_charges_of_family_cases_in_2021(latest):
    cases = entered(latest, 2021)
    family = Counter(c["PREVENTION"] for c in cases if c["CONTEXTE"])
    shares = {charge: per_cent(n, family.total()) for charge, n in family.items()}
    quoted = {"COUPS": 50, "HARCEL": 16, "MENACES": 13, "DIFF-FAM": 9, "VIOL": 2}
    assert {charge: shares[charge] for charge in quoted} == quoted
    assert family["VIOL"] == 37
    assaults = [c for c in cases if c["PREVENTION"] == "COUPS"]
    assert per_cent(sum(bool(c["CONTEXTE"]) for c in assaults), len(assaults)) == 43


@pytest.mark.parametrize("year", YEARS)
def test_stock_and_flow_close(latest, made, year):
    first, after = date(year, 1, 1), date(year + 1, 1, 1)

    def pending(case, morning):
        if day(case["DATE_ENTREE"]) >= morning:
            return False
        closed = [day(case[c]) for c in ("PREMIERE_CLOTURE", "DATE_CLOTURE") if case[c]]
        reopened = [day(case["DATE_REOUVERTURE"])] if case["DATE_REOUVERTURE"] else []
        ended = sum(d < morning for d in closed)
        return ended <= sum(d < morning for d in reopened)

    def within(column):
        return sum(first <= day(c[column]) < after for c in latest.values() if c[column])

    flow = {
        "pending_start": sum(pending(c, first) for c in latest.values()),
        "new": within("DATE_ENTREE"),
        "reopened": within("DATE_REOUVERTURE"),
        "closed": within("PREMIERE_CLOTURE") + within("DATE_CLOTURE"),
        "pending_end": sum(pending(c, after) for c in latest.values()),
    }
    opened = flow["pending_start"] + flow["new"] + flow["reopened"]
    assert opened - flow["closed"] == flow["pending_end"]
    if year < YEARS[-1]:
        assert flow == made[year - 2015].counts["truth"]["flow"]


def test_daughters_have_a_mother_here_or_elsewhere(latest):
    daughters = [c for c in latest.values() if c["MODE_CLOTURE"] == "JONCTION"]
    assert all(c["NOTICE_MERE"] for c in daughters)
    here = [c for c in daughters if c["NOTICE_MERE"] in latest]
    recent = [c for c in here if day(c["DATE_ENTREE"]).year >= 2015]
    assert 0.93 < len(here) / len(daughters) < 0.97
    for daughter in recent:
        mother = latest[daughter["NOTICE_MERE"]]
        assert mother["MODE_CLOTURE"] not in ("JONCTION", "DISPO")
        assert bool(mother["CONTEXTE"]) == bool(daughter["CONTEXTE"])
        end = mother["DATE_CLOTURE"]
        assert not end or day(end) > day(daughter["DATE_CLOTURE"])


def test_transfers_open_a_new_case_the_same_day_or_leave(latest):
    sent = [c for c in latest.values() if c["MODE_CLOTURE"] == "DISPO"]
    here = [c for c in sent if c["NOTICE_SUIVANTE"] in latest]
    assert 0.1 < len(here) / len(sent) < 0.4
    for case in here:
        received = latest[case["NOTICE_SUIVANTE"]]
        assert received["DATE_ENTREE"] == case["DATE_CLOTURE"]
        assert received["SECTION"] != case["SECTION"]
        assert not case["CONTEXTE"]


def test_a_delivery_never_tells_the_future(deliveries):
    for year, rows in deliveries.items():
        for column in ("DATE_CLOTURE", "PREMIERE_CLOTURE", "DATE_REOUVERTURE"):
            dates = [day(r[column]) for r in rows.values() if r[column]]
            assert max(dates, default=date.min) <= date(year + 1, 1, 31)


def test_bad_rows_are_counted(made):
    for file in made:
        rows = list(csv.DictReader(file.payload.decode("utf-8").splitlines()[1:], delimiter=";"))
        told = dict(file.counts["kinds"])
        identical = told.pop("identical")
        assert sum(map(is_bad, rows)) == sum(told.values())
        assert len(rows) - len({tuple(r.values()) for r in rows}) == identical
        assert file.counts["rows"] == len(rows)


def test_most_cases_carry_a_police_report_of_the_sample(tmp_path):
    sample(tmp_path, years=[2021], scale=0.1)
    reports = set()
    for path in (tmp_path / "police").iterdir():
        text = path.read_text(encoding="utf-8-sig")
        reports |= {
            re.sub(r"[^A-Z0-9]", "", line.split(";")[1].upper()) for line in text.splitlines()[2:]
        }
    text = (tmp_path / "prosecutor/prosecutor_2021_20220131.csv").read_text(encoding="utf-8")
    cases = list(csv.DictReader(text.splitlines()[1:], delimiter=";"))
    family = [c for c in cases if c["CONTEXTE"] and c["DATE_ENTREE"].endswith("2021")]
    linked = [re.sub(r"[^A-Z0-9]", "", c["NUM_PV"].upper()) in reports for c in family]
    assert 0.6 < sum(linked) / len(linked) < 0.95
    assert json.loads((tmp_path / "sample_manifest.json").read_text())["synthetic"] is True
