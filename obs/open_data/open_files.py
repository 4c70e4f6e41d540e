"""Gather the open data of an edition: every format, its descriptions, one archive."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from obs.disclosure import Released
from obs.locale import need_language, words
from obs.open_data.about_edition import AboutEdition
from obs.open_data.csv_files import METADATA, csv_bytes, csvw_metadata
from obs.open_data.data_dictionary import codes_csv, columns_csv
from obs.open_data.data_workbook import indicator_workbook
from obs.open_data.open_tables import OpenTable, open_tables
from obs.open_data.portal_catalogue import (
    CATALOGUE,
    dcat_catalogue,
    describe_dataset,
    indicator_name,
)
from obs.report.edition.whole_folders import replaced_folder, write_whole

__all__ = ["ARCHIVE", "FOLDER", "make_open_data", "open_data_files", "write_open_data"]

FOLDER = "open_data"  # of an edition
ARCHIVE = "open_data.zip"
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # of an archive: the same at each build


def open_data_files(
    tables: Sequence[OpenTable], about: AboutEdition, *, langs: Sequence[str]
) -> dict[str, bytes]:
    """Make the files of the open data of an edition, by their names in its folder.

    `tables` are those of the release, by `open_tables`.

    The same release gives the same bytes.
    """
    from obs.open_data.parquet_files import parquet_bytes
    from obs.open_data.sdmx_messages import sdmx_messages

    day = _last_day(tables, about)
    synthetic_data = any(any(table.cells["synthetic"]) for table in tables)
    files: dict[str, bytes] = {}
    for table in tables:
        files[f"csv/{table.name}.csv"] = csv_bytes(table)
        files[f"parquet/{table.name}.parquet"] = parquet_bytes(table, about, langs=langs)
    files[f"csv/{METADATA}"] = csvw_metadata(tables, about, langs=langs)
    synthetic = {lang: words(lang).say("page.synthetic") for lang in langs}
    for indicator in dict.fromkeys(t.indicator for t in tables):
        own = [t for t in tables if t.indicator == indicator]
        for lang in langs:
            said = synthetic[lang] if synthetic_data else ""
            content = indicator_workbook(own, about, lang=lang, day=day, synthetic=said)
            files[f"xlsx/{_workbook_name(own)}.{lang}.xlsx"] = content
    messages = sdmx_messages(tables, about, langs=langs, prepared=f"{day.isoformat()}T12:00:00")
    files |= {f"sdmx/{name}": content for name, content in messages.items()}
    files["columns.csv"] = columns_csv(tables, langs=langs)
    files["codes.csv"] = codes_csv(tables, langs=langs)
    files[ARCHIVE] = _archive(files)
    modified = day.isoformat()
    files[CATALOGUE] = dcat_catalogue(tables, files, about, langs=langs, modified=modified)
    return dict(sorted(files.items()))


def make_open_data(
    released: Released, about: AboutEdition, *, langs: Sequence[str]
) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Make the files of the open data of a release, with what a front page tells of them.

    Returns `dataset` and `indicators` as values that JSON can hold, and the files by name.
    """
    tables = open_tables(released, langs=langs)
    files = open_data_files(tables, about, langs=langs)
    return _list_open_data(tables, files, about, langs=langs), files


def write_open_data(
    released: Released, out: str | Path, *, about: AboutEdition, langs: Sequence[str]
) -> list[Path]:
    """Write a release as open data: CSV, XLSX, Apache Parquet, SDMX, DCAT-AP, one archive.

    Parameters
    ----------
    released : Released
        What `obs.release` made, of indicators and changes.
    out : path
        Folder of the files; what was there is replaced, whole or not at all.
    about : AboutEdition
        What the files say of the edition beside its figures.
    langs : sequence of str
        Languages of names and descriptions.

    Returns
    -------
    list of Path
        The files written, sorted.

    Raises
    ------
    DisclosureError
        If it is not a Released.
    ObsError
        If a table compares places, or a language is unknown.

    Examples
    --------
    >>> import obs
    >>> from obs.open_data import AboutEdition
    >>> about = AboutEdition("2024", "brussels", {"en": "Brussels"})
    >>> obs.write_open_data({"theft": 3}, "nowhere", about=about, langs=["en"])
    Traceback (most recent call last):
    obs.errors.DisclosureError: open data shows only what obs.release made, and was given a dict. Pass the table through obs.release first.
    """
    chosen = [need_language(lang) for lang in langs]
    tables = open_tables(released, langs=chosen)
    files = open_data_files(tables, about, langs=chosen)
    with replaced_folder(Path(out)) as aside:
        for name, content in files.items():
            write_whole(aside / name, content)
    return [Path(out) / name for name in files]


def _list_open_data(
    tables: Sequence[OpenTable],
    files: Mapping[str, bytes],
    about: AboutEdition,
    *,
    langs: Sequence[str],
) -> dict[str, Any]:
    """Say what a front page tells of the open data of an edition, as values that JSON can hold.

    Returns `dataset` (that of schema.org, by language) and `indicators`: of each its `title` and
    `workbook` by language, and its `tables`, each with `name` and `title` by language.
    """
    listed = []
    for indicator in dict.fromkeys(t.indicator for t in tables):
        own = [t for t in tables if t.indicator == indicator]
        book = _workbook_name(own)
        listed.append(
            {
                "title": {lang: indicator_name(own[0], lang) for lang in langs},
                "workbook": {lang: f"xlsx/{book}.{lang}.xlsx" for lang in langs},
                "tables": [
                    {
                        "name": f"csv/{t.name}.csv",
                        "title": dict(t.titles),
                        "bytes": len(files[f"csv/{t.name}.csv"]),
                    }
                    for t in own
                ],
            }
        )
    day = _last_day(tables, about).isoformat()
    dataset = {lang: describe_dataset(tables, about, lang=lang, modified=day) for lang in langs}
    return {"dataset": dataset, "indicators": listed}


def _last_day(tables: Sequence[OpenTable], about: AboutEdition) -> dt.date:
    """Give the day that files carry: the last extraction of their data, the same at each build."""
    days = [day for table in tables for day in table.cells.get("extracted", ()) if day]
    return max(days) if days else dt.date(int(about.edition), 12, 31)


def _workbook_name(tables: Sequence[OpenTable]) -> str:
    """Name the workbook of an indicator by its levels and its years."""
    levels = "-".join(dict.fromkeys(t.level or "all" for t in tables))
    years = sorted({str(p)[:4] for t in tables for p in t.cells["period"]})
    span = years[0] if len(years) == 1 else f"{years[0]}-{years[-1]}"
    return f"{tables[0].indicator}_{levels}_{span}"


def _archive(files: Mapping[str, bytes]) -> bytes:
    """Put all files in one archive, with a fixed day and no owner."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _FIRST_DAY)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, files[name])
    return content.getvalue()
