"""What several tests of this room may use: a small sample of three years; not to be changed."""

import pytest

import obs


@pytest.fixture(scope="session")
def sample(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sample")
    obs.sample(folder, years=range(2019, 2022), seed=3, scale=0.05)
    return folder
