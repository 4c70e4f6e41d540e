"""Numbers that contradict each other in any document: made-up sentences, true and false, in three languages."""

from pathlib import Path

import pytest

from obs.report.documents import find_contradictions, read_document
from obs.report.documents.passages import passages_of_lines

SEEDS = Path(__file__).resolve().parents[3].parent / "shared" / "seeds"


def found(*lines):
    numbered = ((line, f"line {i}") for i, line in enumerate(lines, start=1))
    return [(c.rule, c.computation) for c in find_contradictions(list(passages_of_lines(numbered)))]


FALSE = [
    ("share", "126 / 360 = 35.0 %", "Out of 360 referrals, 126 were closed, which is 45% of them."),
    ("share", "156 / 240 = 65.0 %", "Of the 240 respondents, 156 (60%) had reported the incident."),
    ("share", "270 / 450 = 60.0 %", "Van de 450 werden er 270 doorverwezen, goed voor 55%."),
    ("share", "84 / 105 = 80.0 %", "84 des 105 villes ont répondu, un taux de réponse de 70 %."),
    (
        "share",
        "224 / 640 = 35.0 %",
        "Parmi les 640 plis, 224 sont clos, c’est-à-dire 45 % du total.",
    ),
    ("points", "49 - 57 = -8", "The share fell from 57% to 49%, a drop of 10 percentage points."),
    (
        "points",
        "54 - 62 = -8",
        "La part passe de 62 % à 54 %, une baisse de 12 points de pourcentage.",
    ),
    (
        "points",
        "41 - 48 = -7",
        "Het aandeel daalde van 48% naar 41%, een daling met 9 procentpunt.",
    ),
    ("rate", "1460 / 365.25 = 4.0", "Officers made 1,460 visits in 2022, about 6 a day."),
    ("rate", "1825 / 365.25 = 5.0", "Il y eut 1 825 visites en 2023, en moyenne 7 par jour."),
    ("rate", "730 / 365.25 = 2.0", "Er waren 730 bezoeken in 2022, gemiddeld 3 per dag."),
    ("fraction", "84 / 280 = 30.0 %", "One in four of the 280 complaints (84) was about noise."),
    ("mean", "600 / 15 = 40.0", "De 15 teams hielden 600 gesprekken, of 45 gesprekken per team."),
    (
        "mean",
        "360 / 12 = 30.0",
        "Les 12 patrouilles ont fait 360 rondes, soit 25 rondes par patrouille.",
    ),
    (
        "difference",
        "345 - 310 = 35",
        "There were 25 more burglaries than before (from 310 to 345).",
    ),
    ("difference", "435 - 410 = 25", "Er zijn 35 dossiers meer dan vorig jaar: van 410 naar 435."),
    (
        "sum_after_colon",
        "21 + 15 + 14 = 50",
        "L’équipe a 48 agents : 21 à Namur, 15 à Mons et 14 à Huy.",
    ),
    (
        "sum_after_colon",
        "24 + 17 + 13 = 54",
        "It employs 52: 24 advisers, 17 drivers and 13 clerks.",
    ),
    ("parts_above_whole", "90 + 70 = 160", "On a vu 150 personnes, dont 90 femmes et 70 hommes."),
    (
        "parts_above_whole",
        "75 + 55 = 130",
        "Er kwamen 120 personen, onder wie 75 vrouwen en 55 mannen.",
    ),
    ("share", "12 / 48 = 25.0 %", "En 2022, 12 des 48 dossiers, soit 30 %, ont été clôturés."),
    ("share", "50 / 200 = 25.0 %", "Sur 200 appels, 50 (20 %) concernaient des mineurs."),
    ("share", "12 / 48 = 25.0 %", "12 van de 48 dossiers (35 %) werden gesloten."),
    ("share", "30 / 40 = 75.0 %", "Some 60 % of visits (30 of 40) followed a burglary."),
    (
        "change",
        "1500 / 1200 - 1 = +25.0 %",
        "Het aantal meldingen steeg van 1.200 in 2020 naar 1.500 in 2021, een stijging van 20 %.",
    ),
    (
        "change",
        "300 / 400 - 1 = -25.0 %",
        "Complaints fell from 400 to 300 between 2019 and 2020, a drop of 30%.",
    ),
    (
        "change",
        "150 / 120 - 1 = +25.0 %",
        "In 2020 we had 120 visits and in 2021 150 visits, an increase of 35 %.",
    ),
    (
        "change",
        "210000 / 175000 - 1 = +20.0 %",
        "Budget : 175.000 euros en 2021 et 210.000 euros en 2022, soit une augmentation de 30 %.",
    ),
    ("times", "150 / 100 = 1.50", "Le nombre de faits a doublé, passant de 100 à 150."),
    ("sum_in_brackets", "55 + 35 = 90", "Le service a traité 85 demandes (55 + 35)."),
    (
        "sum_in_brackets",
        "120 + 90 + 50 = 260",
        "We received 250 calls (120 in French, 90 in Dutch and 50 in English).",
    ),
    (
        "sum_in_brackets",
        "14 + 21 = 35",
        "Er waren 35 aanvragen en 33 toekenningen in totaal (14 vooraf en 21 achteraf).",
    ),
    ("sum_after_colon", "40 + 30 = 70", "Au total 75 personnes : 40 hommes et 30 femmes."),
    (
        "part_above_whole",
        "620 > 500",
        "Des 500 personnes rencontrées, dont 620 femmes, peu restent.",
    ),
    (
        "mean",
        "1000 / 40 = 25.0",
        "In 2021 werden 40 sessies gehouden met 1.000 deelnemers, gemiddeld 30 deelnemers per sessie.",
    ),
    ("rate", "4633 / 365.25 = 12.7", "La police a enregistré 4 633 PV en 2018, soit 14 par jour."),
    ("rate", "3650 / 365.25 = 10.0", "In 2021, 3,650 offences were recorded, that is 12 a day."),
    ("rate", "600 / 12 = 50.0", "In 2021 waren er 600 oproepen, dat is 60 per maand."),
    (
        "difference",
        "52 - 35 = 17",
        "Le nombre de visites est passé de 35 en 2021 à 52 en 2022, soit 20 de plus.",
    ),
    ("difference", "50 - 60 = -10", "Une diminution de 12 dossiers (de 60 à 50)."),
    ("fraction", "45 / 90 = 50.0 %", "Un tiers des 90 dossiers (45) a été classé."),
    ("fraction", "30 / 80 = 37.5 %", "Half of the 80 calls, or 30, came at night."),
    ("whole_of_shares", "45 + 65 = 110", "Répartition : 45 % de femmes et 65 % d'hommes."),
]
TRUE = [
    "Le rapport annonce 14 faits par jour pour 2015-2017, puis 4 633 pour 2018, soit 12,7 par jour.",
    "The difference may be chance alone; 10 of 19 lie beyond those of 99.8%.",
    "Of 19 areas, 4 lie beyond limits of 95%, and 10 of the 19 beyond 50% of their mean.",
    "Of the 187 files, 62 remain open (33%), and of 48 others, 9 (75 %) of the 12 closed are old.",
    "Van de 187 dossiers zijn er 62 nog open, goed voor 33%.",
    "The share fell from 57% to 49%, a drop of 8 points, after 9 points the year before.",
    "La part passe de 62,4 % à 54,1 %, une baisse de 8,3 points de pourcentage.",
    "The line took 5,100 calls in 2022, about 14 a day, and 3 a day were urgent.",
    "Il y eut 1 825 visites en 2023, environ 5 par jour.",
    "One in three of the 90 files (31) was closed; one in ten people knows it.",
    "De 15 teams hielden 600 gesprekken, of 40 gesprekken per team.",
    "The service has 52 people: 24 advisers and 17 drivers, among others.",
    "Some 90 shops were inspected, including 55 groceries and 35 bakeries.",
    "We met 150 people, including 90 women and 70 minors between 12 and 17 years.",
    "The 165 projects, of which 53 went on, reached 442 people.",
    "There were 35 more burglaries than before (from 310 to 345).",
    "En 2022, 12 des 48 dossiers, soit 25 %, ont été clôturés.",
    "Sur 200 appels, 50 (25 %) concernaient des mineurs.",
    "12 van de 48 dossiers (25 %) werden gesloten.",
    "Diamonds lie beyond the widened limits of 99.8 % (0 of 19).",
    "Het aantal meldingen steeg van 1.200 in 2020 naar 1.500 in 2021, een stijging van 25 %.",
    "Ces affaires ont augmenté de 4 %, passant de 1.657 en 2020 à 1.725 en 2021.",
    "Complaints fell from 400 to 300 between 2019 and 2020, a drop of 25%.",
    "In 2020 we had 120 visits and in 2021 150 visits, an increase of 25 %.",
    "Le taux est passé de 20 % à 30 %, soit une hausse de 50 %.",
    "Le taux est passé de 20 % à 30 %, soit une hausse de 10 points.",
    "Le nombre de faits a doublé, passant de 100 à 201.",
    "We received 250 calls (120 in French, 80 in Dutch and 50 in English).",
    "188 visites ont eu lieu, (52 avant et 136 après), avec 33 primes (16 avant et 17 après).",
    "Au total, 75 personnes (40 hommes, 35 femmes) ont été suivies.",
    "Les 19 communes (dont 12 francophones et 7 mixtes) participent.",
    "Le total dépasse 100 (52 + 47 + 13) : plusieurs réponses sont possibles.",
    "La police a enregistré 4 633 PV en 2018, soit 12,7 par jour.",
    "Entre 2015 et 2017, 15 330 PV ont été rédigés, soit 14 par jour.",
    "In 2021 werden 40 sessies gehouden met 1.000 deelnemers, gemiddeld 25 deelnemers per sessie.",
    "Le nombre de visites est passé de 35 en 2021 à 52 en 2022, soit 17 de plus.",
    "Deux tiers des 90 dossiers, soit 60, ont été classés.",
    "Répartition : 45 % de femmes et 55 % d'hommes.",
    "La loi du 21 mars 2022 (articles 5 et 7), la mesure 4.10 et la zone 5340 : 12 agents.",
    "La permanence est ouverte de 9h30 à 17h, 5 jours sur 7, au 0800 30 030.",
]


