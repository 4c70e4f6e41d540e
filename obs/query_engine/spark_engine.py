"""Run queries on Spark: start it, hand it tables, end it and remove what it wrote.

Spark may be of this machine or a cluster. Nothing here decides on a value: time zone, arithmetic
and names of columns are set so that answers are those of DuckDB.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from ibis.expr import types as ir

from obs.errors import ObsError
from obs.query_engine.answer import quiet_pandas, spark_faults, spark_words
from obs.query_engine.arrow_backend import connect_spark
from obs.query_engine.declared_engine import DeclaredEngine, is_local
from obs.query_engine.parquet_columns import columns_alike
from obs.scratch_folder import locked_folder

__all__ = ["need_spark", "spark_engine"]

_WAIT = 5.0  # seconds for a master to answer
_NEEDED = ("pyspark", "py4j")  # the extra


class _Spark:
    """One session of Spark, started by the first table."""

    def __init__(self, declared: DeclaredEngine, scratch: Path) -> None:
        self._declared, self._scratch = declared, scratch
        self._shared = Path(declared.folder) if declared.folder else scratch
        self._own = self._shared / f"obs-facts-{uuid.uuid4().hex}"
        self._started: Any = None

    def hold(self, rows: pa.Table) -> ir.Table:
        """Give rows of this process as a table of Spark: written aside in columns, and read."""
        path = self._own / f"{uuid.uuid4().hex}.parquet"
        try:
            self._own.mkdir(mode=0o700, exist_ok=True)
            with _private(path) as file:
                pq.write_table(_in_microseconds(rows), file, compression="zstd")
        except OSError as fault:
            raise ObsError(f"engine.folder: '{self._shared.name}': {fault.strerror}") from None
        return self.read(path)

    def read(self, path: Path) -> ir.Table:
        """Give Apache Parquet files as a table of Spark; all must have the same columns."""
        files, kinds = columns_alike(path)
        session, connection = self._session()
        reader = session.read.option("basePath", str(path)) if path.is_dir() else session.read
        try:
            frame = reader.parquet(*(str(file.resolve()) for file in files))
            for name in (name for name, kind in kinds.items() if kind == pa.timestamp("ns")):
                frame = frame.withColumn(name, _from_nanoseconds(name))
            view = f"obs_{uuid.uuid4().hex}"
            frame.createOrReplaceTempView(view)
            return connection.table(view)
        except spark_faults() as fault:
            raise ObsError(f"engine 'spark': {path.name}: {spark_words(fault)}") from None

    def _session(self) -> Any:
        if self._started is None:
            self._started = _start(self._declared, self._scratch)
        session, connection, _ = self._started
        return session, connection

    def close(self) -> None:
        """End the session and its Java process, and remove what was written aside."""
        started, self._started = self._started, None
        try:
            if started is not None:
                _stop(started[0], started[2])
        finally:
            shutil.rmtree(self._own, ignore_errors=True)


@contextmanager
def spark_engine(declared: DeclaredEngine) -> Iterator[_Spark]:
    """Open Spark as declared, in a folder of its own for all that it writes."""
    with locked_folder() as scratch:
        engine = _Spark(declared, scratch)
        try:
            yield engine
        finally:
            engine.close()


def need_spark(declared: DeclaredEngine) -> None:
    """Refuse Spark without the extra, without Java, or at a master that does not answer."""
    absent = [name for name in _NEEDED if find_spec(name) is None]
    if absent:
        raise ObsError(
            f"engine 'spark' needs the extra 'spark' (absent: {', '.join(absent)}): "
            "pip install 'obs[spark]', or take [engine] out of observatory.toml"
        )
    _need_java()
    _need_master(declared.master)


def _need_java() -> None:
    home = os.environ.get("JAVA_HOME")
    if not (shutil.which("java", path=str(Path(home) / "bin")) if home else shutil.which("java")):
        where = f" in JAVA_HOME ('{Path(home).name}')" if home else ""
        raise ObsError(
            f"engine 'spark' needs Java 17 or later and finds none{where}: install it from the system's "
            "packages (Debian: apt-get install default-jre-headless), or set JAVA_HOME"
        )


def _need_master(master: str) -> None:
    """Refuse a master of its own that none of its machines answers for."""
    if not master.startswith("spark://"):
        return
    for one in master.removeprefix("spark://").split(","):
        host, port = one.rsplit(":", 1)
        with suppress(OSError), socket.create_connection((host, int(port)), timeout=_WAIT):
            return
    raise ObsError(
        f"engine 'spark': nothing answers at '{master}'. Start the cluster, correct engine.master, or "
        "take it out to run on this machine."
    )


def _start(declared: DeclaredEngine, scratch: Path) -> Any:
    """Start Java and a session; what they would print goes to a file of the scratch folder."""
    with quiet_pandas():
        from pyspark import SparkConf, SparkContext
        from pyspark.java_gateway import launch_gateway
        from pyspark.sql import SparkSession

        if SparkContext._active_spark_context is not None:
            raise ObsError(
                "engine 'spark': this process has a session of Spark already, whose settings are "
                "not the observatory's; stop it first"
            )
        conf = SparkConf(loadDefaults=False).setAll([*_properties(declared, scratch).items()])
        told = scratch / "spark.log"
        with _private(told) as log:
            try:
                gateway = launch_gateway(conf, popen_kwargs={"stdout": log, "stderr": log})
                session = SparkSession(SparkContext(conf=conf, gateway=gateway))
                return session, connect_spark(session), gateway
            except spark_faults() as fault:
                raise ObsError(f"engine 'spark' does not start: {_why(fault, told)}") from None


def _properties(declared: DeclaredEngine, scratch: Path) -> dict[str, str]:
    """Give the properties of a session: those declared, and those that are not anyone's to choose."""
    local = is_local(declared.master)
    near = {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
    java = f"-Djava.io.tmpdir={scratch} -Duser.timezone=UTC -XX:-UsePerfData"
    return {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.shuffle.partitions": str(os.cpu_count() or 1) if local else "200",
        **(near if local else {}),
        **declared.settings,
        "spark.master": declared.master or "local[*]",
        "spark.app.name": "obs",
        "spark.local.dir": str(scratch),
        "spark.driver.defaultJavaOptions": java,
        "spark.sql.ansi.enabled": "true",
        "spark.sql.caseSensitive": "true",
        "spark.sql.catalogImplementation": "in-memory",
        "spark.sql.legacy.parquet.nanosAsLong": "true",
        "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.warehouse.dir": str(scratch / "warehouse"),
    }


def _why(fault: BaseException, log: Path) -> str:
    text = log.read_text(errors="replace")
    if "UnsupportedClassVersionError" in text:
        return "this Java is too old; it needs Java 17 or later (JAVA_HOME says which)"
    if "All masters are unresponsive" in text or "All masters are unresponsive" in str(fault):
        return "its master does not answer; start the cluster or correct engine.master"
    return spark_words(fault)


def _stop(session: Any, gateway: Any) -> None:
    """End a session, and wait for its Java process to end."""
    from pyspark import SparkContext

    with suppress(*spark_faults()):  # a cluster that was lost cannot be told
        session.stop()
    with suppress(*spark_faults()):
        gateway.shutdown()
    SparkContext._gateway = SparkContext._jvm = None  # else a next session speaks to the dead one
    process = getattr(gateway, "proc", None)
    if process is not None:
        process.stdin.close()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _private(path: Path) -> Any:
    """Open a new file that its owner alone can read."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _in_microseconds(rows: pa.Table) -> pa.Table:
    """Give times to the microsecond, which is as fine as Spark tells them; none falls on another day."""
    for place, field in enumerate(rows.schema):
        if field.type == pa.timestamp("ns"):
            floored = pc.floor_temporal(rows[place], unit="microsecond")
            rows = rows.set_column(place, field.name, floored.cast(pa.timestamp("us")))
    return rows


def _from_nanoseconds(name: str) -> Any:
    """Give the time that a column of nanoseconds since 1970 tells, to the microsecond before."""
    from pyspark.sql import functions as sf

    column = "`" + name.replace("`", "``") + "`"
    whole = f"({column} - pmod({column}, 1000)) div 1000"
    return sf.expr(f"cast(timestamp_micros({whole}) as timestamp_ntz)")
