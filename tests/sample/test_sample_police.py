"""The police sample, read back with the csv module alone, gives the published totals."""

import csv
import hashlib
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from obs.errors import DeliveryError, ObsError
from obs.sample import sample
from obs.sample.incidents import draw_facts
from obs.sample.police_files import police_files
from obs.sample.writing import write_files

pytestmark = pytest.mark.slow

# by hand: how the sample's suppliers write each commune, folded (no accent, hyphen or case)
COMMUNES = {
    "anderlecht": "21001",
    "auderghem oudergem": "21002",
    "berchemsainteagathe berchemsteagathe sintagathaberchem": "21003",
    "bruxellesville villedebruxelles laeken laken haren nederoverheembeek stadbrussel": "21004",
    "etterbeek": "21005",
    "evere": "21006",
    "forest vorst vorstbrusselhoofdstad": "21007",
    "ganshoren": "21008",
    "ixelles elsene": "21009",
    "jette": "21010",
    "koekelberg": "21011",
    "molenbeeksaintjean molenbeekstjean sintjansmolenbeek stjansmolenbeek": "21012",
    "saintgilles stgilles sintgillis": "21013",
    "saintjossetennoode stjosse saintjosse sintjoosttennode sintjoosttennoode sintjoost": "21014",
    "schaerbeek schaarbeek": "21015",
    "uccle ukkel": "21016",
    "watermaelboitsfort watermaalbosvoorde": "21017",
    "woluwesaintlambert woluwestlambert sintlambrechtswoluwe stlambrechtswoluwe": "21018",
    "woluwesaintpierre woluwestpierre sintpieterswoluwe stpieterswoluwe": "21019",
}
NIS = {name: nis for names, nis in COMMUNES.items() for name in names.split()}
ZONES = {
    "5339": ("21004", "21009"),
    "5340": ("21003", "21008", "21010", "21011", "21012"),
    "5341": ("21001", "21007", "21013"),
    "5342": ("21002", "21016", "21017"),
    "5343": ("21005", "21018", "21019"),
    "5344": ("21006", "21014", "21015"),
}
ZONE = {nis: zone for zone, members in ZONES.items() for nis in members}
# typed from the police zone file: vol, cambriolage, coups_blessures
QUOTED_ZONES = {
    2014: {
        "5339": (33698, 2278, 3866),
        "5340": (9015, 1615, 1596),
        "5341": (14450, 1526, 2226),
        "5342": (5984, 1505, 794),
        "5343": (5894, 1105, 776),
        "5344": (7535, 1198, 1323),
    },
    2024: {
        "5339": (34852, 1533, 4240),
        "5340": (6464, 845, 1659),
        "5341": (14810, 1026, 2162),
        "5342": (4853, 1041, 881),
        "5343": (4000, 792, 764),
        "5344": (8047, 665, 1831),
    },
}
YEARS = [2014, 2015, 2016, 2017, 2018, 2021, 2024]
CODES = set(
    [
        "VOL-HAB",
        "VOL-BAT",
        "VOL-VEH",
        "VOL-DVEH",
        "VOL-VELO",
        "VOL-TIRE",
        "VOL-ETAL",
        "VOL-VIOL",
        "VOL-AUT",
        "COUPS",
        "VIOL",
        "ATT-PUD",
        "MENACES",
        "HARCEL",
        "ABANDON",
        "DEGRAD",
        "DIFF-FAM",
    ]
)
FRENCH = (
    "NUM_FAIT;NUM_PV;DATE_FAIT;HEURE_FAIT;DATE_PV;COMMUNE;CODE_FAIT;LIB_FAIT;TENTATIVE;FORME_VIF;"
    "RELATION_VIF;LIEU;SEXE_VICTIME;AGE_VICTIME;SEXE_SUSPECT;AGE_SUSPECT;VERSION;DATE_EXTRACTION;"
    "SYNTH"
)
DUTCH = (
    "FEITNUMMER;PV_NUMMER;DATUM_FEIT;UUR_FEIT;DATUM_PV;GEMEENTE;FEITCODE;OMSCHRIJVING;POGING;"
    "VORM_IFG;RELATIE_IFG;PLAATS;GESLACHT_SLACHTOFFER;LEEFTIJD_SLACHTOFFER;GESLACHT_VERDACHTE;"
    "LEEFTIJD_VERDACHTE;VERSIE;DATUM_EXTRACTIE;SYNTH"
)
LABEL = (
    "# DONNEES SYNTHETIQUES / SYNTHETISCHE GEGEVENS / SYNTHETIC DATA - obs sample seed=1 scale=1"
)