@pytest.mark.parametrize(("rule", "computation", "sentence"), FALSE)
def test_a_false_number_is_found_and_recomputed(rule, computation, sentence):
    assert found(sentence) == [(rule, computation)]


@pytest.mark.parametrize("sentence", TRUE)
def test_a_sound_sentence_raises_no_alarm(sentence):
    assert found(sentence) == []


LIST = ["En 2021, 20 interventions :", "- 12 visites", "- 5 entretiens", "- 1 relais"]


def test_a_list_is_added_up():
    assert found(*LIST) == [("sum_of_list", "12 + 5 + 1 = 18")]
    assert found(*LIST, "- 2 suivis") == []
    assert found("En 2021, 20 interventions :", *LIST[2:]) == []  # too far: of something else


TABLE = ["Thème\tDossiers", "A\t5", "B\t7", "C\t3/9"]


def test_columns_are_added_up_to_their_totals():
    assert found("Thème\tFiles 2021", "A\t5", "B\t7", "TOTAL\t13") == [
        ("column_total", "5 + 7 = 12")
    ]
    assert found("Thème\tFiles 2021", "A\t5", "B\t7", "TOTAL\t12") == []
    fractions = found(
        "| Theme | Done |", "|---|---|", "| A | 5/9 |", "| B | 3/8 |", "| Total | 9/17 |"
    )
    assert fractions == [("column_total", "5 + 3 = 8")]


