"""What several tests of this room may use: a small observatory at three moments."""

import shutil

import pytest

from tests.pipeline.small_observatory import build_of, publish_of, write_facts, write_observatory


@pytest.fixture(scope="session")
def states(once_a_run):
    """Give an edition published, then its new draft, then that one published; not to be changed."""

    def fill(folder):
        write_observatory(folder / "published", facts=90)
        build_of(folder / "published")()
        publish_of(folder / "published")()
        write_facts(folder / "published" / "raw", 2024, 120)
        shutil.copytree(folder / "published", folder / "drafted")
        build_of(folder / "drafted")()
        shutil.copytree(folder / "drafted", folder / "replaced")
        publish_of(folder / "replaced", day=2)()

    return once_a_run("states_of_arvalie", fill)
