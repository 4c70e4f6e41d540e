"""What is personal data at the door, and what only looks like it."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from obs.clean import clean_police
from obs.clean.read.personal_data import (
    SUSPECT,
    WHEN,
    header_kind,
    is_personal_header,
    personal_kind,
)
from obs.clean.read.texts_together import column_kind
from obs.errors import DeliveryError
from tests.clean.profile_texts import COUNTS, FACTS, profile


def register_number(birth: str, order: str, *, from_2000: bool = False) -> str:
    """Write a valid Belgian national register number by its definition."""
    base = int(("2" if from_2000 else "") + birth + order)
    return f"{birth}{order}{97 - base % 97:02d}"


@pytest.mark.parametrize(
    ("birth", "from_2000"),
    [("850730", False), ("000125", True), ("000125", False), ("850000", False), ("855230", False)],
)
def test_register_numbers_are_told_by_their_checksum(birth, from_2000):
    number = register_number(birth, "033", from_2000=from_2000)
    assert personal_kind(number) == "national register number"
    formatted = f"{number[:2]}.{number[2:4]}.{number[4:6]}-{number[6:9]}.{number[9:]}"
    assert personal_kind(f"dossier {formatted}.") == "national register number"
    for spoilt in (f"{number}.0", f"{number},00", f"{int(number):.10e}"):
        if number[0] != "0":  # a spreadsheet drops the first zero
            assert personal_kind(spoilt) == "national register number"
    wrong = number[:9] + f"{(int(number[9:]) + 1) % 98:02d}"
    checks = {97 - int(p + number[:9]) % 97 for p in ("", "2")}
    assert (personal_kind(wrong) is None) or int(wrong[9:]) in checks


def test_the_known_example_of_the_register():
    assert personal_kind("85.07.30-033.28") == "national register number"
    assert personal_kind("85.07.30-033.29") is None


@pytest.mark.parametrize(
    "text",
    [
        *("0475/12.34.56", "0032475123456", "+33 6 12 34 56 78", "02 123 45 67", "(312) 555-0100"),
        *("0470/123456", "0470-12-34-56", "0470 123 456", "02/5123456", "025123456", "32470123456"),
        *(
            "06-12345678",
            "06.12.34.56.78",
            "+32(0)470123456",
            "00 32 470 12 34 56",
            "tel.0470123456",
        ),
        *("04 78 12 34 56", "081/22.33.44", "GSM: 0470123456 ou bureau", "(02) 512 34 56"),
    ],
)
def test_phone_numbers(text):
    assert personal_kind(text) == "phone number"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("BE68 5390 0754 7034", "bank account"),
        ("compte FR7630006000011234567890189", "bank account"),
        ("1 84 12 76 451 089 46", "national register number"),
        ("54362315K", "national register number"),
        ("RSSMRA85T10A562S", "national register number"),
        ("1-ABC-123", "number plate"),
        ("plaque 2abc456 bleue", "number plate"),
        ("AB-123-CD", "number plate"),
        ("50.846557,4.351697", "exact place"),
        ("50,846557; 4,351697", "exact place"),
        ("50.84655° N, 4.35169° E", "exact place"),
        ("POINT (4.35 50.84)", "exact place"),
        ("192.168.0.12", "internet address"),
        ("2a02:a03f:6b2f::1", "internet address"),
        ("né le 01/02/1980", "day of birth"),
        ("Née le 1er mars 1980", "day of birth"),
        ("geboren op 01-02-1980", "day of birth"),
        ("born 3 March 1980", "day of birth"),
        ("rue du Modèle 16, 1000 Bruxelles", "address"),
        ("16, rue du Modèle", "address"),
        ("Av. de l'Exemple n° 3", "address"),
        ("Voorbeeldstraat 16 bus 3", "address"),
        ("Steenweg op Voorbeeld, Voorbeeldlaan 7", "address"),
        ("12 N Example Street", "address"),
        ("M. Jean Exemple", "person's name"),
        ("Mme Modele", "person's name"),
        ("madame exemple", "person's name"),
        ("mevr. De Voorbeeld", "person's name"),
        ("EXEMPLE Jean", "person's name"),
        ("Exemple, Marie-Claire ou Sophie Modele", "person's name"),
        ("plainte contre Karim Exemple", "person's name"),
    ],
)
def test_other_personal_data_are_told_by_their_form(text, kind):
    assert personal_kind(text) == kind
    assert pc.match_substring_regex(pa.array([text]), SUSPECT)[0].as_py()
    assert not pc.match_substring_regex(pa.array([text]), WHEN)[0].as_py()


@pytest.mark.parametrize(
    "text",
    [
        "BR.11.LA.004633/2018",
        "026XX S KEDVALE AVE",
        "2022-09-16 21:30:00",
        "05/03/2021",
        "308491,1600513844",
        "2,25085170536868073",
        "104201930",
        "F15000001",
        "1 234 567",
        "2021-01-31T12:00:00",
        "@home",
        "76540",
        *("Vol de GSM", "voie publique", "rue", "place publique", "Rue du 24 août", "avenue"),
        *(
            "station Marie Janson",
            "Place Jean Jacobs",
            "MOTOR VEHICLE THEFT",
            "AUBERVILLE LA MANUEL",
        ),
        *("École Sainte-Marie", "Woluwe-Saint-Lambert", "1.2.3.4", "12.03.20.24", "10:30:15"),
        *(
            "761857,0232829786",
            "0.185874700266533",
            "05/03/2021 09:30:00",
            "20210305",
            "0403170701",
        ),
        *("VOL-123", "FR-2021/000001", "54.L1.012345/2021", "21004A00-", "2.500,75", "12 vols"),
    ],
)
def test_what_only_looks_personal_passes(text):
    assert personal_kind(text) is None


@pytest.mark.parametrize(
    "name",
    [
        "Nom", "NOM_VICTIME", "Prénom", "firstName", "last name", "Voornaam", "naam slachtoffer",
        "Adresse", "Adres verdachte", "date de naissance", "geboortedatum", "birth_date", "RRN",
        "NISS", "Rijksregisternummer", "Registre national", "national number", "E-mail", "GSM",
        "Téléphone", "Block", "DDN", "Naiss.", "Geb.datum", "Identite", "Straatnaam", "Lieu du fait",
        "Plaats van het feit", "plaque", "Immatriculation", "Lat", "longitude", "GPS", "X_LAMBERT72",
        "N° tél", "Nr. rijksregister", "adresse du fait",
    ],
)  # fmt: skip
def test_headers_that_announce_persons(name):
    assert is_personal_header(name)


@pytest.mark.parametrize(
    "name",
    [
        "NOM_DEPCOM", "NOM_EPCI", "NUM_PV", "DATE_FAIT", "COMMUNE", "Nom commune", "naam gemeente",
        "Location Description", "SEXE_VICTIME", "AGE_VICTIME", "Primary Type", "Unité.de.compte",
        "Date", "LIEU", "FEITNUMMER", "Number", "Family", "vol_gsm", "n_mobile_phones_stolen",
        "nb telephones voles", "Vols de plaques", "lieu", "TYPE_LIEU", "long_terme",
    ],
)  # fmt: skip
def test_headers_that_do_not(name):
    assert not is_personal_header(name)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        *[(n, "person") for n in ("Auteur", "Victime", "verbalisant", "Nom... auteur"[7:])],
        *[
            (n, "sensitive")
            for n in ("Nationalité", "origine", "Godsdienst", "nationalite_victime")
        ],
        *[(n, "") for n in ("nb_victimes", "origine de l'appel", "age_auteur", "sexe victime")],
    ],
)
def test_headers_that_announce_persons_or_what_the_law_protects(name, kind):
    assert header_kind(name) == kind


@pytest.mark.slow
def test_numbers_of_a_column_are_judged_beside_chance():
    rng = np.random.default_rng(1)
    numbers = [f"{n:011d}" for n in rng.integers(10**10, 10**11, 5_000)]
    assert sum(personal_kind(n) is not None for n in numbers) >= 1  # by chance
    assert column_kind(numbers, identifier=True) is None
    persons = [register_number(f"{y:02d}0730", f"{i:03d}") for y in range(50, 90) for i in (1, 3)]
    assert column_kind(persons, identifier=True) == "national register number"
    assert column_kind([p.lstrip("0") for p in persons], identifier=True)
    nine = [str(n) for n in rng.integers(10**8, 10**9, 500)]
    assert column_kind(nine) is None
    assert column_kind([f"47{n:07d}" for n in rng.integers(0, 10**7, 50)]) == "phone number"
    assert column_kind(["470123456"]) == "phone number"


def test_capitals_are_names_where_they_are_many():
    assert column_kind(["EXEMPLE JEAN", "MODELE MARIE", "VOORBEELD KARIM", "EXEMPLE SOPHIE"])
    places = ["ECALLES ALIX", "MESNIL RAOUL", "PORT JEROME SUR SEINE"]
    assert column_kind([*places, *(f"COMMUNE {c}{c}" for c in "ABCDEFGHIJ")]) is None


def test_what_python_judges_personal_the_engine_looks_at():
    for text in ("85.07.30-033.28", "0475/12.34.56", "a@b.org", "+32 2 123 45 67"):
        assert pc.match_substring_regex(pa.array([text]), SUSPECT)[0].as_py()


@pytest.mark.slow
def test_a_text_of_a_million_characters_is_judged_in_seconds():
    assert personal_kind("9" * 1_000_000) is None
    assert personal_kind("a" * 1_000_000) is None
    assert personal_kind("a" * 1_000_000 + "@example.org") == "e-mail address"
    for piece in ("0", "1 ", "0470", "Ab ", "rue de ", "12.", "BE68 ", "née ", "M. ", "1:"):
        assert personal_kind(piece * 3_000) in (None, "phone number", "person's name")


FACT = {"ID": "1", "Date": "02/03/2023", "Commune": "Ixelles", "Fait": "VOL"}
COUNT = {"nis": "21004", "annee": "2023", "fait": "VOL", "n": "3"}


@pytest.mark.parametrize("name", ["Religion", "nationalité", "syndicat"])
def test_what_the_law_protects_most_is_refused_of_each_person_and_not_of_counts(name):
    facts = pd.DataFrame([FACT | {name: "x"}])
    with pytest.raises(DeliveryError, match="tells what the law protects most, of each person"):
        clean_police(facts, profile=profile(FACTS))
    counts = pd.DataFrame([COUNT | {name: "x"}])
    assert clean_police(counts, profile=profile(COUNTS)).table["numerator"].tolist() == [3]


def test_a_column_that_the_profile_reads_is_looked_at_by_its_cells():
    """It is read under a name of ours, as the code of an offence."""
    facts = pd.DataFrame([FACT]).rename(columns={"Fait": "Origine"})
    own = profile(FACTS, **{'offence = "Fait"': 'offence = "Origine"'})
    assert len(clean_police(facts, profile=own).table) == 1
