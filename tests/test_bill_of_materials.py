"""The bill of materials lists the pinned versions, and known vulnerabilities of these are told."""

import importlib.util
import json
import re

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

COMPILED = """
jinja2==3.1.6
    # via obs (pyproject.toml)
Colorama.X==0.4 ; sys_platform == 'win32'
    # via
    #   -c requirements.lock
    #   jinja2
editables==0.5
    # via obs (pyproject.toml:build)
markupsafe[extra]==3.0.2
    # via
    #   jinja2
    #   obs (pyproject.toml)
"""


def program(root, name):
    place = importlib.util.spec_from_file_location(name, root / ".ci" / f"{name}.py")
    module = importlib.util.module_from_spec(place)
    place.loader.exec_module(module)
    return module


def test_the_bill_lists_exactly_the_packages_and_versions_of_the_lock(root):
    lock = (root / "requirements.lock").read_text(encoding="utf-8")
    pinned = re.findall(r"(?m)^([\w.-]+)==([^\s;]+)", lock)
    text = (root / "requirements.cdx.json").read_text(encoding="utf-8")
    listed = json.loads(text)["components"]
    assert [(one["name"], one["version"]) for one in listed] == pinned
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    assert re.findall(r"https?:|/home|/tmp|timestamp", text) == []


def test_the_bill_says_who_needs_what_and_is_the_same_again(root):
    made = program(root, "bill_of_materials").bill(COMPILED)
    assert made == program(root, "bill_of_materials").bill(COMPILED)
    assert [one["purl"] for one in made["components"]] == [
        "pkg:pypi/jinja2@3.1.6",
        "pkg:pypi/colorama-x@0.4",
        "pkg:pypi/editables@0.5",
        "pkg:pypi/markupsafe@3.0.2",
    ]
    needs = {one["ref"]: one["dependsOn"] for one in made["dependencies"]}
    assert needs["obs"] == [
        f"pkg:pypi/{n}" for n in ("editables@0.5", "jinja2@3.1.6", "markupsafe@3.0.2")
    ]
    assert needs["pkg:pypi/jinja2@3.1.6"] == [
        "pkg:pypi/colorama-x@0.4",
        "pkg:pypi/markupsafe@3.0.2",
    ]
    assert made["components"][1]["properties"][0]["value"] == "sys_platform == 'win32'"
    other = program(root, "bill_of_materials").bill(COMPILED.replace("3.0.2", "3.0.3"))
    assert other["serialNumber"] != made["serialNumber"]


SOUND = {"name": "a", "version": "1", "vulns": []}
FAULTY = {"name": "b", "version": "2", "vulns": [{"id": "PYSEC-1", "fix_versions": ["2.1", "3.0"]}]}
ABANDONED = {"name": "c", "version": "3", "vulns": [{"id": "PYSEC-2", "fix_versions": []}]}
UNKNOWN = {"name": "d", "skip_reason": "not found"}


@pytest.mark.parametrize(
    ("packages", "said", "code"),
    [
        ([SOUND], ["lock: 1 packages looked up, no known vulnerability."], 0),
        (
            [SOUND, UNKNOWN],
            [
                "lock: 1 packages looked up, no known vulnerability; 1 are not in the database and "
                "were not looked up."
            ],
            0,
        ),
        (
            [FAULTY, SOUND, ABANDONED],
            [
                "lock: 2 known vulnerabilities.",
                "b 2: PYSEC-1, mended in 2.1, 3.0",
                "c 3: PYSEC-2, mended in no version yet",
                "Raise the lower bounds in pyproject.toml, then `make lock`.",
            ],
            1,
        ),
        (
            [UNKNOWN],
            [
                "lock: nothing was looked up, the database of vulnerabilities gave no answer (it knows "
                "none of these packages)."
            ],
            0,
        ),
    ],
)
def test_a_known_vulnerability_is_told_and_fails(root, packages, said, code):
    text = json.dumps({"dependencies": packages})
    assert program(root, "known_vulnerabilities").verdict(text, "lock") == (said, code)


def test_without_a_network_it_says_that_nothing_was_looked_up(root):
    lines, code = program(root, "known_vulnerabilities").verdict("", "lock", "no route to host")
    assert lines == [
        "lock: nothing was looked up, the database of vulnerabilities gave no answer (no route to "
        "host)."
    ]
    assert code == 0
