"""The small town and its catalogue, for every test of this room."""

import pytest
from small_town import entry, make_town


@pytest.fixture(scope="session")
def town():
    return make_town()


@pytest.fixture
def entries():
    return {"theft": entry(), "vif": entry()}
