"""A small sound delivery for each packaged profile, made up, to be damaged by tests."""

from __future__ import annotations

from dataclasses import dataclass

from tests.clean.deliveries import FACT
from tests.clean.supplier_rows import CALL, CALM, CASE, COUNT, LINEA

N = 24
COMMUNES = ("Ixelles", "Forest", "Jette", "Uccle", "Evere", "Etterbeek")


@dataclass(frozen=True)
class Small:
    """A delivery: its kind and name, its rows, the separator, two columns that cannot swap."""

    kind: str
    name: str
    rows: list[dict[str, str]]
    separator: str
    swap: tuple[str, str]

    def text(self) -> str:
        """Write it as a csv."""
        lines = [list(self.rows[0]), *(list(row.values()) for row in self.rows)]
        return "\n".join(self.separator.join(line) for line in lines) + "\n"


def _rows(base, **changes):
    """Repeat a row N times, with columns that depend on its turn."""
    return [{**base, **{k: change(i) for k, change in changes.items()}} for i in range(N)]


def _day(i):
    return f"{i + 1:02d}/03/2021"


WOMAN = {
    **{"ID": "1", "AGE": "30-44", "COMMUNE": "Forest", "POIDS": "0,93", "VIOL_PARTENAIRE": "1"},
    **{"HARC_SEX": "1", "STALKING": "2", "F_PSY": "1", "F_PHYS": "2", "F_SEX": "2", "F_ECO": "2"},
    **{"CONSEQUENCES": "2", "DEMARCHE": "2", "SYNTH": "OUI"},
}
SCHOOL = {
    **{"cds": "1", "stype": "E", "name": "School", "dnum": "3", "api00": "600", "api99": "590"},
    **{"enroll": "276", "meals": "33", "sch.wide": "Yes", "comp.imp": "No", "both": "No"},
    **{"pw": "44.2", "fpc": "4421"},
}
HOUSEHOLD = {
    **{"YEARQ": "2021.1", "IDHH": "A", "WGTHHCY": "1072.29", "V2117": "63", "V2118": "2"},
    **{"V2015": "2", "V2143": "2", "SC214A": "12", "V2122": "8", "V2126B": "17", "V2127B": "2"},
    **{"V2129": "1"},
}
RESTRICTIONS = {"DATE": "", "POINTS": "12", "SYNTH": "OUI"}
DAY = {"DATE": "", "LIGNE": "EVC", "OUVERT": "O", "APPELS": "12", "SYNTH": "OUI"}
ZONE = {
    **{"zone_police": "5339", "year": "2014"},
    **{
        name: "31"
        for name in (
            *("vol", "cambriolage", "coups_blessures", "assasinat", "drogues", "degradat_prop"),
            *("fraude", "legislat_immigre", "cyber_crime", "secu_publiq", "armes"),
        )
    },
}
CHICAGO = {
    **{"Date": "2022-01-03 12:00:00", "Block": "001XX N STATE ST", "Primary Type": "THEFT"},
    **{"Description": "RETAIL THEFT", "Location Description": "SHOP", "Arrest": "False"},
    **{"Domestic": "False", "Community Area": "8"},
}
DEPARTEMENT = {
    **{"classe": "Vols avec armes", "annee": "16", "Code.département": "01"},
    **{"unité.de.compte": "infraction", "faits": "31", "POP": "600000", "LOG": "250000"},
}
COOK = {
    **{"result": "1", "year": "2013", "charge.cat": "Drugs", "age": "21-25", "gender": "Male"},
    **{"chicagoPD": "Chicago PD", "multiple.defendents": "One"},
}
PERU = {
    **{"generico": "CONTRA LA FAMILIA", "subgenerico": "OMISION", "articulo": "149"},
    **{"des_articulo": "Omisión", "cantidad": "5", "ubigeo": "140101", "anio_denuncia": "2021"},
    **{"fecha_descarga": "10/01/2022"},
}
MEXICO = {"fecha": "", "all_crimes": "522", "domestic_violence": "54", "calls_vaw": "17"}
REPORT = {
    **{"year": "2021", "territory": "21001", "activity": "a", "part": "", "unit": "file"},
    **{"provider": "Commune", "measure": "", "number": "12", "bound": "", "line": "302"},
}
FORMS = {
    **{"ANNEE": "2021", "TERRITOIRE": "04000", "ACTIVITE": "a", "PARTIE": "", "UNITE": "fiches"},
    **{"PRESTATAIRE": "police_zone", "MESURE": "", "NOMBRE": "12", "SYNTH": "OUI"},
}

