import re

import nbformat
import pikepdf
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from obs.errors import PublicationError
from obs.report.checks.check_path import check_notebook, check_publication
from obs.report.checks.data_checks import data_faults, found_secrets
from obs.report.checks.html_checks import html_faults
from obs.report.checks.open_data_checks import described_texts
from obs.report.checks.prose_words import typed_figures
from obs.report.edition.manifest import read_manifest, write_manifest

HEAD = "indicator,territory,period,form,numerator,denominator,value,low,high,status,scale,days\n"


def messages(faults):
    return [str(fault) for fault in faults]


# Notebooks


def saved(tmp_path, *cells):
    parameters = new_code_cell("lang = 'fr'", metadata={"tags": ["parameters"]})
    path = tmp_path / "note.ipynb"
    nbformat.write(new_notebook(cells=[parameters, *cells]), path)
    return path


def prose(text, lang):
    return new_markdown_cell(text, metadata={"tags": [f"lang-{lang}"]})


def test_a_thin_note_has_no_fault(tmp_path):
    cells = [prose(f"## {lang}\n\nIn 2022: {{{{ n|n }}}}.", lang) for lang in ("fr", "nl", "en")]
    assert check_notebook(saved(tmp_path, new_code_cell("n = 3"), *cells)) == []


def test_outputs_and_execution_counts_are_seen(tmp_path):
    run = new_code_cell("1", outputs=[new_output("stream", text="1")], execution_count=4)
    assert messages(check_notebook(saved(tmp_path, run))) == [
        "note.ipynb: cell 2: has outputs; clear them before committing",
        "note.ipynb: cell 2: has an execution count; clear it before committing",
    ]


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("def f():\n    return 1", "defines a function"),
        ("for i in range(3):\n    pass", "loops"),
        ("\n".join(f"a{i} = {i}" for i in range(11)), "11 statements"),
        ("%matplotlib inline", "not plain Python"),
    ],
)
def test_code_that_belongs_in_obs_is_seen(tmp_path, code, message):
    (fault,) = check_notebook(saved(tmp_path, new_code_cell(code)))
    assert message in fault.message


def test_languages_that_do_not_use_the_same_names_are_seen(tmp_path):
    cells = [prose("{{ a|n }} {{ b|n }}", "fr"), prose("{{ a|n }}", "nl"), prose("{{ a|n }}", "en")]
    assert messages(check_notebook(saved(tmp_path, *cells))) == [
        "note.ipynb: does not use b in 'en'",
        "note.ipynb: does not use b in 'nl'",
    ]


def test_a_language_that_the_note_declares_and_does_not_speak_is_seen(tmp_path):
    notebook = saved(tmp_path, prose("Texte", "fr"), prose("Text", "en"))
    assert check_notebook(notebook) == []
    titles = 'title.fr = "Vols"\ntitle.nl = "Diefstallen"\ntitle.en = "Thefts"\n'
    notebook.with_suffix(".toml").write_text(titles, encoding="utf-8")
    assert messages(check_notebook(notebook)) == ["note.ipynb: has no sentence in 'nl'"]


@pytest.mark.parametrize("sentence", ["{{ n|pctt }}", "{{ n", "{% if n %}", "{{ " + "(" * 5000])
def test_a_sentence_that_cannot_be_read_is_seen(tmp_path, sentence):
    (fault,) = check_notebook(saved(tmp_path, new_markdown_cell(sentence)))
    assert fault.place == "cell 2"
    assert fault.message.startswith("cannot be read")


