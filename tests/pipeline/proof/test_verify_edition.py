"""An edition built again is the same; after one changed row, what differs and since which input."""

import shutil

import pytest

from obs.__main__ import main
from obs.errors import ObsError
from obs.pipeline.proof.compared_editions import compare_editions
from obs.pipeline.proof.verify_edition import verify
from obs.report.edition.manifest import write_manifest

HEAD = "indicator,territory,period,numerator,value,status\n"


def edition(folder, rows, *, version="1"):
    """Write an edition of one data file, as a manifest lists it."""
    path = folder / "open_data" / "csv" / "theft_commune_2024.csv"
    path.parent.mkdir(parents=True)
    path.write_text(HEAD + rows, encoding="utf-8")
    (folder / "page.fr.html").write_text(rows, encoding="utf-8")
    files = {
        p.relative_to(folder).as_posix(): {"sha256": p.read_text("utf-8")}
        for p in sorted(folder.rglob("*.*"))
        if p.is_file()
    }
    manifest = {"edition": "2024", "published": "2025-06-30", "files": files}
    write_manifest(manifest | {"versions": {"numpy": version}, "commit": {"id": "a" * 40}}, folder)
    return folder


def accounts(sha="1", read=10, kept=9):
    rows = {"read": read, "kept": kept, "merged": 0, "rejected": 1}
    return {"sources": [{"source": "police", "file": "police_2024.csv", "sha256": sha, **rows}]}


def test_two_alike_are_identical(tmp_path):
    one = edition(tmp_path / "one", "theft,21001,2024,10,1.5,ok\n")
    done = compare_editions(one, one, accounts=accounts(), accounts_now=accounts())
    assert done.identical
    assert list(done.lines()) == ["edition 2024: identical, 2 files"]


def test_a_changed_row_names_delivery_indicator_and_figures(tmp_path):
    one = edition(tmp_path / "one", "theft,21001,2024,10,1.5,ok\nvif_total,21001,2024,7,,ok\n")
    two = edition(tmp_path / "two", "theft,21001,2024,11,1.65,ok\nvif_total,21001,2024,7,,ok\n")
    done = compare_editions(one, two, accounts=accounts(), accounts_now=accounts("2", 11, 10))
    assert not done.identical
    assert list(done.lines()) == [
        "edition 2024: 2 of 2 files differ",
        "input: delivery 'police_2024.csv' (police) is another file (read 10 -> 11, kept 9 -> 10); "
        "its indicators that differ: theft",
        "figure: theft 21001 2024, value: 1.5 -> 1.65",
        "figure: theft 21001 2024, numerator: 10 -> 11",
        "indicators: theft",
    ]


def test_an_absent_delivery_and_another_version_are_named(tmp_path):
    rows = "theft,21001,2024,10,1.5,ok\n"
    one, two = edition(tmp_path / "one", rows), edition(tmp_path / "two", rows, version="2")
    done = compare_editions(one, two, accounts=accounts(), accounts_now={"sources": []})
    assert done.identical
    assert done.inputs == ("delivery 'police_2024.csv' (police) is absent", "numpy 1 -> 2")


def test_a_figure_that_is_withheld_now_is_named(tmp_path):
    one = edition(tmp_path / "one", "theft,21001,2024,10,1.5,ok\n")
    two = edition(tmp_path / "two", "theft,21001,2024,,,suppressed\n")
    done = compare_editions(one, two, accounts={}, accounts_now={})
    assert "figure: theft 21001 2024, numerator: 10 -> nothing" in list(done.lines())
    assert "figure: theft 21001 2024, status: ok -> suppressed" in list(done.lines())


def test_what_was_not_kept_cannot_be_verified(tmp_path):
    edition(tmp_path / "publications" / "2024", "theft,21001,2024,10,1.5,ok\n")
    with pytest.raises(ObsError, match="what edition 2024 was made from is not kept in 'inside'"):
        verify(2024, out=tmp_path / "publications", processed=tmp_path / "inside")


def test_an_edition_that_is_not_there_is_refused(tmp_path, capsys):
    assert main(["verify", "2024", "--out", str(tmp_path)]) == 2
    assert "there is no published edition 2024" in capsys.readouterr().err


@pytest.mark.proof
def test_an_edition_of_the_sample_is_verified_and_one_changed_row_is_found(
    sample_raw, burglary_observatory, root, tmp_path, capsys
):
    raw, out, inside = tmp_path / "raw", tmp_path / "publications", tmp_path / "processed"
    shutil.copytree(sample_raw, raw)
    places = ["--raw", str(raw), "--out", str(out), "--processed", str(inside)]
    given = ["--config", str(burglary_observatory), "--notebooks", str(root / "notebooks"), *places]
    assert main(["build", "--quiet", "--lang", "fr", *given]) in (0, 1)
    kept = ["--out", str(out), "--processed", str(inside)]
    assert main(["publish", "2024", "--by", "A. Editor", "--quiet", *kept]) == 0
    capsys.readouterr()
    before = {p: p.read_bytes() for p in out.rglob("*") if p.is_file()}
    assert main(["verify", "2024", "--quiet", *given]) == 0
    assert "edition 2024: identical" in capsys.readouterr().out

    (police,) = raw.glob("police/police_2024*.csv")
    lines = police.read_bytes().split(b"\n")
    ids = [line.partition(b";")[0] for line in lines]
    once = (n for n, line in enumerate(lines) if b";VOL-HAB;" in line and ids.count(ids[n]) == 1)
    index = next(n for n in once if b";Elsene;" in lines[n] or b";Ixelles;" in lines[n])
    police.write_bytes(b"\n".join([*lines[:index], *lines[index + 1 :]]))
    assert main(["verify", "2024", "--quiet", *given]) == 1
    said = capsys.readouterr().out
    assert f"delivery '{police.name}' (police) is another file (read " in said
    assert "figure: burglary_dwelling" in said
    assert {p: p.read_bytes() for p in out.rglob("*") if p.is_file()} == before
