"""An observatory and a note are begun from files: what is found, what is refused, what is left."""

import json
import re
import shutil
from contextlib import ExitStack
from pathlib import Path

import pandas as pd
import pytest

from obs.__main__ import main
from obs.clean.denominator_files import read_denominators
from obs.errors import CatalogueError, CodeError, DeliveryError, ObsError
from obs.one_writer import one_writer
from obs.pipeline import build
from obs.pipeline.begin import new_note, new_observatory
from obs.reference import load_observatory
from obs.report import check_path, load_note

UNITS = {"62063": ("Liège", "Luik"), "62079": ("Oupeye", "Oupeye"), "62108": ("Visé", "Wezet")}
CODES = "Code INS;Nom de la commune;Naam van de gemeente\n" + "".join(
    f"{code};{fr};{nl}\n" for code, (fr, nl) in UNITS.items()
)
PEOPLE = "commune;annee;habitants\n" + "".join(
    f"{fr};{year};{1000 * n}\n"
    for n, (fr, _) in enumerate(UNITS.values(), 5)
    for year in (2022, 2023)
)


@pytest.fixture
def begin(tmp_path):
    def begun(units=CODES, people=PEOPLE, **options):
        (tmp_path / "communes.csv").write_text(units, encoding="cp1252")
        (tmp_path / "people.csv").write_text(people, encoding="cp1252")
        given = {
            "name": "Observatoire de Liège",
            "languages": ["fr", "nl"],
            "units": tmp_path / "communes.csv",
            "population": tmp_path / "people.csv",
            **options,
        }
        return new_observatory(tmp_path / "own", **given)

    return begun


def test_units_names_and_inhabitants_are_found_in_latin_1(begin, tmp_path):
    made = begin()
    assert (made.units, made.years) == (3, (2022, 2023))
    assert made.columns["names of units"] == "Nom de la commune"
    assert made.columns["population, value"] == "habitants"
    observatory = load_observatory(tmp_path / "own" / "observatory.toml")
    place = observatory.places(tmp_path / "own" / "data" / "raw")
    assert place.units["name_fr"].tolist() == ["Liège", "Oupeye", "Visé", "Observatoire de Liège"]
    assert dict(zip(place.aliases["alias"], place.aliases["code"], strict=True))["Wezet"] == "62108"
    assert observatory.notes == ("overview",)
    assert sorted(p.name for p in (tmp_path / "own").iterdir()) == [
        *(".gitignore", "Makefile", "catalogue", "data", "notebooks"),
        *("observatory.toml", "profiles", "schemas"),
    ]


def test_a_workbook_with_titles_and_years_across_is_read(tmp_path, begin):
    rows = [[fr, 100 * n, 110 * n] for n, (fr, _) in enumerate(UNITS.values(), 5)]
    wide = pd.DataFrame(rows, columns=["Commune", "Pop 2022", "Pop 2023"])
    wide.to_excel(tmp_path / "wide.xlsx", index=False)
    units = pd.DataFrame([[c, fr] for c, (fr, _) in UNITS.items()], columns=["nis", "nom"])
    units.to_excel(tmp_path / "units.xlsx", index=False, startrow=2)
    made = begin(units=CODES, population=tmp_path / "wide.xlsx")
    assert made.years == (2022, 2023)
    again = new_observatory(
        tmp_path / "other",
        name="Autre",
        languages=["fr"],
        units=tmp_path / "units.xlsx",
        population=tmp_path / "wide.xlsx",
    )
    assert again.units == 3
    assert (tmp_path / "other" / "data" / "raw" / "units" / "units.csv").is_file()


def test_bare_years_across_are_a_header(begin):
    made = begin(people="commune;2022;2023\nLiège;10;11\nOupeye;20;21\nVisé;30;31\n")
    assert made.years == (2022, 2023)