def test_a_constant_between_braces_is_seen(tmp_path):
    found = messages(check_notebook(saved(tmp_path, new_markdown_cell("{{ '12 %' }}"))))
    assert found == ["note.ipynb: cell 2: writes a constant between {{ }}; bind it with obs.fact"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("En 2022, {{ n|n }} faits.", []),
        ("De 2015 à 2024 (2015-2022, 2015–22).", []),
        ("Le 30 juin 2023 et le 1er janvier 2024.", []),
        ("Op 30 juni 2023, on 3 May 2022.", []),
        ("Taux pour 1 000 habitants, per 1.000 inwoners, per 1,000 inhabitants.", []),
        ("Taux pour 100 000 habitants.", []),
        ("L'intervalle de confiance à 95 % va de {{ a|n }} à {{ b|n }}.", []),
        ("A 95% confidence interval; 95%-betrouwbaarheidsinterval.", []),
        ("Mesures 3.2 et 8.6, article 10, maatregel 1.2, COL 3/2006.", []),
        ("[lien](https://example.org/2022/4567.html)", []),
        ("## Les six zones\n\n1. premier point", []),
        ("Une hausse de 12 %.", ["12 %"]),
        ("Het aandeel is 43%.", ["43%"]),
        ("Un taux de 3,4.", ["3,4"]),
        ("340 vols.", ["340"]),
        ("1 234 vols.", ["234"]),
        ("Deux fois plus, 3 fois plus.", ["3"]),
        ("Près de la moitié des faits.", ["la moitié"]),
        ("The number doubled.", ["doubled"]),
        ("Een derde van de feiten.", ["Een derde"]),
        ("12 pour cent en 2022.", ["12 pour cent"]),
    ],
)
def test_typed_figures(text, found):
    assert typed_figures(text) == found


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("Les vols ont augmenté.", True),
        ("Het aantal is gedaald.", True),
        ("Thefts rose by {{ a|pct }}.", True),
        ("Les vols sont {{ t|verdict }}.", False),
        ("Une hausse n'est dite que si l'intervalle l'exclut.", False),
    ],
)
def test_typed_directions(tmp_path, text, fault):
    found = check_notebook(saved(tmp_path, new_markdown_cell(text)))
    assert any("typed direction" in f.message for f in found) is fault


# Publications


@pytest.mark.slow
def test_a_whole_edition_has_no_fault(sealed_edition):
    assert check_publication(sealed_edition) == []


def rewritten(edition, name, old, new):
    """Change a file of an edition and its sum in the manifest, as a hidden slip would."""
    path = edition / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    return edition


@pytest.mark.slow
def test_a_changed_file_is_seen(edition):
    rewritten(edition, "tiny.fr.html", "Anderlecht", "Antwerpen")
    assert messages(check_publication(edition)) == [
        "tiny.fr.html: was changed after it was published (sha256)"
    ]


def test_a_sentence_that_contradicts_itself_is_seen(edition):
    page = next(edition.glob("*.en.html"))
    words = "<p>Cases rose from 200 in 2020 to 300 in 2021, an increase of 40 %.</p></main>"
    page.write_text(page.read_text("utf-8").replace("</main>", words, 1), encoding="utf-8")
    told = [fault.message for fault in check_publication(edition) if fault.file == page.name]
    assert any("300 / 200 - 1 = +50.0 % (change)" in message for message in told)


@pytest.mark.parametrize("name", ["tiny.nl.pdf", "tiny.en.html", "index.html"])
def test_a_missing_file_is_seen(edition, name):
    (edition / name).unlink()
    assert f"{name}: is not there" in messages(check_publication(edition))


def test_a_file_that_was_not_made_by_the_run_is_seen(edition):
    (edition / "notes.xlsx").write_bytes(b"")
    assert messages(check_publication(edition)) == [
        "notes.xlsx: is there and is not in the manifest",
        "notes.xlsx: is of a kind that is not published",
    ]


def test_a_number_that_differs_between_languages_is_seen(edition):
    manifest = read_manifest(edition)
    number = {"filter": "n", "key": {"indicator": "theft"}, "value": 1234.0, "status": "ok"}
    for lang in ("fr", "nl", "en"):
        manifest["notes"]["tiny"][lang]["numbers"] = [number]
    write_manifest(manifest, edition)
    assert check_publication(edition) == []
    manifest["notes"]["tiny"]["nl"]["numbers"] = [number | {"value": 1243.0}]
    write_manifest(manifest, edition)
    assert messages(check_publication(edition)) == [
        "tiny: en: lacks 1 number(s) or block(s) of another language",
        "tiny: fr: lacks 1 number(s) or block(s) of another language",
        "tiny: nl: lacks 1 number(s) or block(s) of another language",
    ]


def test_a_withheld_number_is_found_wherever_it_hides(edition):
    rewritten(edition, "tiny.fr.html", "Anderlecht", "12,3457")
    rewritten(edition, "data/tiny_trend-theft.csv", "9.646260", "12.3457")
    found = messages(check_publication(edition, withheld=["12.3457"]))
    assert "tiny.fr.html: holds 1 number(s) that were withheld" in found
    assert "data/tiny_trend-theft.csv: holds 1 number(s) that were withheld" in found


