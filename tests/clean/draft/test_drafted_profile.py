"""A draft declares what the file proves, says by what, and counts the rows of all else."""

import json
import tomllib

import pandas as pd
import pyreadstat
import pytest

from obs.clean import clean_police
from obs.clean.coded_columns import encode_list
from obs.clean.draft.column_evidence import look_at
from obs.clean.draft.drafted_profile import draft_profile
from obs.clean.draft.known_labels import code_of, near_codes
from obs.errors import CatalogueError, DeliveryError
from obs.reference import load_territory
from obs.reference.codelists import load_phenomena

BRUSSELS = load_territory()
FACTS = pd.DataFrame(
    {
        "id_fait": ["F1", "F2", "F3", "F4"],
        "date_fait": ["03/01/2024", "14/01/2024", "05/02/2024", "28/02/2024"],
        "heure": ["9h30", "21:15", "0h05", "12:00"],
        "commune": ["Ixelles", "Uccle", "Ixelles", "Uccle"],
        "infraction": ["Vol à la tire", "VOLS A L'ETALAGE", "Vol étrange", "Vol étrange"],
        "sexe_victime": ["Femme", "hommes", "X", "Femme"],
    }
)


def draft(path, kind="police"):
    return draft_profile(path, kind=kind, name="mine", territory=BRUSSELS)


def write(folder, text, name="a.csv", encoding="utf-8"):
    path = folder / name
    path.write_text(text, encoding=encoding)
    return path


def facts(folder, name="a.csv", **changed):
    path = folder / name
    FACTS.assign(**changed).to_csv(path, index=False, sep=";")
    return path


def test_what_the_file_proves_is_declared_with_its_evidence(tmp_path):
    made = draft(facts(tmp_path))
    told = tomllib.loads(made.text)
    assert told["confirmed"] is False
    assert told["shape"] == "events"
    assert told["dates"] == ["%d/%m/%Y"]
    assert told["columns"] == {
        "territory": "commune",
        "event_date": "date_fait",
        "event_hour": "heure",
        "event_id": "id_fait",
        "offence": "infraction",
        "victim_sex": "sexe_victime",
    }
    assert [entry["phenomenon"] for entry in told["offences"]] == ["pickpocketing", "shoplifting"]
    assert told["codes"]["victim_sex"] == {"Femme": "female", "hommes": "male"}
    assert "the day is above 12 in 2 of 4 different cells" in made.text
    assert "# unmapped, 2 rows: { offence = 'Vol étrange', phenomenon = \"\" }," in made.text
    assert '# unmapped, 1 rows: "X" = ""' in made.text
    assert (made.rows, made.lacks) == (4, ())


def test_rows_of_what_is_not_mapped_are_counted_when_the_draft_cleans(tmp_path):
    path = facts(tmp_path)
    profile = write(tmp_path, draft(path).text, "mine.toml")
    cleaned = clean_police(path, profile=profile)
    assert cleaned.rejected[["row", "rule"]].values.tolist() == [
        [4, "unknown_offence"],
        [5, "unknown_offence"],
    ]
    assert cleaned.table["event_date"].dt.strftime("%m-%d").tolist() == ["01-03", "01-14"]


@pytest.mark.parametrize(
    ("days", "declared"),
    [
        (["13/01/2024", "02/03/2024"], "%d/%m/%Y"),
        (["01/13/2024", "02/03/2024"], "%m/%d/%Y"),
        (["13.01.24", "02.03.24"], None),  # 24 may be a day: nothing says which is the year
        (["13-01-85", "02-03-24"], "%d-%m-%y"),
        (["2024-01-02", "2024-02-03"], "%Y-%m-%d"),
        (["20240113", "20240203"], "%Y%m%d"),
        (["01/02/2024", "02/03/2024"], None),  # no day above 12
        (["13/01/2024", "01/13/2024"], None),  # both orders
        (["13 janvier 2024", "2 mars 2024"], "%d %B %Y"),
        (["13/01/2024 21:30", "02/03/2024 00:10"], "%d/%m/%Y"),
    ],
)
def test_the_order_of_day_and_month_is_proven_or_open(days, declared):
    seen = look_at("date", encode_list(days), BRUSSELS)
    assert (seen.dates or None) == declared