@pytest.mark.parametrize(
    ("sign", "said", "people", "total"),
    [
        ("\u00a0", "", ["52{}000", "1{}000", "900"], 53_900),
        (" ", "", ["52{}000", "1{}000", "900"], 53_900),
        ("'", "", ["52{}000", "1{}000", "900"], 53_900),
        (".", "", ["1{}052{}000", "1{}000", "900"], 1_053_900),  # the first has it twice
        (".", ".", ["52{}000", "1{}000", "900"], 53_900),
        (".", ",", ["52{}000", "1{}000", "900"], 953),  # a point then stands before decimals
    ],
)
def test_a_sign_between_thousands_is_found_or_said(begin, tmp_path, sign, said, people, total):
    rows = zip(
        ["Liège", "Oupeye", "Visé"], [text.replace("{}", sign) for text in people], strict=True
    )
    begin(people="commune;2023\n" + "".join(f"{c};{n}\n" for c, n in rows), thousands=said)
    own = tmp_path / "own"
    observatory = load_observatory(own / "observatory.toml")
    read = read_denominators(
        "population",
        [own / "data" / "raw" / "population" / "people.csv"],
        observatory.denominators["population"],
        territory=observatory.places(own / "data" / "raw"),
    )
    assert read["exposure"].sum() == total


def test_a_sign_that_may_stand_before_decimals_is_asked_for(begin, tmp_path):
    message = r"people.csv: '52.000' may be a whole number with decimals.*--thousands \."
    with pytest.raises(DeliveryError, match=message):
        begin(people="commune;2023\nLiège;52.000\nOupeye;48.000\nVisé;900\n")
    assert not (tmp_path / "own").exists()


WIDE = "Code;Commune;2022;2023\n62063;Liège;10;11\n62079;Oupeye;20;21\n62108;Visé;30;31\n"
OTHER_ROWS = {
    "a total by its name": ("commune;2022;2023\nLiège;1;2\nOupeye;2;3\nVisé;3;4\nTOTAL;6;9\n", {
        "totals": "TOTAL"}),
    "a total without a code, a source": (f"{WIDE};Total;60;63\nSource : registre;;;\n", {
        "totals": r"\s*", "left_out": {"Code": r"Source\s+:\s+registre"}}),
    "a note in another column": (f"{WIDE};{'Les chiffres sont provisoires, ' * 3};;\n", {
        "left_out": {"Commune": r"Les\s+chiffres\s+sont\s+provisoires,[\s\S]*"}}),
    "places of the rest of the country": (f"{WIDE}11002;Antwerpen;500;510\n", {"elsewhere": True}),
    "years down the rows": (f"{PEOPLE}Namur;2022;9\nNamur;2023;9\nEnsemble;2023;18000\n", {
        "totals": "Ensemble", "elsewhere": True}),
}  # fmt: skip


@pytest.mark.parametrize("case", OTHER_ROWS)
def test_rows_that_bear_no_unit_are_told_apart(begin, tmp_path, case):
    people, keys = OTHER_ROWS[case]
    made = begin(people=people)
    declared = load_observatory(tmp_path / "own" / "observatory.toml").denominators["population"]
    assert {k: getattr(declared, k) for k in ("totals", "elsewhere")} == {
        "totals": keys.get("totals", ""),
        "elsewhere": keys.get("elsewhere", False),
    }
    assert dict(declared.left_out) == keys.get("left_out", {})
    assert (made.units, made.years) == (3, (2022, 2023))
    assert any(line.startswith("population, left out: ") for line in made.summary())


@pytest.mark.parametrize(
    ("people", "message"),
    [
        (f"{WIDE};Total;60;64\n", "the total of 2023 is 64, and its units add up to 63"),
        (PEOPLE.replace("Visé;2023", "Vizé;2023"), "'Vizé' is unknown; nearest.*Visé"),
        (WIDE.replace("30;31", "30;n.c."), "no number in row|column '2022' bears a year"),
        (WIDE.replace("30;31", "many;31").replace("2023", "x"), "'2022' bears a year.* for 1 of the 3"),
    ],
)  # fmt: skip
def test_a_wrong_total_or_a_unit_that_lacks_a_year_is_refused(begin, tmp_path, people, message):
    with pytest.raises(DeliveryError, match=message):
        begin(people=people)
    assert not (tmp_path / "own").exists()


def test_the_whole_has_a_name_of_its_own_and_is_told_where_to_change_it(begin, tmp_path):
    made = begin(whole_name="Arrondissement de Liège")
    place = load_observatory(tmp_path / "own" / "observatory.toml").places(
        tmp_path / "own" / "data" / "raw"
    )
    assert place.units["name_fr"].iloc[-1] == "Arrondissement de Liège"
    (line,) = [line for line in made.summary() if "all units together" in line]
    assert "'Arrondissement de Liège'" in line
    assert "[territory.top] of observatory.toml, or --whole-name" in line