SMALL = {
    "obs_sample": Small(
        "police", "police_2021_20220131.csv",
        _rows(FACT, NUM_FAIT=lambda i: f"F{i}", DATE_FAIT=_day, DATE_PV=_day,
              COMMUNE=lambda i: COMMUNES[i % 6]),
        ";", ("DATE_FAIT", "COMMUNE"),
    ),
    "brussels_zones": Small(
        "police", "zones.csv",
        _rows(ZONE, zone_police=lambda i: str(5339 + i % 6), year=lambda i: str(2010 + i // 6),
              vol=lambda i: str(100 + i)),
        ";", ("zone_police", "vol"),
    ),
    "chicago_incidents": Small(
        "police", "chicago.csv",
        _rows(CHICAGO, Date=lambda i: f"2022-01-{i + 1:02d} 12:00:00"),
        ",", ("Date", "Community Area"),
    ),
    "ssmsi_departements": Small(
        "police", "departements.csv",
        _rows(DEPARTEMENT, **{"Code.département": lambda i: f"{i + 21}", "faits": lambda i: str(i)}),
        ";", ("classe", "faits"),
    ),
    "obs_sample_prosecutor": Small(
        "prosecutor", "prosecutor_2021_20220131.csv",
        _rows(CASE, NOTICE=lambda i: f"FR-2021/{i:06d}", DATE_ENTREE=_day,
              COMMUNE=lambda i: COMMUNES[i % 6]),
        ";", ("DATE_ENTREE", "PREVENTION"),
    ),
    "cook_county_intake": Small(
        "prosecutor", "cook.csv",
        _rows(COOK, year=lambda i: str(2011 + i % 7), result=lambda i: ("1", "0", "")[i % 3]),
        ",", ("year", "charge.cat"),
    ),
    "peru_mpfn_lambayeque": Small(
        "prosecutor", "peru.csv",
        _rows(PERU, articulo=lambda i: str(149 + i), cantidad=lambda i: str(i + 1)),
        ";", ("anio_denuncia", "ubigeo"),
    ),
    "obs_sample_calls": Small(
        "helpline", "helpline_calls_2020.csv",
        _rows(CALL, APPEL=lambda i: f"A2020-{i:06d}", AGE=lambda i: str(20 + i)),
        ";", ("DATE", "GENRE"),
    ),
    "obs_sample_call_days": Small(
        "helpline", "helpline_daily_2021.csv",
        _rows(DAY, DATE=_day, APPELS=lambda i: str(i)),
        ";", ("DATE", "APPELS"),
    ),
    "linea144": Small(
        "helpline", "linea144-2020.csv",
        _rows(LINEA, fecha=lambda i: f"2020-01-{i + 1:02d}"),
        ",", ("fecha", "vinculo_con_la_persona_agresora"),
    ),
    "mexico_city_calls": Small(
        "helpline", "mexico.csv",
        _rows(MEXICO, fecha=lambda i: f"2017-01-{i + 1:02d}", calls_vaw=lambda i: str(i)),
        ",", ("fecha", "calls_vaw"),
    ),
    "obs_sample_services": Small(
        "services", "services_2021.csv",
        _rows(COUNT, ACTIVITE=lambda i: f"activity_{i}", NOMBRE=lambda i: str(i)),
        ";", ("TERRITOIRE", "UNITE"),
    ),
    "obs_sample_restrictions": Small(
        "services", "stringency_2021.csv",
        _rows(RESTRICTIONS, DATE=lambda i: f"01/{i % 12 + 1:02d}/{2020 + i // 12}", POINTS=str),
        ";", ("DATE", "POINTS"),
    ),
    "obs_sample_projects": Small(
        "services", "project_forms_2021.csv",
        _rows(FORMS, ACTIVITE=lambda i: f"forms_{i}", NOMBRE=lambda i: str(i)),
        ";", ("TERRITOIRE", "UNITE"),
    ),
    "pgsp_report_2021_2022": Small(
        "services", "report.csv",
        _rows(REPORT, activity=lambda i: f"activity_{i}", number=lambda i: str(i)),
        ",", ("territory", "unit"),
    ),
    "obs_sample_business": Small(
        "survey", "business_2021.csv",
        _rows(CALM, ID=lambda i: f"{i:04d}", COMMUNE=lambda i: COMMUNES[i % 6]),
        ";", ("COMMUNE", "SECTEUR"),
    ),
    "obs_sample_women": Small(
        "survey", "women_2017.csv",
        _rows(WOMAN, ID=lambda i: f"{i:04d}", COMMUNE=lambda i: COMMUNES[i % 6]),
        ";", ("COMMUNE", "AGE"),
    ),
    "ncvs_2021_household": Small(
        "survey", "ncvs_2021_household.csv",
        _rows(HOUSEHOLD, IDHH=lambda i: f"H{i}", YEARQ=lambda i: f"2021.{i % 4 + 1}"),
        ",", ("YEARQ", "WGTHHCY"),
    ),
    "apistrat": Small(
        "survey", "apistrat.csv",
        _rows(SCHOOL, cds=lambda i: f"1961{i:04d}", api00=lambda i: str(600 + i)),
        ",", ("stype", "both"),
    ),
    "apiclus1": Small(
        "survey", "apiclus1.csv",
        _rows(SCHOOL, cds=lambda i: f"1961{i:04d}", api00=lambda i: str(600 + i)),
        ",", ("stype", "both"),
    ),
}  # fmt: skip
