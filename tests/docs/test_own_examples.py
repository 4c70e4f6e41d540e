"""The examples of an observatory's own calendar and language run as they are written."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd

from obs.clean import clean_helpline


def blocks(path, kind):
    text = path.read_text(encoding="utf-8")
    return re.findall(rf"^ *```{kind}\n(.*?)^ *```", text, re.DOTALL | re.MULTILINE)


def test_a_line_is_closed_by_its_own_calendar(root, tmp_path):
    text = next(b for b in blocks(root / "docs/observatory.md", "toml") if "lille.toml" in b)
    profile = tmp_path / "lille.toml"
    profile.write_text(text, encoding="utf-8")
    days = pd.date_range("2024-05-06", "2024-05-19").strftime("%Y-%m-%d")
    calls = clean_helpline(
        pd.DataFrame({"day": days, "line": "LILLE", "calls": "0"}), profile=profile
    ).table.set_index("date")["status"]
    closed = {f"{day:%m-%d}" for day in calls[calls == "not_applicable"].index}
    weekends, holidays, move = {"05-11", "05-12", "05-18", "05-19"}, {"05-08", "05-09"}, {"05-17"}
    assert closed == weekends | holidays | move  # in France; 9 May is Ascension
    assert set(calls.loc["2024-05-13":"2024-05-16"]) == {"zero"}


def test_a_series_is_adjusted_by_dates_of_ones_own(root):
    (code,) = blocks(root / "docs/observatory.md", "python")
    names = {}
    exec(compile(code, "observatory.md", "exec"), names)
    table = names["result"].table
    assert len(table) == 72
    assert table["observed"].tolist() == names["calls"].tolist()
    assert table["adjusted"].std() < table["observed"].std()


def test_a_language_is_begun_outside_the_package(root, tmp_path):
    (script,) = blocks(root / "docs/languages.md", "sh")
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        ["sh", "-ec", script], cwd=tmp_path, env={**os.environ, "PATH": path},
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stdout.startswith("de ")
    assert "catalogue: no texts for theft (de)" in done.stderr
    assert "messages.toml" not in done.stderr