def test_sexes_and_ages_are_added(begin):
    lines = [f"{code},{year},{sex},10" for code in UNITS for year in (2022, 2023) for sex in "MF"]
    made = begin(people="\n".join(["nis,annee,sexe,population", *lines]))
    assert made.columns["population, summed"] == "sexe"


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"languages": ["fr", "xx"]}, ObsError, "xx"),
        ({"population": Path("nowhere.csv")}, DeliveryError, "nowhere.csv: there is no such file"),
        ({"level": "canton"}, CatalogueError, "canton|territory.base_level"),
    ],
)
def test_bad_options_leave_nothing(begin, tmp_path, options, error, message):
    with pytest.raises(error, match=message):
        begin(**options)
    assert not (tmp_path / "own").exists()
    assert not [p for p in tmp_path.iterdir() if p.name.startswith(".")]


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"people": PEOPLE.replace("Visé", "Vizé")}, "no column has all 3 units .*67%"),
        (
            {"people": PEOPLE.replace("annee", "x").replace("2022", "a").replace("2023", "b")},
            "no column of years",
        ),
        ({"people": PEOPLE.replace("5000", "many", 1)}, "no column holds whole numbers"),
        ({"units": "a;b\nx;y\nz;w\n"}, "no column of codes has one name each"),
        (
            {"units": CODES.replace("62079;Oupeye", "62063;Oupeye")},
            "no column of codes has one name each",
        ),
        (
            {
                "people": PEOPLE.replace(";habitants", ";n;m")
                .replace("\n", ";7\n")
                .replace("m;7", "m")
            },
            "could all be",
        ),
    ],
)
def test_files_that_leave_a_unit_or_a_column_open_are_refused(begin, tmp_path, files, message):
    with pytest.raises((DeliveryError, CodeError), match=message):
        begin(**files)
    assert not (tmp_path / "own").exists()


def test_a_folder_with_something_in_it_is_refused(begin, tmp_path):
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "x").touch()
    with pytest.raises(CatalogueError, match="not empty"):
        begin()


def test_a_note_is_written_in_the_languages_of_the_observatory(begin, tmp_path):
    begin()
    own = tmp_path / "own"
    made = new_note("velos", indicator="bicycle_theft", observatory=own)
    assert load_observatory(own / "observatory.toml").notes == ("overview", "velos")
    spec = load_note(made.notebook, languages=("fr", "nl"))
    assert spec.title == {"fr": "Vols de vélos", "nl": "Fietsdiefstallen"}
    cells = json.loads(made.notebook.read_text())["cells"]
    tags = [cell["metadata"].get("tags", [""])[0] for cell in cells]
    assert tags.count("lang-fr") == tags.count("lang-nl") > 3
    assert "lang-en" not in tags
    assert check_path(own / "notebooks", processed=own / "data" / "processed") == []


def edition_of(notebook):
    (cell,) = [
        cell
        for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        if "parameters" in cell["metadata"].get("tags", ())
    ]
    return "".join(cell["source"]).splitlines()[0]


def registered(source, covered_to):
    return {
        "source": source,
        "profile": "own",
        "rules": "0" * 64,
        "file": f"{source}_{covered_to}.csv",
        "sha256": "1" * 64,
        "tables": {"events": "2" * 64},
        "extracted": None,
        "covered_from": "2020-01-01",
        "covered_to": covered_to,
        **dict.fromkeys(("read", "kept", "merged", "rejected"), 1),
        "synthetic": False,
    }


@pytest.mark.parametrize(
    ("covered", "own", "edition"),
    [
        ({}, "", 2023),  # the years of the inhabitants
        ({"police": "2021-12-31"}, "", 2021),
        ({"police": "2022-03-31"}, "", 2021),  # 2022 has begun and is not whole
        ({"police": "2021-12-30"}, "", 2020),
        ({"police": "2021-12-31", "helpline": "2022-12-31"}, "", 2021),  # another source
        ({"police": "2021-12-31"}, "edition = 2019\n", 2019),  # the observatory's own
    ],
)
def test_a_note_begins_at_the_last_year_that_its_source_tells_whole(
    begin, tmp_path, covered, own, edition
):
    begin()
    folder = tmp_path / "own"
    declaration = folder / "observatory.toml"
    text = declaration.read_text(encoding="utf-8")
    declaration.write_text(text.replace("notes = ", f"{own}notes = ", 1), encoding="utf-8")
    registry = folder / "data/processed" / load_observatory(declaration).name / "registry"
    registry.mkdir(parents=True)
    entries = [registered(source, day) for source, day in covered.items()]
    (registry / "registry.json").write_text(json.dumps(entries), encoding="utf-8")
    made = new_note("velos", indicator="bicycle_theft", observatory=folder)
    assert edition_of(made.notebook) == f"edition = {edition}"