@dataclass(slots=True)
class Row:
    """One delivered row, under names of our own."""

    fact: str
    report: str
    day: str
    hour: str
    report_day: str
    commune: str
    code: str
    label: str
    attempt: str
    form: str
    relation: str
    place: str
    victim_sex: str
    victim_age: str
    suspect_sex: str
    suspect_age: str
    version: str
    extraction: str
    synthetic: str


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sample")
    made = [f for year in YEARS for f in police_files(year, seed=1, scale=1.0)]
    write_files(folder, made, seed=1, scale=1.0, years=YEARS)
    return folder


@pytest.fixture(scope="module")
def cleaned(folder):
    """Clean every year by hand: rows kept by fact number, and what became of the others."""
    return {year: clean(folder, year) for year in (2014, 2021, 2024)}


def text_of(path: Path) -> str:
    payload = path.read_bytes()
    latin = not payload.startswith(b"\xef\xbb\xbf")
    return payload.decode("latin-1" if latin else "utf-8-sig")


def rows_of(path: Path, *, family_only: bool = False) -> Iterator[Row]:
    lines = text_of(path).splitlines()[2:]
    for cells in csv.reader(lines, delimiter=";"):
        if cells[10] or not family_only:
            yield Row(*cells)


@cache
def to_date(text: str) -> date | None:
    found = re.fullmatch(r"(\d{2})/(\d{2})/(\d{4})", text)
    try:
        return (
            date(int(found[3]), int(found[2]), int(found[1])) if found else date.fromisoformat(text)
        )
    except ValueError:
        return None


@cache
def fold(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.lower())
    return "".join(c for c in plain if c.isascii() and c.isalpha())


def fault(row: Row) -> str:
    day, report_day = to_date(row.day), to_date(row.report_day)
    if row.commune in ("Bruxelles", "Brussel"):
        return "ambiguous_commune"
    if fold(row.commune) not in NIS:
        return "unknown_commune"
    if row.code not in CODES:
        return "unknown_code"
    if row.place[0] in "=@+-":
        return "formula"
    if "<" in row.label:
        return "markup"
    if day is None:
        return "impossible_date"
    if day > to_date(row.extraction):
        return "future_date"
    return "report_before_fact" if report_day < day else ""


def clean(folder: Path, year: int, *, family_only: bool = False) -> tuple[list[Row], Counter]:
    kept: dict[tuple[str, str], Row] = {}
    found: Counter = Counter()
    conflicts = set()
    for path in sorted((folder / "police").glob(f"police_{year}_*.csv")):
        for row in rows_of(path, family_only=family_only):
            wrong = fault(row)
            key = (row.fact, row.version)
            if wrong:
                found[wrong] += 1
            elif key in kept and NIS[fold(kept[key].commune)] != NIS[fold(row.commune)]:
                found["conflicting"] += 1
                conflicts.add(key)
            elif key in kept:
                found["resent" if kept[key].extraction != row.extraction else "identical"] += 1
            else:
                kept[key] = row
    for key in conflicts:
        del kept[key]
        found["conflicting"] += 1
    latest = dict(sorted(kept.items(), key=lambda item: item[0][1]))
    by_fact = {fact: row for (fact, _), row in latest.items()}
    found["corrected"] = len(kept) - len(by_fact)
    return list(by_fact.values()), found


def family_reports(rows: list[Row]) -> set[str]:
    return {re.sub(r"[^A-Z0-9]", "", r.report.upper()) for r in rows if r.relation}


def test_family_violence_of_2021_by_class(cleaned):
    rows, _ = cleaned[2021]
    classes = Counter((r.form, r.relation) for r in rows if r.form or r.relation)
    assert classes == {
        ("P", "C"): 2355,
        ("Y", "C"): 1087,
        ("S", "C"): 16,
        ("E", "C"): 102,
        ("P", "D"): 557,
        ("P", "A"): 471,
    }
    assert len(family_reports(rows)) < 4588


def test_family_reports_of_2018_and_of_2015_to_2017(folder):
    reports = {
        year: len(family_reports(clean(folder, year, family_only=True)[0]))
        for year in (2015, 2016, 2017, 2018)
    }
    assert reports.pop(2018) == 4633
    assert sum(reports.values()) == 14 * 1096


