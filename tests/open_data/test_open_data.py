"""Each format of the open data, read by a reader that is not ours, says what was released."""

import csv
import io
import json
import shutil
import subprocess
import sys
import zipfile
from xml.etree import ElementTree

import csvw
import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import rdflib
import sdmx

import obs
from obs.errors import DisclosureError, ObsError
from obs.locale import words
from obs.open_data import AboutEdition, open_data_files, open_tables
from obs.reference import make_territory
from obs.report.checks.open_data_checks import open_data_faults
from tests.open_data.conftest import ABOUT, LANGS
from tests.report.small_tables import brussels_rows, indicator_table

tables_module = sys.modules[
    "obs.open_data.open_tables"
]  # by its name, the package gives the function
COMMUNES = "theft_commune_2022-2024"
CHANGES = "theft_commune_2023-2024_change"
FORMS = "vif_total_region_2021_by-form-relation"
NUMBERS = ("numerator", "value", "low", "high", "n")


def expected(released, name="v.years", level="commune", **key):
    """Released rows as plain values, straight from the release: no code of open data between."""
    table = released[name].select(level=level, **key).table
    found = {}
    for _, row in table.iterrows():
        status = (
            "suppressed" if "primary" in row.status or "secondary" in row.status else row.status
        )
        numbers = {
            c: None if pd.isna(row[c]) else round(float(row[c]), 6) for c in NUMBERS if c in row
        }
        found[row.territory, str(row.period)] = {**numbers, "status": status}
    return found


def test_the_release_has_withheld_rows_and_others(released):
    statuses = [row["status"] for row in expected(released).values()]
    assert statuses.count("suppressed") >= 6
    assert "ok" in statuses


# Each format, read back


def test_csv_read_by_its_description_gives_values_statuses_and_names(folder, released):
    group = csvw.TableGroup.from_file(folder / "csv" / "csv-metadata.json")
    table = {str(t.url): t for t in group.tables}[f"{COMMUNES}.csv"]
    wanted = expected(released)
    rows = list(table.iterdicts())
    assert len(rows) == len(wanted)
    for row in rows:
        told = wanted[row["territory"], row["period"]]
        assert row["status"] == told["status"]
        for column in NUMBERS:
            read = None if row[column] is None else float(row[column])
            assert read == told[column], (column, row)
        for lang in LANGS:
            assert row[f"territory_{lang}"] == released.territory.label(row["territory"], lang)
    assert {t.tableSchema.primaryKey[0] for t in group.tables} == {"indicator"}
    described = {c.name: c for c in table.tableSchema.columns}
    assert described["value"].datatype.base == "number"
    assert described["numerator"].datatype.base == "integer"
    meaning = described["status"].common_props["dc:description"]
    assert {text["@language"] for text in meaning} == set(LANGS)


def test_parquet_is_typed_and_gives_the_same(folder, released):
    table = pq.read_table(folder / "parquet" / f"{COMMUNES}.parquet")
    types = {field.name: field.type for field in table.schema}
    assert types["numerator"] == pa.int64()
    assert types["value"] == pa.float64()
    assert types["extracted"] == pa.date32()
    assert types["synthetic"] == pa.bool_()
    wanted = expected(released)
    rows = table.to_pylist()
    assert len(rows) == len(wanted)
    for row in rows:
        told = wanted[row["territory"], row["period"]]
        assert {c: row[c] for c in told} == told
        assert row["territory_nl"] == released.territory.label(row["territory"], "nl")
    assert table.schema.metadata[b"licence"] == b"CC BY 4.0"
    assert b"title_fr" in table.schema.metadata


def test_a_workbook_has_numbers_as_numbers_and_marks_in_a_column_of_their_own(folder, released):
    (path,) = folder.glob("xlsx/theft_*.fr.xlsx")
    assert path.name == "theft_commune-region-zone_2022-2024.fr.xlsx"
    book = openpyxl.load_workbook(path)
    assert book.sheetnames[:3] == ["À propos", "Sommaire", "Notes"]
    assert book.properties.created.isoformat() == "2025-03-01T12:00:00"
    sheet = next(book[n] for n in book.sheetnames if n.endswith("Commune 2022-2024"))
    rows = list(sheet.iter_rows(values_only=True))
    top = next(n for n, row in enumerate(rows) if "territory" in row)
    wanted = expected(released)
    seen = [dict(zip(rows[top], row, strict=True)) for row in rows[top + 1 :]]
    assert len(seen) == len(wanted)
    for row in seen:
        told = wanted[row["territory"], str(row["period"])]
        assert isinstance(row["period"], int)
        for column in ("numerator", "value", "low", "high"):
            assert row[column] == told[column]
        assert row["Marque"] == (None if told["status"] == "ok" else "non publié")
        assert row["territory (nom)"] == released.territory.label(row["territory"], "fr")
    assert all(s.sheet_state == "visible" for s in book.worksheets)
    assert len(book["Sommaire"].tables) == 1


