"""Turn the columns of a respondent table into the arrays of a design."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from obs.errors import ObsError, SchemaError
from obs.indicators.survey.respondent_checks import (
    check_design,
    check_fpc,
    plain,
    rows_text,
    weight_numbers,
)
from obs.stats.survey import (
    Design,
    ReplicateMethod,
    Replicates,
    SingleUnit,
    make_design,
    number_units,
    replicate_scale,
)

__all__ = ["Replication", "build_design", "build_replicates", "code_column", "code_columns"]


@dataclass(frozen=True)
class Replication:
    """How supplied replicate weights give a variance.

    Attributes
    ----------
    method : {"jk1", "jkn", "brr", "fay", "bootstrap"}
        How they were made; fixes the coefficient unless ``scale`` does.
    rho : float
        Fay's factor, for ``fay``.
    scale : float, optional
        Coefficient of the sum of squares.
    rscales : sequence of float, optional
        Coefficient of each replicate; needed by ``jkn``, ones otherwise.
    centre : {"mean", "estimate"}
        What deviations are taken from: the mean of the replicates (as R survey does unless told
        otherwise) or the full-sample estimate.
    combined : bool
        True when the columns are whole weights, False when they multiply the full weight.
    df : float, optional
        Degrees of freedom; the rank of the replicate weights minus 1 when not given.
    """

    method: ReplicateMethod
    rho: float = 0.5
    scale: float | None = None
    rscales: tuple[float, ...] | None = None
    centre: Literal["mean", "estimate"] = "mean"
    combined: bool = True
    df: float | None = None


def code_column(values: pd.Series) -> tuple[np.ndarray, list]:
    """Code the values of a column in sorted order; missing is -1.

    Returns `codes`: number of each row's value; `levels`: values, in order (of the categories for
    a categorical column).
    """
    if isinstance(values.dtype, pd.CategoricalDtype):
        values = values.cat.remove_unused_categories()
        return values.cat.codes.to_numpy().astype(np.intp), list(values.cat.categories)
    values = plain(values)
    try:
        codes, levels = pd.factorize(values, sort=True)
    except TypeError:
        raise SchemaError(
            f"Column {values.name!r} mixes kinds of values that have no order. Give it one type."
        ) from None
    codes = np.where(values.isna(), -1, codes)
    return codes.astype(np.intp, copy=False), list(levels)


def code_columns(table: pd.DataFrame, names: Sequence[str]) -> tuple[np.ndarray, pd.DataFrame]:
    """Code the combinations of several columns that occur, in sorted order; missing is -1.

    Returns `codes`: number of each row's combination; `keys`: one row per combination.
    """
    if len(names) == 0:
        return np.zeros(len(table), dtype=np.intp), pd.DataFrame(index=range(1))
    combined = np.zeros(len(table), dtype=np.intp)
    missing = np.zeros(len(table), dtype=bool)
    columns = [code_column(table[name]) for name in names]
    for codes, levels in columns:
        combined = combined * max(len(levels), 1) + np.maximum(codes, 0)
        missing |= codes < 0
    present, number = np.unique(combined[~missing], return_inverse=True)
    result = np.full(len(table), -1, dtype=np.intp)
    result[~missing] = number
    keys: dict[str, pd.Series] = {}
    for name, (_, levels) in reversed(list(zip(names, columns, strict=True))):
        present, position = np.divmod(present, max(len(levels), 1))
        keys[name] = (
            pd.Series(levels, dtype=table[name].dtype if levels else object)
            .iloc[position]
            .reset_index(drop=True)
        )
    return result, pd.DataFrame({name: keys[name] for name in names})


def build_design(
    table: pd.DataFrame,
    *,
    weight: str,
    stratum: Sequence[str],
    cluster: Sequence[str],
    fpc: Sequence[str],
    nested: bool,
    single: SingleUnit,
) -> Design:
    """Check the design columns of a table and put them into arrays.

    Returns weights and stages. Raises `SchemaError` for columns that cannot be used, a cluster in
    two strata, a population below the sample. Raises `ObsError` for a stratum with a single unit,
    without a policy for it.
    """
    check_design(table, weight=weight, codes=[*stratum, *cluster], numbers=fpc)
    if len(fpc) > max(len(cluster), 1) or len(stratum) > max(len(cluster), 1):
        raise ObsError("There are more strata or population columns than stages of clusters.")
    strata = [code_column(table[name])[0] for name in stratum]
    clusters = [code_column(table[name])[0] for name in cluster]
    sizes = [weight_numbers(table[name]) for name in fpc]
    if strata and clusters and not nested:
        _refuse_split_clusters(strata[0], clusters[0], stratum[0], cluster[0])
    first_stratum = strata[0] if strata else np.zeros(len(table), dtype=np.intp)
    unit, first = number_units(first_stratum, clusters[0] if clusters else None)
    strata_of_units = np.repeat(np.arange(len(first) - 1), np.diff(first))
    if sizes:
        check_fpc(sizes[0], unit, first, strata_of_units, fpc[0])
    if single == "fail":
        _refuse_single(table, stratum, np.diff(first), strata_of_units[unit], sizes)
    return make_design(
        weight_numbers(table[weight]), strata=strata, clusters=clusters, fpc=sizes, single=single
    )


def build_replicates(
    table: pd.DataFrame, weight: np.ndarray, columns: Sequence[str], rule: Replication
) -> Replicates:
    """Check replicate weight columns and put them into arrays.

    Returns one unit per row. Raises `SchemaError` for missing, negative or too few replicate
    weights, or coefficients of another length.
    """
    if len(columns) < 2:
        raise SchemaError(f"At least two replicate weight columns are needed, not {len(columns)}.")
    factor = np.column_stack([weight_numbers(table[name]) for name in columns])
    wrong = ~(factor >= 0) | ~np.isfinite(factor)
    if wrong.any():
        faulty = [name for name, bad in zip(columns, wrong.any(axis=0), strict=True) if bad]
        raise SchemaError(
            f"Replicate weights are missing or negative in {len(faulty)} columns (first: "
            f"{', '.join(map(repr, faulty[:5]))}), {rows_text(wrong.any(axis=1))}."
        )
    n = len(columns)
    if rule.method == "jkn" and rule.rscales is None:
        raise ObsError("The method jkn needs rscales: (n_h - 1) / n_h for each replicate.")
    rscales = np.ones(n) if rule.rscales is None else np.asarray(rule.rscales, dtype=float)
    if len(rscales) != n:
        raise SchemaError(f"There are {n} replicate weights and {len(rscales)} rscales.")
    scale = replicate_scale(rule.method, n, rho=rule.rho) if rule.scale is None else rule.scale
    base = np.ones(len(table)) if rule.combined else weight
    whole = factor if rule.combined else weight[:, None] * factor
    df = _rank(whole) - 1.0 if rule.df is None else rule.df
    return Replicates(np.arange(len(table)), base, factor, scale, rscales, rule.centre, df)


def _rank(weights: np.ndarray) -> int:
    """Count independent replicates; each row over its largest weight, so that light rows count."""
    largest = weights.max(axis=1)
    scaled = weights[largest > 0] / largest[largest > 0, None]
    return int(np.linalg.matrix_rank(scaled.T @ scaled, hermitian=True))


def _refuse_split_clusters(
    stratum: np.ndarray, cluster: np.ndarray, stratum_name: str, cluster_name: str
) -> None:
    home = np.empty(int(cluster.max()) + 1, dtype=np.intp)
    home[cluster] = stratum
    split = np.zeros(len(home), dtype=bool)
    split[cluster[home[cluster] != stratum]] = True
    if split.any():
        raise SchemaError(
            f"{int(split.sum())} clusters (column {cluster_name!r}) lie in two or more strata "
            f"(column {stratum_name!r}): {rows_text(split[cluster])}. If cluster codes start "
            "again in each stratum, say nested=True."
        )


def _refuse_single(
    table: pd.DataFrame,
    stratum: Sequence[str],
    sizes: np.ndarray,
    stratum_of_row: np.ndarray,
    fpc: Sequence[np.ndarray],
) -> None:
    whole = np.zeros(len(table), dtype=bool)
    if fpc:
        whole = fpc[0] == 1 if not np.all(fpc[0] <= 1) else fpc[0] >= 1
    lonely = (sizes[stratum_of_row] == 1) & ~whole
    if lonely.any():
        where = f" (column {stratum[0]!r})" if stratum else ""
        raise ObsError(
            f"{len(np.unique(stratum_of_row[lonely]))} strata{where} have a single sampling unit: "
            f"{rows_text(lonely)}. Their variance cannot be estimated. Merge them with a "
            "neighbour, or choose single='remove', 'adjust', 'average' or 'certainty'."
        )
