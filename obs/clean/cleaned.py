"""Hold the result of a cleaning: the tidy table, the rejected rows, the account of each file.

The tidy table is held in Arrow, its texts as codes, and is brought to pandas only when asked
for; writing it does not pass through pandas.
"""

from __future__ import annotations

import os
from collections.abc import Container
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from obs.clean.judge.rejection_rules import TOLERATED
from obs.clean.parts.stored_table import StoredTable
from obs.clean.parts.table_files import (
    clear_way,
    in_memory,
    plain_type,
    read_table,
    tables_columns,
    write_arrow,
    write_years,
)
from obs.clean.unmatched_places import unmatched_lines
from obs.display_cards import card
from obs.errors import DeliveryError
from obs.private_files import private_files
from obs.schemas import (
    CALL_DAYS,
    CALLS,
    CASE_COUNTS,
    CASES,
    COUNTS,
    COVERAGE,
    EVENTS,
    REJECTED,
    REPORT,
    RESPONDENTS,
    SERVICES,
    UNMATCHED,
    Schema,
    check_table,
    empty_table,
)

__all__ = [
    "Cleaned",
    "erase_rows",
    "read_cleaned",
    "read_tidy",
    "tidy_schema",
    "to_arrow_table",
    "type_tidy",
    "write_arrow",
]

_TIDY = (EVENTS, CASE_COUNTS, COUNTS, CASES, RESPONDENTS, CALLS, CALL_DAYS, SERVICES)
_TYPES = {
    pa.int64(): pd.Int64Dtype(),
    pa.bool_(): pd.BooleanDtype(),
    pa.float64(): pd.Float64Dtype(),
}