@pytest.mark.parametrize("year", [2014, 2024])
def test_thefts_burglaries_and_assaults_by_zone(cleaned, year):
    found = {zone: [0, 0, 0] for zone in ZONES}
    for row in cleaned[year][0]:
        counts = found[ZONE[NIS[fold(row.commune)]]]
        counts[0] += row.code.startswith("VOL-")
        counts[1] += row.code == "VOL-HAB"
        counts[2] += row.code == "COUPS"
    assert {zone: tuple(counts) for zone, counts in found.items()} == QUOTED_ZONES[year]


def test_reports_of_april_2020_fall_by_23_per_cent_on_the_two_years_before():
    def reports_of_april(year):
        facts = draw_facts(year, seed=1, scale=1.0)
        leap = year == 2020
        april = (facts.day >= 90 + leap) & (facts.day < 120 + leap)
        return len(np.unique(facts.head[(facts.form > 0) & april]))

    before = (reports_of_april(2018) + reports_of_april(2019)) / 2
    assert round(100 * (reports_of_april(2020) / before - 1)) == -23


def test_zone_totals_are_those_of_the_received_file(shared):
    names = dict(
        zip(
            ["CAPITALE IXELLES", "OUEST", "MIDI", "UCCLE", "MONTGOMERY", "POLBRUNO"],
            ZONES,
            strict=True,
        )
    )
    text = (shared / "data/be_police/zp_crimetype_updated.csv").read_text(encoding="utf-8-sig")
    for row in csv.DictReader(text.splitlines(), delimiter=";"):
        if row["year"] in ("2014", "2024"):
            zone = next(z for name, z in names.items() if name in row["zone_police"])
            counts = tuple(int(row[c]) for c in ("vol", "cambriolage", "coups_blessures"))
            assert QUOTED_ZONES[int(row["year"])][zone] == counts


def test_bad_rows_are_those_of_the_manifest(cleaned, folder):
    manifest = json.loads((folder / "sample_manifest.json").read_text())
    for year, (rows, found) in cleaned.items():
        told, total = Counter(), 0
        truth = manifest["files"][f"police/police_{year}_{year + 1}0131.csv"]["truth"]
        for path, counts in manifest["files"].items():
            if f"police_{year}_" in path:
                told += Counter(counts["kinds"])
                total += counts["rows"]
        told.pop("late", None)
        assert found == told
        assert total == len(rows) + sum(told.values())
        assert truth["facts"] == len(rows)
        assert truth["family_reports"] == len(family_reports(rows))


def test_bad_rows_keep_their_stated_rates(cleaned):
    rows, found = cleaned[2024]
    rates = {kind: 10_000 * n / len(rows) for kind, n in found.items()}
    expected = {
        "impossible_date": 4,
        "future_date": 3,
        "unknown_commune": 5,
        "ambiguous_commune": 4,
        "unknown_code": 3,
        "report_before_fact": 3,
        "formula": 1,
        "markup": 1,
        "conflicting": 4,
        "identical": 20,
        "corrected": 30,
    }
    assert rates == pytest.approx(expected, abs=0.2)


def test_every_file_says_it_is_synthetic(folder):
    for path in sorted((folder / "police").iterdir()):
        first, header, *rows = text_of(path).splitlines()
        assert first == LABEL
        assert header in (FRENCH, DUTCH)
        ending = ";OUI" if header == FRENCH else ";JA"
        assert all(row.endswith(ending) for row in rows)
    notice = (folder / "LISEZMOI_SYNTHETIC.txt").read_text(encoding="utf-8")
    for language in ("FR  Tous", "NL  Alle", "EN  Every"):
        assert language in notice
    assert json.loads((folder / "sample_manifest.json").read_text())["synthetic"] is True


def test_french_files_are_latin_1_and_dutch_ones_utf_8_with_mark(folder):
    french = (folder / "police/police_2018_20190131.csv").read_bytes()
    dutch = (folder / "police/police_2017_20180131.csv").read_bytes()
    assert b"\r\n" in french
    assert "établissement".encode("latin-1") in french
    assert dutch.startswith(b"\xef\xbb\xbf# DONNEES")
    assert b"\r" not in dutch
    with pytest.raises(UnicodeDecodeError):
        french.decode("utf-8")


