"""Small deliveries, written where a test may."""

from pathlib import Path

import pytest

from tests.clean.deliveries import HEADER, NAME, NOTICE


@pytest.fixture
def deliver(tmp_path):
    """Give a function that writes lines under the header and gives the path."""

    def write(*lines: str, name: str = NAME, head: str = f"{NOTICE}\n{HEADER}") -> Path:
        path = tmp_path / name
        path.write_text("\n".join([head, *lines]) + "\n", encoding="utf-8-sig")
        return path

    return write
