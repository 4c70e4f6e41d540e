"""A build refuses folders that lie in one another before it writes anything."""

import pytest

import obs
from obs.errors import ObsError
from obs.pipeline.publication.wanted_edition import need_folders_apart


@pytest.mark.parametrize(
    ("raw", "out", "processed", "message"),
    [
        ("data", "pages", "data", r"internal tables \(processed\), 'data', lies in 'data' \(raw\)"),
        (
            "data",
            "pages",
            "data/inside",
            r"'inside', lies in 'data' \(raw\), which holds the deliver",
        ),
        ("data", "data/pages", "tables", r"publications \(out\), 'pages', lies in 'data' \(raw\)"),
        (
            "data",
            "pages",
            "pages/x/y",
            r"'y', lies in 'pages' \(out\), which holds the publications",
        ),
        (
            "data",
            "pages",
            "pages",
            r"'pages', lies in 'pages' \(out\), which holds the publications",
        ),
        ("pages/raw", "pages", "tables", r"deliveries \(raw\), 'raw', lies in 'pages' \(out\)"),
        ("data", "pages", "way/tables", r"'tables', lies in 'data' \(raw\)"),
    ],
)
def test_folders_in_one_another_are_refused_and_nothing_is_written(
    tmp_path, raw, out, processed, message
):
    (tmp_path / "data").mkdir()
    (tmp_path / "way").symlink_to(tmp_path / "data")
    folders = {"raw": tmp_path / raw, "out": tmp_path / out, "processed": tmp_path / processed}
    with pytest.raises(ObsError, match=message):
        obs.build(**folders)
    assert {path.name for path in tmp_path.rglob("*")} == {"data", "way"}


def test_folders_beside_one_another_are_taken_whatever_their_names_begin_with(tmp_path):
    need_folders_apart(
        raw=tmp_path / "data" / "raw", out=tmp_path / "data" / "raw2", processed=tmp_path / "data"
    )