def _code(observation, dimension):
    return str(
        getattr(
            observation.dimension[dimension].value, "id", observation.dimension[dimension].value
        )
    )


def test_sdmx_structure_and_data_are_read_and_give_the_same(files, released):
    structure = sdmx.read_sdmx(io.BytesIO(files["sdmx/structure.xml"]))
    known = structure.structure["VALUES"]
    message = sdmx.read_sdmx(io.BytesIO(files["sdmx/values.xml"]), structure=known)
    observed = message.data[0].obs
    wanted = expected(released)
    ours = [o for o in observed if _code(o, "REF_AREA").startswith("21")]
    assert len(ours) == len(wanted)
    for one in ours:
        told = wanted[_code(one, "REF_AREA"), _code(one, "TIME_PERIOD")]
        value = None if one.value is None else float(one.value)
        assert value == told["value"]
        assert str(one.attached_attribute["STATUS"].value) == told["status"]
        standard = {"ok": "A", "suppressed": "Q"}[told["status"]]
        assert str(one.attached_attribute["OBS_STATUS"].value) == standard
    areas = structure.codelist["CL_TERRITORY"]
    assert areas["21004"].name.localizations == {
        lang: released.territory.label("21004", lang) for lang in LANGS
    }


def test_changes_and_breakdowns_are_in_sdmx_too(files):
    structure = sdmx.read_sdmx(io.BytesIO(files["sdmx/structure.xml"]))
    message = sdmx.read_sdmx(
        io.BytesIO(files["sdmx/changes.xml"]), structure=structure.structure["CHANGES"]
    )
    rows = list(csv.DictReader(io.StringIO(files[f"csv/{CHANGES}.csv"].decode())))
    read = {(_code(o, "REF_AREA"), _code(o, "TIME_PERIOD")): o.value for o in message.data[0].obs}
    for row in rows:
        value = read[row["territory"], row["period"]]
        assert (None if value is None else float(value)) == (
            float(row["change"]) if row["change"] else None
        )
    values = sdmx.read_sdmx(
        io.BytesIO(files["sdmx/values.xml"]), structure=structure.structure["VALUES"]
    )
    forms = {_code(o, "FORM") for o in values.data[0].obs}
    assert forms == {"_T", "physical", "sexual", "psychological", "economic"}


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not on this machine")
def test_libreoffice_reads_the_same_from_a_workbook(folder, released, tmp_path):
    (path,) = folder.glob("xlsx/theft_*.nl.xlsx")
    home = f"-env:UserInstallation=file://{tmp_path}/home"
    every = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"
    told = [
        "soffice",
        home,
        "--headless",
        "--convert-to",
        every,
        "--outdir",
        str(tmp_path),
        str(path),
    ]
    subprocess.run(told, check=True, capture_output=True, timeout=120)
    (made,) = [p for p in tmp_path.glob("*.csv") if "Gemeente 2022-2024" in p.name]
    rows = list(csv.reader(io.StringIO(made.read_text("utf-8"))))
    top = next(n for n, row in enumerate(rows) if "territory" in row)
    seen = [dict(zip(rows[top], row, strict=True)) for row in rows[top + 1 :]]
    wanted = expected(released)
    assert len(seen) == len(wanted)
    for row in seen:
        told = wanted[row["territory"], row["period"]]
        assert (float(row["value"]) if row["value"] else None) == told["value"]
        assert (row["Teken"] == "niet gepubliceerd") == (told["status"] == "suppressed")


# Descriptions


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph:DeprecationWarning")
def test_the_catalogue_has_what_dcat_ap_asks_for(files):
    graph = rdflib.Graph().parse(data=files["catalogue.jsonld"], format="json-ld")
    dcat, dct = rdflib.Namespace("http://www.w3.org/ns/dcat#"), rdflib.DCTERMS
    (catalogue,) = graph.subjects(rdflib.RDF.type, dcat.Catalog)
    for needed in (dct.title, dct.description, dct.publisher, dcat.dataset):
        assert graph.value(catalogue, needed) is not None
    datasets = list(graph.objects(catalogue, dcat.dataset))
    assert len(datasets) == 3  # thefts, violence, the edition
    for one in datasets:
        langs = {text.language for text in graph.objects(one, dct.title)}
        assert langs == set(LANGS)
        for needed in (dct.description, dct.publisher, dcat.theme, dct.temporal, dcat.contactPoint):
            assert graph.value(one, needed) is not None, needed
        for distribution in graph.objects(one, dcat.distribution):
            for needed in (dcat.accessURL, dcat.downloadURL, dct.license, dct["format"]):
                assert graph.value(distribution, needed) is not None, needed
    told = json.loads(files["catalogue.jsonld"])
    own = {d["dct:title"]: d for s in told["dcat:dataset"] for d in s["dcat:distribution"]}
    size = own[f"{COMMUNES}.csv"]["dcat:byteSize"]["@value"]
    assert size == str(len(files[f"csv/{COMMUNES}.csv"]))


