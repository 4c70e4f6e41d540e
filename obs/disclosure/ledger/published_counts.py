"""List the counts that readers see, in a release or in the files of an edition.

Files are the data behind figures and tables (.csv), and the manifest, which lists the numbers
bound to sentences.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from obs.declare.json_files import parse_json
from obs.disclosure.ledger.edition_order import edition_order
from obs.disclosure.released import Released
from obs.errors import DisclosureError
from obs.schemas import ALL, BREAKDOWNS

__all__ = ["counts_published", "counts_shown", "editions_of", "pandas_period"]

_MANIFEST = "manifest.json"
_WEEK = re.compile(r"\d{4}-W\d\d")
_KEY = ("indicator", "territory", "period")
_OVER_A_SPAN = (
    "same_months",
    "event",
)  # points whose number adds up periods that are shown themselves

Count = tuple[str, ...]


def counts_shown(released: Released) -> list[Count]:
    """Give the counts that a release shows.

    Returns indicator, territory, period, unit, breakdowns ("form=sexual relation=couple"), figure
    ("count", or "whole" for the denominator of a share), number; in the order of tables and rows.
    """
    about = released.structure["indicators"]
    shares = {name for name, entry in about.items() if entry["kind"] == "share"}
    return [c for name in released.names for c in _counts_of_table(released[name].table, shares)]


def counts_published(files: Collection[Path]) -> list[Count]:
    """Give the counts that files of an edition show.

    Returns rows like those of `counts_shown`, in the order of files and rows, then those of
    sentences, then those of notices of correction that were issued on the edition as it stands.
    Raises `DisclosureError` if a file cannot be read.
    """
    manifests = sorted({p.parent.parent / _MANIFEST for p in files if p.parent.name == "data"})
    read = [_read_manifest(path) for path in manifests if path.is_file()]
    later = {name for names, _ in read for name in names}
    notices = [p for p in files if p.name.partition("_")[0] in later]
    found = _counts_of_files([p for p in files if p not in notices])
    return found + [c for _, counts in read for c in counts] + _counts_of_files(notices)


def _counts_of_files(files: Collection[Path]) -> list[Count]:
    return [c for path in files for c in _counts_of_table(_read_data_file(path), frozenset())]


def _later_notices(manifest: Mapping[str, Any]) -> list[str]:
    """Name the notices issued on the day of the edition or after: not on one that it replaced."""
    day = str(manifest.get("published") or "")
    notices = manifest.get("corrections", ())
    return [f"correction-{n['number']}" for n in notices if str(n["published"]) >= day]


def editions_of(publications: str | Path) -> list[tuple[str, list[Path]]]:
    """List the editions in a folder, with the data files of each.

    Returns name and files, in the order of the days that they were first published on, then of
    names, numbers as numbers. Drafts, which readers have not seen, are left
    out, and so are folders without a manifest, unless no folder has one. Raises `DisclosureError`
    if no data file holds counts.
    """
    top = Path(publications)
    every = sorted(
        (p for p in top.glob("*/") if not p.name.startswith(".") and p.is_dir()),
        key=lambda folder: (_first_day(folder / _MANIFEST), edition_order(folder.name)),
    )
    folders = [p for p in every if not any(map(_is_of_draft, p.rglob(_MANIFEST)))]
    whole = [p for p in folders if (p / _MANIFEST).is_file()]
    found = [(p.name, sorted(p.rglob("*.csv"))) for p in whole or folders]
    if not any(_holds_counts(path) for _, files in found for path in files):
        drafts = (
            " Drafts are read once `obs publish` has published them." if every != folders else ""
        )
        raise DisclosureError(
            f"'{top.name}' holds no data file with counts ({sum(len(f) for _, f in found)} .csv "
            f"files seen): name the folder of the editions.{drafts}"
        )
    return found


def _first_day(manifest: Path) -> str:
    """Give the day that an edition was first published on; "" where no manifest says it."""
    try:
        read = parse_json(manifest.read_bytes(), dict[str, Any])
        days = [read.get("published"), *(read.get("replaces") or ())]
    except (OSError, ValueError, TypeError):
        return ""
    return min((str(day) for day in days if day), default="")


def _is_of_draft(manifest: Path) -> bool:
    """Tell whether a manifest says that its edition is a draft; one that cannot be read does not."""
    try:
        return parse_json(manifest.read_bytes(), dict[str, Any]).get("state") == "draft"
    except (OSError, ValueError):
        return False


def _holds_counts(path: Path) -> bool:
    return {*_KEY, "numerator"} <= set(_read_data_file(path).columns)


def _read_data_file(path: Path) -> pd.DataFrame:
    try:
        return pd.read_csv(path, dtype="str", keep_default_na=False, na_values=[""])
    except (OSError, ValueError) as error:
        raise DisclosureError(f"the data file '{path.name}' cannot be read as CSV.") from error


def _counts_of_table(table: pd.DataFrame, shares: Collection[str]) -> Iterator[Count]:
    """Give the counts a table shows: numerators, those of the base, wholes of shares."""
    if not {*_KEY, "numerator"} <= set(table.columns):
        return
    if "point" in table:
        table = table[~table["point"].isin(_OVER_A_SPAN)]
    yield from _counts_of_column(table, "period", "numerator", "count")
    # a smaller set is equivalent: the columns of the key are there besides
    if {"base", "base_numerator"} <= set(table.columns):
        yield from _counts_of_column(table, "base", "base_numerator", "count")
    if "denominator" in table:
        share = table["indicator"].isin(list(shares))
        if "scale" in table:
            share |= table["scale"] == "share"
        yield from _counts_of_column(table[share], "period", "denominator", "whole")


def _counts_of_column(
    table: pd.DataFrame, period: str, column: str, figure: str
) -> Iterator[Count]:
    shown = table[table[column].notna()]
    periods = {p: pandas_period(p) for p in shown[period].unique()}
    unit = shown["unit"].fillna("") if "unit" in shown else [""] * len(shown)
    marks = [""] * len(shown)
    for name in (c for c in BREAKDOWNS if c in shown):
        codes = shown[name].astype("str").where(shown[name].notna(), ALL)
        texts = [f" {name}={code}" if code != ALL else "" for code in codes]
        marks = [mark + text for mark, text in zip(marks, texts, strict=True)]
    rows = zip(
        shown["indicator"],
        shown["territory"],
        shown[period],
        unit,
        marks,
        shown[column].astype("Float64"),
        strict=True,
    )
    for indicator, territory, when, own, mark, number in rows:
        known = (str(indicator), str(territory), periods[when], str(own), mark.strip())
        yield (*known, figure, str(round(float(number))))


def _read_manifest(manifest: Path) -> tuple[list[str], list[Count]]:
    """Read the later notices of an edition, and the counts that its sentences quote."""
    try:
        read = parse_json(manifest.read_bytes(), dict[str, Any])
        return _later_notices(read), _counts_in_sentences(read)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DisclosureError(f"'{manifest.name}' cannot be read.") from error


def _counts_in_sentences(manifest: Mapping[str, Any]) -> list[Count]:
    """Give the counts of the facts that the sentences of an edition quote."""
    notes = [*manifest["notes"].values(), *manifest.get("sheets", {}).values()]
    numbers = [n for note in notes for page in note.values() for n in page["numbers"]]
    return [count for count in map(_count_of_fact, numbers) if count]


def _count_of_fact(number: Mapping[str, Any]) -> Count | None:
    key, count = number["key"], number.get("numerator")
    if count is None or not set(_KEY) <= set(key) or key.get("point") in _OVER_A_SPAN:
        return None
    marks = [f"{c}={key[c]}" for c in BREAKDOWNS if c in key and key[c] != ALL]
    where = (key["indicator"], key["territory"], pandas_period(key["period"]))
    return (*where, number["unit"], " ".join(marks), "count", str(round(count)))


def pandas_period(period: object) -> str:
    """Write a period of a data file as pandas does.

    Examples
    --------
    >>> from obs.disclosure.ledger.published_counts import pandas_period
    >>> pandas_period("2024-Q1"), pandas_period("2024-W05")
    ('2024Q1', '2024-01-29/2024-02-04')
    """
    text = str(period)
    if not _WEEK.fullmatch(text):
        return text.replace("-Q", "Q")
    monday = dt.date.fromisocalendar(int(text[:4]), int(text[-2:]), 1)
    return str(pd.Period(monday, "W-SUN"))
