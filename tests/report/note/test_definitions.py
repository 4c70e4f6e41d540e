"""Every definition and warning of the catalogue that concerns a note is on its page, once."""

import json
import re

import pytest

import obs
from obs.catalogue import get_indicator, load_catalogue
from obs.report.note.definitions import assumed_coverage, cautions, definitions
from obs.report.note.note import Note
from obs.report.note.sentences import front_matter
from tests.report.small_tables import brussels_rows, indicator_table

LANGUAGES = ("fr", "nl", "en")
THEFTS = ["theft", "bicycle_theft", "shoplifting", "pickpocketing", "burglary_dwelling"]


def sentences(text):
    return sorted(re.split(r"(?<=\.) (?=[A-ZÀÉ])", text))


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("ids", [THEFTS, list(load_catalogue())], ids=["thefts", "all"])
def test_the_sentences_of_an_indicator_are_its_warning_whole(ids, lang):
    said = cautions(ids, lang)
    every = [sentence for one in said for sentence in sentences(one.text)]
    assert len(set(every)) == len(every)
    assert len({one.title for one in said}) == len(said)
    for indicator in ids:
        title = get_indicator(indicator).title[lang]
        own = [s.text for s in said if not s.title or title in re.split(r"\s?; ", s.title)]
        whole = get_indicator(indicator).text("caveat", lang)
        assert sentences(" ".join(own)) == sentences(whole)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_all_share_is_said_without_a_name_and_first(lang):
    first, *others = cautions(THEFTS, lang)
    assert first.title == ""
    assert all(other.title for other in others)
    assert all(get_indicator(i).text("caveat", lang).startswith(first.text) for i in THEFTS)


def test_indicators_with_one_definition_stand_together():
    said = definitions(["vif_total", "vif_pv", "vif_sexual", "vif_total"], "en")
    assert [s.title for s in said] == [
        "Family violence; Police reports of family violence",
        "Sexual violence in the family",
    ]


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        (
            "fr",
            "Services de police, faits enregistrés\u00a0: la période couverte n’est pas déclarée",
        ),
        ("nl", "Politiediensten, geregistreerde feiten: de bestreken periode is niet"),
        ("en", "Police, recorded offences: the days covered are not declared"),
    ],
)
def test_sources_of_the_note_with_assumed_days_are_named_once(lang, said):
    police, calls = ({"source": kind, "coverage": "assumed"} for kind in ("police", "helpline"))
    declared = {"source": "police"}
    text = assumed_coverage([declared, police, police, calls], THEFTS, lang)
    assert text.startswith(said)
    assert not re.search(r"\d", text)
    own = get_indicator("helpline_calls").text("source_label", lang)
    assert own not in text
    assert own in assumed_coverage([police, calls], ["theft", "helpline_calls"], lang)
    assert assumed_coverage([declared, calls], THEFTS, lang) == ""


@pytest.mark.slow
def test_a_note_tells_its_page_that_days_are_assumed():
    tables = obs.release({"a.years": indicator_table(brussels_rows(indicator="theft"))})
    words = {"title": {"en": "A"}, "publisher": {"en": "B"}, "notes": {"a": {"title": {"en": "C"}}}}
    fronts = [
        json.loads(
            front_matter({"note": Note("a", "en", 2024, words | {"sources": [one]}, tables)})
        )
        for one in ({"source": "police", "coverage": "assumed"}, {"source": "police"})
    ]
    assert fronts[0].pop("assumed").endswith("the number is unknown, not zero.")
    assert fronts[0] == fronts[1]


@pytest.mark.slow
def test_a_note_defines_what_its_tables_hold():
    tables = {
        f"{name}.years": indicator_table(brussels_rows(indicator=indicator))
        for name, indicator in (("a", "theft"), ("b", "robbery"))
    }
    note = Note("a", "nl", 2024, {}, obs.release(tables))
    assert note.indicators == ["theft"]
    assert [s.title for s in note.definitions] == [get_indicator("theft").title["nl"]]
    assert note.cautions[0].text in get_indicator("theft").text("caveat", "nl")


def test_every_note_ends_with_them_in_every_language(root):
    for path in sorted(p.with_suffix(".ipynb") for p in (root / "notebooks").glob("*.toml")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        last = {c["metadata"]["tags"][0]: "".join(c["source"]) for c in cells[-3:]}
        assert set(last) == {f"lang-{lang}" for lang in LANGUAGES}
        for text in last.values():
            assert "in note.definitions" in text
            assert "in note.cautions" in text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_is_said_of_a_rate_is_left_out_where_counts_alone_are_shown(lang):
    told = {rate: cautions(["robbery"], lang, rates=["robbery"] * rate)[0].text for rate in (0, 1)}
    assert told[1] == get_indicator("robbery").text("caveat", lang)
    assert told[1].startswith(told[0])
    assert len(told[1]) > len(told[0])


@pytest.mark.parametrize(("scale", "said"), [("count", False), ("per_1000_inhabitants", True)])
def test_a_note_warns_of_rates_that_it_shows(scale, said):
    table = indicator_table(brussels_rows(indicator="robbery"), scale=scale)
    note = Note("a", "en", 2024, {}, obs.release({"a.years": table}))
    assert ("The rate divides" in note.cautions[0].text) == said


def test_sentences_marked_as_of_rates_speak_of_them_in_every_language():
    for one in load_catalogue().values():
        for number in one.rate_sentences:
            told = [one.warnings(lang)[number - 1].split()[:2] for lang in LANGUAGES]
            assert told == [["Le", "taux"], ["Het", "cijfer"], ["The", "rate"]]
