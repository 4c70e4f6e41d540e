"""The note on businesses, from the sample's interviews to its pages in three languages."""

import re

import pandas as pd
import pytest

import obs
from obs.__main__ import main

pytestmark = pytest.mark.slow
FIGURES = (80, 26, 52, 47, 13, 40)  # published of the survey of 2021, in per cent
NOTE = "focus_entreprises"
NAMES = """
fr = "Observatoire"
nl = "Observatorium"
en = "Observatory"
"""
OBSERVATORY = f"""
name = "businesses"
languages = ["fr", "nl", "en"]
notes = ["{NOTE}"]
synthetic = true
licence = "CC BY 4.0"

[title]{NAMES}
[publisher]{NAMES}
[territory]
reference = "brussels"

[[source]]
kind = "survey"
profile = "obs_sample_business"
files = ["survey/business_*.csv"]
optional = true

[tolerance]
rejected_share = 0.02
withheld_share = 0.5
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory, root):
    """Build the edition of an observatory that has this survey and nothing else."""
    base = tmp_path_factory.mktemp("businesses")
    obs.sample(base / "raw", years=[2021], scale=0.001, seed=7)
    config = base / "observatory.toml"
    config.write_text(OBSERVATORY, encoding="utf-8")
    built = obs.build(
        config=config,
        raw=base / "raw",
        out=base / "publications",
        processed=base / "processed",
        notebooks=root / "notebooks",
    )
    return {"base": base, "built": built, "config": config}


def words_of(project, lang):
    page = (project["built"].folder / f"{NOTE}.{lang}.html").read_text(encoding="utf-8")
    text = re.sub(r"<(svg|style|script).*?</\1>", " ", page, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text).replace("\u00a0", " "))


@pytest.mark.parametrize("lang", ["fr", "nl", "en"])
def test_the_published_figures_are_on_the_page(project, lang):
    text = words_of(project, lang)
    for figure in FIGURES:
        assert re.search(rf"\b{figure}\s?%", text), figure


def test_the_three_languages_tell_the_same_shares(project):
    found = [
        sorted(re.findall(r"\b\d+(?=\s?%)", words_of(project, lang))) for lang in ["fr", "nl", "en"]
    ]
    assert found[0] == found[1] == found[2]


def test_the_edition_passes_its_own_checks(project):
    assert not obs.report.check_path(project["built"].folder)


def test_data_files_hold_no_unreliable_share(project):
    files = sorted((project["built"].folder / "data").glob("focus_*.csv"))
    assert len(files) >= 8
    for path in (p for p in files if not p.name.endswith("_text.csv")):  # no respondents there
        table = pd.read_csv(path)
        if path.name.endswith("_text.csv"):  # figures of sentences, without base and grade
            assert table.loc[table["status"] == "unreliable", "value"].isna().all()
            continue
        unsure = table["status"] == "unreliable"
        assert table.loc[unsure, ["value", "low", "high", "n"]].isna().all(axis=None)
        shown = table["value"].notna()  # a row withheld beside an unreliable one has no grade
        assert set(table.loc[shown, "grade"]) <= {"A", "C"}
        assert table["synthetic"].all()


def test_pages_date_themselves_by_the_survey_and_not_by_the_police(project):
    assert "Data up to 31 December 2021" in words_of(project, "en")


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--raw", "empty", "no deliveries in 'empty' of any source of businesses"),
        ("--edition", "2019", "hold none of the indicators that the notes publish"),
    ],
)
def test_without_a_survey_there_is_no_note(project, root, capsys, option, value, said):
    base = project["base"]
    options = {
        "--config": str(project["config"]),
        "--raw": str(base / "raw"),
        "--out": str(base / "other"),
        "--processed": str(base / "other processed"),
        "--notebooks": str(root / "notebooks"),
        option: str(base / value) if option == "--raw" else value,
    }
    (base / "empty").mkdir(exist_ok=True)
    assert main(["build", "--quiet", *(w for pair in options.items() for w in pair)]) == 2
    assert said in capsys.readouterr().err
    assert not (base / "other").exists()
