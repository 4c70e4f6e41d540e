"""What a newcomer reads first: help that explains, errors that say what, where and what to do."""

import json

import pytest

import obs
from obs.__main__ import argument_parser, main
from obs.begin_commands import find_observatory, observatory_named
from obs.delivery_commands import own_declaration
from obs.errors import CatalogueError, ObsError
from obs.reference import load_observatory
from obs.report import load_note

DECLARED = """
[title]
fr = "A"
nl = "A"
en = "A"

[[table]]
id = "years"
indicators = ["theft", "burglry_dwelling", "zzz"]
"""


def test_every_argument_of_every_command_is_explained():
    commands = next(a for a in argument_parser()._actions if a.choices).choices
    silent = [
        f"{name} {action.dest}"
        for name, command in commands.items()
        for action in command._actions
        if not action.help
    ]
    assert {"build", "publish", "render", "check", "ledger"} <= set(commands)
    assert silent == []


def test_a_build_in_an_empty_folder_says_how_to_begin(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["build"]) == 2
    assert "Begin an observatory: obs init DIR --name NAME" in capsys.readouterr().err
    assert not any(tmp_path.iterdir())


def test_the_notebooks_of_an_observatory_lie_beside_its_declaration(root):
    northumbria = root / "examples" / "northumbria"
    config = str(northumbria / "observatory.toml")
    assert find_observatory(config, None) == (config, str(northumbria / "notebooks"))
    assert find_observatory(config, "other") == (config, "other")
    chicago = str(root / "examples" / "chicago" / "observatory.toml")
    assert find_observatory(chicago, None) == (chicago, "notebooks")


def test_a_source_without_a_usual_profile_names_its_own(capsys):
    assert main(["clean", "survey", "x.csv"]) == 2
    told = capsys.readouterr().err
    assert "obs_sample_business" in told
    assert "ssmsi" not in told


def test_the_list_of_profiles_has_nothing_missing(capsys):
    assert main(["profiles"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert not any("NaN" in line for line in lines)
    assert any(line.startswith("tidy ") for line in lines)


def test_a_folder_of_publications_that_is_not_there(capsys):
    assert main(["ledger", "nowhere"]) == 2
    assert "there is no folder 'nowhere'" in capsys.readouterr().err


def test_a_note_that_is_not_there_says_where_and_what_to_do(tmp_path):
    with pytest.raises(CatalogueError, match=r"no declaration 'a.toml'.*Run obs in the folder"):
        load_note(tmp_path / "a.ipynb")
    (tmp_path / "a.ipynb").write_text("{}", encoding="utf-8")
    with pytest.raises(CatalogueError, match="write there which tables"):
        load_note(tmp_path / "a.ipynb")


def test_an_indicator_misspelt_in_a_declaration_is_found_before_anything_is_read(tmp_path):
    (tmp_path / "a.toml").write_text(DECLARED, encoding="utf-8")
    with pytest.raises(CatalogueError) as told:
        load_note(tmp_path / "a.ipynb")
    assert "table 'years': no indicator 'burglry_dwelling'; did you mean burglary_dwelling" in str(
        told.value
    )
    assert "no indicator 'zzz'; see `obs indicators`" in str(told.value)
    assert "'theft'" not in str(told.value)


@pytest.mark.parametrize("languages", ['"en"', '["de"]', "[]"])
def test_a_wrong_list_of_languages_is_the_only_fault_told(languages, root, tmp_path):
    text = (root / "examples" / "chicago" / "observatory.toml").read_text(encoding="utf-8")
    lines = [
        f"languages = {languages}" if x.startswith("languages") else x for x in text.split("\n")
    ]
    (tmp_path / "observatory.toml").write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(CatalogueError) as told:
        load_observatory(tmp_path / "observatory.toml")
    faults = str(told.value).split("\n")[1:]
    assert faults
    assert all("'languages'" in fault for fault in faults)


def test_an_edition_that_is_not_built_is_told_with_those_that_are(tmp_path):
    built = tmp_path / "brussels" / "2024"
    built.mkdir(parents=True)
    (built / "edition.json").write_text(json.dumps({"notes": {}}), encoding="utf-8")
    with pytest.raises(ObsError, match="run `obs build` first; built are: brussels 2024"):
        obs.open_note("focus_vols", edition=2023, lang="fr", processed=tmp_path)


def test_a_declaration_in_the_working_folder_is_named_with_that_folder(tmp_path, monkeypatch):
    place = tmp_path / "my_town"
    place.mkdir()
    (place / "observatory.toml").write_text('name = "x"', encoding="utf-8")
    monkeypatch.chdir(place)
    with pytest.raises(CatalogueError, match="observatory.toml of observatory 'my_town'"):
        load_observatory("observatory.toml")


def test_a_profile_that_is_not_there_says_where_an_observatory_keeps_its_own(capsys):
    assert main(["clean", "police", "x.csv", "--profile", "mine", "--quiet"]) == 2
    assert "'profiles' beside its observatory.toml" in capsys.readouterr().err


def test_commands_read_the_observatory_of_the_folder_that_they_run_in(tmp_path, monkeypatch, root):
    monkeypatch.chdir(tmp_path)
    assert (own_declaration(None), observatory_named(None)) == (None, "brussels")
    example = (root / "examples" / "chicago" / "observatory.toml").read_text(encoding="utf-8")
    (tmp_path / "observatory.toml").write_text(example, encoding="utf-8")
    assert (own_declaration(None), observatory_named(None)) == ("observatory.toml", "chicago")
    assert (own_declaration("a.toml"), observatory_named("ghent")) == ("a.toml", "ghent")
