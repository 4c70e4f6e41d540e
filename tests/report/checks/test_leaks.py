"""One withheld cell, planted in each carrier of an edition: refused each time."""

import hashlib
import json
import re
import shutil
import zipfile

import nbformat
import openpyxl
import pikepdf
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

import obs
from obs.__main__ import main
from obs.open_data import AboutEdition, open_data_files, open_tables
from obs.report.checks.check_path import check_publication
from obs.report.checks.sound_files import SoundFiles
from obs.report.edition.edition_files import page_files
from obs.report.edition.manifest import read_manifest, write_manifest
from obs.report.edition.withheld_numbers import hidden_numbers, small_numbers
from obs.report.sheet.sheet_page import make_sheets
from tests.report.small_tables import brussels_rows, indicator_table

LANGS = ("fr", "nl", "en")
PLACE, CODE, COUNT = "Ganshoren", "21008", 3  # its thefts of each year are withheld
STEM = "theft_commune_2022-2024"


@pytest.fixture(scope="module")
def secret():
    """The tables before release, what was released of them, the rate of the withheld cell."""
    tables = {"v.years": indicator_table(brussels_rows())}
    released = obs.release(tables)
    table = tables["v.years"]
    cell = table[(table["territory"] == CODE) & (table["period"] == "2022")].iloc[0]
    assert cell["numerator"] == COUNT
    rate = f"{cell['value']:.6f}".rstrip("0")
    known = {"withheld": hidden_numbers(tables, released), "small": small_numbers(tables, released)}
    assert rate in known["withheld"]
    return released, rate, known


@pytest.fixture(scope="module")
def whole(sealed_edition, secret, tmp_path_factory):
    """An edition with its open data; not to be changed."""
    folder = shutil.copytree(sealed_edition, tmp_path_factory.mktemp("leaks") / "2022")
    title = dict.fromkeys(LANGS, "Observatory")
    about = AboutEdition("2022", "brussels", title, title, licence="CC BY 4.0", name="urn:x")
    for name, content in open_data_files(
        open_tables(secret[0], langs=LANGS), about, langs=LANGS
    ).items():
        path = folder / "open_data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    for name, content in sheet_files(secret[0]).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return listed(folder)


def sheet_files(released):
    """The sheet of the place, whose numbers lead to where they come from."""
    about = {"title": dict.fromkeys(LANGS, "Observatory"), "publisher": {}, "sources": []}
    about["publisher"] = about["title"]
    about["sources"] = [{"source": "police", "file": "police.csv", "covered_to": "2024-12-31"}]
    options = {"langs": LANGS, "edition": 2022, "about": about, "compare": obs.compare_peers}
    return page_files(
        make_sheets(released, codes=["21004", "21005"], indicators=["theft"], **options), LANGS
    )


def listed(folder):
    """Write the manifest again, so that no changed file is found by its sum alone."""
    manifest = read_manifest(folder)
    manifest["files"] = {
        p.relative_to(folder).as_posix(): {"sha256": hashlib.sha256(p.read_bytes()).hexdigest()}
        for p in sorted(folder.rglob("*"))
        if p.is_file() and p.name != "manifest.json"
    }
    write_manifest(manifest, folder)
    return folder


@pytest.fixture
def spoilt(whole, tmp_path):
    return shutil.copytree(whole, tmp_path / "2022")


def test_the_edition_itself_has_no_fault(whole, secret):
    assert check_publication(whole, **secret[2]) == []


def text_of(path, old, new):
    text = path.read_text("utf-8")
    assert old in text, path
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


# How each carrier takes the cell: the file, what is done to it


def prose(folder, rate):
    text_of(folder / "tiny.fr.html", "</main>", f"<p>Vols à {PLACE} : {COUNT}.</p></main>")
    return "tiny.fr.html"


def table(folder, rate):
    page = (folder / "tiny.nl.html").read_text("utf-8")
    cell = re.search(r"(<td[^>]*>)1 234(</td>)", page)
    text_of(folder / "tiny.nl.html", cell[0], f"{cell[1]}{COUNT}{cell[2]}")
    return "tiny"


def drawing_text(folder, rate):
    text_of(folder / "tiny.fr.html", "</svg>", f"<text>{PLACE} {COUNT}</text></svg>")
    return "tiny.fr.html"


def coordinate(folder, rate):
    text_of(folder / "tiny.fr.html", "M20 180", f"M20 {rate}")
    return "tiny.fr.html"