def test_an_order_that_nothing_proves_leaves_the_draft_incomplete(tmp_path):
    made = draft(
        facts(tmp_path, date_fait=["03/01/2024", "04/01/2024", "05/02/2024", "06/02/2024"])
    )
    assert "# 4 rows wait: no cell proves the order of day and month; one of:" in made.text
    assert '# dates = ["%d/%m/%Y"]' in made.text
    assert '# dates = ["%m/%d/%Y"]' in made.text
    assert made.lacks == ("dates: the formats are missing, as '%d/%m/%Y'",)


def test_two_columns_of_days_are_told_by_their_names_or_not_at_all(tmp_path):
    day = FACTS["date_fait"]
    told = tomllib.loads(draft(facts(tmp_path, date_pv=day)).text)["columns"]
    assert (told["event_date"], told["report_date"]) == ("date_fait", "date_pv")
    both = facts(tmp_path, date_a=day, date_b=day)
    frame = pd.read_csv(both, sep=";", dtype="str").drop(columns="date_fait")
    frame.to_csv(both, index=False, sep=";")
    made = draft(both)
    assert '# event_date = one of ["date_a", "date_b"]: nothing decides between them' in made.text
    assert "event_date" not in tomllib.loads(made.text)["columns"]


def test_a_column_of_days_of_the_report_is_not_that_of_the_fact(tmp_path):
    path = tmp_path / "a.csv"
    FACTS.rename(columns={"date_fait": "date_pv"}).to_csv(path, index=False)
    assert "event_date" not in tomllib.loads(draft(path).text)["columns"]


COUNTS = """Commune\tAnnée\tClasse\tNombre\tPopulation
Ixelles\t2023\tCambriolages\t12\t88000
Uccle\t2023\tCambriolages\t\t85000
Ixelles\t2023\tVols\t40\t88000
Total\t2023\tCambriolages\t12\t173000
"""


def test_counts_are_known_by_their_number_and_totals_are_left_out(tmp_path):
    path = write(tmp_path, COUNTS)
    made = draft(path)
    told = tomllib.loads(made.text)
    assert (told["shape"], told["period"], told["file"]["separator"]) == ("counts", "%Y", "\t")
    assert told["columns"]["population"] == "Population"
    assert "# 1 rows have no number: zero, missing or withheld is not told" in made.text
    assert made.lacks == ("constants.unit: what is counted is not told by the file",)
    text = made.text.replace('# unit = "fact"', 'unit = "fact"')
    cleaned = clean_police(path, profile=write(tmp_path, text, "mine.toml"))
    rules = cleaned.rejected.set_index("row")["rule"].to_dict()
    assert rules == {3: "not_a_number", 4: "unknown_offence", 5: "totals_row"}
    assert cleaned.table["numerator"].tolist() == [12]


def test_what_is_counted_is_told_by_the_name_of_the_counts(tmp_path):
    made = draft(write(tmp_path, COUNTS.replace("Nombre", "Nombre de victimes")))
    assert tomllib.loads(made.text)["constants"] == {"unit": "victim"}
    assert made.lacks == ()


def test_columns_that_bear_the_name_of_a_phenomenon_are_counts(tmp_path):
    path = write(tmp_path, "zone,jaar,Inbraken,Gauwdiefstallen\n5339,2024,4,5\n5340,2024,6,7\n")
    made = draft(path)
    told = tomllib.loads(made.text)
    assert (told["shape"], told["wide"]) == ("wide_counts", ["Inbraken", "Gauwdiefstallen"])
    text = made.text.replace('# unit = "fact"', 'unit = "fact"')
    table = clean_police(path, profile=write(tmp_path, text, "mine.toml")).table
    assert int(table["numerator"].sum()) == 22


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("CAMBRIOLAGE", "burglary"),
        ("vols a la tire", "pickpocketing"),
        ("Gauwdiefstallen", "pickpocketing"),
        ("burglary_dwelling", "burglary_dwelling"),
        ("vol", None),
        ("cambriolage de nuit", None),
        ("", None),
    ],
)
def test_a_label_is_the_name_of_a_code_or_of_none(label, code):
    assert code_of(label, "phenomena") == code