def test_every_column_and_every_status_is_explained_in_every_language(files):
    columns = list(csv.DictReader(io.StringIO(files["columns.csv"].decode())))
    known = {row["column"] for row in columns}
    for name, content in files.items():
        if name.startswith("csv/") and name.endswith(".csv"):
            header = content.decode().split("\n", 1)[0].split(",")
            codes = {c for c in header if c.rsplit("_", 1)[-1] not in LANGS}
            assert codes <= known
    assert all(row[f"meaning_{lang}"] for row in columns for lang in LANGS)
    codes = list(csv.DictReader(io.StringIO(files["codes.csv"].decode())))
    statuses = {row["code"]: row for row in codes if row["column"] == "status"}
    assert set(statuses) == {"ok", "suppressed", "not_applicable"}
    assert statuses["suppressed"]["meaning_fr"].startswith("Le chiffre n’est pas publié")


@pytest.mark.parametrize("lang", LANGS)
def test_every_column_that_data_files_show_has_words(lang):
    known = set(tables_module._COLUMNS) - {"completeness", "matching", "confidence", "p_unadjusted"}
    inside = {
        "contributors",
        "largest_share",
        "second_share",
        "smallest_part",
        "at_risk",
        "ended_around",
    }
    for column in known - inside:
        assert words(lang).say(f"open_data.columns.{column}")


def test_weeks_are_those_of_iso_8601():
    table = indicator_table(brussels_rows())
    table = table[table["level"] == "region"]
    weeks = pd.PeriodIndex(["2024-12-16", "2024-12-23", "2024-12-30"], freq="W-SUN")
    released = obs.release(table.assign(period=weeks))
    (found,) = made = open_tables(released, langs=["fr"])
    assert (found.name, found.frequency) == ("theft_region_2024-W51_2025-W01", "W")
    assert found.cells["period"] == ["2024-W51", "2024-W52", "2025-W01"]
    files = open_data_files(made, ABOUT, langs=["fr"])
    assert any(b"2025-W01" in content for name, content in files.items() if "sdmx" in name)


def test_rows_without_a_level_take_that_of_their_place():
    table = indicator_table(brussels_rows())
    table["level"] = table["level"].mask(table["level"] == "region")
    found = open_tables(obs.release({"v.years": table}), langs=["fr"])
    assert sum(len(one) for one in found) == len(table)
    assert {one.level for one in found} == {"commune", "region", "zone"}


