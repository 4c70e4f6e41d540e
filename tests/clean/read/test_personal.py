"""What is personal data at the door, and what only looks like it."""

import pytest

from obs.clean.read.personal_data import SUSPECT, is_personal_header, personal_kind


def register_number(birth: str, order: str, *, from_2000: bool = False) -> str:
    """Write a valid Belgian national register number by its definition."""
    base = int(("2" if from_2000 else "") + birth + order)
    return f"{birth}{order}{97 - base % 97:02d}"


@pytest.mark.parametrize("birth", ["850730", "000125", "994031", "855200"])
@pytest.mark.parametrize("from_2000", [True, False])
def test_register_numbers_are_told_by_their_checksum(birth, from_2000):
    number = register_number(birth, "033", from_2000=from_2000)
    assert personal_kind(number) == "national register number"
    formatted = f"{number[:2]}.{number[2:4]}.{number[4:6]}-{number[6:9]}.{number[9:]}"
    assert personal_kind(f"né {formatted}.") == "national register number"
    wrong = number[:9] + f"{(int(number[9:]) + 1) % 98:02d}"
    checks = {97 - int(p + number[:9]) % 97 for p in ("", "2")}
    assert (personal_kind(wrong) is None) == (int(wrong[9:]) not in checks)


def test_the_known_example_of_the_register():
    assert personal_kind("85.07.30-033.28") == "national register number"
    assert personal_kind("85.07.30-033.29") is None


@pytest.mark.parametrize(
    "text",
    ["0475/12.34.56", "0032475123456", "+33 6 12 34 56 78", "02 123 45 67", "(312) 555-0100"],
)
def test_phone_numbers(text):
    assert personal_kind(text) == "phone number"


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
        "Téléphone", "Block",
    ],
)  # fmt: skip
def test_headers_that_announce_persons(name):
    assert is_personal_header(name)


@pytest.mark.parametrize(
    "name",
    [
        "NOM_DEPCOM", "NOM_EPCI", "NUM_PV", "DATE_FAIT", "COMMUNE", "Nom commune", "naam gemeente",
        "Location Description", "SEXE_VICTIME", "AGE_VICTIME", "Primary Type", "Unité.de.compte",
        "Date", "LIEU", "FEITNUMMER", "Number", "Family",
    ],
)  # fmt: skip
def test_headers_that_do_not(name):
    assert not is_personal_header(name)


def test_what_python_judges_personal_the_engine_looks_at():
    import re

    suspect = re.compile(SUSPECT)
    for text in ("85.07.30-033.28", "0475/12.34.56", "a@b.org", "+32 2 123 45 67"):
        assert suspect.search(text)


def test_a_text_of_a_million_characters_is_judged_in_seconds():
    assert personal_kind("9" * 1_000_000) is None
    assert personal_kind("a" * 1_000_000) is None
    assert personal_kind("a" * 1_000_000 + "@example.org") == "e-mail address"