def alternative_text(folder, rate):
    text_of(folder / "tiny.en.html", "</desc>", f"; {PLACE} has {COUNT}</desc>")
    return "tiny.en.html"


def metadata(folder, rate):
    text_of(
        folder / "index.fr.html", "</title>", f'</title><meta name="x" content="{PLACE} {COUNT}">'
    )
    return "index.fr.html"


def data_for_search_engines(folder, rate):
    told = json.dumps({"name": f"{PLACE}: {COUNT}"})
    script = f'<script type="application/ld+json">{told}</script></head>'
    text_of(folder / "index.fr.html", "</head>", script)
    return "index.fr.html"


def data_file(folder, rate):
    text_of(folder / "data" / "tiny_trend-theft.csv", "21002,2022,,", f"21002,2022,{COUNT},")
    return "data/tiny_trend-theft.csv"


def trace_of_a_number(folder, rate):
    page = folder / "communes" / "21004.fr.html"
    told = re.search(r'<data value="[^"]+"', page.read_text("utf-8"))[0]
    text_of(page, told, f'<data value="{COUNT}"')
    return "communes/21004.fr.html"


def trace_of_a_row(folder, rate):
    page = folder / "communes" / "21005.fr.html"
    row = page.read_text("utf-8").split('<li id="trace--t')[-1]
    told = re.search(r'<data value="[^"]+">', row)[0]
    text_of(page, row, row.replace(told, f'<data value="{COUNT}">', 1))
    return "communes/21005.fr.html"


def trace_in_words(folder, rate):
    text_of(folder / "communes" / "21004.nl.html", "<dl>", f"<p>{PLACE}: {COUNT}</p><dl>")
    return "communes/21004.nl.html"


def trace_with_its_value(folder, rate):
    text_of(folder / "communes" / "21004.en.html", "<dl>", f'<data value="{rate}">x</data><dl>')
    return "communes/21004.en.html"


def hidden_sheet(folder, rate):
    path = folder / "data" / "tiny.fr.xlsx"
    book = openpyxl.load_workbook(path)
    sheet = book.create_sheet("x")
    sheet["A1"], sheet.sheet_state = COUNT, "veryHidden"
    book.save(path)
    return "data/tiny.fr.xlsx"


def attachment(folder, rate):
    with pikepdf.open(folder / "tiny.fr.pdf", allow_overwriting_input=True) as document:
        document.attachments["tiny_trend-theft.csv"] = f"territory,n\n{CODE},{COUNT}\n".encode()
        document.save(folder / "tiny.fr.pdf")
    return "tiny.fr.pdf"


def manifest(folder, rate):
    told = read_manifest(folder)
    number = {
        "filter": "n",
        "key": {"territory": CODE},
        "value": COUNT,
        "status": "suppressed_primary",
    }
    for lang in LANGS:
        told["notes"]["tiny"][lang]["numbers"] = [number]
    write_manifest(told, folder)
    return "manifest.json"


def manifest_words(folder, rate):
    told = read_manifest(folder)
    told["notes"]["tiny"]["fr"]["title"] = f"{PLACE} : {COUNT}"
    write_manifest(told, folder)
    return "manifest.json"


def withheld_row(folder):
    """Give the line of the withheld cell in the CSV file of the communes."""
    lines = (folder / "open_data" / "csv" / f"{STEM}.csv").read_text("utf-8").split("\n")
    return next(line for line in lines if f",{CODE}," in line and ",2022," in line)


def open_csv(folder, rate):
    row = withheld_row(folder)
    before, after = row.split(",2022,", 1)
    path = folder / "open_data" / "csv" / f"{STEM}.csv"
    text_of(path, row, f"{before},2022,{COUNT},{after.split(',', 1)[1]}")
    return f"open_data/csv/{STEM}.csv"


def open_csv_as_if_published(folder, rate):
    row = withheld_row(folder)
    before, after = row.split(",2022,", 1)
    path = folder / "open_data" / "csv" / f"{STEM}.csv"
    ok = re.sub(
        r",suppressed,[^,]*,[^,]*,[^,]*,",
        ",ok,,,,",
        f"{before},2022,{COUNT},{after.split(',', 1)[1]}",
    )
    text_of(path, row, ok)
    return f"open_data/parquet/{STEM}.parquet"  # which says something else


