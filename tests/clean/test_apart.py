"""Files cleaned together and each by itself, in one reading: the same as one after another."""

import pandas as pd
import pytest

from obs.clean import clean_police, clean_prosecutor
from obs.clean.registry.delivery_registry import Registry
from obs.sample import sample

pytestmark = pytest.mark.slow

SOURCES = {
    "police": (clean_police, "obs_sample", "police/*.csv"),
    "prosecutor": (clean_prosecutor, "obs_sample_prosecutor", "prosecutor/*.csv"),
}


@pytest.fixture(scope="module")
def raw(tmp_path_factory):
    folder = tmp_path_factory.mktemp("raw")
    sample(folder, years=[2020, 2021], scale=0.02, seed=4)
    return folder


@pytest.mark.parametrize("kind", SOURCES)
def test_each_file_is_as_if_cleaned_alone(raw, kind):
    clean, profile, pattern = SOURCES[kind]
    paths = sorted(raw.glob(pattern))
    assert len(paths) > 1
    together = clean(paths, profile=profile, apart=True)
    whole = clean(paths, profile=profile)
    assert whole.deliveries == ()
    pd.testing.assert_frame_equal(together.table, whole.table)
    pd.testing.assert_frame_equal(together.report, whole.report)
    for part, path in zip(together.deliveries, paths, strict=True):
        alone = clean(path, profile=profile)
        pd.testing.assert_frame_equal(part.table, alone.table)
        pd.testing.assert_frame_equal(part.rejected, alone.rejected)
        pd.testing.assert_frame_equal(part.report, alone.report)
        pd.testing.assert_frame_equal(part.flagged, alone.flagged)


def test_one_file_is_its_own_part(raw):
    path = min(raw.glob("police/*.csv"))
    cleaned = clean_police(path, profile="obs_sample", apart=True)
    assert len(cleaned.deliveries) == 1
    pd.testing.assert_frame_equal(cleaned.deliveries[0].table, cleaned.table)


def test_the_registry_takes_what_was_cleaned_and_cleans_the_rest(raw, tmp_path):
    paths = sorted(raw.glob("police/*.csv"))
    options = {"source": "police", "profile": "obs_sample"}
    one, two = (Registry.of(tmp_path / name, "brussels") for name in ("one", "two"))
    assert one.lacks(paths, **options)
    cleaned = clean_police(paths, profile="obs_sample", apart=True)
    again = []

    def counted(path, **given):
        again.append(path)
        return clean_police(path, **given)

    one.update(paths, clean=counted, cleaned=cleaned.deliveries[1:], **options)
    two.update(paths, clean=clean_police, **options)
    assert again == paths[:1]
    assert not one.lacks(paths, **options)
    pd.testing.assert_frame_equal(one.deliveries, two.deliveries)
    tables = [r.table_as_of("2030-01-01", source="police") for r in (one, two)]
    pd.testing.assert_frame_equal(*tables)
