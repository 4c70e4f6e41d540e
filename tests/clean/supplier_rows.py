"""One sound row in the layout of each supplier, to be changed cell by cell."""

CASE = {
    "NOTICE": "FR-2021/000001",
    "SECTION": "FR",
    "DATE_ENTREE": "04/01/2021",
    "PREVENTION": "COUPS",
    "CONTEXTE": "VIF-C",
    "NUM_PV": "BR.11.LA.004633/2021",
    "COMMUNE": "Ixelles",
    "NOTICE_MERE": "",
    "MODE_CLOTURE": "CITATION",
    "DATE_CLOTURE": "01/06/2021",
    "NOTICE_SUIVANTE": "",
    "PREMIERE_CLOTURE": "",
    "DATE_REOUVERTURE": "",
    "DATE_EXTRACTION": "31/01/2022",
    "SYNTH": "OUI",
}
CALL = {
    **{"APPEL": "A1", "DATE": "03/01/2020", "HEURE": "22:24", "LIGNE": "EVC", "THEME": "PHYS"},
    **{"RELATION": "EX", "GENRE": "F", "AGE": "31.0", "SYNTH": "OUI"},
}
FLAGS = [
    *("tipo_de_violencia_fisica", "tipo_de_violencia_psicologica", "tipo_de_violencia_sexual"),
    *("tipo_de_violencia_economica_y_patrimonial", "tipo_de_violencia_simbolica"),
    *("tipo_de_violencia_domestica", "modalidad_de_violencia_institucional"),
    *("modalidad_de_violencia_laboral", "modalidad_violencia_contra_libertad_reproductiva"),
    *("modalidad_de_violencia_obstetrica", "modalidad_de_violencia_mediatica"),
    "modalidad_de_violencia_otras",
]
LINEA = {
    "fecha": "2020-01-01",
    "prov_residencia_persona_en_situacion_violencia": "Córdoba",
    "genero_persona_en_situacion_de_violencia": "Mujer",
    "edad_persona_en_situacion_de_violencia": "73",
    **dict.fromkeys(FLAGS, "No"),
    "vinculo_con_la_persona_agresora": "Ex pareja",
    "genero_de_la_persona_agresora": "Varon",
}
COUNT = {
    **{"ANNEE": "2021", "NIVEAU": "commune", "TERRITOIRE": "21002", "ACTIVITE": "vif_support"},
    **{"PARTIE": "", "UNITE": "personnes", "PRESTATAIRE": "Commune", "MESURE": "1.7"},
    **{"NOMBRE": "10", "SYNTH": "OUI"},
}
OFFENCES = ("CAMB", "VEH", "DEGR", "VOL", "FRAU", "CYB", "VIOL")
REASONS = ("PEINE", "INUTILE", "AILLEURS", "TEMPS", "AUTRE")
CALM = {  # a business without any offence
    **{"ID": "1", "ECHANTILLON": "PP", "SECTEUR": "COM", "TAILLE": "A1", "STRATE": "PP-A1-COM"},
    **{"COMMUNE": "Forest", "POIDS": "71"},
    **{f"V_{o}": "2" for o in OFFENCES},
    **{f"D_{o}": "" for o in OFFENCES},
    **{f"R_{r}": "" for r in REASONS},
    **{"SATISF": "", "SECURITE": "3"},
}
BURGLED = {  # burgled, sometimes reported
    **CALM,
    **{"ID": "2", "V_CAMB": "1", "D_CAMB": "2", "SATISF": "1"},
    **{f"R_{r}": "0" for r in REASONS},
    "R_PEINE": "1",
}
