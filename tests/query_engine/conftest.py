"""One session of Spark for all tests of a process."""

import os
import shutil
from importlib.util import find_spec

import pytest

from obs.indicators import open_engine

# A short run compiles once; a collector with one thread needs no second core.
SHORT = {"spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"}


@pytest.fixture(scope="session")
def spark_here():
    """Give the environment in which Spark can start, or skip where it cannot."""
    if find_spec("pyspark") is None:
        pytest.skip("pyspark, of the extra 'spark', is not installed")
    if shutil.which("java") is None:
        pytest.skip("there is no Java on this machine")
    return dict(os.environ)


@pytest.fixture(scope="session")
def spark(spark_here):
    """Give Spark on this machine."""
    with open_engine("spark", master="local[2]", settings=SHORT) as engine:
        yield engine
