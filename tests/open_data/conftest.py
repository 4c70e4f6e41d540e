"""Open data of a small release: three years of thefts with withheld communes, their changes, a breakdown."""

import pytest

import obs
from obs.open_data import AboutEdition, open_data_files, open_tables
from tests.report.small_tables import brussels_rows, indicator_table, vif

LANGS = ("fr", "nl", "en")
ABOUT = AboutEdition(
    edition="2024",
    observatory="brussels",
    title={"fr": "Observatoire", "nl": "Observatorium", "en": "Observatory"},
    publisher={"fr": "Bruxelles", "nl": "Brussel", "en": "Brussels"},
    contact={"fr": "a@example.org", "en": "b@example.org"},
    licence="CC BY 4.0",
    name="urn:obs:brussels:2024",
)


@pytest.fixture(scope="session")
def released():
    years = indicator_table(brussels_rows())
    changes = obs.compare_periods(years, base="previous")
    forms = vif().table.assign(status="ok")
    return obs.release({"v.years": years, "v.change": changes, "w.classes": forms})


@pytest.fixture(scope="session")
def files(released):
    return open_data_files(open_tables(released, langs=LANGS), ABOUT, langs=LANGS)


@pytest.fixture(scope="session")
def folder(files, tmp_path_factory):
    """The files on disk; not to be changed."""
    top = tmp_path_factory.mktemp("open_data")
    for name, content in files.items():
        (top / name).parent.mkdir(exist_ok=True)
        (top / name).write_bytes(content)
    return top