def csv_description(folder, rate):
    path = folder / "open_data" / "csv" / "csv-metadata.json"
    told = json.loads(path.read_text("utf-8"))
    told["dc:description"] = f"{PLACE}: {COUNT}"
    path.write_text(json.dumps(told), encoding="utf-8")
    return "open_data/csv/csv-metadata.json"


def catalogue(folder, rate):
    path = folder / "open_data" / "catalogue.jsonld"
    told = json.loads(path.read_text("utf-8"))
    told["dcat:dataset"][0]["dct:description"] = [{"@value": f"{CODE}: {rate}"}]
    path.write_text(json.dumps(told), encoding="utf-8")
    return "open_data/catalogue.jsonld"


def dictionary(folder, rate):
    path = folder / "open_data" / "codes.csv"
    path.write_text(path.read_text("utf-8") + f"territory,{CODE},{rate},,,,,,\n", encoding="utf-8")
    return "open_data/codes.csv"


def parquet_file(folder):
    return folder / "open_data" / "parquet" / f"{STEM}.parquet"


def parquet_cell(folder, rate):
    read = pq.read_table(parquet_file(folder))
    rows = read.to_pylist()
    for row in rows:
        if (row["territory"], row["period"]) == (CODE, "2022"):
            row["numerator"] = COUNT
    pq.write_table(pa.Table.from_pylist(rows, schema=read.schema), parquet_file(folder))
    return f"open_data/parquet/{STEM}.parquet"


def parquet_metadata(folder, rate):
    read = pq.read_table(parquet_file(folder))
    told = {**read.schema.metadata, b"note": rate.encode()}
    pq.write_table(read.replace_schema_metadata(told), parquet_file(folder))
    return f"open_data/parquet/{STEM}.parquet"


def parquet_statistics(folder, rate):
    """Leave the least count in the footer: the pages of one file, the footer of another."""
    read = pq.read_table(parquet_file(folder))
    least = min(n for n in read["numerator"].to_pylist() if n is not None)
    content = parquet_file(folder).read_bytes()
    old, new = least.to_bytes(8, "little"), COUNT.to_bytes(8, "little")
    footer = content.rindex(old)
    parquet_file(folder).write_bytes(content[:footer] + content[footer:].replace(old, new))
    return f"open_data/parquet/{STEM}.parquet"


def sdmx_cell(folder, rate):
    path = folder / "open_data" / "sdmx" / "values.xml"
    lines = path.read_text("utf-8").split("\n")
    line = next(one for one in lines if f'REF_AREA="{CODE}"' in one and 'TIME_PERIOD="2022"' in one)
    text_of(path, line, line.replace("<Obs ", f'<Obs OBS_VALUE="{rate}" '))
    return "open_data/sdmx/values.xml"


def sdmx_name(folder, rate):
    path = folder / "open_data" / "sdmx" / "structure.xml"
    text_of(path, PLACE, f"{PLACE} {rate}")
    return "open_data/sdmx/structure.xml"


def open_workbook(folder, change):
    (path,) = folder.glob("open_data/xlsx/theft_*.fr.xlsx")
    book = openpyxl.load_workbook(path)
    change(book)
    book.save(path)
    return path.relative_to(folder).as_posix()


def sheet_cell(folder, rate):
    def plant(book):
        sheet = next(book[n] for n in book.sheetnames if "Commune 2022" in n)
        rows = {tuple(c.value for c in row[:3]): row for row in sheet.iter_rows()}
        next(r for k, r in rows.items() if k[0] == CODE and 2022 in k)[3].value = COUNT

    return open_workbook(folder, plant)


def sheet_beside_its_table(folder, rate):
    return open_workbook(folder, lambda book: book.worksheets[0].__setitem__("H40", COUNT))


def open_hidden_sheet(folder, rate):
    def plant(book):
        sheet = book.create_sheet("x")
        sheet["A1"], sheet.sheet_state = f"{PLACE} {COUNT}", "hidden"

    return open_workbook(folder, plant)


def archive_file(folder, rate):
    path = folder / "open_data" / "open_data.zip"
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("csv/other.csv", f"territory,n\n{CODE},{COUNT}\n")
    return "open_data/open_data.zip"


def archive_remark(folder, rate):
    path = folder / "open_data" / "open_data.zip"
    with zipfile.ZipFile(path, "a") as archive:
        archive.comment = f"{PLACE} {COUNT}".encode()
    return "open_data/open_data.zip"