def test_a_withheld_number_is_found_in_an_attachment(edition):
    with pikepdf.open(edition / "tiny.fr.pdf", allow_overwriting_input=True) as document:
        document.attachments["tiny_trend-theft.csv"] = b"a\n12.3457\n"
        document.save(edition / "tiny.fr.pdf")
    found = messages(check_publication(edition, withheld=["12.3457"]))
    assert "tiny.fr.pdf: holds 1 number(s) that were withheld" in found
    assert any("not the file of that name in data/" in words for words in found)


def test_a_withheld_number_is_found_in_the_words_of_a_drawing_and_by_its_decimals_in_its_lines(
    edition,
):
    page = (edition / "tiny.fr.html").read_text(encoding="utf-8")
    drawn = page.replace("M20 180", "M123.45 180")
    (edition / "tiny.fr.html").write_text(drawn, encoding="utf-8")
    assert not any(
        "withheld" in w for w in messages(check_publication(edition, withheld=["123.45"]))
    )
    drawn = page.replace("M20 180", "M12.3457 180")
    (edition / "tiny.fr.html").write_text(drawn, encoding="utf-8")
    assert any("withheld" in w for w in messages(check_publication(edition, withheld=["12.3457"])))
    told = page.replace("</svg>", "<text>12.3457</text></svg>", 1)
    (edition / "tiny.fr.html").write_text(told, encoding="utf-8")
    assert any("withheld" in w for w in messages(check_publication(edition, withheld=["12.3457"])))


def test_a_number_too_short_to_look_for_is_refused(edition):
    with pytest.raises(PublicationError, match="fewer than 5 digits"):
        check_publication(edition, withheld=["0.1234"])


def test_grouped_digits_and_comma_decimals_are_the_same_number():
    assert found_secrets("1\u202f234\u202f567", frozenset({"1234567"})) == 1
    assert found_secrets("1.234.567", frozenset({"1234567"})) == 1
    assert found_secrets("M0.41372 1", frozenset({"0.41372"})) == 1
    assert found_secrets("91234567", frozenset({"1234567"})) == 0
    assert found_secrets("365,0.41372,0.5,7", frozenset({"0.41372"})) == 1


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("theft,1,2022,all,3,,,,,suppressed_primary,count,365", "still has a numerator"),
        ("theft,1,2022,all,,,0.3,,,suppressed_secondary,share,365", "still has a value"),
        ("theft,1,2022,all,50,100,0.6,0.4,0.7,ok,share,365", "says 0.6 where .* give 0.5"),
        ("theft,1,2022,all,50,1000,5,4,7,ok,per_1000_inhabitants,365", "says 5 where .* give 50"),
        ("theft,1,2022,all,50,,14,12,16,ok,per_day,365", "says 14 where .* give 0.13"),
        ("calls,1,2022,all,50,25,1.6,1,2,ok,per_day,31", "says 1.6 where .* give 2"),
        ("theft,1,2022,all,50,,51,40,60,ok,count,365", "says 51 where .* give 50"),
        ("theft,1,2022,all,50,,50,51,60,ok,count,365", "bound is above its value"),
        ("theft,1,2022,all,50,,50,40,49,ok,count,365", "bound is below its value"),
        ("=cmd|calc,1,2022,all,50,,50,40,60,ok,count,365", "a formula in column 'indicator'"),
        ("theft,1,2022", "does not have the columns"),
        (
            "theft,1,2022,all,5,,5,,,ok,count,\ntheft,1,2022,sexual,6,,6,,,ok,count,",
            "more than its total",
        ),
    ],
)
def test_a_faulty_data_row_is_seen(row, message):
    found = [words for _, words in data_faults(HEAD + row + "\n")]
    assert len(found) == 1
    assert re.search(message, found[0])


def test_a_sound_data_file_has_no_fault():
    rows = (
        "theft,1,2022,all,50,1000,50,40,60,ok,per_1000_inhabitants,365\n"
        "theft,1,2022,sexual,0,1000,0,0,3.7,zero,per_1000_inhabitants,365\n"
        "theft,2,2022,all,,1000,,,,suppressed_primary,per_1000_inhabitants,365\n"
        "calls,1,2022,all,150,30,5,4.2,5.9,ok,per_day,31\n"  # the line was closed on one of 31 days
    )
    assert list(data_faults(HEAD + rows)) == []


def test_a_verdict_against_its_own_change_is_seen():
    text = "indicator,change,low,high,verdict,status\ntheft,-0.1,-0.2,-0.01,up,ok\n"
    assert [words for _, words in data_faults(text)] == ["says 'up' of a change of -0.1"]