def test_second_delivery_brings_late_reports_and_corrections(folder):
    rows = list(rows_of(folder / "police/police_2018_20190630.csv"))
    assert {r.extraction for r in rows} == {"30/06/2019"}
    kinds = json.loads((folder / "sample_manifest.json").read_text())["files"][
        "police/police_2018_20190630.csv"
    ]["kinds"]
    late = [r for r in rows if to_date(r.report_day) > date(2019, 1, 31)]
    assert len(late) == kinds["late"] > 100
    assert sum(r.version == "2" for r in rows) == kinds["corrected"]


def test_no_cell_looks_like_a_person_or_a_national_number(folder):
    text = text_of(folder / "police/police_2021_20220131.csv")
    assert not re.search(r"\d{11}|\d{2}\.\d{2}\.\d{2}-\d{3}\.\d{2}|@\w+\.\w", text)


def digests(folder: Path) -> dict[str, str]:
    return {
        p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(folder.rglob("*"))
        if p.is_file()
    }


def test_same_bytes_twice_and_whatever_the_other_years(tmp_path):
    sample(tmp_path / "a", years=[2019, 2020], scale=0.01)
    sample(tmp_path / "b", years=[2019, 2020], scale=0.01)
    sample(tmp_path / "c", years=[2020, 2024], scale=0.01)
    first, again, other = (digests(tmp_path / x) for x in "abc")
    assert first == again
    shared_years = [name for name in first if "police_2020" in name]
    assert len(shared_years) == 2
    assert all(first[name] == other[name] for name in shared_years)


def test_bytes_are_the_same_on_every_machine(tmp_path):
    """A known digest, to be changed only with the sample itself."""
    sample(tmp_path, years=[2021], scale=0.001)
    name = "police/police_2021_20220131.csv"
    assert digests(tmp_path)[name][:16] == "5ca2c8e5b378438c"


def test_another_seed_gives_other_rows_and_the_same_totals(tmp_path):
    for seed in (1, 2):
        sample(tmp_path / str(seed), years=[2021], scale=0.01, seed=seed)
    one, two = (
        json.loads((tmp_path / s / "sample_manifest.json").read_text())["files"] for s in "12"
    )
    name = "police/police_2021_20220131.csv"
    assert one[name]["truth"] == two[name]["truth"]
    assert digests(tmp_path / "1")[name] != digests(tmp_path / "2")[name]


def test_scale_multiplies_totals(tmp_path):
    sample(tmp_path, years=[2021], scale=0.1)
    rows, _ = clean(tmp_path, 2021)
    assert Counter((r.form, r.relation) for r in rows)[("P", "C")] == 236  # 235.5 rounded


def test_a_former_sample_is_replaced(tmp_path):
    sample(tmp_path, years=[2019, 2020], scale=0.001)
    sample(tmp_path, years=[2020], scale=0.001)
    names = [p.name for p in sorted((tmp_path / "police").iterdir())]
    assert names == ["police_2020_20210131.csv", "police_2020_20210630.csv"]


def test_a_sample_cut_short_is_taken_up_again(tmp_path):
    sample(tmp_path, years=[2019], scale=0.001)
    (tmp_path / "sample_manifest.json").unlink()
    (tmp_path / "police/.police_2019_20200131.csv.part").write_bytes(b"half")
    sample(tmp_path, years=[2020], scale=0.001)
    names = {p.name for p in (tmp_path / "police").iterdir()}
    assert names == {"police_2020_20210131.csv", "police_2020_20210630.csv"}


def test_a_folder_of_received_files_is_refused(tmp_path):
    (tmp_path / "README.md").write_text("deliveries")
    sample(tmp_path, years=[2020], scale=0.001)
    other = tmp_path / "received"
    other.mkdir()
    (other / "delivery.csv").write_text("a;b")
    with pytest.raises(DeliveryError, match=r"holds 1 files .*delivery\.csv"):
        sample(other, years=[2020], scale=0.001)
    assert [p.name for p in other.iterdir()] == ["delivery.csv"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"years": [2013, 2020]}, "no calibration for 2013"),
        ({"years": []}, "no year"),
        ({"seed": -1}, "seed -1 is below 0"),
        ({"scale": 0}, "scale 0 is not from 0.001 to 1"),
        ({"scale": float("nan")}, "scale nan"),
    ],
)
def test_wrong_options_are_named(tmp_path, options, message):
    with pytest.raises(ObsError, match=message):
        sample(tmp_path / "x", **options)
    assert not (tmp_path / "x").exists()
