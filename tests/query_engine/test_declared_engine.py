"""The engine that an observatory names: what may be said of it, and what is told where it is absent."""

import socket
import subprocess
import sys

import pytest

import obs
from obs.errors import CatalogueError, ObsError
from obs.indicators import open_engine
from obs.query_engine import spark_engine
from obs.query_engine.answer import spark_words


@pytest.fixture
def declared(root, tmp_path):
    """Give the function that loads the observatory of Brussels with a table [engine]."""
    packaged = root / "obs" / "reference" / "brussels" / "observatory.toml"
    text = packaged.read_text(encoding="utf-8")
    path = tmp_path / "observatory.toml"

    def load(engine):
        path.write_text(f"{text}\n[engine]\n{engine}\n", encoding="utf-8")
        return obs.load_observatory(path).engine

    return load


def test_without_a_name_it_is_duckdb():
    assert obs.load_observatory().engine.name == "duckdb"


def test_spark_is_named_with_its_master_and_properties(declared):
    engine = declared(
        'name = "spark"\nmaster = "spark://one:7077,two:7077"\nfolder = "/shared"\n'
        'settings = { "spark.executor.memory" = "8g" }'
    )
    assert (engine.name, engine.master) == ("spark", "spark://one:7077,two:7077")
    assert dict(engine.settings) == {"spark.executor.memory": "8g"}


@pytest.mark.parametrize("master", ["", "local", "local[2]", "local[*]"])
def test_this_machine_needs_no_shared_folder(declared, master):
    assert declared(f'name = "spark"\nmaster = "{master}"').master == master


def test_an_unknown_engine_is_refused_with_the_nearest(declared):
    with pytest.raises(
        CatalogueError,
        match="engine.name: 'sparc' is not one of duckdb, spark.*did you mean 'spark'",
    ):
        declared('name = "sparc"')
    with (
        pytest.raises(ObsError, match="engine: 'sparkk' is not one of .*did you mean 'spark'"),
        open_engine("sparkk"),
    ):
        pass


def test_every_fault_is_told_at_once(declared):
    with pytest.raises(CatalogueError) as told:
        declared(
            'name = "spark"\nmaster = "loca[2]"\n[engine.settings]\nmemory = "8g"\n'
            '"spark.sql.session.timeZone" = "Europe/Brussels"'
        )
    faults = str(told.value)
    assert "engine.master: 'loca[2]' is no master of Spark: local, local[2]" in faults
    assert "engine.folder: name a folder that all machines of the cluster see" in faults
    assert "engine.settings: 'memory' is no property of Spark" in faults
    assert "engine.settings: 'spark.sql.session.timeZone' is set by the library" in faults


@pytest.mark.parametrize(
    "key", ['master = "local"', 'folder = "/x"', 'settings = { "spark.a" = "1" }']
)
def test_duckdb_has_none_of_the_keys_of_spark(declared, key):
    with pytest.raises(CatalogueError, match="only engine 'spark' has it"):
        declared(key)


def test_the_extra_is_named_where_pyspark_is_absent(monkeypatch):
    monkeypatch.setattr(spark_engine, "find_spec", lambda name: None)
    with pytest.raises(ObsError, match=r"needs the extra 'spark' .*pip install 'obs\[spark\]'"):
        open_engine("spark").__enter__()


@pytest.fixture
def installed(monkeypatch):
    monkeypatch.setattr(spark_engine, "find_spec", lambda name: name)


def test_java_is_named_where_it_is_absent(monkeypatch, installed, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(ObsError, match="needs Java 17 or later and finds none: install it"):
        open_engine("spark").__enter__()
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "jdk"))
    with pytest.raises(ObsError, match=r"finds none in JAVA_HOME \('jdk'\)"):
        open_engine("spark").__enter__()


def test_a_master_that_does_not_answer_is_named(monkeypatch, installed, tmp_path):
    monkeypatch.setattr(spark_engine, "_need_java", lambda: None)
    with socket.socket() as free:  # bound, and nobody listens
        free.bind(("127.0.0.1", 0))
        master = f"spark://127.0.0.1:{free.getsockname()[1]}"
        with pytest.raises(ObsError, match=f"nothing answers at '{master}'. Start the cluster"):
            open_engine("spark", master=master, folder=str(tmp_path)).__enter__()


def test_a_build_says_so_before_it_reads_anything(monkeypatch, burglary_observatory, tmp_path):
    monkeypatch.setattr(spark_engine, "find_spec", lambda name: None)
    named = tmp_path / "observatory.toml"
    text = burglary_observatory.read_text(encoding="utf-8")
    named.write_text(f'{text}\n[engine]\nname = "spark"\n', encoding="utf-8")
    with pytest.raises(ObsError, match="needs the extra 'spark'"):
        obs.build(config=named, raw="nowhere", out=tmp_path / "out", processed=tmp_path / "inside")


def test_nothing_of_spark_is_imported_unless_it_is_named():
    code = (
        "import sys, obs, pandas as pd; "
        "obs.count_events(pd.DataFrame({'territory': ['21004'], 'event_date': pd.to_datetime(['2020-01-01'])})); "
        "print([m for m in sys.modules if m.split('.')[0] in ('pyspark', 'py4j') or 'spark_engine' in m])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("x java.lang.OutOfMemoryError: Java heap space", "not enough memory.*spark.driver.memory"),
        ("java.io.IOException: No space left on device", "no space left"),
        ("[CAST_INVALID_INPUT] The value 'Jean Dupont' of", "condition CAST_INVALID_INPUT$"),
        ("Jean Dupont", "ended with RuntimeError"),
    ],
)
def test_a_failed_query_is_told_without_a_value_of_a_row(said, told):
    words = spark_words(RuntimeError(said))
    assert "Dupont" not in words
    with pytest.raises(ObsError, match=told):
        raise ObsError(words)
