"""Clean prosecutor's deliveries: one case per row, or counts by charge.

A case is never counted as an offence. Its unit is the case, and its charge says why it was
opened.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

from obs.clean.cleaned import Cleaned
from obs.clean.cleaning import clean
from obs.clean.delivered_rows import Source
from obs.clean.judge.case_links import follow_links
from obs.clean.judge.case_tables import CASE_COUNTS_SHAPE, CASES_SHAPE
from obs.clean.profiles.profile import Profile
from obs.clean.profiles.profile_files import profile_of
from obs.clean.read.tidy_input import accept_tidy

__all__ = ["clean_prosecutor"]


def clean_prosecutor(
    source: Source,
    *,
    profile: str | Path | Profile,
    extracted: str | dt.date | None = None,
    apart: bool = False,
) -> Cleaned:
    """Clean prosecutor's deliveries into CASES or CASE_COUNTS.

    A case delivered again is taken from the latest extraction. Joinders and transfers are
    kept as they came (`mother_id`, `next_id`) and followed to the case that decides
    (`link`, `lead_id`, `outcome`, `outcome_date`); links that lead to no delivered case
    are reported as remarks, and nothing is rejected for them.

    Parameters
    ----------
    source : str, Path, list of paths, or DataFrame
        Deliveries of one layout. Never changed. A DataFrame's cells are read as texts.
    profile : str, Path or Profile
        Name of a packaged profile (`list_profiles`), path of a TOML, or a Profile.
    extracted : str or date, optional
        Day of extraction ("2024-01-31") of every row, whatever the file and its name say.
    apart : bool
        Whether each file is given cleaned by itself as well (`Cleaned.deliveries`).

    Returns
    -------
    Cleaned
        `.table`, `.rejected`, `.flagged`, `.report`, `.write(directory)`, `.summary()`.

    Raises
    ------
    DeliveryError
        If a file cannot be read as the profile says, or holds personal data.
    CatalogueError
        If the profile is faulty or is not of prosecutor's deliveries.

    Examples
    --------
    >>> import pandas as pd
    >>> cases = pd.DataFrame({
    ...     "NOTICE": ["FR-2021/000001", "FR-2021/000002"],
    ...     "SECTION": ["FR", "FR"],
    ...     "DATE_ENTREE": ["04/01/2021", "11/01/2021"],
    ...     "PREVENTION": ["COUPS", "MENACES"],
    ...     "CONTEXTE": ["VIF-C", "VIF-C"],
    ...     "NUM_PV": ["", ""],
    ...     "COMMUNE": ["Ixelles", "Ixelles"],
    ...     "NOTICE_MERE": ["", "FR-2021/000001"],
    ...     "MODE_CLOTURE": ["CITATION", "JONCTION"],
    ...     "DATE_CLOTURE": ["01/06/2021", "20/01/2021"],
    ...     "NOTICE_SUIVANTE": ["", ""],
    ...     "PREMIERE_CLOTURE": ["", ""],
    ...     "DATE_REOUVERTURE": ["", ""],
    ...     "DATE_EXTRACTION": ["31/01/2022", "31/01/2022"],
    ... })
    >>> cleaned = clean_prosecutor(cases, profile="obs_sample_prosecutor")
    >>> cleaned.table[["case_id", "decision", "link", "outcome"]]
              case_id decision    link  outcome
    0  FR-2021/000001  summons     own  summons
    1  FR-2021/000002  joinder  joined  summons
    """
    loaded = profile_of("prosecutor", profile, source)
    if loaded.shape == "tidy":
        return accept_tidy(source, loaded)
    if loaded.shape == "case_counts":
        return clean(source, loaded, shape=CASE_COUNTS_SHAPE, extracted=extracted, apart=apart)
    dated = "entry_period" if "period" in loaded.targets else "entry_date"
    shape = replace(CASES_SHAPE, when=dated)
    cleaned = clean(source, loaded, shape=shape, extracted=extracted, apart=apart)
    own = tuple(part.with_table(follow_links(part.table)) for part in cleaned.deliveries)
    return replace(cleaned.with_table(follow_links(cleaned.table)), deliveries=own)
