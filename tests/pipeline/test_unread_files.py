"""A raw file that no source reads is said by name; the default observatory reads its whole sample."""

import datetime as dt

from obs.pipeline.deliveries import unread_files
from obs.pipeline.status import tell_status
from obs.reference import load_observatory

DECLARATION = """
name = "ours"
languages = ["fr"]
notes = ["focus_vols"]
licence = "CC BY 4.0"
title.fr = "Observatoire"
publisher.fr = "Nous"
[territory]
reference = "brussels"
[[source]]
kind = "police"
profile = "obs_sample"
files = ["police/*.csv"]
[vehicles]
files = ["vehicles/*.csv"]
unit = "commune"
year = "an"
value = "n"
[boundaries]
file = "areas/communes.shp"
key = "nis"
level = "commune"
"""


def test_what_no_declaration_names_is_listed(tmp_path):
    declared = tmp_path / "observatory.toml"
    declared.write_text(DECLARATION, encoding="utf-8")
    raw = tmp_path / "raw"
    for name in (
        *("police/a.csv", "police/a.xlsx", "vehicles/b.csv", "prosecutor/2021.csv"),
        *("areas/communes.shp", "areas/communes.dbf", "areas/other.dbf", "survey/women.sav"),
        *("README.md", "LISEZMOI.txt", "police/.a.csv.swp", ".git/config", "notes.txt"),
    ):
        (raw / name).parent.mkdir(parents=True, exist_ok=True)
        (raw / name).touch()
    left = unread_files(load_observatory(declared), raw)
    assert left == [
        *("areas/other.dbf", "notes.txt", "police/a.xlsx"),
        *("prosecutor/2021.csv", "survey/women.sav"),
    ]


def test_a_name_that_holds_personal_data_is_not_repeated(tmp_path):
    declared = tmp_path / "observatory.toml"
    declared.write_text(DECLARATION, encoding="utf-8")
    raw = tmp_path / "raw"
    for name in ("police/jan.peeters@example.org.csv", "new\nline/0475 12 34 56.csv"):
        (raw / name).parent.mkdir(parents=True, exist_ok=True)
        (raw / name).write_text("a\n", encoding="utf-8")
    (raw / "police/jan.peeters@example.org.csv").rename(raw / "jan.peeters@example.org.csv")
    left = unread_files(load_observatory(declared), raw)
    assert left == [
        "[a name that holds personal data (e-mail address)]",
        "[a name that begins like a spreadsheet formula or holds control characters]/"
        "[a name that holds personal data (phone number)]",
    ]
    (raw / "jan.peeters@example.org.csv").rename(raw / "police/jan.peeters@example.org.csv")
    told = tell_status(config=declared, raw=raw, processed=tmp_path, today=dt.date(2025, 1, 1))
    assert "peeters" not in str(told.as_dict())


def test_of_the_sample_only_what_is_delivered_twice_is_left_unread(sample_raw):
    """The calls are there one by one and as days; the default observatory counts the days."""
    left = unread_files(load_observatory(), sample_raw)
    assert all(name.startswith("helpline/helpline_calls_") for name in left)


def test_a_build_names_what_it_does_not_read_and_reads_every_kind_of_the_sample(
    sample_edition, sample_raw
):
    steps = sample_edition.steps
    wanted = {
        f"not read: {path.relative_to(sample_raw).as_posix()}, which no source of observatory.toml names"
        for path in sample_raw.glob("helpline/helpline_calls_*.csv")
    }
    assert {step for step in steps if step.startswith("not read: ")} == wanted
    for kind in ("prosecutor", "services"):
        files = len([*sample_raw.glob(f"{kind}/*.csv")])
        assert f"clean: {kind}, {files} files, profile obs_sample_{kind}" in steps
