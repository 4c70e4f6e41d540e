"""Deliveries cleaned part by part give what cleaning them whole gives, wherever they are cut."""

import gzip
import os
import pickle
import resource
import shutil
import tempfile
from functools import partial

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from obs.clean import clean_police
from obs.clean.parts import key_fates, streamed_cleaning
from obs.clean.parts.stored_table import Store
from obs.errors import DeliveryError, ObsError
from obs.pipeline.reuse import build_inputs
from tests.clean.deliveries import HEADER, NOTICE, line
from tests.clean.profile_texts import FACTS, profile

TABLES = ("table", "rejected", "flagged", "report", "coverage", "unmatched", "first")
PLACES = ("Ixelles", "ixelles ", "Forest", "Uccle", "Bruxelles", "Zaventem", "Ville Inconnue", "")
CELLS = {
    "NUM_PV": ("BR.11.LA.004633/2021", "br 11 la 4633 2021", "x", ""),
    "DATE_FAIT": ("05/03/2021", "2021-03-06", "07/03/2021", "31/02/2021", "05/03/1971", ""),
    "HEURE_FAIT": ("21:30", "24:00", "25:00", ""),
    "DATE_PV": ("08/03/2021", "04/03/2021", "hier", ""),
    "COMMUNE": PLACES,
    "CODE_FAIT": ("COUPS", "VOL-ETAL", "ZZZ"),
    "LIB_FAIT": ("Coups", '"deux; mots"', '"sur deux\nlignes"', "=somme()", "<b>x</b>", '"ouvert'),
    "TENTATIVE": ("N", "O", "?"),
    "SEXE_VICTIME": ("F", "M", "Z"),
    "AGE_VICTIME": ("34", "340", "?", ""),
    "SEXE_SUSPECT": ("F", "Z"),
    "AGE_SUSPECT": ("17", "-1"),
    "VERSION": ("1", "2", "2", "", "deux"),
    "DATE_EXTRACTION": ("31/01/2022", "28/02/2022", ""),
    "SYNTH": ("OUI", "NON"),
}


def random_lines(rng, rows):
    """Draw lines of few facts, most cells sound; some lines are no rows."""
    for _ in range(rows):
        odd = rng.choice([*CELLS], size=rng.integers(0, 3), replace=False)
        cells = {name: str(rng.choice(CELLS[name])) for name in odd}
        cells.setdefault("DATE_FAIT", f"{rng.integers(1, 29):02}/0{rng.integers(1, 9)}/2021")
        cells.setdefault("DATE_PV", "")
        told = line(NUM_FAIT=f"F{rng.integers(0, rows)}", **cells)
        yield str(rng.choice([told] * 12 + [told[:40], ";" * 18, "", "Total;;;12" + ";" * 15]))


def write(folder, name, lines):
    """Write lines under the header, as the name says."""
    content = "\n".join([NOTICE, HEADER, *lines]).encode("latin-1" if "l1" in name else "utf-8")
    path = folder / name
    path.write_bytes(gzip.compress(content) if name.endswith("gz") else content)
    return path


def in_parts(monkeypatch, paths, rows, **options):
    """Clean in parts of so many rows, however small the files, with few keys at a time."""
    with monkeypatch.context() as changed:
        changed.setattr(streamed_cleaning, "LARGE", 0)
        changed.setattr(streamed_cleaning, "ROWS", rows)
        changed.setattr(key_fates, "_AT_ONCE", 5)
        return clean_police(paths, **options)


def assert_same(one, other):
    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name), obj=name)
    assert one.summary() == other.summary()
    assert len(one.deliveries) == len(other.deliveries)
    for own, again in zip(one.deliveries, other.deliveries, strict=True):
        if own is not one:
            assert_same(own, again)


@pytest.mark.parametrize(("seed", "rows"), [(0, 1), (1, 7), (2, 10_000)])
def test_any_delivery_is_cleaned_the_same_wherever_it_is_cut(tmp_path, monkeypatch, seed, rows):
    rng = np.random.default_rng(seed)
    names = ("police_2021_20220131.csv", "police_2021_20220228.l1.csv.gz", "police_2020.csv")
    paths = [write(tmp_path, name, random_lines(rng, 24)) for name in names]
    whole = clean_police(paths, profile="obs_sample", apart=True)
    assert len(whole.rejected) > 5 < len(whole.table)
    assert "conflicting_duplicate" in {*whole.rejected["rule"]} or int(whole.report["merged"].sum())
    assert_same(in_parts(monkeypatch, paths, rows, profile="obs_sample", apart=True), whole)