PAGE = '<html lang="fr"><head><title>T</title></head><body><main><h1>T</h1>{}</main></body></html>'


@pytest.mark.parametrize(
    ("inside", "message"),
    [
        ("<script>1</script>", "script: is not allowed on a page"),
        ('<script type="application/ld+json">x()</script>', "script: holds more than data"),
        ('<script type="application/ld+json" async>{}</script>', "script: is not allowed"),
        ('<p onclick="x()">a</p>', "p: runs a script"),
        ('<img src="data:," alt="">', "img: has no alternative text"),
        ('<img src="https://example.org/a.png" alt="a">', "img: fetches a file"),
        ('<link rel="stylesheet" href="a.css">', "link: is not allowed"),
        ('<link rel="icon" href="a.png">', "link: is not allowed"),
        ('<link rel="alternate" href="absent.html">', "link: leads to 'absent.html', which is not"),
        ('<a href="../absent.html">x</a>', "a: leads to '../absent.html', which is not there"),
        ("<style>a{background:url(a.png)}</style>", "style: fetches a file"),
        ("<style>@import 'a.css';</style>", "style: fetches a file"),
        ("<h3>x</h3>", "h3: follows h1: a level is skipped"),
        ("<h1>x</h1>", "h1: is there 2 times"),
        ("<table><tr><td>1</td></tr></table>", "table: has no caption"),
        ("<table><caption>c</caption><tr><th>1</th></tr></table>", "th: has no scope"),
        ('<p id="a"></p><p id="a"></p>', "p: repeats the id 'a'"),
        ('<a href="absent.html">x</a>', "a: leads to 'absent.html', which is not there"),
        ('<a href="file:///x">x</a>', "a: leads to an address that readers cannot open"),
        ("<svg><text>a</text></svg>", "svg: has no alternative text"),
        ('<svg aria-label="a"><foreignObject/></svg>', "svg: holds a 'foreignobject'"),
        ('<svg aria-label="a"><use href="b.svg#c"/></svg>', "svg: fetches a file"),
        ('<svg aria-label="a"><path style="fill: url(x.svg#a)"/></svg>', "svg: fetches a file"),
        ('<svg aria-label="a"><path onclick="x()"/></svg>', "path: runs a script"),
        (
            '<img alt="a" src="data:image/svg+xml;charset=utf-8,%3Csvg onload=%271%27/%3E">',
            "img: holds a drawing that runs",
        ),
    ],
)
def test_each_fault_of_a_page_is_seen(tmp_path, inside, message):
    found = [f"{place}: {words}" for place, words in html_faults(PAGE.format(inside), tmp_path)]
    assert len(found) == 1
    assert found[0].startswith(message)


def test_a_bare_page_is_faulty_as_a_whole(tmp_path):
    assert [place for place, _ in html_faults("<p>x</p>", tmp_path)] == [
        "html",
        "title",
        "h1",
        "main",
    ]


def test_a_change_too_shaky_to_say_keeps_its_counts_where_no_row_has_a_change():
    """A file in which no change is known has no column of them; that of the base period stays."""
    text = "base,numerator,base_numerator,status\n2023,7,12,{}\n"
    assert list(data_faults(text.format("unreliable"))) == []
    assert len(list(data_faults(text.format("suppressed_primary")))) == 2


def test_a_rounded_share_of_a_curve_is_not_recomputed_from_its_counts():
    head = "indicator,territory,period,within,decision,numerator,denominator,value,status,scale"
    row = "vif_cases,04000,2022,365,technical,401,1894,0.212,ok,share"
    assert list(data_faults(f"{head}\n{row}\n")) == []
    other = row.replace(",365,", ",,")
    assert [words for _, words in data_faults(f"{head}\n{other}\n")] == [
        "says 0.212 where its own numbers give 0.211721"
    ]


def test_a_description_nested_without_end_is_no_description(tmp_path):
    path = tmp_path / "csv-metadata.json"
    path.write_text("[" * 100_000, encoding="utf-8")
    assert described_texts(path) == ""  # said of the open data as a whole
    path.write_text('{"title": "Vols", "n": [1, 2.5, true], "size": 9}', encoding="utf-8")
    assert described_texts(path).splitlines()[:3] == ["Vols", "1", "2.5"]
    page = PAGE.format(f'<script type="application/ld+json">{"[" * 100_000}</script>')
    assert any("script" in place for place, _ in html_faults(page, tmp_path))
