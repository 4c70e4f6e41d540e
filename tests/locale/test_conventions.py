"""The thousands of a number written in prose stay together, where a space parts them."""

from obs.locale import conventions


def test_the_thousands_of_a_number_stay_on_one_line_in_french():
    french = conventions("fr")
    assert french.typeset("De 6 500 à 10 500") == "De 6\u202f500 à 10\u202f500"
    assert french.typeset("0800 30 030") == "0800 30 030"  # a telephone number is none
    assert conventions("en").typeset("6 500") == "6 500"
