"""Follow the cases of the years that the prosecutor's deliveries cover whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from obs.indicators import case_days, case_incidence, compute
from obs.reference import Territory
from obs.report.models.model_declarations import IncidenceSpec

__all__ = ["incidence_of"]

_FOLLOWED = ("link", "lead_id", "outcome", "outcome_date", "first_close_date", "reopened_date")


def incidence_of(
    model: IncidenceSpec,
    sources: Mapping[str, Any],
    territory: Territory,
    edition: int,
    *,
    coverage: Mapping[str, pd.DataFrame],
) -> dict[str, pd.DataFrame]:
    """Compute INCIDENCE, and QUANTILES where shares are declared, by id.

    Nothing where no delivery tells of the cases.

    Only years up to the edition that are covered whole are followed: the size of a cohort is then
    the count of its indicator.
    """
    cases = sources.get("prosecutor")
    if cases is None or not set(_FOLLOWED) <= set(cases.columns):
        return {}
    counted = compute(
        model.indicator,
        {"prosecutor": cases},
        period="year",
        territory=territory,
        coverage=coverage.get("prosecutor"),
    )
    whole = counted[(counted["status"] == "ok") & (counted["period"].dt.year <= edition)]
    whole = whole[whole["territory"] == territory.top]
    years = sorted(whole["period"].dt.year)[-(model.last or len(whole)) :]
    if not years:
        return {}
    options = {"indicator": model.indicator, "years": years, "territory": territory}
    made = {model.id: case_incidence(cases, days=model.days, **options)}
    if model.shares:
        made[f"{model.id}_days"] = case_days(cases, shares=model.shares, **options)
    return made
