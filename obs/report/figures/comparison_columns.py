"""Define the columns of a table of compared places: measures, headings, cells, explanations."""

from __future__ import annotations

import pandas as pd

from obs.reference import Territory, label
from obs.report.facts.fact import Fact, fact_of
from obs.report.facts.filters import reason_text, written
from obs.report.facts.numbers import format_interval, format_number
from obs.report.facts.released_row import number_in, whole_in

__all__ = [
    "COMPARING",
    "compared_cell",
    "compared_head",
    "compared_reading",
    "comparison_kind",
    "comparison_words",
]

COMPARING = {  # kind to its measures; the first column that tells the kind, most telling first
    "peer": ("value", "peer_value", "ratio", "ratio_interval", "peer_verdict"),
    "rank_low": ("value", "interval", "ranks"),
    "ambient_value": ("value", "ambient_value", "position", "ambient_position", "flips"),
    "centre": ("value", "interval", "chance_position", "position"),
}
_HEADS = {
    "peer_value": {"fr": "Pairs", "nl": "Vergelijkbare gebieden", "en": "Peers"},
    "ratio": {"fr": "Rapport", "nl": "Verhouding", "en": "Ratio"},
    "ratio_interval": {
        "fr": "Intervalle du rapport",
        "nl": "Interval van de verhouding",
        "en": "Interval of the ratio",
    },
    "peer_verdict": {"fr": "Verdict", "nl": "Oordeel", "en": "Verdict"},
    "ranks": {"fr": "Rangs possibles", "nl": "Mogelijke rangen", "en": "Possible ranks"},
    "ambient_value": {
        "fr": "Taux selon les personnes présentes",
        "nl": "Cijfer volgens de aanwezige personen",
        "en": "Rate by persons present",
    },
    "position": {"fr": "Position", "nl": "Positie", "en": "Position"},
    "chance_position": {
        "fr": "Limites de hasard",
        "nl": "Toevalsgrenzen",
        "en": "Limits of chance",
    },
    "ambient_position": {
        "fr": "Position par personne présente",
        "nl": "Positie per aanwezige persoon",
        "en": "Position per person present",
    },
    "flips": {"fr": "Change de position", "nl": "Verandert van positie", "en": "Changes position"},
}
_ONE_RANK = {"fr": "{0} sur {2}", "nl": "{0} van {2}", "en": "{0} of {2}"}
_RANKS = {"fr": "{} à {} sur {}", "nl": "{} tot {} van {}", "en": "{} to {} of {}"}
_FLIPS = {
    True: {"fr": "oui", "nl": "ja", "en": "yes"},
    False: {"fr": "non", "nl": "nee", "en": "no"},
}
_REST = {
    "fr": "comparaison avec le reste ({})",
    "nl": "vergeleken met de rest ({})",
    "en": "against the rest ({})",
}
_SIMILAR = {
    "fr": "comparaison avec les lieux semblables",
    "nl": "vergeleken met gelijkaardige gebieden",
    "en": "against similar places",
}
_POSSIBLE = {"fr": "rangs possibles", "nl": "mogelijke rangen", "en": "possible ranks"}
_LIMITS = {
    "fr": "position par rapport aux limites",
    "nl": "positie tegenover de grenzen",
    "en": "position against the limits",
}
_PRESENT = {
    "fr": "habitants et personnes présentes",
    "nl": "inwoners en aanwezige personen",
    "en": "residents and persons present",
}
_TITLES = {"rank_low": _POSSIBLE, "centre": _LIMITS, "ambient_value": _PRESENT}
_ALONE = {
    "fr": "Non comparable : une valeur n’est ni publiée ni calculable, ou le lieu n’a pas de pair.",
    "nl": "Niet vergelijkbaar: een waarde is niet gepubliceerd of niet te berekenen, of het gebied "
    "heeft geen vergelijkbaar gebied.",
    "en": "Not comparable: a value is not published or cannot be worked out, or the place has no peer.",
}
_READ = {
    "peer": {
        "fr": "Les pairs : {peer_value} ; rapport : {ratio} ({ratio_interval}) ; verdict : {peer_verdict}.",
        "nl": "De vergelijkbare gebieden: {peer_value}; verhouding: {ratio} ({ratio_interval}); oordeel: {peer_verdict}.",
        "en": "Its peers: {peer_value}; ratio: {ratio} ({ratio_interval}); verdict: {peer_verdict}.",
    },
    "rank_low": {
        "fr": "Les données permettent les rangs {ranks}.",
        "nl": "De gegevens laten de rangen {ranks} toe.",
        "en": "The data allow the ranks {ranks}.",
    },
}
_TOLD_BY = {"peer": "ratio", "rank_low": "rank_low"}  # without it there is nothing to read
_EXPLAINED = {
    "peer": {
        "fr": "Chaque lieu est retiré de ceux auxquels il est comparé. Le rapport est celui des deux "
        "valeurs. Le verdict tient compte du nombre de lieux comparés : il peut falloir davantage qu’un "
        "intervalle qui exclut 1.",
        "nl": "Elk gebied is weggelaten uit die waarmee het wordt vergeleken. De verhouding is die van "
        "beide waarden. Het oordeel houdt rekening met het aantal vergeleken gebieden: er kan meer nodig zijn "
        "dan een interval zonder 1.",
        "en": "Each place is left out of those it is compared with. The ratio is that of the two values. "
        "The verdict allows for the number of places compared: it may take more than an interval "
        "without 1.",
    },
    "rank_low": {
        "fr": "Rang 1 : la valeur la plus élevée. Les rangs possibles sont ceux que les données ne "
        "contredisent pas ; ce n’est pas un classement.",
        "nl": "Rang 1: de hoogste waarde. Mogelijke rangen zijn die welke de gegevens niet "
        "tegenspreken; dit is geen rangschikking.",
        "en": "Rank 1: the highest value. Possible ranks are those that the data do not contradict; "
        "this is not a ranking.",
    },
    "ambient_value": {
        "fr": "Positions autour du taux de l’ensemble, entre ou hors des limites de hasard, selon que "
        "l’on compte les habitants ou les personnes présentes.",
        "nl": "Posities rond het cijfer van het geheel, binnen of buiten de toevalsgrenzen, naargelang "
        "de inwoners of de aanwezige personen geteld worden.",
        "en": "Positions around the rate of the whole, within or beyond the limits of chance, counting "
        "residents or the persons present.",
    },
    "centre": {
        "fr": "Position par rapport aux limites autour du taux d’ensemble ({centre}) : de hasard seul, "
        "et celles retenues, qui peuvent ajouter les différences habituelles entre lieux ; « nettement » : hors des limites externes. Ce n’est pas "
        "un classement.",
        "nl": "Positie tegenover de grenzen rond het cijfer van het geheel ({centre}): van het toeval "
        "alleen, en de gekozen grenzen, die de gewone verschillen tussen gebieden kunnen toevoegen; “duidelijk”: buiten de buitenste grenzen. Dit "
        "is geen rangschikking.",
        "en": "Position against the limits around the rate of the whole ({centre}): of chance alone, and "
        "those chosen, which may add the usual differences between places; “well”: beyond the outer limits. This is not a ranking.",
    },
}


