"""The documentation site says what the code says, and leads nowhere that is not there."""

import json
import re
import runpy

import pytest

import obs
from obs import schemas, stats
from obs.__main__ import argument_parser


@pytest.fixture(scope="module")
def site(root):
    return runpy.run_path(str(root / "docs" / "site_pages.py"))


@pytest.fixture(scope="module")
def made(site, tmp_path_factory):
    """The pages that are read from the code."""
    folder = tmp_path_factory.mktemp("made")
    site["write_pages"](folder)
    return {path.stem: path.read_text(encoding="utf-8") for path in folder.iterdir()}


def test_every_public_name_and_every_kernel_has_its_page(made):
    assert set(obs._HOMES) <= set(re.findall(r"^   (\w+)$", made["functions"], re.MULTILINE))
    kernels = {name for name in stats.__all__ if callable(getattr(stats, name))}
    assert kernels <= set(re.findall(r"^   (\w+)$", made["arrays"], re.MULTILINE))


@pytest.mark.parametrize("schema", [schemas.EVENTS, schemas.INDICATORS, schemas.TRENDS])
def test_every_column_of_a_table_is_told(made, schema):
    page = made["tables"].split(f"## {schema.name}\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)
    assert rows == list(schema.columns)


def test_every_key_of_a_declaration_is_told(made, root):
    page = made["declarations"].split("## observatory.toml")[1]
    path = root / "obs" / "declare" / "schemas" / "observatory.json"
    keys = json.loads(path.read_text(encoding="utf-8"))["properties"]
    assert all(f"| `{key}` |" in page for key in keys)


def test_every_command_is_told_with_its_options(made):
    (several,) = (a for a in argument_parser()._actions if hasattr(a, "choices") and a.choices)
    for name in several.choices:
        assert f"## obs {name}" in made["commands"]
    build = made["commands"].split("## obs build\n")[1].split("\n## ")[0]
    assert "| `--raw` | folder of raw deliveries (default: data/raw, or the synthetic" in build


def test_codes_are_those_of_the_schemas(made):
    assert ", ".join(f"`{one}`" for one in schemas.STATUSES) in made["codes"]


def test_a_link_out_of_the_docs_leads_to_a_page_of_the_site_or_keeps_its_words(site):
    source = ["[how](../CONTRIBUTING.md), [page](survey.md#se), [file](../obs/__init__.py)"]
    site["page_links"]("howto", source)
    assert source == ["[how](/made/contributing.md), [page](/survey.md#se), file"]


def test_every_page_stands_in_the_site_and_no_link_is_broken(site, made, root):
    docs = root / "docs"
    pages = {path.stem for path in docs.glob("*.md")}
    listed = set()
    for path in docs.glob("*.md"):
        text = path.read_text(encoding="utf-8")
        for tree in re.findall(r"```\{toctree\}\n(.*?)```", text, re.DOTALL):
            named = [re.sub(r".*<(.*)>", r"\1", line) for line in tree.splitlines()]
            listed |= {line for line in named if line and not line.startswith(":")}
        source = [text]
        site["page_links"](path.stem, source)
        for target in re.findall(r"\]\(/([^)#]+)", source[0]):
            own = target.removeprefix("made/").rsplit(".", 1)[0]
            assert own in (made if target.startswith("made/") else pages), f"{path.name}: {target}"
    assert pages - {"index"} <= listed
    assert {name.removeprefix("made/") for name in listed if "made/" in name} == set(made)


def test_the_examples_for_users_of_other_programs_run(root, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = (root / "docs" / "coming_from.md").read_text(encoding="utf-8")
    names = {}
    for code in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
        exec(compile(code, "coming_from.md", "exec"), names)
    shares = names["shares"].set_index("level")
    weighted = (10 + 15) / (10 + 10 + 20 + 20 + 15 + 15)
    assert shares.loc["yes", "estimate"] == pytest.approx(weighted)
    assert names["audited"]["safe"].all()
