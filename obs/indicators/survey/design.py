"""The survey design of a respondent table, and the estimates made from it.

The whole design is kept whatever the domain; a missing answer leaves one variable and is
counted; a value that one respondent would reveal is refused.
"""

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import replace
from typing import Any, get_args

import numpy as np
import pandas as pd

from obs.errors import ObsError, SchemaError
from obs.indicators.survey.build import (
    Replication,
    build_design,
    build_replicates,
    code_columns,
)
from obs.indicators.survey.calibrate import calibrate_design, trim_design
from obs.indicators.survey.checks import as_list, check_columns, rows_text
from obs.indicators.survey.compare import compare_domains, standardise_domains
from obs.indicators.survey.estimate import (
    estimate_means,
    estimate_quantiles,
    estimate_ratios,
    estimate_shares,
    estimate_totals,
    estimate_variances,
)
from obs.stats.survey import (
    DegreesOfFreedom,
    Design,
    Frame,
    QuantileRule,
    ReplicateMethod,
    ShareInterval,
    SingleUnit,
    frame_domains,
    make_replicates,
)

__all__ = ["SurveyDesign"]


class SurveyDesign:
    """A respondent table with its sampling design, ready to be estimated from.

    Every estimator returns one table of the same columns: those of ``by``, then ``variable``,
    ``level``, ``n`` (respondents), ``estimate``, ``se``, ``low``, ``high``, ``df``,
    ``n_effective`` (Kish), ``deff``, ``cv``, ``grade`` (A, C or F: F is not to be printed),
    ``n_missing`` (respondents without an answer) and ``reason`` (why a value is withheld).
    Shares run from 0 to 1. The table is not modified.

    Parameters
    ----------
    respondents : DataFrame
        One row per interview, non-interviews of weight 0 included: they stay in the design and
        out of the estimates.
    weight : str
        Column of weights, 0 or more.
    stratum, cluster : str or sequence of str, optional
        Columns of strata and clusters, one per stage, first stage first.
    fpc : str or sequence of str, optional
        Columns with the units of the stratum's population, or the sampling fraction, one per
        stage. Without it the first stage is taken as drawn with replacement.
    replicates : sequence of str, optional
        Columns of replicate weights; they then give the variance.
    method : str or Replication, optional
        How the replicate weights were made: ``jk1``, ``jkn``, ``brr``, ``fay``, ``bootstrap``.
    nested : bool
        Whether cluster codes start again in each stratum.
    single : {"fail", "remove", "adjust", "average", "certainty"}
        What a stratum with a single sampling unit adds to the variance: an error; nothing
        (``remove``, ``certainty``); its distance from the mean of all units; the average of the
        other strata.
    df : {"auto", "design", "domain"}
        Degrees of freedom of a domain: the design's; those of the units and strata that hold
        it; or (``auto``) the design's unless the domain holds few units.

    Raises
    ------
    SchemaError
        Columns that are missing or cannot be used, a cluster in two strata, a population
        below the sample, with the column and the rows.
    ObsError
        A single-unit stratum without a policy, an unknown option.

    References
    ----------
    .. [1] Lumley, T. (2010), Complex Surveys: A Guide to Analysis Using R, Wiley.

    Examples
    --------
    >>> import pandas as pd
    >>> answers = pd.DataFrame({"w": [2.0, 2.0, 3.0, 3.0], "area": ["a", "a", "b", "b"],
    ...                         "theft": [True, False, False, True]})
    >>> design = SurveyDesign(answers, weight="w", stratum="area")
    >>> design
    SurveyDesign: 4 respondents, 2 strata, 4 sampling units, df 2
    >>> design.share("theft")[["variable", "level", "n", "estimate", "se", "grade"]]
      variable level  n  estimate        se grade
    0    theft   yes  4       0.5  0.360555     F
    """

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
            of the first stage, ``n_replicates``, ``n_calibrations``, ``df``.
        """
        design, stage = self._design, self._design.stages[0]
        replicates = 0 if design.replicates is None else design.replicates.factor.shape[1]
        facts = {
            "n": len(self._table),
            "n_zero": int((design.weight == 0).sum()),
            "weight": float(design.weight.sum()),
            "n_strata": len(stage.coefficient),
            "n_units": stage.n_units,
            "n_replicates": replicates,
            "n_calibrations": len(design.calibrations),
            "df": design.degrees_of_freedom(),
        }
        return pd.DataFrame([facts])

    def frame(self, by: str | Sequence[str] | None = None) -> tuple[pd.DataFrame, Frame, Any]:
        """Code the domains of a breakdown: keys, frame and degrees of freedom of each."""
        names = as_list(by)
        check_columns(self._table, [], by=names)
        codes, keys = code_columns(self._table, names)
        frame = frame_domains(self._design, codes, len(keys))
        whole = self._design.degrees_of_freedom()
        return keys, frame, frame.degrees_of_freedom(whole, rule=self._df)

    def mean(
        self,
        variables: str | Sequence[str],
        by: str | Sequence[str] | None = None,
        *,
        confidence: float = 0.95,
    ) -> pd.DataFrame:
        """Estimate means of numbers, by domain, with Student intervals.

        Parameters
        ----------
        variables : str or sequence of str
            Columns of numbers or yes/no answers.
        by : str or sequence of str, optional
            Columns of the domains; rows where one is missing are in no domain.
        confidence : float
            Level, between 0 and 1.

        Returns
        -------
        DataFrame
            One row per domain and variable.

        Raises
        ------
        SchemaError
            Unknown columns, or variables that are not numbers.
        """
        return estimate_means(self, self._named(variables), by, confidence=confidence)

    def total(
        self,
        variables: str | Sequence[str],
        by: str | Sequence[str] | None = None,
        *,
        confidence: float = 0.95,
    ) -> pd.DataFrame:
        """Estimate totals of numbers, or the size of each level of other variables.

        Parameters and result as in :meth:`mean`. Respondents without an answer add nothing;
        ``n_missing`` counts them.
        """
        return estimate_totals(self, self._named(variables), by, confidence=confidence)

    def share(
        self,
        variables: str | Sequence[str],
        by: str | Sequence[str] | None = None,
        *,
        confidence: float = 0.95,
        interval: ShareInterval = "logit",
    ) -> pd.DataFrame:
        """Estimate the share of each level of each variable among those who answered.

        A yes/no item (boolean, or 0 and 1) has one row, its share of "yes": the items of a
        multiple-answer question are several variables and need not add up to 1. At 0 % and
        100 % the interval is Korn and Graubard's with Kish's effective size. The coefficient of
        variation is that of min(p, 1 - p).

        Parameters
        ----------
        variables : str or sequence of str
            Columns of any kind.
        by : str or sequence of str, optional
            Columns of the domains.
        confidence : float
            Level, between 0 and 1.
        interval : {"logit", "beta", "wilson", "arcsine", "likelihood", "normal"}
            Interval; see :func:`obs.stats.survey.share_interval`.

        Returns
        -------
        DataFrame
            One row per domain, variable and level.

        Raises
        ------
        SchemaError
            Unknown columns.
        """
        return estimate_shares(
            self, self._named(variables), by, confidence=confidence, interval=interval
        )

    def ratio(
        self,
        variables: tuple[str, str] | Sequence[tuple[str, str]],
        by: str | Sequence[str] | None = None,
        *,
        confidence: float = 0.95,
    ) -> pd.DataFrame:
        """Estimate ratios of two totals.

        Parameters
        ----------
        variables : tuple (numerator, denominator), or several
            Columns of numbers; ``variable`` of the result is "numerator/denominator".
        by : str or sequence of str, optional
            Columns of the domains.
        confidence : float
            Level, between 0 and 1.

        Returns
        -------
        DataFrame
            One row per domain and ratio.

        Raises
        ------
        SchemaError
            Unknown columns, or variables that are not numbers.
        """
        pairs = [variables] if variables and isinstance(variables[0], str) else list(variables)
        if not pairs or any(isinstance(pair, str) or len(pair) != 2 for pair in pairs):
            raise ObsError("A ratio is a tuple of two columns: (numerator, denominator).")
        check_columns(self._table, [name for pair in pairs for name in pair])
        return estimate_ratios(self, pairs, by, confidence=confidence)

    def quantile(
        self,
        variables: str | Sequence[str],
        by: str | Sequence[str] | None = None,
        *,
        probability: float | Sequence[float] = 0.5,
        confidence: float = 0.95,
        rule: QuantileRule = "math",
    ) -> pd.DataFrame:
        """Estimate quantiles with Woodruff's interval.

        Parameters
        ----------
        variables : str or sequence of str
            Columns of numbers.
        by : str or sequence of str, optional
            Columns of the domains.
        probability : float or sequence of float
            Between 0 and 1; the result's ``level``.
        confidence : float
            Level, between 0 and 1.
        rule : {"math", "school", "hf4", "hf5", "hf6", "hf7", "hf8", "hf9"}
            See :func:`obs.stats.survey.domain_quantiles`.

        Returns
        -------
        DataFrame
            One row per domain, variable and probability; ``deff`` is missing.

        Raises
        ------
        SchemaError
            Unknown columns, or variables that are not numbers.
        """
        wanted = [probability] if isinstance(probability, int | float) else list(probability)
        return estimate_quantiles(
            self, self._named(variables), by, wanted, rule=rule, confidence=confidence
        )

    def variance(
        self,
        variables: str | Sequence[str],
        by: str | Sequence[str] | None = None,
        *,
        confidence: float = 0.95,
    ) -> pd.DataFrame:
        """Estimate population variances; parameters and result as in :meth:`mean`."""
        return estimate_variances(self, self._named(variables), by, confidence=confidence)

    def contrast(
        self,
        variables: str | Sequence[str],
        *,
        by: str | Sequence[str],
        base: Any = None,
        within: str | Sequence[str] | None = None,
        of: str = "mean",
        compare: str = "difference",
        confidence: float = 0.95,
    ) -> pd.DataFrame:
        """Compare domains or waves, with the covariance that shared units give them.

        Parameters
        ----------
        variables : str or sequence of str
            Columns, as the estimator ``of`` takes them.
        by : str or sequence of str
            Columns whose domains are compared. Waves are one table with a wave column: put the
            wave in the strata when the samples are independent, and keep the clusters common
            when they share units.
        base : value or tuple, optional
            Domain that the others are compared with; every pair when not given.
        within : str or sequence of str, optional
            Columns inside whose domains the comparisons are made (each commune, say).
        of : {"mean", "share", "total"}
            What is compared.
        compare : {"difference", "ratio"}
            Difference, or ratio with an interval made on the log scale.
        confidence : float
            Level, between 0 and 1.

        Returns
        -------
        DataFrame
            The columns of every estimate, and ``base``, ``p_value`` and ``verdict``: "up" or
            "down" when the interval excludes no change, else "stable"; "not comparable" where
            a side is withheld. ``n`` is the smaller base, ``grade`` the worse of the two
            grades.

        Raises
        ------
        ObsError
            Unknown options, an unknown base, or fewer than two domains.
        """
        return compare_domains(
            self,
            self._named(variables),
            by=as_list(by),
            base=base,
            within=as_list(within),
            of=of,
            compare=compare,
            confidence=confidence,
        )

    def standardise(
        self,
        variables: str | Sequence[str],
        by: str | Sequence[str] | None = None,
        *,
        over: str | Sequence[str],
        standard: Mapping[Any, float] | pd.Series,
        confidence: float = 0.95,
    ) -> pd.DataFrame:
        """Estimate shares or means as if each domain had a standard composition.

        Parameters
        ----------
        variables : str or sequence of str
            Columns of yes/no answers or numbers.
        by : str or sequence of str, optional
            Columns of the domains.
        over : str or sequence of str
            Columns of the composition (age band, sector).
        standard : Mapping or Series
            Size of each class of ``over`` in the standard population.
        confidence : float
            Level, between 0 and 1.

        Returns
        -------
        DataFrame
            One row per domain and variable; withheld where a class has no answer.

        Raises
        ------
        ObsError
            Classes of the standard and of the table that do not match.
        """
        return standardise_domains(
            self,
            self._named(variables),
            by,
            over=as_list(over),
            standard=standard,
            confidence=confidence,
        )

    def calibrate(
        self,
        totals: Mapping[Any, Any],
        *,
        method: str = "raking",
        bounds: tuple[float, float] | None = None,
    ) -> "SurveyDesign":
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
        """
        return self._with(calibrate_design(self, totals, method=method, bounds=bounds))

    def trim(self, *, lower: float = 0.0, upper: float = np.inf) -> "SurveyDesign":
        """Cut weights at limits and share what was cut among the others, keeping the sum.

        Replicate weights are trimmed by the same rule. Raises ObsError when the limits cannot
        hold with that sum.
        """
        return self._with(trim_design(self._design, lower=lower, upper=upper))

    def replicate(
        self,
        method: ReplicateMethod,
        *,
        n: int = 500,
        rho: float = 0.5,
        rng: np.random.Generator | None = None,
    ) -> "SurveyDesign":
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

    def subset(self, where: pd.Series | np.ndarray) -> "SurveyDesign":
        """Restrict to a subpopulation while keeping the whole design for the variance.

        Parameters
        ----------
        where : boolean Series or ndarray
            One value per row of the table; never missing.

        Returns
        -------
        SurveyDesign
            A new design; its degrees of freedom are those of the subpopulation.

        Raises
        ------
        SchemaError
            A condition that is not boolean, has another length, or is missing somewhere.
        """
        inside = pd.Series(np.asarray(where))
        if len(inside) != len(self._table) or inside.isna().any():
            raise SchemaError(
                f"The condition must have one value for each of the {len(self._table)} rows "
                f"(it has {len(inside)}; missing in {rows_text(inside.isna().to_numpy())})."
            )
        if not pd.api.types.is_bool_dtype(inside.infer_objects()):
            raise SchemaError("The condition must be boolean.")
        return self._with(self._design.restrict(inside.to_numpy(dtype=bool)))

    def with_columns(self, columns: Mapping[str, Any]) -> "SurveyDesign":
        """Add columns to the respondent table, one value per row; the design stays as it is."""
        other = copy(self)
        added = pd.DataFrame(dict(columns), index=self._table.index)
        kept = self._table.drop(columns=[name for name in added if name in self._table])
        other._table = pd.concat([kept, added], axis=1)
        return other

    def _named(self, variables: str | Sequence[str]) -> list[str]:
        names = as_list(variables)
        if not names:
            raise ObsError("Name at least one variable.")
        check_columns(self._table, names)
        return names

    def _with(self, design: Design) -> "SurveyDesign":
        other = copy(self)
        other._design = design
        return other
