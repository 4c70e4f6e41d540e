"""`obs profile confirm`: the classes that wait are mapped, or the draft stays as it is."""

from types import SimpleNamespace

import pandas as pd
import pytest

from obs.__main__ import main
from obs.clean import clean_police, load_profile
from obs.errors import CatalogueError
from obs.pipeline.begin import confirm_profile
from obs.pipeline.deliveries import places_apart
from obs.reference import load_observatory
from tests.pipeline.test_new_profile import DECLARATION, FACTS, new

YEARS = pd.DataFrame(
    {
        "Gemeente": ["Elsene", "Elsene", "Ukkel", "Ukkel"],
        "Feit": ["Fietsdiefstal", "Iets 'anders' (1)"] * 2,
        "2022": [10, 3, 20, 4],
        "2023": [11, 5, 21, 6],
    }
)


@pytest.fixture
def draft(tmp_path):
    """Draft a profile of a file in a new observatory, and give the observatory's folder."""

    def make(frame):
        folder = tmp_path / "ours"
        folder.mkdir()
        (folder / "observatory.toml").write_text(DECLARATION, encoding="utf-8")
        frame.to_csv(tmp_path / "facts.csv", index=False, sep=";")
        new(tmp_path / "facts.csv", folder)
        return folder

    return make


def confirm(folder, *more):
    return main(["profile", "confirm", "facts", "--observatory", str(folder), *more])


def test_the_classes_that_wait_are_mapped_and_the_draft_is_one_no_longer(draft, capsys):
    folder = draft(FACTS)
    assert confirm(folder, "--map", "étrange=robbery") == 0
    assert "mapped: Étrange = robbery" in capsys.readouterr().out
    profile = folder / "profiles" / "facts.toml"
    assert load_profile(profile).confirmed
    made = clean_police(next(folder.rglob("facts.csv")), profile=profile)
    assert made.table["phenomenon"].tolist() == [
        "pickpocketing", "shoplifting", "robbery", "robbery",
    ]  # fmt: skip
    with pytest.raises(CatalogueError, match="'facts' is no draft"):
        confirm_profile("facts", observatory=folder)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ([], "no phenomenon is told for 1 of the classes.*'Étrange' \\(2 rows\\)"),
        (["--map", "Étrange=roberry"], "'roberry' is no phenomenon .did you mean 'robbery'"),
        (["--map", "Étrange=qqqq"], "'qqqq' is no phenomenon, they are property, theft"),
        (
            ["--map", "Étrange=cambriolage"],
            "'cambriolage' is no phenomenon .did you mean 'burglary'",
        ),
        (
            ["--map", "*=other", "--place-rule", "place_of_ofence"],
            "did you mean 'place_of_offence'",
        ),
        (["--map", "Etrnge=robbery"], "no class 'Etrnge' waits .did you mean 'Étrange'"),
        (["--map", "Étrange"], "write CLASS=PHENOMENON"),
        (["--map", "*=other", "--unit", "fact"], "does not wait for a unit"),
    ],
)
def test_what_is_left_open_or_unknown_leaves_the_draft_as_it_is(draft, capsys, more, said):
    folder = draft(FACTS)
    profile = folder / "profiles" / "facts.toml"
    before = profile.read_bytes()
    assert confirm(folder, *more) == 2
    assert pd.Series([capsys.readouterr().err]).str.contains(said).all()
    assert profile.read_bytes() == before


def test_phenomena_are_listed_once_and_a_class_has_its_nearest(draft, capsys):
    folder = draft(FACTS.replace("Étrange", "Cambriolage"))
    assert confirm(folder, "--map", "*=qqqq", "--map", "Cambriolage=zzzz") == 2
    assert capsys.readouterr().err.count("family_dispute") == 1
    folder = folder / "profiles"
    text = (folder / "facts.toml").read_text(encoding="utf-8")
    (folder / "facts.toml").write_text(
        text.replace("'Cambriolage'", "'Cambriolag'").replace(
            "{ offence = 'Cambriolag', phenomenon = \"burglary\" },",
            "# unmapped, 2 rows: { offence = 'Cambriolag', phenomenon = \"\" },",
        ),
        encoding="utf-8",
    )
    assert confirm(folder.parent) == 2
    assert "'Cambriolag' (2 rows, nearest burglary)" in capsys.readouterr().err


def test_the_place_of_a_fact_is_asked_and_may_be_told_afterwards(draft, capsys):
    folder = draft(FACTS)
    profile = folder / "profiles" / "facts.toml"
    assert confirm(folder, "--map", "*=other") == 0
    said = capsys.readouterr().out
    assert "asked: where does a fact of this file count?" in said
    assert "place_of_recording (where it was reported)" in said
    assert f"build again: cd {folder} && obs build" in said
    assert load_profile(profile).place_rule == ""
    assert confirm(folder, "--place-rule", "place_of_recording") == 0
    assert "asked" not in capsys.readouterr().out
    assert load_profile(profile).place_rule == "place_of_recording"
    assert load_profile(profile).confirmed
    assert confirm(folder, "--place-rule", "place_of_offence") == 2
    assert "'facts' is no draft" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (
            "place_of_recording",
            "profile 'facts' says place_of_recording, and the pages of theft say",
        ),
        ("place_of_offence", ""),  # as the indicator says
        ("", ""),
    ],
)
def test_a_rule_of_places_that_a_page_contradicts_is_said_by_the_build(draft, rule, said):
    folder = draft(FACTS)
    confirm(folder, "--map", "*=other", "--place-rule", rule)
    observatory = load_observatory(folder / "observatory.toml")
    spec = SimpleNamespace(tables=[SimpleNamespace(indicators=["theft", "vif_cases"])])
    assert said in "".join(places_apart(observatory, [spec]))
    assert bool([*places_apart(observatory, [spec])]) == bool(said)


def test_years_across_have_their_class_and_wait_for_what_is_counted(draft, capsys):
    folder = draft(YEARS)
    profile = folder / "profiles" / "facts.toml"
    assert confirm(folder, "--map", "*=cyber") == 2
    assert "give it with --unit, as --unit fact" in capsys.readouterr().err
    assert confirm(folder, "--map", "*=cyber", "--unit", "fct") == 2
    assert "did you mean 'fact'" in capsys.readouterr().err
    assert confirm(folder, "--map", "*=cyber", "--unit", "fact") == 0
    made = clean_police(next(folder.rglob("facts.csv")), profile=profile).table
    sums = made.groupby(["phenomenon", made["period"].astype("str")])["numerator"].sum()
    assert sums.to_dict() == {
        ("bicycle_theft", "2022"): 30, ("bicycle_theft", "2023"): 32,
        ("cyber", "2022"): 7, ("cyber", "2023"): 11,
    }  # fmt: skip


def test_a_profile_that_is_not_there_names_the_nearest(draft):
    folder = draft(FACTS)
    with pytest.raises(CatalogueError, match="there is no profile 'fact' .*did you mean 'facts'"):
        confirm_profile("fact", observatory=folder)
