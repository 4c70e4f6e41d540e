"""Tidy tables of a few facts, as a cleaning would give them, without cleaning anything."""

from dataclasses import replace
from pathlib import Path

import pandas as pd

from obs.clean import Profile
from obs.clean.read.tidy_input import accept_tidy
from obs.clean.registry.delivery_index import sha256_of

TIDY = Profile("tidy", "Facts that are tidy", "police", "tidy")
_BLANK = ("report_id", "offence", "form", "relation", "place", "victim_sex", "victim_age_band")


def facts(*rows, delivery="a.csv", extracted=None):
    """Give EVENTS of rows (identifier, day, territory)."""
    ids, days, places = zip(*rows, strict=True)
    n = len(rows)
    dates = pd.to_datetime(pd.Series(days)).astype("datetime64[us]")
    nat = pd.Series(pd.NaT, range(n)).astype("datetime64[us]")
    texts = {
        name: pd.Series([None] * n, dtype="str")
        for name in (*_BLANK, "suspect_sex", "suspect_age_band")
    }
    return pd.DataFrame(
        {
            **{"event_id": ids, "event_date": dates, "territory": places, **texts},
            **{"event_hour": pd.array([pd.NA] * n, "Int64"), "report_date": nat},
            "extracted": nat if extracted is None else nat.fillna(pd.Timestamp(extracted)),
            **{"phenomenon": "assault", "attempt": pd.array([False] * n, "boolean")},
            **{"source": "police", "delivery": delivery},
            "synthetic": pd.array([True] * n, "boolean"),
        }
    ).astype(
        {name: "str" for name in ("event_id", "territory", "phenomenon", "source", "delivery")}
    )


def cleaned(path: Path, *rows, extracted=None):
    """Give the cleaning of a file, as if it held these rows; the file is written."""
    path.write_text(repr(rows), encoding="utf-8")
    made = accept_tidy(facts(*rows, delivery=path.name, extracted=extracted), TIDY)
    told = {"file": path.name, "sha256": sha256_of(path)}
    texts = {name: pd.Series([text], dtype="str") for name, text in told.items()}
    return replace(made, report=made.report.assign(**texts))
