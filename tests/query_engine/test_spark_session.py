"""What a session of Spark leaves behind, and what it says: nothing."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.proof

RUN = """
import os, sys, tempfile
import pandas as pd
from pathlib import Path
from obs.indicators import count_events, open_engine, open_events
facts = pd.DataFrame({"territory": ["21004"] * 3, "event_date": pd.to_datetime(["2023-01-01"] * 3)})
with open_engine("spark", master="local[1]", settings={"spark.driver.memory": "512m"}) as engine:
    table = open_events(facts, engine=engine)
    count_events(table)
    inside = [path for path in Path(tempfile.gettempdir()).rglob("*.parquet")]
    print(*{oct(path.stat().st_mode & 0o777) for path in inside})
    print(*{oct(path.parent.stat().st_mode & 0o777) for path in inside})
with open_engine("spark", master="local[1]") as engine:  # a second session, of the same process
    print(int(count_events(open_events(facts, engine=engine))["numerator"].sum()))
"""


def test_a_session_is_silent_and_leaves_no_file_behind(spark_here, tmp_path):
    there = tmp_path / "there"
    there.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", RUN],
        cwd=there,
        env=spark_here | {"TMPDIR": str(there)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert done.stdout.split() == ["0o600", "0o700", "3"]
    assert sorted(there.rglob("*")) == []  # no metastore, warehouse, spilled block or log
