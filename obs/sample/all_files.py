"""Write the raw files of every source of the synthetic observatory, labelled and seeded."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from pathlib import Path

from obs.errors import ObsError
from obs.sample.helpline_files import helpline_files
from obs.sample.police_files import police_files
from obs.sample.project_files import project_files
from obs.sample.prosecutor_files import prosecutor_files
from obs.sample.published_totals import FIRST_YEAR, LAST_YEAR
from obs.sample.restriction_files import restriction_files
from obs.sample.services_files import services_files
from obs.sample.surveys import business_survey, women_survey
from obs.sample.writing import SampleFile, open_folder, write_files

__all__ = ["SMALLEST", "sample"]

_COUNTS = (prosecutor_files, helpline_files, services_files, project_files)
SMALLEST = 0.001  # the smallest scale: under it a year has too few facts to add bad rows to


def sample(
    directory: str | Path,
    *,
    years: Iterable[int] = range(2015, 2025),
    seed: int = 1,
    scale: float = 1.0,
) -> list[Path]:
    """Write a synthetic Brussels observatory, the same bytes on each run and machine.

    Totals that were published come out of the kept rows (family violence of 2021 by class,
    reports of 2018 and of 2015-2017, thefts and burglaries by zone in 2014 and 2024); the
    rest is made up. Bad rows are added at stated rates (`obs.sample.planted_faults`), and
    `sample_manifest.json` says how many of each kind there are.

    Parameters
    ----------
    directory : str or Path
        Where to write: an empty folder, or that of a former sample, which is replaced.
    years : iterable of int
        Calendar years, from 2014 to 2024. A year's files do not depend on which others are
        asked for. Helplines cover 2018-2021, restrictions 2020-2022, project forms 2021-2022; the surveys
        come with 2017 and 2021.
    seed : int
        At least 0. Another seed gives other rows with the same totals.
    scale : float
        Multiplies every total (rounded), for quick runs; 0.001 to 1. Interviews, project forms and the
        index of restrictions are as many at any scale.

    Returns
    -------
    list of Path
        The files written, the notice and the manifest last.

    Raises
    ------
    ObsError
        If a year is not calibrated, or the seed or the scale is out of range.
    DeliveryError
        If the folder holds files that no sample wrote.

    Examples
    --------
    >>> import tempfile
    >>> from obs.sample import sample
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     paths = sample(folder, years=[2021], scale=0.001)
    ...     [path.name for path in paths if path.parent.name == "police"]
    ['police_2021_20220131.csv', 'police_2021_20220630.csv']
    """
    wanted, seed, scale = _checked_years(years, seed, scale), int(seed), float(scale)
    folder = Path(directory)
    open_folder(folder)
    return write_files(
        folder, _all_files(wanted, seed, scale), seed=seed, scale=scale, years=wanted
    )


def _all_files(years: list[int], seed: int, scale: float) -> Iterator[SampleFile]:
    for year in years:
        yield from police_files(year, seed=seed, scale=scale)
    for source in (*_COUNTS, restriction_files):
        yield from source(years, seed=seed, scale=scale)
    if business_survey.YEAR in years:
        yield business_survey.business_survey_file(seed=seed, scale=scale)
    if women_survey.YEAR in years:
        yield women_survey.women_survey_file(seed=seed, scale=scale)


def _checked_years(years: Iterable[int], seed: int, scale: float) -> list[int]:
    wanted = sorted({int(y) for y in years})
    strange = [y for y in wanted if not FIRST_YEAR <= y <= LAST_YEAR]
    faults = []
    if not wanted:
        faults.append("no year is asked for")
    if strange:
        faults.append(f"no calibration for {', '.join(map(str, strange[:5]))}")
    if seed < 0:
        faults.append(f"seed {seed} is below 0")
    if not (math.isfinite(scale) and SMALLEST <= scale <= 1):
        faults.append(f"scale {scale} is not from {SMALLEST} to 1")
    if faults:
        raise ObsError(
            f"sample: {'; '.join(faults)}. Years go from {FIRST_YEAR} to {LAST_YEAR}, "
            f"seed from 0, scale from {SMALLEST} to 1."
        )
    return wanted
