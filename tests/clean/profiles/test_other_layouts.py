"""Other layouts of one supplier: known by their header, read with the others, never guessed."""

import pandas as pd
import pytest

from obs.clean import clean_helpline, clean_police, load_profile
from obs.errors import CatalogueError, DeliveryError

COMMUNES = (
    "CODGEO_2025;annee;indicateur;unite_de_compte;nombre;taux_pour_mille;est_diffuse;insee_pop;"
    "insee_pop_millesime;insee_log;insee_log_millesime;complement_info_nombre;complement_info_taux"
)
DEPARTEMENTS = (
    "Code_departement;Code_region;annee;indicateur;unite_de_compte;nombre;taux_pour_mille;"
    "insee_pop;insee_pop_millesime;insee_log;insee_log_millesime"
)
BEFORE = "classe;annee;CODGEO_2024;valeur.publiée;faits;POP;LOG;complementinfoval"


def write(folder, name, header, *lines, encoding="utf-8-sig"):
    path = folder / name
    path.write_text("\n".join([header, *lines]) + "\n", encoding=encoding)
    return path


def burglaries(place, number, told, mean="NA", unit="Infraction"):
    rest = f"6,5;{told};114000;2022;63000;2021;{mean};NA"
    return f"{place};2023;Cambriolages de logement;{unit};{number};{rest}"


def told(cleaned):
    table = cleaned.table.assign(period=cleaned.table["period"].astype("str"))
    columns = ["territory", "period", "numerator", "status"]
    return [*table[columns].itertuples(index=False, name=None)]


def test_the_communal_base_of_2025_is_read_and_its_means_are_no_counts(tmp_path):
    path = write(
        tmp_path,
        "donnee-data.gouv-2024-geographie2025-produit-le2025-06-04.csv",
        COMMUNES,
        burglaries("76540", "412", "diff"),
        burglaries("76002", "0", "diff"),
        burglaries("76001", "NA", "ndiff", "0,82"),
        burglaries("76003", "2", "ndiff", "0,82"),  # a number beside "not published"
    )
    cleaned = clean_police(path, profile="ssmsi_communes")
    assert told(cleaned) == [
        ("76540", "2023", 412, "ok"),
        ("76002", "2023", 0, "zero"),
        ("76001", "2023", pd.NA, "suppressed_source"),
        ("76003", "2023", pd.NA, "suppressed_source"),
    ]
    assert cleaned.table["dwellings"].tolist() == [63000.0] * 4
    assert cleaned.report["extracted"].dt.date.astype("str").tolist() == ["2025-06-04"]


def test_a_file_with_means_alone_has_no_counts(tmp_path):
    header = COMMUNES.replace("nombre;taux", "ecart;taux", 1)
    path = write(tmp_path, "a.csv", header, burglaries("76001", "NA", "ndiff", "0,82"))
    with pytest.raises(
        DeliveryError, match="1 column of profile 'ssmsi_communes' missing: 'nombre'"
    ):
        clean_police(path, profile="ssmsi_communes")


def test_the_departement_base_of_2025_is_read(tmp_path):
    rest = "1,5;1000000;2022;500000;2021"
    path = write(
        tmp_path,
        "a.csv",
        DEPARTEMENTS,
        f"2A;94;2024;Homicides;Victime;10;{rest}",
        f"971;01;2024;Escroqueries et fraudes aux moyens de paiement;Victime;4010;{rest}",
        f"75;11;2024;Usage de stupéfiants;Mis en cause;900;{rest}",
        f"75;11;2024;Usage de stupéfiants (AFD);Mis en cause;600;{rest}",
    )
    cleaned = clean_police(path, profile="ssmsi_departements", extracted="2025-07-01")
    table = cleaned.table[["territory", "phenomenon", "unit", "numerator"]]
    assert table.values.tolist() == [
        ["2A", "homicide", "victim", 10],
        ["971", "fraud", "victim", 4010],
        ["75", "drugs_use", "suspect", 900],
    ]
    assert cleaned.rejected["rule"].tolist() == ["totals_row"]
    assert cleaned.intolerable == 0


def test_files_of_two_layouts_are_cleaned_together_in_the_order_of_their_names(tmp_path):
    new = write(tmp_path, "a.csv", COMMUNES, burglaries("76540", "412", "diff"))
    old = write(
        tmp_path,
        "b.csv",
        BEFORE,
        "Cambriolages de logement;16;76540;diff;300;114000;63000;NA",
        "Cambriolages de logement;16;76001;ndiff;NA;560;300;0,5",
        "Inconnue;16;76001;diff;1;560;300;NA",
    )
    last = write(tmp_path, "c.csv", COMMUNES, burglaries("76541", "x", "diff"))
    cleaned = clean_police([last, old, new], profile="ssmsi_communes", apart=True)
    assert told(cleaned) == [
        ("76540", "2023", 412, "ok"),
        ("76540", "2016", 300, "ok"),
        ("76001", "2016", pd.NA, "suppressed_source"),
    ]
    assert cleaned.rejected[["file", "row", "rule"]].values.tolist() == [
        ["b.csv", 4, "unknown_offence"],
        ["c.csv", 2, "not_a_number"],
    ]
    alone = [clean_police(path, profile="ssmsi_communes").table for path in (new, old)]
    assert [len(one.table) for one in cleaned.deliveries] == [1, 2, 0]
    pd.testing.assert_frame_equal(cleaned.deliveries[1].table[alone[1].columns], alone[1])