def formats(folder):
    typed = FACTS.assign(date_fait=pd.to_datetime(FACTS["date_fait"], dayfirst=True))
    typed.to_excel(folder / "a.xlsx", index=False, startrow=3)
    FACTS.to_excel(folder / "b.ods", index=False, engine="odf")
    typed.to_parquet(folder / "a.parquet")
    pyreadstat.write_sav(FACTS, folder / "a.sav")
    pyreadstat.write_dta(FACTS, folder / "a.dta")
    inner = {"meta": {"year": 2024}, "data": {"items": FACTS.to_dict("records")}}
    (folder / "a.json").write_text(json.dumps(inner))
    FACTS.to_csv(folder / "utf16.csv", index=False, sep="|", encoding="utf-16")
    FACTS.to_csv(folder / "titles.csv", index=False, sep=",", encoding="cp1252")
    text = (folder / "titles.csv").read_bytes()
    (folder / "titles.csv").write_bytes(b"Police, faits\nextrait du registre\n" + text)
    return [p.name for p in folder.iterdir()]


@pytest.mark.slow
def test_every_format_gives_a_draft_that_reads_the_same_rows(tmp_path):
    names = formats(tmp_path)
    assert len(names) == 8
    for name in sorted(names):
        path = tmp_path / name
        made = draft(path)
        assert (made.rows, made.lacks) == (4, ()), name
        profile = write(tmp_path, made.text, "mine.toml")
        table = clean_police(path, profile=profile).table
        assert table["phenomenon"].tolist() == ["pickpocketing", "shoplifting"], name
        assert table["event_hour"].tolist() == [9, 21], name


def test_a_text_that_is_not_utf8_is_read_and_said_not_to_be_proven(tmp_path):
    path = tmp_path / "a.csv"
    FACTS.to_csv(path, index=False, encoding="cp1252")
    text = draft(path).text
    assert 'encodings = ["cp1252"]  # NOT PROVEN' in text
    assert "Vol étrange" in text


def drafted(folder, text, kind="police"):
    path = folder / "a.csv"
    path.write_text(text, encoding="utf-8")
    made = draft_profile(path, kind=kind, name="mine", territory=load_territory(), schema="")
    return path, made


def test_years_across_the_columns_are_periods(tmp_path):
    text = "Gemeente;2021;2022;2023\nElsene;12;14;9\nUkkel;5;0;3\nVorst;1;2;4\n"
    path, made = drafted(tmp_path, text)
    assert 'wide = ["2021", "2022", "2023"]  # their names are years' in made.text
    assert [lack.partition(";")[0] for lack in made.lacks] == [
        "columns: 'offence' is missing",
        "constants.unit: what is counted is not told by the file",
    ]
    whole = made.text + 'unit = "fact"\noffence = "Fietsdiefstal"\n'
    entry = 'offences = [{ offence = "Fietsdiefstal", phenomenon = "bicycle_theft" }]\n'
    profile = write(tmp_path, whole.replace("[file]", entry + "[file]", 1), "mine.toml")
    table = clean_police(path, profile=profile).table
    assert table["period"].astype(str).tolist() == ["2021", "2022", "2023"] * 3
    assert table["numerator"].tolist() == [12, 14, 9, 5, 0, 3, 1, 2, 4]


def test_months_in_words_that_are_alike_in_short_are_read(tmp_path):
    text = "mois;commune;type;nombre\nmars 2024;Ixelles;Vols de vélos;5\nmai 2024;Uccle;Vols de vélos;0\n"
    _, made = drafted(tmp_path, text)
    assert 'period = "%B %Y"' in made.text


