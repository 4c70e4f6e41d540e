"""Draw a funnel chart: which places differ from the whole by more than chance.

Places are not ranked. All limits come from the released table alone.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from obs.errors import ObsError
from obs.locale import words
from obs.report.draw.funnel_plot import Funnel, Limit, funnel_svg
from obs.report.draw.style import draw_twice
from obs.report.facts.fact import Fact, fact_of
from obs.report.facts.filters import written
from obs.report.facts.numbers import format_percent
from obs.report.facts.printed import need_texts
from obs.report.facts.selection import finest_level
from obs.report.facts.subject import Subject, look_at
from obs.report.facts.words import exposure_words, first_upper, synthetic_label
from obs.report.figures.assemble import figure_block, need_alt
from obs.report.figures.blocks import Block
from obs.stats.counts.funnel_limits import funnel_limits
from obs.stats.counts.overdispersion import adjusted_limits, iterated_overdispersion, scores

if TYPE_CHECKING:
    from obs.disclosure import Released

__all__ = ["chart_funnel"]

_CONFIDENCES = (0.95, 0.998)
_FEWEST = 5  # fewer points make no funnel
_ENOUGH = 10  # places for the variance between them: its own error is then about half of it


def chart_funnel(
    released: Released, *, lang: str, title: str | None = None, alt: str, note: str | None = None
) -> Block:
    """Draw rates against their denominators, between limits around the rate of the whole.

    Limits of chance, and beside them limits widened by what places usually differ by
    (additive over-dispersion); diamonds and names for those beyond the widened ones.

    Parameters
    ----------
    released : Released
        One rate in one period, of the finest level and of the whole territory.
    lang : str
        Code of a language (`obs.locale.languages`).
    title : str or None
        Instead of the one made from the catalogue.
    alt : str
        What kind of figure it is and of what, at least 30 characters, without numbers.
    note : str or None
        A remark under the figure.

    Returns
    -------
    Block
        A figure with its data file.

    Raises
    ------
    DisclosureError
        If `released` is not a Released.
    PublicationError
        If the alternative text is missing or short.
    ObsError
        If it is not one rate in one period, if the rate of the whole is not released or is
        zero, or if fewer than five units have a value.

    Notes
    -----
    The limits of chance are exact Poisson limits around the released rate of the whole
    (`obs.stats.funnel_limits`). The widened ones are those of `obs.funnel`, from the rows
    shown alone: scores on the root scale, `obs.stats.iterated_overdispersion`. With
    fewer than ten values, or no more differences than chance gives, they are left out and
    the text says so.

    References
    ----------
    .. [1] D. J. Spiegelhalter, 2005, Handling over-dispersion of performance indicators,
       Quality and Safety in Health Care 14.
    """
    subject = look_at(released, lang=lang, who="chart_funnel")
    alt = need_alt(alt, who="chart_funnel")
    need_texts(lang, who="chart_funnel", title=title, alt=alt, note=note)
    drawn, whole = _units_and_whole(subject)
    funnel, beyond = _funnel(drawn, whole)
    warning = synthetic_label(lang) if drawn.synthetic else ""
    drawings = draw_twice(partial(funnel_svg, funnel, lang, warning))
    caption = "funnel.caption_widened" if funnel.wide else "funnel.caption"
    return figure_block(
        released,
        drawn,
        drawings,
        kind="funnel",
        title=title,
        caption=words(lang).say(caption, measure=funnel.measure),
        alt=alt,
        note=note,
        extra=_explained(funnel, beyond, lang),
    )


def _explained(funnel: Funnel, beyond: int, lang: str) -> tuple[str, ...]:
    """Say how to read the limits, and why there are no wide ones where there are none."""
    say, outside, places = words(lang).say, int(funnel.outside.sum()), len(funnel.names)
    if funnel.wide:
        return (say("funnel.widened", outside=outside, all=places, beyond=beyond),)
    explained = say("funnel.explained", outside=outside, all=places)
    if places < _ENOUGH:
        return (explained, say("funnel.too_few", all=places))
    return (explained, say("funnel.chance_alone"))


def _units_and_whole(subject: Subject) -> tuple[Subject, Fact]:
    other = [c for c in subject.varying if c != "territory"]
    if other or subject.compares:
        raise ObsError(
            "chart_funnel shows one rate in one period; select one value of "
            f"{', '.join(other) or 'an indicator table'}."
        )
    table = subject.table
    levels = table["territory"].map(subject.territory.level_of)
    whole = table[table["territory"] == subject.territory.top]
    if whole.empty or fact_of(whole.iloc[0]).kind != "rate" or whole["value"].isna().any():
        raise ObsError(
            "chart_funnel needs the released rate of the whole territory "
            f"('{subject.territory.top}') among the rows."
        )
    if not whole["value"].iloc[0] > 0:
        raise ObsError("chart_funnel: the rate of the whole is zero, there is nothing to compare.")
    return subject.keep(levels == finest_level(subject)), fact_of(whole.iloc[0])


def _funnel(subject: Subject, whole: Fact) -> tuple[Funnel, int]:
    """Make the funnel, and count the points beyond the outer limits of chance."""
    known = subject.table.dropna(subset=["value", "denominator", "numerator"])
    known = known[known["denominator"] > 0]
    if len(known) < _FEWEST:
        raise ObsError(
            f"chart_funnel: {len(known)} units have a value and a denominator; at least {_FEWEST} "
            "make a funnel. Use chart_bars."
        )
    exposure = known["denominator"].to_numpy(dtype=np.float64)
    counts = known["numerator"].to_numpy(dtype=np.float64)
    per, lang = _per(whole.scale), subject.lang
    level = float(whole.value or 0.0)  # above zero: `_units_and_whole` refuses the rest
    centre = level / per
    grid = np.geomspace(exposure.min() * 0.85, exposure.max() * 1.18, 300)
    tau2 = _between(counts, exposure * centre)
    chance = _beyond(counts, funnel_limits(exposure * centre, confidence=_CONFIDENCES[-1]))
    wide: tuple[Limit, ...] = ()
    outside = chance
    if tau2 > 0:
        edge = adjusted_limits(exposure * centre, tau2, confidence=_CONFIDENCES[-1])
        outside = _beyond(counts / (exposure * centre), edge)
        wide = tuple(
            _limit(
                adjusted_limits(grid * centre, tau2, confidence=c), centre * per, "wide", c, lang
            )
            for c in _CONFIDENCES
        )
    funnel = Funnel(
        names=tuple(subject.territory.label(str(code), lang) for code in known["territory"]),
        exposure=exposure,
        rate=known["value"].to_numpy(dtype=np.float64),
        outside=outside,
        centre=level,
        centre_name=_centre_name(subject, whole),
        grid=grid,
        limits=tuple(
            _limit(funnel_limits(grid * centre, confidence=c), per / grid, "chance", c, lang)
            for c in _CONFIDENCES
        ),
        wide=wide,
        kind=whole.kind,
        measure=first_upper(subject.measure()),
        exposure_name=first_upper(exposure_words(whole.scale, lang)),
    )
    return funnel, int(chance.sum())


def _between(counts: np.ndarray, expected: np.ndarray) -> float:
    """Estimate what the places shown differ by beyond chance; 0 where they are too few."""
    if len(counts) < _ENOUGH:
        return 0.0
    z, error = scores(counts / expected, expected)
    return iterated_overdispersion(z, error).tau2


def _beyond(value: np.ndarray, limits: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    return np.asarray((value < limits[0]) | (value > limits[1]))


def _limit(
    bounds: tuple[np.ndarray, np.ndarray],
    scale: float | np.ndarray,
    kind: str,
    confidence: float,
    lang: str,
) -> Limit:
    """Turn counts or ratios into rates, and name the line."""
    share = format_percent(confidence, lang, decimals=1 if confidence > 0.99 else 0)
    return Limit(
        bounds[0] * scale, bounds[1] * scale, words(lang).say(f"funnel.line.{kind}", share=share)
    )


def _per(scale: str) -> int:
    return int(scale.split("_")[1])


def _centre_name(subject: Subject, whole: Fact) -> str:
    name = subject.territory.label(subject.territory.top, subject.lang)
    return f"{name} {written(whole, subject.lang, whole.value)}"
