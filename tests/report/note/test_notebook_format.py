"""Notebooks are read and checked without compiling a grammar that no check of theirs uses."""

import subprocess
import sys

import pytest

IMPORTS = "import sys, obs.report, nbformat, jsonschema; "
COMMANDS = (
    "import sys, obs.pipeline, obs.report; "
    "obs.report.render, obs.report.check_path, obs.report.write_edition, obs.report.open_note; "
)


def python(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_building_rendering_and_checking_compile_no_grammar():
    assert python(COMMANDS + "print('nbformat' in sys.modules, 'lark' in sys.modules)") == (
        "True False"
    )


def test_the_grammar_stays_importable_and_nothing_stays_patched():
    code = "from importlib.util import find_spec; "
    code += "print('rfc3987_syntax' in sys.modules, find_spec('rfc3987_syntax') is not None, "
    code += "[type(f).__name__ for f in sys.meta_path].count('_Finder'))"
    assert python(IMPORTS + code) == "False True 0"


def test_the_other_checks_of_formats_are_there():
    code = "c = jsonschema.FormatChecker(); "
    code += "print('iri' in c.checkers, c.conforms('2024-02-30', 'date'), c.conforms('a', 'email'))"
    assert python(IMPORTS + code) == "False False False"


@pytest.mark.parametrize(
    ("cells", "fault"),
    [
        ([{"cell_type": "prose", "metadata": {}, "source": "", "id": "a"}], "is not valid"),
        ([{"cell_type": "raw", "metadata": {}, "source": 3, "id": "a"}], "is not valid under"),
    ],
)
def test_a_faulty_notebook_is_still_found(cells, fault):
    note = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}} | (
        {"cells": cells} if cells else {}
    )
    code = f"""
try:
    nbformat.validate(nbformat.from_dict({note!r}))
except nbformat.ValidationError as error:
    print(error.message)
"""
    assert fault in python(IMPORTS + code)