def test_the_archive_holds_every_file_and_has_no_clock(files):
    with zipfile.ZipFile(io.BytesIO(files["open_data.zip"])) as archive:
        assert set(archive.namelist()) == set(files) - {"open_data.zip", "catalogue.jsonld"}
        assert {i.date_time for i in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_the_same_release_gives_the_same_bytes(released, files):
    assert open_data_files(open_tables(released, langs=LANGS), ABOUT, langs=LANGS) == files


def test_names_of_files_tell_indicator_level_and_period(files):
    assert {f"csv/{n}.csv" for n in (COMMUNES, CHANGES, FORMS)} <= set(files)
    assert "csv/theft_zone_2022-2024.csv" in files


# What is withheld


@pytest.mark.parametrize(
    ("lang", "whole", "zones"),
    [
        ("fr", "Région de Bruxelles-Capitale", "zones de police"),
        ("nl", "Brussels Hoofdstedelijk Gewest", "politiezones"),
        ("en", "Brussels-Capital Region", "police zones"),
    ],
)
def test_a_title_names_the_only_place_of_a_level_and_says_the_word_for_several(lang, whole, zones):
    released = obs.release({"v.years": indicator_table(brussels_rows())})
    titles = {one.level: one.titles[lang] for one in open_tables(released, langs=LANGS)}
    assert f"{whole}, 2022-2024" in titles["region"]
    assert f"{zones}, 2022-2024" in titles["zone"]


def test_a_town_is_called_by_its_own_name_whatever_its_level_is_called():
    units = pd.DataFrame(
        {
            "code": ["1", "2", "0"],
            "level": ["commune", "commune", "region"],
            "parent": ["0", "0", None],
            **{f"name_{lang}": ["North", "South", f"Town {lang}"] for lang in LANGS},
        }
    )
    town = make_territory(units, name="town", levels=("commune", "region"))
    rows = [
        {"indicator": "theft", "territory": code, "level": level, "period": 2024}
        | {"numerator": number, "denominator": 1000.0}
        for code, level, number in (
            ("1", "commune", 60),
            ("2", "commune", 40),
            ("0", "region", 100),
        )
    ]
    released = obs.release({"v.years": indicator_table(rows)}, territory=town)
    titles = {one.level: one.titles for one in open_tables(released, langs=LANGS)}
    for lang in LANGS:
        assert f"Town {lang}, 2024" in titles["region"][lang]
        assert "egion" not in titles["region"][lang]


def test_nothing_of_a_withheld_row_is_in_any_format(files, released):
    small = {"21008", "21011"}
    withheld = {key for key, row in expected(released).items() if row["status"] == "suppressed"}
    assert small <= {code for code, _ in withheld}
    rows = list(csv.DictReader(io.StringIO(files[f"csv/{COMMUNES}.csv"].decode())))
    for row in rows:
        if (row["territory"], row["period"]) in withheld:
            assert [row[c] for c in NUMBERS] == [""] * len(NUMBERS)
    least = min(int(row["numerator"]) for row in rows if row["numerator"])
    column = pq.ParquetFile(io.BytesIO(files[f"parquet/{COMMUNES}.parquet"]))
    names = column.schema_arrow.names
    statistics = column.metadata.row_group(0).column(names.index("numerator")).statistics
    assert statistics.min == least > 5
    for element in ElementTree.fromstring(files["sdmx/values.xml"]).iter("Obs"):
        if element.get("STATUS") == "suppressed":
            assert not {"OBS_VALUE", "NUMERATOR", "LOW", "HIGH", "N"} & set(element.attrib)


def test_a_number_under_a_mask_is_not_read():
    under = pd.arrays.FloatingArray(np.array([3.5, 7.25]), np.array([True, False]))
    assert tables_module._plain_cells(pd.Series(under), "number") == [None, 7.25]


def test_anything_but_a_release_is_refused(tmp_path):
    with pytest.raises(DisclosureError, match="open data shows only what obs.release made"):
        obs.write_open_data({"theft": 3}, tmp_path / "a", about=ABOUT, langs=["en"])
    assert not (tmp_path / "a").exists()


def test_comparisons_between_places_are_refused(released):
    peers = released["v.years"].select(level="commune").compare(obs.compare_peers)
    with pytest.raises(ObsError, match=r"table 'v.years' compares places"):
        open_data_files(open_tables(peers, langs=LANGS), ABOUT, langs=LANGS)


def test_the_public_function_writes_the_same_files(released, files, tmp_path):
    paths = obs.write_open_data(released, tmp_path / "data", about=ABOUT, langs=LANGS)
    assert {p.relative_to(tmp_path / "data").as_posix(): p.read_bytes() for p in paths} == files


# Hostile texts

HOSTILE = (
    "=cmd|' /C calc'!A0",
    "+1+1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "-1+1",
    "<script>x</script>",
    "Dor\u200bna",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_is_plain_in_every_format(released, monkeypatch, text, tmp_path):
    own = tables_module.code_in_words
    monkeypatch.setattr(
        tables_module,
        "code_in_words",
        lambda column, code, lang, places: (
            text if column == "territory" else own(column, code, lang, places)
        ),
    )
    about = AboutEdition("2024", "brussels", {"en": text}, {"en": text}, {"en": text}, text)
    part = released["v.years"].select(level="region")
    files = open_data_files(open_tables(part, langs=["en"]), about, langs=["en"])
    plain = text.replace("\t", "").replace("\r", "").replace("\u200b", "")
    name = "theft_region_2022-2024"
    (row, *_) = csv.DictReader(io.StringIO(files[f"csv/{name}.csv"].decode()))
    runs = plain[0] in "=+-@"
    assert row["territory_en"] == (f"'{plain}" if runs else plain)
    assert (
        pq.read_table(io.BytesIO(files[f"parquet/{name}.parquet"]))["territory_en"][0].as_py()
        == plain
    )
    book = openpyxl.load_workbook(io.BytesIO(files[f"xlsx/{name}.en.xlsx"]))
    cells = [c for sheet in book for row in sheet.iter_rows() for c in row]
    assert plain in [c.value for c in cells if c.data_type == "s"]
    assert not [c for c in cells if c.data_type == "f"]
    assert plain in ElementTree.fromstring(files["sdmx/structure.xml"]).itertext()
    assert json.loads(files["catalogue.jsonld"])["dct:title"][0]["@value"].startswith(plain)
    for file, content in files.items():
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_bytes(content)
    assert list(open_data_faults(tmp_path)) == []


def test_the_checks_find_no_fault_in_what_was_made(folder):
    assert list(open_data_faults(folder)) == []
