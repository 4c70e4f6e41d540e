"""Declarations of notes: read whole, or refused with every fault and the path of its key."""

import pytest

from obs.errors import CatalogueError
from obs.report import load_note

GOOD = """
measures = ["5.7"]
title.fr = "Vols"
title.nl = "Diefstallen"

[[table]]
id = "years"
indicators = ["theft", "robbery"]

[[table]]
id = "forms"
indicators = ["vif_total"]
breakdown = ["form"]
levels = ["top"]
last = 3

[[trend]]
id = "change"
of = "years"
base = "previous"
"""


def read(folder, text, **options):
    (folder / "focus.toml").write_text(text, encoding="utf-8")
    return load_note(folder / "focus.ipynb", **options)


def faults(folder, text, **options):
    with pytest.raises(CatalogueError) as caught:
        read(folder, text, **options)
    first, *lines = str(caught.value).split("\n")
    assert first == "focus.toml:"
    return [line.removeprefix("- ") for line in lines]


def test_a_note_is_read_whole(tmp_path):
    note = read(tmp_path, GOOD, languages=("fr", "nl"))
    assert note.name == "focus"
    assert note.title == {"fr": "Vols", "nl": "Diefstallen"}
    assert note.measures == ("5.7",)
    assert [(t.id, t.period, t.levels, t.last) for t in note.tables] == [
        ("years", "year", ("base", "middle", "top"), None),
        ("forms", "year", ("top",), 3),
    ]
    assert note.trends[0].of == "years"


def test_a_title_is_needed_in_the_languages_of_the_edition_only(tmp_path):
    assert faults(tmp_path, GOOD, languages=("nl", "en")) == ["key 'title.en' is absent"]
    assert read(tmp_path, GOOD, languages=("fr",)).title["fr"] == "Vols"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('levels = ["top"]', 'levels = "top"', "'table.1.levels' must be a list, not a text"),
        ('levels = ["top"]', 'levels = ["to"]', "table.1.levels.0: 'to' is not one of base, midd"),
        ("last = 3", "last = 0", "'table.1.last' must be a whole number from 1 up"),
        (
            "last = 3",
            "lats = 3",
            "unknown key 'table.1.lats' (did you mean 'last'?); keys here: id",
        ),
        ('["5.7"]', '["5.77"]', "measures.0: '5.77' is not one of"),
        (
            '"previous"',
            '"2019-13"',
            "trend.0.base: trend 'change': is previous, year_before, first",
        ),
        ('of = "years"', 'of = "year"', "no table 'year' (did you mean 'years'?)"),
        ('id = "change"', 'id = "years"', "id 'years' is used twice"),
        ('id = "forms"', 'id = "../forms"', "'table.1.id' must be a plain name"),
        ('["form"]', '["place"]', "'vif_total' is not broken down by place (allowed: form, "),
        ('["form"]', '["colour"]', "table.1.breakdown.0: 'colour' is not one of phenomenon"),
    ],
)
def test_a_fault_is_told_with_its_key(tmp_path, old, new, said):
    assert old in GOOD
    told = faults(tmp_path, GOOD.replace(old, new, 1))
    assert len(told) == 1
    assert said in told[0]


def test_every_fault_is_told_at_once(tmp_path):
    text = GOOD.replace("last = 3", 'last = "3"').replace('"robbery"', '"robery"')
    assert faults(tmp_path, text.replace('of = "years"', 'of = "yaers"')) == [
        "'table.1.last' must be a whole number, not a text",
        "table.0.indicators.1: table 'years': no indicator 'robery'; did you mean robbery?",
        "trend.0.of: trend 'change': no table 'yaers' (did you mean 'years'?)",
    ]