@dataclass(frozen=True, eq=False, repr=False)
class Cleaned:
    """A cleaned delivery.

    Attributes
    ----------
    table : DataFrame
        Tidy rows, in the order of files and lines; `schema` says of which table.
    rejected : DataFrame
        One row per rejected row: file, row (line of the file, its header counted),
        column (the supplier's), rule, message. No cell is quoted.
    report : DataFrame
        One row per file, with read = kept + merged + rejected; `identical` counts the
        rows that repeat another row of their file.
    flagged : DataFrame
        Rows that are kept and doubted, in the columns of `rejected`.
    deliveries : tuple of Cleaned
        Each file cleaned by itself, where that was asked for (`apart`).
    coverage : DataFrame
        COVERAGE: the days that each file tells of, and who says so; none of interviews.
    unmatched : DataFrame
        Spellings of places that no unit answers to: text (missing for those that resemble no
        place), rows, and the reason with the nearest names; most frequent first.
    first : DataFrame
        The first twenty rows: file, row, fate (kept, merged, rejected), rule, and place in the
        table of a kept one.
    """

    schema: Schema
    rejected: pd.DataFrame
    report: pd.DataFrame
    _arrow: pa.Table | StoredTable = field()
    flagged: pd.DataFrame = field(default_factory=lambda: empty_table(REJECTED))
    deliveries: tuple[Cleaned, ...] = ()
    coverage: pd.DataFrame = field(default_factory=lambda: empty_table(COVERAGE))
    unmatched: pd.DataFrame = field(default_factory=lambda: empty_table(UNMATCHED))
    first: pd.DataFrame = field(default_factory=pd.DataFrame)

    def __post_init__(self) -> None:
        check_table(self.rejected, REJECTED)
        check_table(self.report, REPORT)
        check_table(self.flagged, REJECTED)
        _close_accounts(self.report, self.rejected, self._arrow.num_rows)

    def __repr__(self) -> str:
        return f"Cleaned({self.schema.name}: {self.summary()[0]})"

    def _repr_html_(self) -> str:
        """Show the account in a notebook; no row of the delivery."""
        account, *others = self.summary()
        about = {
            "table": f".table, {self.schema.name} of obs.schemas, {self._arrow.num_rows:,} rows",
            "files": ", ".join(self.report["file"].astype("str").head(5)),
            "account": account,
            "rows": "; ".join(others),
        }
        return card("Cleaned", about)

    @cached_property
    def table(self) -> pd.DataFrame:
        """The tidy table, checked against its schema."""
        return self.frame()

    def frame(self) -> pd.DataFrame:
        """Make the tidy table, without keeping it as `table` does."""
        return type_tidy(_to_pandas(in_memory(self._arrow)), self.schema)

    @property
    def arrow_tables(self) -> dict[str, pa.Table]:
        """The tables as they are held, in Arrow, by the name of the file that each is written to."""
        return {self.name: in_memory(self._arrow)}

    @property
    def name(self) -> str:
        """The name of the table's file when written: events or counts."""
        return self.schema.name.lower()

    @property
    def intolerable(self) -> int:
        """Rows that are rejected and not dropped on purpose: what counts towards a tolerance."""
        return int((~self.rejected["rule"].isin(TOLERATED)).sum())

    def summary(self) -> list[str]:
        """Say in lines what was read, kept, merged and rejected, and by which rule.

        Returns
        -------
        list of str
            The sum of all files first, then one line per rule, most frequent first.
        """
        total = self.report[["read", "kept", "merged", "rejected"]].sum()
        lines = [", ".join(f"{name} {int(n):,}" for name, n in total.items())]
        if "sum_read" in self.report:
            sums = self.report[[f"sum_{name}" for name in total.index]].sum()
            told = ", ".join(f"{str(n).removeprefix('sum_')} {int(v):,}" for n, v in sums.items())
            lines.append(f"counts: {told}")
        if int(self.report["identical"].sum()):
            lines.append(f"identical rows within a file {int(self.report['identical'].sum()):,}")
        rules = (
            self.rejected["rule"]
            .value_counts()
            .sort_index()
            .sort_values(ascending=False, kind="stable")
        )
        doubts = self.flagged["rule"].value_counts().sort_index()
        lines += [f"rejected by {rule}: {n:,}" for rule, n in rules.items()]
        lines += [f"remarked as {rule}: {n:,}" for rule, n in doubts.items()]
        return lines + unmatched_lines(self.unmatched)

    def write(
        self, directory: str | Path, *, by_year: bool = False, before: Path | None = None
    ) -> list[Path]:
        """Write the table (Apache Parquet), rejected.csv and report.csv.

        Each file is written aside and then put in its place at once, for its owner alone (0600; a
        folder that is made here, 0700).

        Parameters
        ----------
        directory : str or Path
            Made if need be; files of the same names are replaced.
        by_year : bool
            Whether a table of facts is written as a folder of that name, with one file a year:
            `events.parquet/year=2024/part.parquet`.
        before : Path, optional
            A directory written before, from which the files of years that are the same are taken.

        Returns
        -------
        list of Path
            The table (events.parquet, cases.parquet, ...), rejected.csv, report.csv and,
            where there are any, flagged.csv (what is doubted and kept), coverage.csv (days
            covered) and unmatched.csv (places not found); without, former ones go.

        Raises
        ------
        DeliveryError
            If the directory is a file.
        """
        folder = Path(directory)
        if folder.is_file():
            raise DeliveryError(f"{folder.name}: is a file; give a folder to write to.")
        with private_files():
            return self._written(folder, before if by_year else None, by_year=by_year)

    def _written(self, folder: Path, before: Path | None, *, by_year: bool) -> list[Path]:
        folder.mkdir(parents=True, exist_ok=True)
        frames = {"rejected.csv": self.rejected, "report.csv": self.report}
        others = {"flagged": self.flagged, "coverage": self.coverage, "unmatched": self.unmatched}
        for name, frame in ((f"{key}.csv", frame) for key, frame in others.items()):
            if len(frame):
                frames[name] = frame
            else:
                (folder / name).unlink(missing_ok=True)
        paths = [folder / name for name in (f"{self.name}.parquet", *frames)]
        aside = [path.with_name(f".{path.name}.part") for path in paths]
        if by_year and self.name == EVENTS.name.lower():  # kept rows have a schema of their own
            former = before and before / paths[0].name
            write_years(self._arrow, aside[0], when="event_date", before=former)
        else:
            write_arrow(self._arrow, aside[0])
        for part, frame in zip(aside[1:], frames.values(), strict=True):
            frame.to_csv(part, index=False, lineterminator="\n", date_format="%Y-%m-%d")
        clear_way(aside[0], paths[0])
        for part, path in zip(aside, paths, strict=True):
            os.replace(part, path)  # noqa: PTH105 (atomic on one file system)
        return paths

    def with_table(self, table: pd.DataFrame) -> Cleaned:
        """Give the same account with another table of as many rows, to which columns were added."""
        arrow = to_arrow_table(check_table(table, self.schema))
        return replace(self, _arrow=arrow, deliveries=())