def comparison_kind(table: pd.DataFrame) -> str | None:
    """Tell which comparison of places a table is.

    Returns a key of `COMPARING`, None for values alone.
    """
    return next((kind for kind in COMPARING if kind in table.columns), None)


def compared_head(measure: str, lang: str) -> str | None:
    """Give the head of a column of a comparison, None for a measure that is not one."""
    return _HEADS[measure][lang] if measure in _HEADS else None


def compared_cell(row: pd.Series, fact: Fact, measure: str, lang: str) -> str:
    """Write one cell of a comparison.

    Returns words or a number; why there is none where the value is withheld or unknown. Raises
    `CodeError` if a code has no words.
    """
    if measure == "peer_verdict":
        code = row["verdict"]
        return "" if pd.isna(code) else label("peer_verdicts", str(code), lang)
    if fact.value is None:
        return reason_text(fact, lang)
    if measure in ("position", "chance_position", "ambient_position"):
        return "" if pd.isna(row[measure]) else label("positions", str(row[measure]), lang)
    if measure == "flips":
        return "" if pd.isna(row[measure]) else _FLIPS[bool(row[measure])][lang]
    if measure == "ranks":
        ranks = [whole_in(row, c) for c in ("rank_low", "rank_high", "ranked")]
        if None in ranks:
            return ""
        words = _ONE_RANK if ranks[0] == ranks[1] else _RANKS
        text = words[lang].format(*(format_number(r, lang) for r in ranks if r is not None))
        return text.replace(" ", "\N{NO-BREAK SPACE}")
    if measure == "ratio_interval":
        low, high = number_in(row, "ratio_low"), number_in(row, "ratio_high")
        if low is None or high is None:
            return ""
        return format_interval(*(format_number(b, lang, decimals=2) for b in (low, high)), lang)
    number = number_in(row, measure)
    if number is None:
        return ""
    if measure == "ratio":
        return format_number(number, lang, decimals=2)
    return written(fact, lang, number)


def comparison_words(
    table: pd.DataFrame, fact: Fact, territory: Territory, lang: str
) -> tuple[str, str]:
    """Say what a table compares, for its title, and how to read it.

    Returns the words and the sentences.
    """
    kind = str(comparison_kind(table))
    against = _TITLES[kind][lang] if kind in _TITLES else ""
    if kind == "peer":
        peer = str(table["peer"].iloc[0])
        against = (
            _SIMILAR[lang]
            if peer == "similar"
            else _REST[lang].format(territory.level_label(peer, lang))
        )
    centres = table["centre"].dropna() if kind == "centre" else pd.Series(dtype=float)
    centre = written(fact, lang, float(centres.iloc[0])) if len(centres) else "–"
    told = _EXPLAINED[kind][lang].format(centre=centre)
    if kind == "peer" and (table["verdict"] == "not comparable").any():
        told = f"{told} {_ALONE[lang]}"
    return against, told


def compared_reading(row: pd.Series, lang: str) -> str:
    """Read one row of a comparison aloud, after its value; nothing where it has none.

    Returns a sentence, or "".
    """
    kind = next((k for k in _READ if k in row.index), None)
    if kind is None or number_in(row, _TOLD_BY[kind]) is None:
        return ""
    fact = fact_of(row)
    cells = {m: compared_cell(row, fact, m, lang) for m in COMPARING[kind] if m in _HEADS}
    return _READ[kind][lang].format(**cells)
