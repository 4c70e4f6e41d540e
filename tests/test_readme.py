"""README, CONTRIBUTING and the pages they lead to stay true: examples run, links lead somewhere."""

import re
import shutil
import subprocess

import pytest

import obs


@pytest.fixture(scope="module")
def text(root):
    return (root / "README.md").read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_example_runs_as_written(text, tmp_path, monkeypatch):
    obs.sample(tmp_path / "data" / "raw" / "sample", years=range(2024, 2025), scale=0.1)
    monkeypatch.chdir(tmp_path)
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    names = {}
    exec(compile(code, "README.md", "exec"), names)
    assert names["block"].kind == "figure"
    assert names["cleaned"].report["kept"].sum() == len(names["cleaned"].table)


@pytest.mark.slow
def test_the_examples_on_time_run_on_a_built_edition(
    burglary_observatory, root, tmp_path, monkeypatch
):
    obs.sample(tmp_path / "raw", years=range(2017, 2025), scale=0.05, seed=3)
    monkeypatch.chdir(tmp_path)
    obs.build(config=burglary_observatory, raw="raw", notebooks=root / "notebooks", lang=["en"])
    told = {}
    for page in ("interruption", "seasonal"):
        text = (root / "docs" / f"{page}.md").read_text(encoding="utf-8")
        (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
        names = {}
        exec(compile(code, f"{page}.md", "exec"), names)
        told[page] = names["result"]
    assert len(told["interruption"].effects) == 4
    assert len(told["seasonal"].table) == 96


def test_every_link_leads_to_a_file(root):
    for page in (*root.glob("*.md"), *(root / "docs").glob("*.md")):
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            made = target.startswith("made/")  # with the site; tests/docs follows these
            assert made or (page.parent / target).exists(), f"{page.name}: {target}"


def test_every_test_and_room_that_a_page_names_is_there(root):
    named = re.compile(r"`((?:tests|obs|docs|notebooks|bench)/[a-z0-9_./]*)`")
    for page in (*root.glob("*.md"), *(root / "docs").glob("*.md")):
        if page.name == "CHANGELOG.md":  # tells of what was
            continue
        for target in named.findall(page.read_text(encoding="utf-8")):
            assert (root / target).exists(), f"{page.name}: {target}"


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_the_commands_are_targets_of_the_makefile(root, page):
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"^make (\w+)", (root / page).read_text(encoding="utf-8"), re.MULTILINE)
    assert targets
    for target in targets:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_the_citation_is_of_this_version(root):
    citation = (root / "CITATION.cff").read_text(encoding="utf-8")
    assert re.search(r"^version: (.+)$", citation, re.MULTILINE).group(1) == obs.__version__


@pytest.mark.parametrize(
    ("target", "left"), [("clean", True), ("delete-publications", False)], ids=str
)
def test_clean_keeps_publications_and_their_ledger(root, tmp_path, target, left):
    """What cannot be made again goes by a target that says so, and by no other."""
    shutil.copy(root / "Makefile", tmp_path)
    ledger = "data/processed/published/publications-a6ca5b01/ledger.csv"
    kept = [ledger, "publications/2024/index.html"]
    deliveries = ["data/raw/real/police.csv", "data/processed/brussels/deliveries/x.parquet"]
    for name in [*kept, *deliveries, ".venv/bin/python", ".ruff_cache/x"]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    subprocess.run(["make", target], cwd=tmp_path, check=True, capture_output=True)
    assert [(tmp_path / name).exists() for name in kept] == [left, left]
    assert all((tmp_path / name).exists() for name in deliveries)
    assert (tmp_path / ".venv").exists() == (target != "clean")


def test_the_readme_fits_a_screen_or_so(text):
    assert len(text.splitlines()) <= 80
