"""The funnel chart: which units differ from the whole by more than chance, without ranking them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from obs.errors import ObsError
from obs.report.blocks import Block
from obs.report.draw.axes import warning_line
from obs.report.draw.funnel import Funnel, draw_funnel
from obs.report.facts import Fact, fact_of
from obs.report.figures import figure_block, need_alt
from obs.report.filters import written
from obs.report.numbers import format_number
from obs.report.selection import finest_level
from obs.report.style import drawing, to_svg
from obs.report.subject import Subject, look_at
from obs.report.words import exposure_words, first_upper, synthetic_label
from obs.stats.funnel import funnel_limits

if TYPE_CHECKING:
    from obs.disclosure import Released

__all__ = ["chart_funnel"]

_CONFIDENCES = (0.95, 0.998)
_FEWEST = 5  # fewer points make no funnel
_CAPTION = {
    "fr": "{} ; limites de hasard à 95 % et 99,8 %",
    "nl": "{}; toevalsgrenzen van 95% en 99,8%",
    "en": "{}; limits of chance at 95% and 99.8%",
}
_EXPLAINED = {
    "fr": "Entre les limites, l’écart au taux d’ensemble peut être dû au seul hasard. Les losanges "
    "sont hors des limites à 99,8 % ({outside} sur {all}) ; d’autres causes que le hasard sont "
    "courantes et ce n’est pas un classement.",
    "nl": "Tussen de grenzen kan het verschil met het geheel louter toeval zijn. De ruiten liggen "
    "buiten de grenzen van 99,8% ({outside} van {all}); andere oorzaken dan toeval zijn gewoon en "
    "dit is geen rangschikking.",
    "en": "Between the limits, the difference from the whole may be chance alone. Diamonds lie "
    "beyond the 99.8% limits ({outside} of {all}); causes other than chance are common, and this "
    "is not a ranking.",
}


def chart_funnel(
    released: Released, *, lang: str, title: str | None = None, alt: str, note: str | None = None
) -> Block:
    """Draw rates against their denominators, between the limits of chance around the whole.

    Parameters
    ----------
    released : Released
        One rate in one period, of the finest level and of the whole territory.
    lang : {"fr", "nl", "en"}
        Language.
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
        If it is not one rate in one period, if the rate of the whole is not released, or
        if fewer than five units have a value.

    Notes
    -----
    The limits are exact Poisson limits around the released rate of the whole; see
    `obs.stats.funnel_limits`.

    Examples
    --------
    ``obs.chart_funnel(note["years"].select(indicator="theft", period="2024"), lang="fr", alt=...)``
    """
    subject = look_at(released, lang=lang, who="chart_funnel")
    alt = need_alt(alt, who="chart_funnel")
    drawn, whole = _units_and_whole(subject)
    funnel = _funnel(drawn, whole)
    warning = synthetic_label(lang) if drawn.synthetic else ""
    with drawing(4.3) as figure:
        axes = figure.add_axes((0.065, 0.15, 0.76, 0.77))
        draw_funnel(axes, funnel, lang)
        warning_line(figure, warning)
        svg = to_svg(figure)
    numbers = {"outside": int(funnel.outside.sum()), "all": len(funnel.names)}
    written_numbers = {k: format_number(v, lang) for k, v in numbers.items()}
    return figure_block(
        released,
        drawn,
        svg,
        kind="funnel",
        title=title,
        caption=_CAPTION[lang].format(funnel.measure),
        alt=alt,
        note=note,
        extra=(_EXPLAINED[lang].format(**written_numbers),),
    )


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
    return subject.keep(levels == finest_level(subject)), fact_of(whole.iloc[0])


def _funnel(subject: Subject, whole: Fact) -> Funnel:
    known = subject.table.dropna(subset=["value", "denominator", "numerator"])
    known = known[known["denominator"] > 0]
    if len(known) < _FEWEST:
        raise ObsError(
            f"chart_funnel: {len(known)} units have a value and a denominator; at least {_FEWEST} "
            "make a funnel. Use chart_bars."
        )
    exposure = known["denominator"].to_numpy(dtype=np.float64)
    per_unit = whole.value / _per(whole.scale)
    grid = np.geomspace(exposure.min() * 0.85, exposure.max() * 1.18, 300)
    outer = funnel_limits(exposure * per_unit, confidence=_CONFIDENCES[-1])
    counts = known["numerator"].to_numpy(dtype=np.float64)
    lang = subject.lang
    return Funnel(
        names=tuple(subject.territory.label(str(code), lang) for code in known["territory"]),
        exposure=exposure,
        rate=known["value"].to_numpy(dtype=np.float64),
        outside=(counts < outer[0]) | (counts > outer[1]),
        centre=whole.value,
        centre_name=_centre_name(subject, whole),
        grid=grid,
        limits=tuple(_as_rates(grid, per_unit, c, _per(whole.scale)) for c in _CONFIDENCES),
        kind=whole.kind,
        measure=first_upper(subject.measure()),
        exposure_name=first_upper(exposure_words(whole.scale, lang)),
    )


def _as_rates(
    grid: np.ndarray, per_unit: float, confidence: float, per: int
) -> tuple[float, np.ndarray, np.ndarray]:
    lower, upper = funnel_limits(grid * per_unit, confidence=confidence)
    return confidence, lower / grid * per, upper / grid * per


def _per(scale: str) -> int:
    return int(scale.split("_")[1])


def _centre_name(subject: Subject, whole: Fact) -> str:
    level = subject.territory.level_label(subject.territory.levels[-1], subject.lang)
    return f"{first_upper(level)} {written(whole, subject.lang, whole.value)}"