def read_cleaned(path: str | Path) -> pd.DataFrame:
    """Read a tidy table that `Cleaned.write` wrote.

    Parameters
    ----------
    path : str or Path
        events.parquet or counts.parquet, a file or a folder with one file a year.

    Returns
    -------
    DataFrame
        Typed as its schema says, periods included.

    Raises
    ------
    DeliveryError
        If there is no such file or it is not a tidy table.
    SchemaError
        If the table is not what its schema says.

    Examples
    --------
    >>> import tempfile
    >>> from obs.clean import clean_police
    >>> counts = pd.DataFrame({"classe": ["Vols avec armes"], "annee": ["16"],
    ...     "CODGEO_2024": ["76540"], "faits": ["31"], "POP": ["110117"]})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path, *_ = clean_police(counts, profile="ssmsi_communes").write(folder)
    ...     read_cleaned(path)[["territory", "period", "numerator"]]
      territory period  numerator
    0     76540   2016         31
    """
    path = Path(path)
    try:
        columns = tables_columns(path)
    except FileNotFoundError:
        raise DeliveryError(f"{path.name}: there is no such file.") from None
    except pa.ArrowInvalid:
        raise DeliveryError(f"{path.name}: not an Apache Parquet file, or damaged.") from None
    return type_tidy(read_tidy(path), tidy_schema(columns, path.name))


def erase_rows(path: Path, delivery: str, *, respondents: Container[str] = ()) -> int:
    """Erase the rows of one delivery, or answers of some respondents, from a written tidy table.

    Returns how many rows went; the table is replaced whole.
    """
    table = pq.read_table(path)
    if "delivery" in table.column_names:
        gone = [text == delivery for text in table["delivery"].to_pylist()]
    else:
        gone = [text in respondents for text in table["respondent_id"].to_pylist()]
    if any(gone):
        part = path.with_name(f".{path.name}.part")
        with private_files():
            write_arrow(table.filter(pa.array([not one for one in gone])), part)
        part.replace(path)
    return sum(gone)


def read_tidy(path: Path) -> pd.DataFrame:
    """Read a tidy table as it was written, its periods as texts."""
    return _to_pandas(read_table(path))


def type_tidy(frame: pd.DataFrame, schema: Schema) -> pd.DataFrame:
    """Give a tidy table its types, periods included, and check it."""
    texts = {
        n: frame[n].astype("str")
        for n, c in schema.columns.items()
        if c.kind == "text" and n in frame
    }
    frame = frame.assign(**texts)
    periods = {
        n: _periods(frame[n])
        for n, c in schema.columns.items()
        if c.kind == "period" and n in frame
    }
    return check_table(frame.assign(**periods), schema)


def to_arrow_table(tidy: pd.DataFrame) -> pa.Table:
    """Give a tidy table in Arrow, its periods as texts."""
    of_periods = tidy.columns[[isinstance(kind, pd.PeriodDtype) for kind in tidy.dtypes]]
    periods = {str(n): tidy[n].astype("str") for n in of_periods}
    arrow = pa.Table.from_pandas(tidy.assign(**periods), preserve_index=False)
    return arrow.replace_schema_metadata()


def tidy_schema(columns: list[str], name: str) -> Schema:
    """Tell which tidy table it is by the columns, or refuse."""
    for schema in _TIDY:
        if {n for n, c in schema.columns.items() if c.required} <= {*columns}:
            return schema
    raise DeliveryError(
        f"{name}: not a tidy table ({', '.join(s.name for s in _TIDY)} of obs.schemas); "
        "clean it with the supplier's profile."
    )


def _to_pandas(arrow: pa.Table) -> pd.DataFrame:
    plain = pa.schema([(f.name, plain_type(f.type)) for f in arrow.schema])
    made: pd.DataFrame = arrow.cast(plain).to_pandas(types_mapper=_TYPES.get)
    return made


def _periods(texts: pd.Series) -> pd.PeriodIndex:
    monthly = bool(texts.str.contains("-", na=False).any())
    return pd.PeriodIndex(texts, freq="M" if monthly else "Y-DEC")


def _close_accounts(report: pd.DataFrame, rejected: pd.DataFrame, rows: int) -> None:
    """Raise unless read = kept + merged + rejected in every file."""
    open_ = report["read"] != report["kept"] + report["merged"] + report["rejected"]
    counted = rejected.groupby("file").size().reindex(report["file"], fill_value=0)
    wrong = open_.to_numpy() | (counted.to_numpy() != report["rejected"].to_numpy(dtype="int64"))
    if "sum_read" in report:
        parts = report["sum_kept"] + report["sum_merged"] + report["sum_rejected"]
        wrong |= (report["sum_read"] != parts).fillna(value=False).to_numpy(dtype=bool)
    if wrong.any() or int(report["kept"].sum()) != rows:
        names = ", ".join(report.loc[wrong, "file"].head(5)) or "all files together"
        raise DeliveryError(
            f"the account of {names} does not close (read is not kept + merged + rejected, as "
            "rows or as counts); "
            "nothing is kept. This is a fault of the cleaning, not of the delivery: report it."
        )