def test_columns_of_years_are_added_up_where_their_totals_are_near():
    rows = [
        "| Area | 2021 | 2022 |",
        "|---|---|---|",
        "| North | 310 | 2.1 |",
        "| South | 205 | 2.6 |",
    ]
    said = found(*rows, "| Total | 525 | 2.4 |")  # of 2022 a mean of rates
    assert said == [("column_total", "310 + 205 = 515")]


def test_a_table_that_a_page_parts_is_one():
    head = "Thema\tAantal"
    assert found(head, "A\t5", "B\t7", "", head, "C\t4", "Totaal\t16") == []
    assert found(head, "A\t5", "B\t7", "", head, "C\t4", "Totaal\t15") == [
        ("column_total", "5 + 7 + 4 = 16")
    ]


def test_a_table_is_compared_with_the_text_beside_it():
    table = [
        "Thème\tNombre de projets en 2021\tNombre de projets en 2022",
        "A\t5\t4",
        "B\t7\t7",
        "C\t8\t8",
    ]
    text = "Au total, 21 projets ont été retenus en 2021 et 19 projets en 2022."
    assert found(text, "", *table) == [("table_and_text", "5 + 7 + 8 = 20")]
    assert found(text.replace("21", "20", 1).replace("2020", "2021"), "", *table) == []


def test_two_codes_with_one_long_text_are_told():
    text = "Renforcer les capacités de recherche et de poursuites sur tous les réseaux"
    (rule, words), *rest = found(f"7.1\t{text}", f"7.2\t{text}", "7.3\tAutre chose")
    assert (rule, rest) == ("repeated_row", [])
    assert words == "the texts of '7.1' and '7.2' are the same, word for word"


def test_one_thing_that_begins_twice_is_told():
    one = "Le groupe de travail GT Rues a été créé en septembre 2021."
    assert [r for r, _ in found(one, "", "3 mars 2021 : réunion de lancement du GT Rues")] == [
        "two_beginnings"
    ]
    assert found(one, "", "15 septembre 2021 : réunion de lancement du GT Rues") == []


def test_one_thing_that_is_counted_twice_is_told():
    one = "In 2021, 52 projects funded by regional calls were closed."
    two = "In 2021, 54 projects funded by regional calls were closed."
    assert [rule for rule, _ in found(one, "", two)] == ["told_twice"]
    assert found(one, "", one, "", two.replace("2021", "2022")) == []


@pytest.mark.skipif(not SEEDS.is_dir(), reason="the source documents are not beside the project")
def test_the_source_documents_contradict_themselves_where_a_reader_found_it():
    """The contradictions that a reader listed: trained +40.4, list of 790 and 767, mean 25.3, ..."""
    blocks = [block for path in sorted(SEEDS.glob("*.txt")) for block in read_document(path)]
    said = [(c.rule, c.computation.split(" = ")[-1]) for c in find_contradictions(blocks)]
    assert {
        *(("change", "+40.4 %"), ("table_and_text", "54"), ("table_and_text", "49")),
        *(("sum_of_list", "790"), ("sum_of_list", "767"), ("mean", "25.3")),
        ("sum_in_brackets", "33"),
    } <= set(said)
    assert sum(rule == "repeated_row" for rule, _ in said) >= 2
    words = sum(len(getattr(b, "text", "").split()) for b in blocks)
    assert len(said) < 11 + words / 1_000  # a reader listed eleven