MORE = 'report_date = "PV"\nversion = "V"\nextracted = "Extrait"\nevent_hour = "Heure"'
OWN = {
    "vanished": {"more": 'vanished = "drop"', "columns": MORE},
    "said to have vanished": {"columns": MORE},
    "early": {"more": "earliest = 2021", "columns": MORE},
    "named after content": {"more": 'identical = "keep"', "event_id": "# event_id"},
    "identical merged": {"more": 'identical = "merge"', "event_id": "# event_id"},
    "months": {"columns": MORE, '["%d/%m/%Y"]': '["%d/%m/%Y", "%m/%Y"]'},
    "two layouts": {
        "columns": MORE,
        "tables": '[[layout]]\nname = "new"\nheader = ["Numero"]\nabsent = ["version"]\n'
        'columns = { event_id = "Numero" }',
    },
}


def random_facts(rng, rows):
    months = [f"0{m}/2021" for m in range(1, 5)]
    days = [f"0{d}/0{m}/2021" for d in range(1, 8) for m in range(1, 5)] + ["03/05/2020", "?"]
    return pd.DataFrame(
        {
            "ID": rng.choice([f"a{n}" for n in range(rows)], rows),
            "Date": rng.choice([*days, *months[:1]], rows),
            "Commune": rng.choice(["Ixelles", "Forest", "Nulle Part"], rows),
            "Fait": rng.choice(["VOL", "VOL", "AUTRE"], rows),
            "PV": rng.choice(["09/09/2021", ""], rows),
            "V": rng.choice(["1", "2"], rows),
            "Extrait": rng.choice(["", "20/09/2021"], rows, p=[0.9, 0.1]),
            "Heure": rng.choice(["12:00", "", "x"], rows),
        }
    )


@pytest.mark.parametrize("way", OWN)
def test_rules_that_look_beyond_a_row_see_all_parts(tmp_path, monkeypatch, way):
    rng = np.random.default_rng(5)
    own = profile(FACTS, file="extracted = '_(\\d{8})'", **OWN[way])
    frames = [random_facts(rng, n) for n in (30, 20, 20)]
    if way == "two layouts":
        frames[1] = frames[1].rename(columns={"ID": "Numero"}).drop(columns="V")
    paths = [tmp_path / f"f_2021100{n}.csv" for n in (1, 2, 3)]
    for path, frame in zip(paths, frames, strict=True):
        frame.to_csv(path, sep=";", index=False)
    whole = clean_police(paths, profile=own, apart=True)
    assert len(whole.table) > 5
    for rows in (7, 1000):
        assert_same(in_parts(monkeypatch, paths, rows, profile=own, apart=True), whole)


def test_apache_parquet_is_cleaned_in_parts_with_typed_columns(tmp_path, monkeypatch):
    frame = random_facts(np.random.default_rng(2), 60)
    days = pd.to_datetime(frame["Date"], format="%d/%m/%Y", errors="coerce")
    table = pa.table(
        {
            "ID": pa.array(range(60)),
            "Date": pa.array(days, pa.timestamp("ms"), from_pandas=True),
            "Commune": pa.array(frame["Commune"]).dictionary_encode(),
            "Fait": pa.array(frame["Fait"].astype("object")),
        }
    )
    pq.write_table(table, tmp_path / "f.parquet", row_group_size=13)
    own = profile(FACTS)
    whole = clean_police(tmp_path / "f.parquet", profile=own)
    assert len(whole.table) > 10
    for rows in (1, 7, 1000):
        assert_same(in_parts(monkeypatch, tmp_path / "f.parquet", rows, profile=own), whole)


def test_what_is_written_and_kept_is_the_same(tmp_path, monkeypatch):
    rng = np.random.default_rng(9)
    path = write(tmp_path, "police_2021_20220131.csv", random_lines(rng, 60))
    whole = clean_police(path, profile="obs_sample")
    parts = in_parts(monkeypatch, path, 7, profile="obs_sample")
    whole.write(tmp_path / "whole")
    parts.write(tmp_path / "parts")
    names, again = ({p.name for p in (tmp_path / n).iterdir()} for n in ("whole", "parts"))
    assert names == again
    for name in names:
        read = pd.read_parquet if name.endswith("parquet") else pd.read_csv
        pd.testing.assert_frame_equal(
            *(read(tmp_path / place / name) for place in ("whole", "parts"))
        )
    folder = parts._arrow.store.path
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    kept = pickle.loads(pickle.dumps(parts))
    del parts
    assert not folder.exists()
    assert_same(kept, whole)


def test_rows_cleaned_again_have_the_digest_by_which_a_build_takes_its_figures_again(
    tmp_path, monkeypatch
):
    path = write(tmp_path, "police_2021.csv", random_lines(np.random.default_rng(3), 60))
    one, two = (in_parts(monkeypatch, path, 9, profile="obs_sample") for _ in range(2))
    kept = pickle.loads(pickle.dumps(two))
    digests = [build_inputs.rows([("police", each)]) for each in (one, two, kept)]
    assert digests[0] == digests[1] == digests[2]


