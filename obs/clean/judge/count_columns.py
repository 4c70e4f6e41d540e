"""Judge columns of counts as a whole: rates that pose as counts, counts finer than the key.

Two rows of one place, period and class that differ in another column are two counts. They
are added where the profile says so, kept apart where it keeps that column as a breakdown,
and never merged or thrown away.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from obs.clean.coded_columns import (
    Coded,
    choose,
    encode_list,
    group_rows,
    repeat,
    take,
    whole_numbers,
)
from obs.clean.folded_texts import fold
from obs.clean.judge.distinct_values import share_of_fractions
from obs.clean.judge.judged_rows import Rows
from obs.clean.profiles.profile import Profile
from obs.clean.read.reading import Reading
from obs.errors import DeliveryError

__all__ = ["Added", "add_counts", "check_rates", "check_splits", "mark_broken_months"]

_RATE_WORDS = frozenset(
    [
        "taux",
        "rate",
        "rates",
        "ratio",
        "ratios",
        "pct",
        "percent",
        "percentage",
        "pourcentage",
        "percentages",
        "pourcentages",
        "promille",
        "permille",
        "pourmille",
        "mille",
        "incidence",
        "prevalence",
        "graad",
        "aandeel",
        "indice",
        "index",
        "moyenne",
        "gemiddelde",
        "mean",
        "average",
    ]
)
_NOT_SPLITTING = frozenset({"numerator", "status", "population", "dwellings", "version"})
_NOT_SPLITTING |= {"extracted", "synthetic", "bound", "document_line", "measure"}
_SHOWN = 5
_RANK = {"missing": 2, "not_applicable": 2, "suppressed_source": 3}  # how little is known
_UNKNOWN = {2: "missing", 3: "suppressed_source"}


def check_rates(readings: Sequence[Reading]) -> None:
    """Refuse a column of rates or shares where the profile reads counts.

    Raises
    ------
    DeliveryError
        If the name of a column of counts tells a rate, or if more than half of its numbers
        other than 0 have a fraction: the zeros among them would be believed.
    """
    for reading in readings:
        places = [place for place, t in reading.bound.target_of().items() if t == "numerator"]
        for place in places:
            name = reading.header[place]
            words = set(re.findall(r"[a-z]+", fold(name))) | (
                {"pct"} if {*"%‰"} & {*name} else set()
            )
            broken = share_of_fractions(reading.columns[place].distinct(), reading.by)
            if name in reading.by.allow or not (words & _RATE_WORDS or broken > 0.5):
                continue
            why = (
                f"{broken:.0%} of its numbers other than 0 have a fraction or a percent sign"
                if broken > 0.5
                else "its name tells so"
            )
            raise DeliveryError(
                f"{reading.name}: column '{name[:60]}' holds rates or shares, not counts ({why}). A "
                "rate of 0 is no count of 0: name the column of counts in the profile, or ask for "
                "the counts; if they are counts all the same, name the column in `allow`."
            )


@dataclass(frozen=True)
class Added:
    """Counts added by key: `owner` is the row that bears the count of each row, most often itself.

    `counted` tells the rows whose number is in that count: not that of an identical row, nor
    those of a sum with an unknown part. `terms` says how many rows a count adds.
    """

    owner: NDArray[np.int64]
    counted: NDArray[np.bool_]
    terms: NDArray[np.int64]


def check_splits(
    rows: Rows, key: NDArray[np.int64], readings: Sequence[Reading], profile: Profile
) -> None:
    """Refuse a file whose rows share a key and differ in a column that the profile is silent about.

    Parameters
    ----------
    rows : Rows
        Judged; rows with a fault do not count.
    key : ndarray of shape (n_rows,)
        Number of the key of each row.

    Raises
    ------
    DeliveryError
        Naming the columns, how many keys are split, two of the lines, and the ways out.
    """
    if profile.repeated == "add":
        return
    summed = {fold(name) for name in profile.summed}
    for number, reading in enumerate(readings):
        own = np.flatnonzero((rows.file == number) & (rows.fault < 0))
        often = np.bincount(key[own])[key[own]] > 1 if len(own) else np.zeros(0, dtype=bool)
        own = own[often]
        if not len(own):
            continue
        splitting = {
            name: column
            for name, column in _columns_of(rows, own, reading).items()
            if name[0] not in summed and name[1] not in summed
        }
        split = {n: _splits(key[own], c) for n, c in splitting.items()}
        found = [name for name, n in split.items() if n]
        if found:
            raise _split_refusal(rows, key, own, reading, profile, found, split)


def _columns_of(
    rows: Rows, own: NDArray[np.int64], reading: Reading
) -> dict[tuple[str, str], Coded]:
    """Give the texts of some rows in each column that may tell counts apart, by its two names."""
    targets = reading.bound.target_of()
    place = rows.place[own]
    found = {
        (fold(name), targets.get(i, "")): Coded(column.texts, column.codes[place])
        for i, (name, column) in enumerate(zip(reading.header, reading.columns, strict=True))
        if targets.get(i) not in _NOT_SPLITTING
    }
    if reading.bound.wide:
        names = encode_list([reading.header[place] for _, place in reading.bound.wide])
        found["", "offence"] = Coded(names.texts, names.codes[rows.cell[own]])
    if reading.sheets is not None:
        found["sheet", "sheet"] = Coded(reading.sheets.texts, reading.sheets.codes[place])
    return found


def _splits(key: NDArray[np.int64], column: Coded) -> int:
    """Count the keys in which a column has several texts, spellings apart."""
    plain = column.map([fold(re.sub(r"\.0+$", "", text)) for text in column.distinct()])
    pairs = pd.DataFrame({"key": key, "code": plain.codes})
    return int((pairs.groupby("key")["code"].nunique() > 1).sum())


def _split_refusal(
    rows: Rows,
    key: NDArray[np.int64],
    own: NDArray[np.int64],
    reading: Reading,
    profile: Profile,
    found: list[tuple[str, str]],
    split: dict[tuple[str, str], int],
) -> DeliveryError:
    shown = sorted(found, key=lambda name: (_is_numeric(name, reading), -split[name]))[:_SHOWN]
    names = [_shown(name, reading) for name in shown]
    group = pd.Series(rows.place[own]).groupby(key[own]).agg(list).iloc[0]
    lines = " and ".join(str(reading.lines[place]) for place in sorted({*group})[:2])
    one = fold(names[0].strip("'"))
    return DeliveryError(
        f"{reading.name}: rows of one key ({', '.join(_key_names(profile))}) differ in column "
        f"{', '.join(names)}, of which profile '{profile.name}' says nothing ({split[shown[0]]:,} "
        f"keys, first in line {lines}): their counts are parts, and none may be left out. Say what "
        f"the column is: `summed` adds its counts, a breakdown in `columns` keeps them apart, "
        f"`left_out` drops its totals"
        + ("; or map its classes to phenomena of their own." if one else ".")
    )


def _key_names(profile: Profile) -> list[str]:
    named = {"offence": "class", "detail": "class", "article": "class", "label": "class"}
    keys = ["territory", "period", "date", "line", "offence", "activity", "unit", "part"]
    return list(dict.fromkeys(named.get(k, k) for k in keys if k in profile.targets))


def _is_numeric(name: tuple[str, str], reading: Reading) -> bool:
    """Tell a column of numbers: a rate beside the counts differs with them."""
    places = [i for i, one in enumerate(reading.header) if fold(one) == name[0]]
    texts = reading.columns[places[0]].distinct() if places else []
    return bool(texts) and all(re.fullmatch(r"[\d\s.,%-]+", text) for text in texts)


def _shown(name: tuple[str, str], reading: Reading) -> str:
    if name == ("", "offence"):
        wide = ", ".join(reading.header[place][:30] for _, place in reading.bound.wide[:_SHOWN])
        return f"'offence' (the columns {wide})"
    spelled = next((one for one in reading.header if fold(one) == name[0]), name[0])
    return f"'{spelled[:40]}'"


def add_counts(
    rows: Rows, key: NDArray[np.int64], readings: Sequence[Reading], profile: Profile
) -> Added:
    """Add the counts of one key within a file, in their first row; identical rows count once.

    They count each where the profile keeps identical rows. A sum with a part that has no
    number has none: it is missing, or withheld.
    """
    n = len(rows)
    made = Added(np.arange(n), np.ones(n, dtype=bool), np.ones(n, dtype="int64"))
    sound = np.flatnonzero(rows.fault < 0)
    group = group_rows([pd.array(rows.file[sound]), pd.array(key[sound]), rows.extracted[sound]])
    often = np.bincount(group, minlength=1)[group] > 1 if len(sound) else np.zeros(0, dtype=bool)
    if not often.any():
        return made
    terms = _terms(rows, sound[often], group[often], readings)
    twins = terms.duplicated(["group", "said"]) & (profile.identical != "keep")
    sums = (
        terms[~twins]
        .groupby("group")
        .agg(
            row=("row", "first"),
            number=("number", "sum"),
            rank=("rank", "max"),
            size=("row", "size"),
            provisional=("provisional", "any"),
        )
    )
    sums = sums[sums["size"] > 1]
    added = terms[terms["group"].isin(sums.index)]
    rows_of = added["row"].to_numpy()
    made.owner[rows_of] = added["group"].map(sums["row"]).to_numpy(dtype="int64")
    unknown = added["group"].map(sums["rank"] > 0).to_numpy(dtype=bool)
    made.counted[rows_of] = ~unknown & ~twins[added.index].to_numpy()
    made.terms[sums["row"].to_numpy()] = sums["size"]
    _write_sums(rows, sums)
    return made


def _terms(
    rows: Rows, some: NDArray[np.int64], group: NDArray[np.int64], readings: Sequence[Reading]
) -> pd.DataFrame:
    """Give rows that share a key: row, group, number, how little is known, what stands in them."""
    status = rows.to["status"]
    assert isinstance(status, Coded)  # noqa: S101 (statuses are texts)
    ranks = status.to_series().map(_RANK).fillna(0)
    return pd.DataFrame(
        {
            "row": some,
            "group": group,
            "said": _all_texts(rows, some, readings),
            "number": whole_numbers(rows.to["numerator"])[some],
            "rank": ranks.to_numpy(dtype="int64")[some],
            "provisional": status.has(("provisional", "unreliable"))[some],
        }
    )


def _write_sums(rows: Rows, sums: pd.DataFrame) -> None:
    """Put each sum and its status on its row."""
    number = whole_numbers(rows.to["numerator"])
    number[sums["row"].to_numpy()] = sums["number"].where(sums["rank"] == 0).array
    status = rows.to["status"]
    assert isinstance(status, Coded)  # noqa: S101 (statuses are texts)
    texts = status.to_series()
    told = zip(sums["rank"], sums["provisional"], sums["number"], strict=True)
    texts.iloc[sums["row"].to_numpy()] = [
        _UNKNOWN.get(rank) or ("provisional" if provisional else "ok" if n else "zero")
        for rank, provisional, n in told
    ]
    rows.to["numerator"] = number
    rows.to["status"] = encode_list([None if pd.isna(text) else text for text in texts])


def _all_texts(
    rows: Rows, some: NDArray[np.int64], readings: Sequence[Reading]
) -> NDArray[np.int64]:
    """Give rows a number, the same to those alike in all that stands in them."""
    said = np.zeros(len(some), dtype="int64")
    for number, reading in enumerate(readings):
        here = rows.file[some] == number
        own = some[here]
        columns = [take(column, rows.place[own]) for column in reading.columns]
        if len(own):
            said[here] = group_rows([*columns, pd.array(rows.cell[own])])
    return said


def mark_broken_months(rows: Rows, key: NDArray[np.int64]) -> None:
    """Make provisional, with a remark, the counts of months that lack a day in their file.

    `key` is the number of the key of each row: place, month, class. A day that the file has
    without a number is not lacking: the sum it is in has no number either.
    """
    sound = np.flatnonzero(rows.fault < 0)
    if not len(sound):
        return
    group = group_rows([pd.array(rows.file[sound]), pd.array(key[sound])])
    day, month = rows.texts["period"], rows.to["period"]
    assert isinstance(month, Coded)  # noqa: S101 (periods are texts)
    days = pd.Series(_numbered(day)[sound]).groupby(group).nunique().to_numpy()
    needed = pd.Series(_lengths(month)[sound]).groupby(group).first().to_numpy()
    broken = np.zeros(len(rows), dtype=bool)
    broken[sound] = (days < needed)[group]
    status = rows.to["status"]
    assert isinstance(status, Coded)  # noqa: S101 (statuses are texts)
    told = broken & status.has(("ok", "zero"))
    rows.to["status"] = choose(told, repeat("provisional", len(rows)), status)
    rows.remark(broken, "period", "days_lacking")


def _numbered(day: Coded) -> NDArray[np.int32]:
    """Give each row the number of its day, blanks around it apart."""
    trimmed = encode_list([text.strip() for text in day.distinct()])
    codes: NDArray[np.int32] = np.append(trimmed.codes, np.int32(-1))[day.codes]
    return codes


def _lengths(month: Coded) -> NDArray[np.int64]:
    """Give the days in the month of each row."""
    lengths = [pd.Period(text, freq="M").days_in_month for text in month.distinct()]
    return np.array([*lengths, 0], dtype="int64")[month.codes]
