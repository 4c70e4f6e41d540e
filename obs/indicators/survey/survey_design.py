"""Define `SurveyDesign`: the estimates that a survey design gives of its respondents.

The whole design is kept for every domain. A missing answer leaves out one variable and is
counted. A value that would reveal one respondent is refused.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from obs.errors import ObsError
from obs.indicators.survey.domain_comparison import compare_domains, standardise_domains
from obs.indicators.survey.estimate import (
    estimate_means,
    estimate_quantiles,
    estimate_ratios,
    estimate_shares,
    estimate_totals,
    estimate_variances,
)
from obs.indicators.survey.respondent_checks import as_list, check_columns, named_columns
from obs.indicators.survey.respondents import Respondents
from obs.stats.survey import QuantileRule, ShareInterval

__all__ = ["SurveyDesign"]


class SurveyDesign(Respondents):
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
        A single-unit stratum without a policy, an unknown option. The methods raise both too:
        unknown columns, variables of the wrong kind, options outside their range.

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

        Examples
        --------
        >>> import pandas as pd
        >>> from obs.indicators.survey import SurveyDesign
        >>> answers = pd.DataFrame({"w": 1.0, "sex": ["f", "f", "m", "m"] * 10, "y": range(40),
        ...                         "theft": [True, False, True, False, False] * 8})
        >>> design = SurveyDesign(answers, weight="w")
        >>> design.mean("y", by="sex")[["sex", "variable", "n", "estimate", "se", "df", "grade"]]
          sex variable   n  estimate        se    df grade
        0   f        y  20      18.5  2.604237  19.5     C
        1   m        y  20      20.5  2.604237  19.5     C
        """
        return estimate_means(
            self, named_columns(self._table, variables), by, confidence=confidence
        )

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
        return estimate_totals(
            self, named_columns(self._table, variables), by, confidence=confidence
        )

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
        100 % the interval is Korn and Graubard's, with an effective size that counts the weights
        and how alike the answers of a sampling unit are over all respondents. The coefficient of
        variation is that of min(p, 1 - p).

        Parameters
        ----------
        variables : str or sequence of str
            Columns of any kind.
        by, confidence
            As in :meth:`mean`.
        interval : {"logit", "beta", "wilson", "arcsine", "likelihood", "normal"}
            Interval; see :func:`obs.stats.survey.share_interval`.

        Returns
        -------
        DataFrame
            One row per domain, variable and level.

        Examples
        --------
        >>> import pandas as pd
        >>> from obs.indicators.survey import SurveyDesign
        >>> answers = pd.DataFrame({"w": 1.0, "sex": ["f", "f", "m", "m"] * 10})
        >>> answers["theft"] = [True, False, True, False, False] * 8
        >>> design = SurveyDesign(answers, weight="w")
        >>> design.share(["theft", "sex"])[["variable", "level", "estimate", "low", "high"]].round(3)
          variable level  estimate    low   high
        0    theft   yes       0.4  0.256  0.564
        1      sex     f       0.5  0.343  0.657
        2      sex     m       0.5  0.343  0.657
        """
        return estimate_shares(
            self,
            named_columns(self._table, variables),
            by,
            confidence=confidence,
            interval=interval,
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
        by, confidence
            As in :meth:`mean`.

        Returns
        -------
        DataFrame
            One row per domain and ratio.

        Examples
        --------
        >>> import pandas as pd
        >>> from obs.indicators.survey import SurveyDesign
        >>> design = SurveyDesign(pd.DataFrame({"w": 1.0, "y": range(40)}), weight="w")
        >>> design.ratio(("y", "w"))[["variable", "n", "estimate"]]
          variable   n  estimate
        0      y/w  40      19.5
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
            As in :meth:`mean`.
        rule : {"math", "school", "hf4", "hf5", "hf6", "hf7", "hf8", "hf9"}
            See :func:`obs.stats.survey.domain_quantiles`.

        Returns
        -------
        DataFrame
            One row per domain, variable and probability; ``deff`` is missing.

        Examples
        --------
        >>> import pandas as pd
        >>> from obs.indicators.survey import SurveyDesign
        >>> design = SurveyDesign(pd.DataFrame({"w": 1.0, "y": range(40)}), weight="w")
        >>> design.quantile("y", probability=[0.25, 0.5])[["variable", "level", "estimate"]]
          variable level  estimate
        0        y  0.25       9.0
        1        y   0.5      19.0
        """
        wanted = [probability] if isinstance(probability, int | float) else list(probability)
        return estimate_quantiles(
            self,
            named_columns(self._table, variables),
            by,
            wanted,
            rule=rule,
            confidence=confidence,
        )

    def variance(
        self,
        variables: str | Sequence[str],
        by: str | Sequence[str] | None = None,
        *,
        confidence: float = 0.95,
    ) -> pd.DataFrame:
        """Estimate population variances; parameters and result as in :meth:`mean`."""
        return estimate_variances(
            self, named_columns(self._table, variables), by, confidence=confidence
        )

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
            As in :meth:`mean`.

        Returns
        -------
        DataFrame
            The columns of every estimate, and ``base``, ``p_value`` and ``verdict``: "up" or
            "down" when the interval excludes no change, else "stable"; "too few to say"
            under 20 respondents on a side, "not comparable" where a side is withheld. ``n`` is the
            smaller base, ``grade`` the worse of the two grades.

        Examples
        --------
        >>> import pandas as pd
        >>> from obs.indicators.survey import SurveyDesign
        >>> answers = pd.DataFrame({"w": 1.0, "sex": ["f", "f", "m", "m"] * 10})
        >>> answers["theft"] = [True, False, True, False, False] * 8
        >>> design = SurveyDesign(answers, weight="w")
        >>> found = design.contrast("theft", by="sex", base="f", of="share")
        >>> found[["sex", "base", "level", "estimate", "verdict"]]
          sex base level  estimate verdict
        0   m    f   yes       0.0  stable
        """
        return compare_domains(
            self,
            named_columns(self._table, variables),
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
            As in :meth:`mean`.

        Returns
        -------
        DataFrame
            One row per domain and variable; withheld where a class has no answer.

        Examples
        --------
        >>> import pandas as pd
        >>> from obs.indicators.survey import SurveyDesign
        >>> answers = pd.DataFrame({"w": 1.0, "sex": ["f", "f", "m", "m"] * 10})
        >>> answers["theft"] = [True, False, True, False, False] * 8
        >>> design = SurveyDesign(answers, weight="w")
        >>> found = design.standardise("theft", over="sex", standard={"f": 30, "m": 10})
        >>> found[["variable", "level", "n", "estimate"]]
          variable level   n  estimate
        0    theft   yes  40       0.4
        """
        return standardise_domains(
            self,
            named_columns(self._table, variables),
            by,
            over=as_list(over),
            standard=standard,
            confidence=confidence,
        )
