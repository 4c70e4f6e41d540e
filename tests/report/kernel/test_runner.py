import asyncio
import copy
import json

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from obs.errors import DisclosureError, ObsError, PublicationError
from obs.report.kernel.runner import run_note
from obs.report.note.notebook_cells import default_parameters, prepare, read_note
from obs.report.note.sentences import render_sentences

PARAMETERS = new_code_cell(
    "lang = 'fr'\nedition = 2022\npublished = '2023-06-30'", metadata={"tags": ["parameters"]}
)


def note(*cells):
    return new_notebook(cells=[copy.deepcopy(PARAMETERS), *cells])


def tagged(source, *tags):
    return new_markdown_cell(source, metadata={"tags": list(tags)})


def test_one_language_is_kept_and_parameters_are_injected():
    three = note(tagged("Bonjour", "lang-fr"), tagged("Dag", "lang-nl"), tagged("Hi", "lang-en"))
    sources = [c.source for c in prepare(three, lang="nl", parameters={"edition": 2024}).cells]
    assert sources[1:] == ["edition = 2024\nlang = 'nl'", "Dag"]


def test_a_code_cell_may_be_of_one_language():
    shown = note(new_code_cell("1", metadata={"tags": ["lang-nl"]}), new_code_cell("2"))
    assert [c.source for c in prepare(shown, lang="fr").cells[2:]] == ["2"]


def test_an_unknown_parameter_is_refused_and_the_known_ones_told():
    with pytest.raises(PublicationError, match="no parameter 'edtion'.*lang, edition, published"):
        prepare(note(), lang="fr", parameters={"edtion": 2022})


def test_a_parameter_must_be_a_plain_value():
    with pytest.raises(PublicationError, match="'edition' must be a plain value"):
        prepare(note(), lang="fr", parameters={"edition": object()})


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ([new_code_cell("x = 1")], "0 cells tagged 'parameters'"),
        (
            [PARAMETERS, new_code_cell("", metadata={"tags": ["parameters"]})],
            "2 cells tagged 'parameters'",
        ),
        ([new_code_cell("print(1)", metadata={"tags": ["parameters"]})], "only assign names"),
        ([new_code_cell("x = (", metadata={"tags": ["parameters"]})], "not valid Python"),
    ],
)
def test_the_parameters_cell_is_one_cell_of_assignments(cells, message):
    with pytest.raises(PublicationError, match=message):
        default_parameters(new_notebook(cells=cells))


def test_a_language_nobody_publishes_in_is_refused():
    with pytest.raises(PublicationError, match="cell 2: language tag 'lang-de'"):
        prepare(note(tagged("Hallo", "lang-de")), lang="fr")
    with pytest.raises(ObsError, match="Unknown language 'de'"):
        prepare(note(), lang="de")


def test_a_note_without_a_sentence_in_the_language_is_refused():
    with pytest.raises(PublicationError, match="no sentence in 'nl'.*written in fr"):
        prepare(note(tagged("Bonjour", "lang-fr")), lang="nl")


def test_a_file_that_is_no_notebook_is_refused(tmp_path):
    path = tmp_path / "note.ipynb"
    path.write_text("{", encoding="utf-8")
    with pytest.raises(ObsError, match=r"'note.ipynb' is not a notebook"):
        read_note(path)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("null", "input should be an object"),
        ("[" * 200_000, "recursion limit"),
        ('{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": null}', "'cells'"),
        ('{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [1]}', "'cells.0'"),
        ('{"nbformat": "4", "nbformat_minor": 5, "metadata": {}, "cells": []}', "'nbformat'"),
        ('{"nbformat": 3, "nbformat_minor": 5, "metadata": {}, "cells": []}', "'nbformat' is 3"),
        (
            '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{"a": 1}]}',
            "'cells.0.cell_type'",
        ),
        ('{"nbformat": 4, "cells": []}', "nbformat_minor"),
    ],
)
def test_json_that_is_no_notebook_is_refused_in_words(tmp_path, content, why):
    path = tmp_path / "note.ipynb"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ObsError, match=r"is not a notebook \(nbformat 4, UTF-8\)") as caught:
        read_note(path)
    assert why in str(caught.value)