def test_a_note_begins_where_no_inhabitants_are_delivered_yet(begin, tmp_path):
    begin()
    shutil.rmtree(tmp_path / "own/data/raw/population")
    made = new_note("velos", indicator="bicycle_theft", observatory=tmp_path / "own")
    assert re.fullmatch(r"edition = 20\d\d", edition_of(made.notebook))


@pytest.mark.parametrize(
    ("name", "indicator", "message"),
    [
        ("velos", "bicycle_teft", "did you mean 'bicycle_theft'"),
        ("Vélos", "bicycle_theft", "cannot name a note"),
        ("../out", "bicycle_theft", "cannot name a note"),
        ("overview", "bicycle_theft", "there is a note 'overview' already"),
        ("firms", "business_victim", "has no template"),
    ],
)
def test_a_note_that_cannot_be_is_refused_and_leaves_nothing(
    begin, tmp_path, name, indicator, message
):
    begin()
    before = (tmp_path / "own" / "observatory.toml").read_bytes()
    with pytest.raises(CatalogueError, match=message):
        new_note(name, indicator=indicator, observatory=tmp_path / "own")
    assert (tmp_path / "own" / "observatory.toml").read_bytes() == before
    assert len([*(tmp_path / "own" / "notebooks").iterdir()]) == 2


def test_a_build_before_any_source_says_how_to_begin_one(begin, tmp_path, monkeypatch, capsys):
    begin()
    monkeypatch.chdir(tmp_path / "own")
    assert main(["build", "--quiet"]) == 2
    assert "declares no source yet: obs profile new FILE" in capsys.readouterr().err


def test_a_new_note_is_of_the_edition_that_is_built(begin, tmp_path):
    own = begin().folder
    new_note("before", indicator="theft", observatory=own)
    for year in ("2021", "2022"):
        (own / "data" / "processed" / "observatoire_de_liege" / year / "released").mkdir(
            parents=True
        )
    new_note("after", indicator="theft", observatory=own)
    opened = [
        json.loads((own / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8"))["cells"][0]
        for name in ("before", "after")
    ]
    assert [cell["source"][0] for cell in opened] == ["edition = 2023\n", "edition = 2022\n"]


def test_a_build_waits_for_whoever_holds_the_internal_tables(begin, tmp_path):
    begin()
    own = tmp_path / "own" / "observatory.toml"
    said, other = [], ExitStack()
    other.enter_context(one_writer(tmp_path / "processed" / load_observatory(own).name))

    def hear(line):
        said.append(line)
        other.close()

    with pytest.raises(ObsError, match="declares no source yet"):
        build(config=own, processed=tmp_path / "processed", progress=hear)
    assert re.match("waits: the folder '.*' is being written by process [0-9]+ since", said[0])


@pytest.mark.slow
def test_four_commands_lead_to_a_note(tmp_path, begin, monkeypatch):
    begin()
    days = pd.date_range("2022-01-01", "2023-12-31", freq="D").strftime("%d/%m/%Y")
    lines = [
        f"F{i};{day};{fr};Vols de vélos"
        for i, (day, fr) in enumerate((day, fr) for day in days for fr, _ in UNITS.values())
    ]
    text = "\n".join(["N° fait;Date du fait;Commune;Catégorie", *lines])
    (tmp_path / "police.csv").write_text(text, encoding="cp1252")
    own = tmp_path / "own"
    assert (
        main(
            [
                "profile",
                "new",
                str(tmp_path / "police.csv"),
                "--source",
                "police",
                "--observatory",
                str(own),
            ]
        )
        == 0
    )
    assert (
        main(["note", "new", "velos", "--indicator", "bicycle_theft", "--observatory", str(own)])
        == 0
    )
    monkeypatch.chdir(own)
    built = build(config="observatory.toml", lang=["nl"], notes=["velos"])
    page = next(built.folder.glob("velos.nl.html")).read_text(encoding="utf-8")
    words = re.sub(r"<[^>]+>", "", page).replace("\u202f", " ").replace("\u00a0", " ")
    assert "1.095 feiten (2023)" in words