def test_calls_of_a_day_are_counts_and_their_lines_wait(tmp_path):
    text = "jour;ligne;appels\n13/04/2024;1712;5\n14/04/2024;1712;0\n15/04/2024;1712;9\n"
    _, made = drafted(tmp_path, text, kind="helpline")
    assert "shape = \"call_days\"  # 'appels' is a number" in made.text
    assert '# 3 rows wait: [lines."1712"]' in made.text


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the file is empty (0 bytes)"),
        (b"Ixelles;2021;12\nUccle;2022;14\n", "no header is found"),
        (bytes(range(256)) * 20, "NUL byte"),
        (b"one column\na\nb\n", "no table is found: neither ';' nor ','"),
        (b"1,2,3\n4,5,6\n", "no header is found above rows of a table"),
        (b"a,b,c\n", "no header is found"),
        (b"%PDF-1.4 something\n", "a PDF document"),
    ],
)
def test_a_file_without_a_table_is_refused(tmp_path, content, said):
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(DeliveryError, match="^a.csv: ") as caught:
        draft(path)
    assert said in str(caught.value)


def test_personal_data_are_refused_and_not_quoted(tmp_path):
    for changed in (
        {"victime": ["Jean Dupont", "Marie Durand", "A B", "C D"]},
        {"remarque": ["0470 12 34 56"] * 4},
        {"ddn": ["13/02/1980"] * 4},
    ):
        with pytest.raises(DeliveryError, match="refused at the door") as caught:
            draft(facts(tmp_path, **changed))
        assert not {"Dupont", "0470", "1980"} & {*str(caught.value).replace("'", " ").split()}


def test_nine_hundred_columns_and_all_text_give_a_draft_of_comments(tmp_path):
    wide = ",".join(f"c{i}" for i in range(900))
    path = write(tmp_path, f"{wide}\n{','.join('x' * 900)}\n{','.join('y' * 900)}\n")
    made = draft(path)
    assert made.text.count("# unmapped: column ") == 900
    assert len(made.lacks) == 3
    made = draft(write(tmp_path, "a,b\nx,y\nz,t\n"))
    assert tomllib.loads(made.text).get("columns") == {}


def test_a_first_line_that_may_be_no_header_is_not_quoted(tmp_path):
    made = draft(write(tmp_path, "Hello there,see below\nthe table,is lost\nyours,ever\n"))
    assert "Hello" not in made.text
    assert "# unmapped: column 1, 2 rows, 2 different texts" in made.text


def test_places_that_are_no_unit_or_several_are_named_with_their_rows(tmp_path):
    places = ["Ixelles", "Uccle", "Forest", "Uccle", "Jette", "Evere", "Ganshoren", "Narnia"]
    frame = pd.concat([FACTS, FACTS], ignore_index=True).assign(
        commune=places, id_fait=[f"F{i}" for i in range(8)]
    )
    path = tmp_path / "a.csv"
    frame.to_csv(path, index=False)
    made = draft(path)
    assert '# 1 rows, no unit of this name: names."Narnia" = ""' in made.text
    assert 'level = "commune"  # 87.5% of 8 rows name a commune' in made.text


def test_the_columns_of_a_prosecutor_are_found_by_spanish_names(tmp_path):
    text = "Nro. Carpeta;Fecha ingreso;Delito;Fecha cierre;Distrito\n" + "".join(
        f"C{i};2023-0{i}-1{i};{'Hurto' if i % 2 else 'Estafa'};2023-0{i}-2{i};Ixelles\n"
        for i in range(1, 9)
    )
    made = draft(write(tmp_path, text), kind="prosecutor")
    assert tomllib.loads(made.text)["columns"] == {
        "case_id": "Nro. Carpeta",
        "entry_date": "Fecha ingreso",
        "offence": "Delito",
        "decision_date": "Fecha cierre",
        "territory": "Distrito",
    }


def test_a_column_that_is_told_is_taken_with_its_classes(tmp_path):
    path = facts(tmp_path)
    path.write_text(path.read_text(encoding="utf-8").replace("infraction", "rubrique"), "utf-8")
    waits = draft(path)
    assert any(lack.startswith("columns: 'offence' is missing") for lack in waits.lacks)
    made = draft_profile(
        path, kind="police", name="mine", territory=BRUSSELS, told={"offence": "Rubrique"}
    )
    told = tomllib.loads(made.text)
    assert told["columns"]["offence"] == "rubrique"
    assert [entry["phenomenon"] for entry in told["offences"]] == ["pickpocketing", "shoplifting"]
    assert "told by whoever drafted this" in made.text
    assert made.lacks == ()


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"ofence": "infraction"}, "'ofence' is not one of .*did you mean 'offence'.* of events"),
        ({"offence": "infractoin"}, "no column 'infractoin' .did you mean 'infraction'"),
    ],
)
def test_a_column_told_that_is_none_is_refused(tmp_path, told, said):
    with pytest.raises(CatalogueError, match=said):
        draft_profile(facts(tmp_path), kind="police", name="mine", territory=BRUSSELS, told=told)