def scattered(texts):
    """Write a text into every seventh line, so that no part of seven holds much of it."""
    lines = [line(NUM_FAIT=f"F{n}") for n in range(70)]
    for n, text in enumerate(texts):
        lines[n * 7] = line(NUM_FAIT=f"F{n * 7}", **text)
    return lines


@pytest.mark.parametrize(
    "lines",
    [
        scattered([{"LIB_FAIT": "mail jean@exemple.be"}, {"LIB_FAIT": "0470/12.34.56"}]),
        scattered([{"LIEU": f"47012{n}456"} for n in range(9)]),
        [line(NUM_FAIT=f"0470/12.34.{n}") for n in range(10, 40)],
    ],
    ids=["texts", "numbers together", "identifiers like phones"],
)
def test_personal_data_are_refused_in_the_same_words(tmp_path, monkeypatch, lines):
    path = write(tmp_path, "police_2021_20220131.csv", lines)
    said = []
    for rows in (None, 7, 1000):
        clean = clean_police if rows is None else partial(in_parts, monkeypatch, rows=rows)
        with pytest.raises(DeliveryError, match="refused at the door") as told:
            clean(path, profile="obs_sample")
        said.append(str(told.value))
    assert len(set(said)) == 1


def test_few_identifiers_that_look_like_phones_are_let_in(tmp_path, monkeypatch):
    lines = [line(NUM_FAIT="0470/12.34.56"), *(line(NUM_FAIT=f"F{n}") for n in range(20))]
    path = write(tmp_path, "police_2021_20220131.csv", lines)
    whole = clean_police(path, profile="obs_sample")
    assert len(whole.table) == 21
    assert_same(in_parts(monkeypatch, path, 2, profile="obs_sample"), whole)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([], "a header and no rows"),
        ([line(), line(), line().replace(";", ",")], "two files are mixed"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_the_same_words(
    tmp_path, monkeypatch, lines, said
):
    path = write(tmp_path, "police_2021_20220131.csv", lines)
    told = []
    for clean in (clean_police, lambda p, **k: in_parts(monkeypatch, p, 1, **k)):
        with pytest.raises(DeliveryError, match=said) as raised:
            clean(path, profile="obs_sample")
        told.append(str(raised.value))
    assert told[0] == told[1]


def test_large_deliveries_of_facts_alone_are_cleaned_in_parts(tmp_path, monkeypatch):
    path = write(tmp_path, "police_2021_20220131.csv", [line()])
    assert isinstance(clean_police(path, profile="obs_sample")._arrow, pa.Table)
    monkeypatch.setattr(streamed_cleaning, "LARGE", path.stat().st_size)
    assert not isinstance(clean_police(path, profile="obs_sample")._arrow, pa.Table)
    frame = pd.read_csv(path, sep=";", skiprows=1, dtype="str")
    assert isinstance(clean_police(frame, profile="obs_sample")._arrow, pa.Table)


def test_a_temporary_folder_without_room_is_said_in_words(tmp_path, monkeypatch):
    path = write(tmp_path, "police_2021_20220131.csv", [line(NUM_FAIT=f"F{n}") for n in range(9)])
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, before[1]))
    try:
        with pytest.raises(ObsError, match="cannot be laid aside") as told:
            in_parts(monkeypatch, path, 2, profile="obs_sample")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert "set TMPDIR to a folder with room" in str(told.value)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    with pytest.raises(ObsError, match="no temporary folder can be written"):
        in_parts(monkeypatch, path, 2, profile="obs_sample")


def test_rows_taken_from_the_temporary_folder_are_said_to_be_gone(tmp_path, monkeypatch):
    path = write(tmp_path, "police_2021_20220131.csv", [line(NUM_FAIT=f"F{n}") for n in range(9)])
    cleaned = in_parts(monkeypatch, path, 2, profile="obs_sample")
    shutil.rmtree(cleaned._arrow.store.path)
    with pytest.raises(ObsError, match="something emptied it. Clean the delivery again"):
        cleaned.frame()


def test_the_folder_of_parts_is_held_so_that_what_a_killed_process_left_is_swept(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    left = tmp_path / "obs-run-left"
    left.mkdir()
    os.utime(left, (0, 0))
    path = write(tmp_path, "police_2021_20220131.csv", [line()])
    one = in_parts(monkeypatch, path, 2, profile="obs_sample")
    assert not left.exists()
    folder = one._arrow.store.path
    os.utime(folder, (0, 0))
    two = in_parts(monkeypatch, path, 2, profile="obs_sample")
    assert folder.exists()
    pd.testing.assert_frame_equal(one.table, two.table)


def test_a_forked_child_that_drops_a_cleaning_leaves_its_parents_rows(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    store = Store()
    folder = store.path
    child = os.fork()
    if child == 0:
        del store
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    assert folder.exists()
    del store
    assert not folder.exists()
