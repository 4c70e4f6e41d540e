"""Lines in the layout of the synthetic police extraction."""

HEADER = (
    "NUM_FAIT;NUM_PV;DATE_FAIT;HEURE_FAIT;DATE_PV;COMMUNE;CODE_FAIT;LIB_FAIT;TENTATIVE;FORME_VIF;"
    "RELATION_VIF;LIEU;SEXE_VICTIME;AGE_VICTIME;SEXE_SUSPECT;AGE_SUSPECT;VERSION;DATE_EXTRACTION;SYNTH"
)
NOTICE = "# DONNEES SYNTHETIQUES / SYNTHETISCHE GEGEVENS / SYNTHETIC DATA - obs sample seed=0"
NAME = "police_2021_20220131.csv"
FACT = {
    "NUM_FAIT": "F1",
    "NUM_PV": "BR.11.LA.004633/2021",
    "DATE_FAIT": "05/03/2021",
    "HEURE_FAIT": "21:30",
    "DATE_PV": "06/03/2021",
    "COMMUNE": "Ixelles",
    "CODE_FAIT": "COUPS",
    "LIB_FAIT": "Coups et blessures",
    "TENTATIVE": "N",
    "FORME_VIF": "P",
    "RELATION_VIF": "C",
    "LIEU": "domicile",
    "SEXE_VICTIME": "F",
    "AGE_VICTIME": "34",
    "SEXE_SUSPECT": "M",
    "AGE_SUSPECT": "41",
    "VERSION": "1",
    "DATE_EXTRACTION": "31/01/2022",
    "SYNTH": "OUI",
}


def line(**cells: str) -> str:
    """Write one fact as a line; cells not given are those of FACT."""
    return ";".join({**FACT, **cells}.values())