@pytest.mark.slow
def test_sentences_hold_values_and_nothing_in_a_value_acts_as_markdown():
    cells = [
        new_code_cell("place = '<b>*Sint*</b>_[x](y)'\nn = 1234567"),
        tagged("À {{ place }} : {{ n|n }}", "lang-fr"),
        tagged("In {{ place }}: {{ n|n }}", "lang-en"),
    ]
    fr, en = run_note(note(*cells), langs=["fr", "en"])
    assert fr.cells[-1].source == (
        r"À \<b\>\*Sint\*\</b\>\_\[x\]\(y\) : "
        + "1\N{NARROW NO-BREAK SPACE}234\N{NARROW NO-BREAK SPACE}567"
    )
    assert en.cells[-1].source.endswith(": 1,234,567")


@pytest.mark.slow
def test_a_run_is_the_same_twice_and_whatever_language_came_before(tiny):
    fr, nl = run_note(tiny, langs=["fr", "nl"])
    (alone,) = run_note(tiny, langs=["nl"])
    assert nl == alone
    assert len({cell.id for cell in fr.cells}) == len(fr.cells)


@pytest.mark.slow
def test_nothing_of_one_language_is_left_for_the_next():
    cells = [
        new_code_cell("left = 1", metadata={"tags": ["lang-fr"]}),
        tagged("Bonjour", "lang-fr"),
        tagged("{{ left }}", "lang-nl"),
    ]
    with pytest.raises(PublicationError, match=r"cell 4 \(nl\): unknown name 'left'"):
        run_note(note(*cells), langs=["fr", "nl"])


@pytest.mark.parametrize(
    ("sentence", "message"),
    [
        ("{{ thef }}", "unknown name 'thef'; did you mean 'theft'?"),
        ("{{ theft|pctt }}", "No filter named 'pctt'"),
        ("{{ theft.low }}", "has no attribute 'low'"),
        ("{{ theft|pct }}", "bind the number with obs.fact"),
        ("{{ theft", "unexpected end of template"),
        ("{{ nothing }}", "is None"),
        ("{{ theft / 0 }}", "ZeroDivisionError while writing a value"),
    ],
)
def test_a_faulty_sentence_is_told_plainly(sentence, message):
    found = json.loads(render_sentences(sentence, "fr", {"theft": 3, "nothing": None}))
    assert found["text"] == ""
    assert message in found["faults"][0]


def test_every_unknown_name_of_a_cell_is_told_at_once():
    found = json.loads(render_sentences("{{ a }} {% if b %}{{ c }}{% endif %}", "fr", {}))
    assert [fault.split()[2] for fault in found["faults"]] == ["'a'", "'b'", "'c'"]


@pytest.mark.slow
def test_our_own_errors_keep_their_class_and_words():
    cell = new_code_cell("import obs.errors\nraise obs.errors.DisclosureError('not released')")
    with pytest.raises(DisclosureError, match=r"cell 2 \(fr\): not released"):
        run_note(note(cell), langs=["fr"])


@pytest.mark.slow
def test_any_other_error_says_its_class_and_not_its_words():
    cell = new_code_cell("raise KeyError('Jane Roe, 85.07.30-033.61')")
    with pytest.raises(PublicationError, match=r"cell 2 \(fr\): KeyError") as raised:
        run_note(note(cell), langs=["fr"])
    assert "Roe" not in str(raised.value)
    assert raised.value.__suppress_context__


@pytest.mark.slow
def test_a_kernel_that_dies_is_told_plainly():
    with pytest.raises(PublicationError, match="the kernel stopped"):
        run_note(note(new_code_cell("import os\nos._exit(1)")), langs=["fr"])


@pytest.mark.slow
def test_a_note_can_be_run_from_a_running_loop():
    async def inside():
        return run_note(note(tagged("Bonjour", "lang-fr")), langs=["fr"])

    (done,) = asyncio.run(inside())
    assert done.cells[-1].source == "Bonjour"


@pytest.mark.slow
def test_the_notebook_given_is_not_changed(tiny):
    before = copy.deepcopy(tiny)
    run_note(tiny, langs=["fr"])
    assert tiny == before