@pytest.mark.slow
def test_real_file_of_2024_beside_one_of_2025(shared, tmp_path):
    old = shared / "data" / "fr_ssmsi" / "communes_76_2016_2023.parquet"
    new = write(tmp_path, "new.csv", COMMUNES, burglaries("27001", "7", "diff"))
    alone = clean_police(old, profile="ssmsi_communes").table
    both = clean_police([old, new], profile="ssmsi_communes").table
    assert len(both) == len(alone) + 1
    assert int(both["numerator"].sum()) == int(alone["numerator"].sum()) + 7


def test_a_table_and_a_workbook_of_another_layout_are_read(tmp_path):
    cells = [burglaries("76540", "412", "diff").split(";")]
    frame = pd.DataFrame(cells, columns=COMMUNES.split(";"))
    frame.to_excel(tmp_path / "a.xlsx", index=False)
    frame.to_parquet(tmp_path / "a.parquet")
    for source in (frame, tmp_path / "a.xlsx", tmp_path / "a.parquet"):
        cleaned = clean_police(source, profile="ssmsi_communes", extracted="2025-07-01")
        assert told(cleaned) == [("76540", "2023", 412, "ok")]


def test_a_counting_unit_that_is_not_that_of_the_class_is_refused(tmp_path):
    path = write(tmp_path, "a.csv", COMMUNES, burglaries("76540", "4", "diff", unit="Victime"))
    rejected = clean_police(path, profile="ssmsi_communes").rejected
    assert rejected[["row", "column", "rule"]].values.tolist() == [
        [2, "unite_de_compte", "other_unit"]
    ]


def test_a_header_of_no_layout_names_them_all(tmp_path):
    path = write(tmp_path, "a.csv", "classe,annee,x", "a,16,1")
    with pytest.raises(DeliveryError) as caught:
        clean_police(path, profile="ssmsi_communes")
    assert "3 columns of profile 'ssmsi_communes' missing" in str(caught.value)
    assert "Other layouts are known by columns that this file has not: '2024' by" in str(
        caught.value
    )


PORTAL = (
    "ID,Case Number,Date,Block,IUCR,Primary Type,Description,Location Description,Arrest,Domestic,Beat,"
    "District,Ward,Community Area,FBI Code,X Coordinate,Y Coordinate,Year,Updated On,Latitude,"
    "Longitude,Location"
)


def test_the_files_of_the_portal_of_chicago_are_read_and_their_places_are_not(tmp_path):
    path = write(
        tmp_path,
        "a.csv",
        PORTAL,
        "1,HZ1,09/05/2022 01:30:00 PM,043XX S WOOD ST,0486,BATTERY,DOMESTIC BATTERY SIMPLE,RESIDENCE,"
        'false,true,0924,009,12,61,08B,1165074,1875917,2022,02/10/2023 03:50:01 PM,41.81511,-87.66999,"(41.81511, -87.66999)"',
        encoding="utf-8",
    )
    cleaned = clean_police(path, profile="chicago_incidents", extracted="2023-03-01")
    row = cleaned.table.iloc[0]
    assert (row["territory"], row["event_hour"], row["phenomenon"]) == ("61", 13, "assault")
    assert f"{row['event_date']:%Y-%m-%d}" == "2022-09-05"
    assert "41.81" not in cleaned.table.to_csv()


def test_a_later_year_of_the_helpline_144_is_read(tmp_path, shared):
    text = (shared / "data" / "helpline" / "linea144-2021.csv").read_text(encoding="utf-8-sig")
    lines = text.splitlines()[:4]
    later = ["F" + lines[0][1:] + ",", *(f"{line}," for line in lines[1:])]
    path = tmp_path / "linea144-enero-diciembre-2022.csv"
    path.write_text("\n".join(later).replace("2021-", "2022-") + "\n", encoding="utf-8-sig")
    report = clean_helpline(path, profile="linea144").report
    assert report[["read", "kept", "rejected"]].iloc[0].tolist() == [3, 3, 0]
    assert f"{report['covered_to'].iloc[0]:%Y-%m-%d}" == "2022-12-31"


MINE = """
name = "mine"
title = "Mine"
kind = "police"
shape = "counts"
period = "%Y"
offences = [{ offence = ".*", phenomenon = "theft" }]
[columns]
territory = "place"
period = "year"
offence = "class"
numerator = "n"
[[layout]]
name = "b"
header = ["jaar"]
columns.period = "jaar"
[[layout]]
name = "c"
header = ["lieu"]
columns.territory = "lieu"
"""


def load(tmp_path, text):
    path = tmp_path / "mine.toml"
    path.write_text(text)
    return load_profile(path)


def test_a_header_that_fits_two_layouts_is_refused(tmp_path):
    frame = pd.DataFrame({"lieu": ["Ixelles"], "jaar": ["2024"], "class": ["a"], "n": ["1"]})
    with pytest.raises(DeliveryError, match="fits layouts 'b' and 'c' of profile 'mine'; name in"):
        clean_police(frame, profile=load(tmp_path, MINE))


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('name = "c"', 'name = "b"', "layout: 'b' stands twice"),
        ('header = ["jaar"]', "header = []", "layout.0.header"),
        ('columns.period = "jaar"', 'absent = "periode"', "absent: 'periode' is not in columns"),
        ('columns.period = "jaar"', 'absent = "period"', "layout.b: columns: 'period' is missing"),
        (
            'columns.period = "jaar"',
            'columns.victim_sex = "sexe"',
            "layout.b: 'victim_sex' stands in one layout alone",
        ),
        (
            'columns.period = "jaar"',
            'columns.perod = "jaar"',
            "layout.b: unknown key 'columns.perod' (did you mean 'period'?)",
        ),
    ],
)
def test_a_faulty_layout_is_told(tmp_path, old, new, fault):
    with pytest.raises(CatalogueError) as caught:
        load(tmp_path, MINE.replace(old, new))
    assert fault in str(caught.value)
