"""From a file of a new kind to an edition: a draft says that it is one, and nothing internal is open."""

import json
import os
import stat

import nbformat
import pandas as pd
import pytest

from obs.__main__ import main
from obs.reference import load_territory

pytestmark = pytest.mark.slow

DECLARATION = """
name = "town"
languages = ["fr"]
notes = ["focus"]
licence = "CC BY 4.0"
title.fr = "Essai"
publisher.fr = "Essai"
[territory]
reference = "brussels"
[population]
files = ["population/*.csv"]
unit = "c"
year = "an"
value = "n"
[[source]]
kind = "helpline"
profile = "obs_sample_call_days"
files = ["helpline/*.csv"]
optional = true
"""


@pytest.fixture
def town(tmp_path):
    brussels = load_territory()
    names = [brussels.label(code, "fr") for code in brussels.codes("commune")]
    days = pd.date_range("2023-01-01", "2024-12-31").strftime("%d/%m/%Y").tolist() * 8
    places = [names[i % len(names)] for i in range(len(days))]
    facts = pd.DataFrame({"date_fait": days, "commune": places, "infraction": "Vols de vélos"})
    facts.insert(0, "id_fait", [f"F{i}" for i in range(len(facts))])
    facts.to_csv(tmp_path / "Faits.csv", sep=";", index=False)
    raw = tmp_path / "data" / "raw" / "population"
    raw.mkdir(parents=True)
    rows = [(name, 2023, 1000 * (i + 5)) for i, name in enumerate(names)]
    pd.DataFrame(rows, columns=["c", "an", "n"]).to_csv(raw / "pop.csv", sep="|", index=False)
    (tmp_path / "notebooks").mkdir()
    cells = [
        nbformat.v4.new_code_cell(
            'edition = 2024\nlang = "fr"\npublished = "2025-02-01"\nobservatory = "x"\nprocessed = None',
            metadata={"tags": ["parameters"]},
        ),
        nbformat.v4.new_code_cell(
            'import obs\n\nnote = obs.open_note("focus", edition=edition, lang=lang, '
            "observatory=observatory, processed=processed)"
        ),
        nbformat.v4.new_markdown_cell("# Titre", metadata={"tags": ["lang-fr"]}),
    ]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    note = nbformat.v4.new_notebook(cells=cells, metadata=kernel)
    nbformat.write(note, tmp_path / "notebooks" / "focus.ipynb")
    table = '[title]\nfr = "Vols"\n[[table]]\nid = "years"\nindicators = ["bicycle_theft"]\n'
    (tmp_path / "notebooks" / "focus.toml").write_text(table + 'period = "year"\n')
    (tmp_path / "observatory.toml").write_text(DECLARATION)
    return tmp_path


def test_an_edition_of_a_draft_says_so_and_ends_with_1(town, capsys):
    file = str(town / "Faits.csv")
    assert main(["profile", "new", file, "--source", "police", "--observatory", str(town)]) == 0
    places = ["out", "processed", "notebooks"]
    given = [word for name in places for word in (f"--{name}", str(town / name))]
    config = ["--config", str(town / "observatory.toml"), "--raw", str(town / "data" / "raw")]
    before = os.umask(0)
    try:
        assert main(["build", *config, *given, "--edition", "2024"]) == 1
    finally:
        os.umask(before)
    said = capsys.readouterr().err
    assert "the edition is a draft: profile 'faits' is not confirmed" in said
    assert "population: nothing is delivered for 2024; rates of that year are missing" in said
    for path in (town / "processed").rglob("*"):
        wanted = 0o700 if path.is_dir() else 0o600
        assert stat.S_IMODE(path.stat().st_mode) == wanted, path
    assert "covered: police, all places, 2023-01-01 to 2024-12-31 (assumed from the rows)" in said
    about = json.loads((town / "processed" / "town" / "2024" / "edition.json").read_text())
    assert [one["coverage"] for one in about["sources"]] == ["assumed"]
    manifest = json.loads((town / "out" / "2024" / "manifest.json").read_text())
    assert [one["coverage"] for one in manifest["sources"]] == ["assumed"]
    (page,) = (town / "out" / "2024").rglob("focus*.html")
    assert page.read_text(encoding="utf-8").count("la période couverte n’est pas déclarée") == 1
    released = town / "processed" / "town" / "2024" / "released" / "table_0.parquet"
    region = pd.read_parquet(released).query("level == 'region'").set_index("period")
    assert region["status"].tolist() == ["ok", "missing"]
    assert region["reason"].tolist()[1] == "no_denominator"
    assert region["value"].iloc[0] == pytest.approx(365 * 8 / 266_000 * 1_000)
