"""Hold a respondent table with its design: built, counted, restricted, reweighted.

The estimators are in :mod:`obs.indicators.survey.survey_design`.
"""

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import replace
from typing import Any, Self, get_args

import numpy as np
import pandas as pd

from obs.errors import ObsError, SchemaError
from obs.indicators.survey.calibrate import calibrate_design, trim_design
from obs.indicators.survey.design_arrays import (
    Replication,
    build_design,
    build_replicates,
    code_columns,
)
from obs.indicators.survey.respondent_checks import (
    aligned,
    as_list,
    check_columns,
    plain,
    rows_text,
)
from obs.stats.survey import (
    DegreesOfFreedom,
    Design,
    Frame,
    ReplicateMethod,
    SingleUnit,
    frame_domains,
    make_replicates,
)

__all__ = ["Respondents"]


class Respondents:
    """Respondents, weights and stages; see :class:`SurveyDesign` for the parameters."""

    def __init__(
        self,
        respondents: pd.DataFrame,
        *,
        weight: str,
        stratum: str | Sequence[str] | None = None,
        cluster: str | Sequence[str] | None = None,
        fpc: str | Sequence[str] | None = None,
        replicates: Sequence[str] | None = None,
        method: ReplicateMethod | Replication | None = None,
        nested: bool = False,
        single: SingleUnit = "fail",
        df: DegreesOfFreedom = "auto",
    ) -> None:
        strata, clusters, sizes = as_list(stratum), as_list(cluster), as_list(fpc)
        columns = as_list(replicates)
        check_columns(respondents, [weight, *strata, *clusters, *sizes, *columns])
        for name, value, kinds in (("single", single, SingleUnit), ("df", df, DegreesOfFreedom)):
            if value not in get_args(kinds):
                allowed = ", ".join(get_args(kinds))
                raise ObsError(f"Unknown {name} {value!r}. Allowed: {allowed}.")
        if bool(columns) != (method is not None):
            raise ObsError(
                "Replicate weights need both replicates (their columns) and method (how they "
                "were made). To make them from the design, call replicate()."
            )
        self._table = respondents.copy(deep=False)
        self._df = df
        self._design = build_design(
            self._table,
            weight=weight,
            stratum=strata,
            cluster=clusters,
            fpc=sizes,
            nested=nested,
            single=single,
        )
        if method is not None:
            rule = method if isinstance(method, Replication) else Replication(method)
            made = build_replicates(self._table, self._design.weight, columns, rule)
            self._design = replace(self._design, replicates=made)

    def __repr__(self) -> str:
        """Say what the design holds."""
        facts = next(self.summary().itertuples())
        zero = f" ({facts.n_zero:,} of weight 0)" if facts.n_zero else ""
        replicates = f", {facts.n_replicates} replicates" if facts.n_replicates else ""
        return (
            f"SurveyDesign: {facts.n:,} respondents{zero}, {facts.n_strata:,} strata, "
            f"{facts.n_units:,} sampling units{replicates}, df {facts.df:g}"
        )

    @property
    def table(self) -> pd.DataFrame:
        """The respondent table."""
        return self._table.copy(deep=False)

    @property
    def arrays(self) -> Design:
        """Weights and stages as arrays."""
        return self._design

    @property
    def weights(self) -> pd.Series:
        """Weights after calibration and trimming, on the table's index."""
        return pd.Series(self._design.weight, index=self._table.index, name="weight")

    def summary(self) -> pd.DataFrame:
        """Count what the design holds.

        Returns
        -------
        DataFrame of one row
            ``n`` rows, ``n_zero`` of weight 0, ``weight`` (sum), ``n_strata`` and ``n_units``
            of the first stage, ``n_single`` strata with a single unit (see ``single``),
            ``n_replicates``, ``n_calibrations``, ``df``.

        Examples
        --------
        >>> import pandas as pd
        >>> from obs.indicators.survey import SurveyDesign
        >>> answers = pd.DataFrame({"w": 1.0, "sex": ["f", "f", "m", "m"] * 10, "y": range(40),
        ...                         "theft": [True, False, True, False, False] * 8})
        >>> design = SurveyDesign(answers, weight="w")
        >>> design.summary()[["n", "n_zero", "n_strata", "n_units", "df"]]
            n  n_zero  n_strata  n_units    df
        0  40       0         1       40  39.0
        """
        design, stage = self._design, self._design.stages[0]
        replicates = 0 if design.replicates is None else design.replicates.factor.shape[1]
        facts = {
            "n": len(self._table),
            "n_zero": int((design.weight == 0).sum()),
            "weight": float(design.weight.sum()),
            "n_strata": len(stage.coefficient),
            "n_units": stage.n_units,
            "n_single": int(((np.diff(stage.first) == 1) & (stage.fraction < 1)).sum()),
            "n_replicates": replicates,
            "n_calibrations": len(design.calibrations),
            "df": design.degrees_of_freedom(),
        }
        return pd.DataFrame([facts])

    def frame(
        self, by: str | Sequence[str] | None = None
    ) -> tuple[pd.DataFrame, Frame, np.ndarray]:
        """Code the domains of a breakdown: keys, frame and degrees of freedom of each."""
        names = as_list(by)
        check_columns(self._table, [], by=names)
        codes, keys = code_columns(self._table, names)
        if keys.empty and names:
            raise SchemaError(f"No respondent has a value in {names}: there is no domain.")
        frame = frame_domains(self._design, codes, len(keys))
        whole = self._design.degrees_of_freedom()
        return keys, frame, frame.degrees_of_freedom(whole, rule=self._df)

    @property
    def df_rule(self) -> DegreesOfFreedom:
        """How the degrees of freedom of a domain are counted."""
        return self._df

    def degrees(self, frame: Frame, own: np.ndarray) -> np.ndarray:
        """Degrees of freedom of domains, given what the units with an answer have of their own."""
        whole = self._design.degrees_of_freedom()
        return frame.degrees_of_freedom(whole, rule=self._df, own=own)

    def side(self, inside: np.ndarray) -> Frame:
        """Give the rows of one group as the only domain."""
        return frame_domains(self._design, np.where(inside, 0, -1), 1)

    def calibrate(
        self,
        totals: Mapping[Any, Any],
        *,
        method: str = "raking",
        bounds: tuple[float, float] | None = None,
    ) -> Self:
        """Calibrate the weights to known totals; later standard errors use the calibration.

        Parameters
        ----------
        totals : Mapping
            ``{column: {level: total}}`` for a margin, ``{(column, column): {(level, level):
            total}}`` for a crossing, ``{column: number}`` for the total of a number.
        method : {"raking", "poststratify", "linear", "bounded", "logit"}
            Distance; ``poststratify`` takes one margin or crossing.
        bounds : tuple of float, optional
            Least and greatest ratio of new to old weight, for ``bounded`` and ``logit``.

        Returns
        -------
        SurveyDesign
            A new design.

        Raises
        ------
        SchemaError
            Categories that do not match between totals and respondents.
        ObsError
            Totals that contradict one another or cannot be reached.

        Examples
        --------
        >>> import pandas as pd
        >>> from obs.indicators.survey import SurveyDesign
        >>> answers = pd.DataFrame({"w": 1.0, "sex": ["f", "f", "m", "m"] * 10, "y": range(40),
        ...                         "theft": [True, False, True, False, False] * 8})
        >>> design = SurveyDesign(answers, weight="w")
        >>> design.calibrate({"sex": {"f": 60, "m": 40}}).total("sex")[["level", "estimate", "se"]]
          level  estimate   se
        0     f      60.0  0.0
        1     m      40.0  0.0
        """
        return self._with(
            calibrate_design(self.table, self.arrays, totals, method=method, bounds=bounds)
        )

    def trim(self, *, lower: float = 0.0, upper: float = np.inf) -> Self:
        """Cut weights at limits and share what was cut among the others, keeping the sum.

        Replicate weights are trimmed by the same rule. Raises ObsError when the limits cannot
        hold with that sum.

        Examples
        --------
        >>> import pandas as pd
        >>> from obs.indicators.survey import SurveyDesign
        >>> design = SurveyDesign(pd.DataFrame({"w": [1.0, 1.0, 4.0]}), weight="w")
        >>> design.trim(upper=3).weights.tolist()
        [1.5, 1.5, 3.0]
        """
        return self._with(trim_design(self._design, lower=lower, upper=upper))

    def replicate(
        self,
        method: ReplicateMethod,
        *,
        n: int = 500,
        rho: float = 0.5,
        rng: np.random.Generator | None = None,
    ) -> Self:
        """Make replicate weights from the first stage; they then give the variance.

        Parameters
        ----------
        method : {"jk1", "jkn", "brr", "fay", "bootstrap"}
            See :func:`obs.stats.survey.make_replicates`.
        n : int
            Number of bootstrap replicates.
        rho : float
            Fay's factor.
        rng : numpy.random.Generator, optional
            Needed by ``bootstrap``.

        Returns
        -------
        SurveyDesign
            A new design.

        Raises
        ------
        ObsError
            A design that does not fit the method, or that was calibrated before.

        Examples
        --------
        >>> import pandas as pd
        >>> from obs.indicators.survey import SurveyDesign
        >>> answers = pd.DataFrame({"w": 1.0, "sex": ["f", "f", "m", "m"] * 10, "y": range(40),
        ...                         "theft": [True, False, True, False, False] * 8})
        >>> design = SurveyDesign(answers, weight="w")
        >>> design.replicate("jk1")
        SurveyDesign: 40 respondents, 1 strata, 40 sampling units, 40 replicates, df 39
        """
        design = self._design
        if design.calibrations:
            raise ObsError("Make the replicate weights before the calibration, so that both count.")
        stage = design.stages[0]
        made = make_replicates(
            design.weight,
            stage.unit,
            stage.first,
            method=method,
            fraction=stage.fraction,
            n=n,
            rho=rho,
            rng=rng,
        )
        return self._with(replace(design, replicates=replace(made, df=design.degrees_of_freedom())))

    def subset(self, where: pd.Series | np.ndarray) -> Self:
        """Restrict to a subpopulation while keeping the whole design for the variance.

        Parameters
        ----------
        where : boolean Series or ndarray
            One value per row of the table, never missing: a Series is laid along the table by
            its index, an array by position.

        Returns
        -------
        SurveyDesign
            A new design; its degrees of freedom are those of the subpopulation.

        Raises
        ------
        SchemaError
            A condition that is not boolean, has another index or length, or is missing somewhere.

        Examples
        --------
        >>> import pandas as pd
        >>> from obs.indicators.survey import SurveyDesign
        >>> answers = pd.DataFrame({"w": 1.0, "sex": ["f", "f", "m", "m"] * 10, "y": range(40),
        ...                         "theft": [True, False, True, False, False] * 8})
        >>> design = SurveyDesign(answers, weight="w")
        >>> design.subset(answers["sex"] == "f").mean("y")[["n", "estimate"]]
            n  estimate
        0  20      18.5
        """
        inside = aligned(where, self._table.index, what="The condition")
        if len(inside) != len(self._table) or inside.isna().any():
            raise SchemaError(
                f"The condition must have one value for each of the {len(self._table)} rows "
                f"(it has {len(inside)}; missing in {rows_text(inside.isna().to_numpy())})."
            )
        if not pd.api.types.is_bool_dtype(plain(inside)):
            raise SchemaError("The condition must be boolean.")
        return self._with(self._design.restrict(inside.to_numpy(dtype=bool)))

    def with_columns(self, columns: Mapping[str, Any]) -> Self:
        """Add columns to the respondent table, one value per row; the design stays as it is.

        A Series is laid along the table by its index, an array by position; labels that are
        not those of the table raise SchemaError.
        """
        other = copy(self)
        values = {
            name: aligned(column, self._table.index, what=f"The new column {name!r}").array
            for name, column in columns.items()
        }
        wrong = [name for name, found in values.items() if len(found) not in (1, len(self._table))]
        if wrong:
            raise SchemaError(f"New columns need {len(self._table)} values: {wrong} do not.")
        added = pd.DataFrame(values, index=self._table.index)
        kept = self._table.drop(columns=[name for name in added if name in self._table])
        other._table = pd.concat([kept, added], axis=1)
        return other

    def _with(self, design: Design) -> Self:
        other = copy(self)
        other._design = design
        return other