@pytest.mark.parametrize("told", [{"territory": "infraction"}, {"event_date": "infraction"}])
def test_a_column_told_whose_cells_do_not_fit_declares_nothing_of_them(tmp_path, told):
    made = draft_profile(facts(tmp_path), kind="police", name="mine", territory=BRUSSELS, told=told)
    assert "dates" not in tomllib.loads(made.text) or "event_date" not in told
    assert ("100.0% of 4 rows name" in made.text) == ("territory" not in told)


@pytest.mark.parametrize(
    ("kind", "asked"),
    [("police", True), ("prosecutor", True), ("services", False), ("survey", False)],
)
def test_a_rule_of_places_waits_where_facts_or_cases_count(tmp_path, kind, asked):
    assert ("# place_rule" in draft(facts(tmp_path), kind=kind).text) == asked


@pytest.mark.parametrize(
    ("label", "codes"),
    [
        ("cambriolage", ["burglary"]),
        ("Vol de velos", ["bicycle_theft"]),
        ("woninginbrak", ["burglary_dwelling"]),
        ("qqqq", []),
    ],
)
def test_the_nearest_codes_of_a_label_are_those_of_its_names(label, codes):
    assert near_codes(label, "phenomena")[:1] == codes


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("f_2025-01-31.csv", r"(\d{4}-\d{2}-\d{2})"),
        ("f_20250131.csv", r"(\d{8})"),
        ("f_2025.csv", ""),
    ],
)
def test_a_day_in_the_name_of_the_file_waits_to_be_that_of_its_extraction(tmp_path, name, pattern):
    text = draft(facts(tmp_path, name)).text
    assert ("# extracted" in text) == bool(pattern)
    assert f"# extracted = '{pattern}'" in text or not pattern
    made = write(tmp_path, text.replace("# extracted", "extracted"), "mine.toml")
    report = clean_police(tmp_path / name, profile=made).report
    assert report["extracted"].notna().all() == bool(pattern)


def test_services_with_years_across_are_told_to_be_written_down_the_rows(tmp_path):
    text = "Commune,2023,2024\nIxelles,5,6\nUccle,7,8\n"
    made = draft(write(tmp_path, text), kind="services")
    (said,) = [lack for lack in made.lacks if "are years" in lack]
    assert said.startswith(
        'columns ["2023", "2024"] are years, and services are read one count a row'
    )
    assert not any("are years" in lack for lack in draft(tmp_path / "a.csv").lacks)


def test_a_survey_waits_for_its_questionnaire(tmp_path):
    made = draft(write(tmp_path, "q1,q2\nyes,no\nno,yes\n"), kind="survey")
    assert "questionnaire: a profile of interviews names one, and no other does" in made.lacks


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("Fietsdiefstal", "bicycle_theft"),
        ("FIETSDIEFSTALLEN", "bicycle_theft"),
        ("Woninginbraak", "burglary_dwelling"),
        ("Vol de vélo", "bicycle_theft"),
        ("Bicycle thefts", "bicycle_theft"),
        ("Fietsdieven", None),
        ("Inbraak in woning", None),
    ],
)
def test_a_label_is_known_in_singular_and_plural_alone(label, code):
    assert code_of(label, "phenomena") == code


def test_every_name_of_a_phenomenon_is_still_its_own():
    table = load_phenomena()
    table = table[table["code"] != "all"]
    for column in (c for c in table if c.startswith("name_")):
        named = [(n, code) for n, code in zip(table[column], table["code"], strict=True) if n]
        assert [code_of(name, "phenomena") for name, _ in named] == [code for _, code in named]