BESIDE, LONG, SAME = "beside their place", "number(s) that were withheld", "says something else"
WITHHELD = "is withheld and still has a"
ROUNDS = (  # carriers that do not touch one another are planted in one edition
    {
        prose: BESIDE,
        table: "has tables with other figures",
        alternative_text: BESIDE,
        trace_of_a_number: "says a number that its data cells do not have",
        trace_of_a_row: "says a number that its data cells do not have",
        trace_in_words: BESIDE,
        trace_with_its_value: LONG,
        metadata: BESIDE,
        data_file: WITHHELD,
        hidden_sheet: "is a hidden sheet",
        attachment: "is not the file of that name",
        manifest: "has a value for a withheld number",
        csv_description: BESIDE,
        catalogue: LONG,
        dictionary: LONG,
        parquet_cell: WITHHELD,
        sdmx_cell: WITHHELD,
        sdmx_name: LONG,
        sheet_cell: "has a column 'numerator' that no CSV file has",
        archive_file: "csv/other.csv: is not the file of that name",
    },
    {
        drawing_text: BESIDE,
        data_for_search_engines: BESIDE,
        manifest_words: BESIDE,
        parquet_metadata: LONG,
        sheet_beside_its_table: "holds a number outside its table",
        archive_remark: "holds remarks",
        open_csv: WITHHELD,
    },
    {
        coordinate: LONG,
        parquet_statistics: "has a value in the footer that no row has",
        open_hidden_sheet: "is a hidden sheet",
    },
    {open_csv_as_if_published: SAME},
)


@pytest.fixture(scope="module")
def refused(whole, secret, tmp_path_factory):
    """What is found in an edition in which a round of carriers took the cell."""
    found = {}
    for plants in ROUNDS:
        folder = shutil.copytree(whole, tmp_path_factory.mktemp("spoilt") / "2022")
        files = {plant: plant(folder, secret[1]) for plant in plants}
        faults = check_publication(listed(folder), **secret[2])
        found |= {plant: (file, faults) for plant, file in files.items()}
    return found


@pytest.mark.parametrize(
    ("plant", "words"),
    [one for plants in ROUNDS for one in plants.items()],
    ids=lambda one: getattr(one, "__name__", ""),
)
def test_a_leaked_cell_is_refused_in_each_carrier(refused, secret, plant, words):
    file, faults = refused[plant]
    assert [f for f in faults if f.file == file and words in str(f)], list(map(str, faults))[:9]
    assert not any(secret[1] in fault.message for fault in faults)


def test_a_leak_in_an_output_of_a_notebook_is_refused(tmp_path, capsys):
    output = new_output("stream", text=f"{PLACE} {COUNT}")
    cells = [new_code_cell("lang = 'fr'", metadata={"tags": ["parameters"]})]
    nbformat.write(
        new_notebook(cells=[*cells, new_code_cell("1", outputs=[output])]), tmp_path / "a.ipynb"
    )
    assert main(["check", str(tmp_path)]) == 3
    assert "has outputs; clear them" in capsys.readouterr().out


def test_the_command_refuses_any_file_changed_since(spoilt, capsys, tmp_path):
    open_csv(spoilt, "")
    arguments = ["check", str(spoilt), "--processed", str(tmp_path / "processed")]
    assert main(arguments) == 3
    said = capsys.readouterr().out
    assert f"open_data/csv/{STEM}.csv: was changed after it was published" in said
    assert "is withheld and still has a numerator" in said


def test_a_file_that_was_sound_is_faulty_for_another_secret_or_other_bytes(whole, spoilt, secret):
    sound = SoundFiles((), "1")
    assert check_publication(whole, sound=sound) == []
    again = SoundFiles(sound.found, "1")
    assert check_publication(whole, sound=again) == []
    assert again.taken == again.looked_at > 5
    page = prose(spoilt, secret[1])
    for known in (sound, again):
        faults = check_publication(listed(spoilt), **secret[2], sound=SoundFiles(known.found, "1"))
        assert page in {fault.file for fault in faults}
    text_of(spoilt / "tiny.fr.html", "</main>", '<p><a href="gone.html">x</a></p></main>')
    faults = check_publication(listed(spoilt), sound=again)
    assert [str(fault) for fault in faults] == [
        "tiny.fr.html: a: leads to 'gone.html', which is not there"
    ]
