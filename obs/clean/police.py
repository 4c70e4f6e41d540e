"""Clean police deliveries: one fact per row, or counts by place, period and class.

Counting rules (what a fact is, where it counts) are data of the profile. Nothing is imputed.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from obs.clean.cleaned import Cleaned
from obs.clean.cleaning import clean
from obs.clean.delivered_rows import Source
from obs.clean.judge.row_shapes import shape_of
from obs.clean.parts.kept_files import Shelf
from obs.clean.profiles.profile import Profile
from obs.clean.profiles.profile_files import profile_of
from obs.clean.read.tidy_input import accept_tidy

__all__ = ["clean_police"]


def clean_police(
    source: Source,
    *,
    profile: str | Path | Profile,
    extracted: str | dt.date | None = None,
    apart: bool = False,
    shelf: Shelf | None = None,
) -> Cleaned:
    """Clean police deliveries into EVENTS or COUNTS.

    Every row read is kept, merged into a later version of the same fact, or rejected
    with the rule that it broke. A fact sent again is taken from the latest extraction,
    then the highest version; rows of one version that contradict each other are all
    rejected. Without an identifier, a row is named after its content and its turn among
    the identical rows of its file, so that the same row in a later delivery is the same
    fact.

    Parameters
    ----------
    source : str, Path, list of paths, or DataFrame
        Deliveries of one layout. Never changed. A DataFrame's cells are read as texts.
    profile : str, Path or Profile
        Name of a packaged profile (`list_profiles`), path of a TOML, or a Profile;
        "tidy" takes a table that is clean already and gives it back.
    extracted : str or date, optional
        Day of extraction ("2024-01-31") of every row, whatever the file and its name say.
    apart : bool
        Whether each file is given cleaned by itself as well (`Cleaned.deliveries`).
    shelf : Shelf, optional
        Where files of facts are kept as they were judged, for the next cleaning.

    Returns
    -------
    Cleaned
        `.table`, `.rejected`, `.report`, `.write(directory)`, `.summary()`.

    Raises
    ------
    DeliveryError
        If a file cannot be read as the profile says, or holds personal data.
    CatalogueError
        If the profile is faulty or is not of police deliveries.

    Examples
    --------
    >>> import pandas as pd
    >>> counts = pd.DataFrame({
    ...     "classe": ["Vols avec armes"] * 3,
    ...     "annee": ["16"] * 3,
    ...     "CODGEO_2024": ["76001", "76002", "76540"],
    ...     "faits": ["0", None, "31"],
    ...     "POP": ["1157", "190", "110117"],
    ... })
    >>> cleaned = clean_police(counts, profile="ssmsi_communes")
    >>> cleaned.summary()
    ['read 3, kept 3, merged 0, rejected 0', 'counts: read 31, kept 31, merged 0, rejected 0']
    >>> cleaned.table[["territory", "period", "numerator", "status"]]
      territory period  numerator             status
    0     76001   2016          0               zero
    1     76002   2016       <NA>  suppressed_source
    2     76540   2016         31                 ok
    """
    loaded = profile_of("police", profile, source)
    if loaded.shape == "tidy":
        return accept_tidy(source, loaded)
    return clean(
        source, loaded, shape=shape_of(loaded), extracted=extracted, apart=apart, shelf=shelf
    )
