"""Write the lines under a figure: how to read it, its scope, what is withheld, its source.

Every word and number is computed from the released rows and the catalogue.
"""

from __future__ import annotations

import pandas as pd

from obs.catalogue import get_indicator
from obs.report.facts.dates import format_date, format_period, format_span
from obs.report.facts.fact import Fact, fact_of
from obs.report.facts.filters import filters, written
from obs.report.facts.numbers import format_number, typography
from obs.report.facts.released_row import covered_part
from obs.report.facts.subject import Subject, against, category_label
from obs.report.facts.words import base_words, first_upper, measure_words, verdict_words
from obs.report.figures.blocks import Remark
from obs.report.figures.comparison_columns import compared_reading
from obs.report.figures.not_comparable import unlike_lines
from obs.schemas import WITHHELD

__all__ = ["example_row", "remarks", "told_value"]

_LABELS = {
    "reading": {"fr": "Lecture", "nl": "Leesvoorbeeld", "en": "Reading"},
    "scope": {"fr": "Champ", "nl": "Bereik", "en": "Scope"},
    "period": {"fr": "Période", "nl": "Periode", "en": "Period"},
    "withheld": {"fr": "Non publiées", "nl": "Niet gepubliceerd", "en": "Not published"},
    "denominator": {"fr": "Dénominateur", "nl": "Noemer", "en": "Denominator"},
    "source": {"fr": "Source", "nl": "Bron", "en": "Source"},
    "remark": {"fr": "Remarque", "nl": "Opmerking", "en": "Note"},
}
_TEXTS = {
    "interval": {
        "fr": "intervalle à 95 % : {}",
        "nl": "95%-interval: {}",
        "en": "95% interval: {}",
    },
    "random": {
        "fr": "L’intervalle décrit les variations aléatoires, pas les erreurs d’enregistrement.",
        "nl": "Het interval beschrijft toevallige schommelingen, geen registratiefouten.",
        "en": "The interval describes random variation, not errors of recording.",
    },
    "sampling": {
        "fr": "L’intervalle décrit l’aléa de l’échantillon, pas les erreurs de réponse.",
        "nl": "Het interval beschrijft het toeval van de steekproef, geen antwoordfouten.",
        "en": "The interval describes the chance of the sample, not errors of answering.",
    },
    "few_answers": {
        "fr": "{} faute de réponses assez nombreuses",
        "nl": "{} wegens te weinig antwoorden",
        "en": "{} for want of enough answers",
    },
    "ours": {
        "fr": "{} par la règle de confidentialité",
        "nl": "{} door de vertrouwelijkheidsregel",
        "en": "{} by the confidentiality rule",
    },
    "theirs": {
        "fr": "{} que la source ne diffuse pas",
        "nl": "{} die de bron niet verspreidt",
        "en": "{} that the source does not release",
    },
    "unreliable": {
        "fr": "{} faute de faits assez nombreux pour conclure",
        "nl": "{} omdat er te weinig feiten zijn om te besluiten",
        "en": "{} for want of enough offences to say",
    },
    "neither": {
        "fr": "Une valeur non publiée n’est ni zéro ni inconnue.",
        "nl": "Een niet gepubliceerde waarde is noch nul, noch onbekend.",
        "en": "A value not published is neither zero nor unknown.",
    },
    "missing": {
        "fr": "Valeurs inconnues : {}.",
        "nl": "Onbekende waarden: {}.",
        "en": "Unknown values: {}.",
    },
    "partial": {
        "fr": "{} : {} seulement. Une période incomplète n’est jamais comparée à une complète.",
        "nl": "{}: enkel {}. Een onvolledige periode wordt nooit met een volledige vergeleken.",
        "en": "{}: {} only. An incomplete period is never compared with a complete one.",
    },
    "provisional": {
        "fr": "Valeurs provisoires : {}.",
        "nl": "Voorlopige waarden: {}.",
        "en": "Provisional values: {}.",
    },
    "interpolated": {
        "fr": "Interpolé, faute de relevé, pour {}.",
        "nl": "Geïnterpoleerd, bij gebrek aan telling, voor {}.",
        "en": "Interpolated, for want of a count, for {}.",
    },
    "extracted": {
        "fr": "extraction du {}",
        "nl": "extractie van {}",
        "en": "extracted on {}",
    },
}


_SEMICOLON = {"fr": "\N{NARROW NO-BREAK SPACE};", "nl": ";", "en": ";"}


def remarks(
    subject: Subject, *, extra: tuple[str, ...] = (), note: str | None = None
) -> tuple[Remark, ...]:
    """Write the lines under a figure or a table.

    Returns reading, scope, period, withheld, denominator, remarks, source; those that have
    nothing to say are left out. Raises `CatalogueError` if an indicator is not in the catalogue.
    """
    lines = (
        ("reading", _reading(subject)),
        ("scope", _each_indicator(subject, "scope")),
        ("period", _periods(subject)),
        ("withheld", _withheld(subject)),
        ("denominator", _interpolated(subject)),
        *(("remark", text) for text in (*unlike_lines(subject), *extra, note or "")),
        ("source", _source(subject)),
    )
    lang = subject.lang
    return tuple(
        Remark(typography(f"{_LABELS[key][lang]}:", lang), typography(text, lang))
        for key, text in lines
        if text
    )


def told_value(fact: Fact, lang: str) -> str:
    """Write a value with its measure and its interval.

    Returns "9.9 offences per 1,000 inhabitants (95% interval: 9.7 to 10.1)".

    Examples
    --------
    >>> from obs.report.facts.fact import Fact
    >>> from obs.report.figures.figure_notes import told_value
    >>> told_value(Fact("count", 12.0, 6.2, 21.0, "ok", "fact", "count", 0), "en").split(" (")[0]
    '12 offences'
    """
    text = written(fact, lang, fact.value)
    if fact.value is None:
        return text
    if fact.kind in ("count", "rate", "per_day", "estimate"):
        text = f"{text} {measure_words(fact.kind, fact.unit, fact.scale, lang)}"
    aside = [base_words(fact.scale)] if fact.kind == "index" else []
    if fact.low is not None and fact.high is not None:
        aside.append(_TEXTS["interval"][lang].format(filters(lang)["interval"](fact)))
    return f"{text} ({f'{_SEMICOLON[lang]} '.join(aside)})" if aside else text


def example_row(subject: Subject) -> pd.Series | None:
    """Choose the row that the reading example tells: the whole territory, the last full period.

    The row is never chosen by its value; the result is None when no row has one.
    """
    table = subject.table
    known = table[[f.known for f in subject.facts()]]
    full = known[[covered_part(row) is None for _, row in known.iterrows()]]
    rows = full if len(full) else known
    if rows.empty:
        return None
    rows = rows[rows["period"] == rows["period"].max()]
    whole = rows[rows["territory"] == subject.territory.top]
    return (whole if len(whole) else rows).iloc[0]


def _reading(subject: Subject) -> str:
    row = example_row(subject)
    if row is None:
        return ""
    lang, fact = subject.lang, fact_of(row)
    place = subject.territory.label(str(row["territory"]), lang)
    named = [category for category in (_categories(row, subject),) if category]
    when = format_period(row["period"], lang)
    if fact.covered is not None:
        when = format_span(*fact.covered, lang)
    if fact.base is not None:
        when = against(when, fact.base, lang)
    colon = " : " if lang == "fr" else ": "
    verdict = _told_verdict(fact, lang)
    head = first_upper(", ".join([*named, place, when]))
    chance = "sampling" if row.get("source") == "survey" else "random"
    random = "" if fact.low is None else _TEXTS[chance][lang]
    read = compared_reading(row, lang)
    return " ".join(
        filter(None, (f"{head}{colon}{told_value(fact, lang)}{verdict}.", read, random))
    )


def _told_verdict(fact: Fact, lang: str) -> str:
    """Say the verdict; where nothing showed, also what could have been missed."""
    if not fact.verdict:
        return ""
    text = f", {verdict_words(fact.verdict, lang, reason=fact.reason)}"
    if fact.verdict == "stable" and (fact.least_rise is not None or fact.least_fall is not None):
        text += f"{_SEMICOLON[lang]} {filters(lang)['detectable'](fact)}"
    return text


def _categories(row: pd.Series, subject: Subject) -> str:
    columns = [c for c in subject.varying if c not in ("territory", "period", "base")]
    return category_label(row, columns, subject) if columns else ""


def _each_indicator(subject: Subject, text: str) -> str:
    found = [get_indicator(i).text(text, subject.lang) for i in subject.indicators]
    return " ".join(dict.fromkeys(found))


def _periods(subject: Subject) -> str:
    lang = subject.lang
    partial, provisional = {}, []
    for _, row in subject.table.drop_duplicates("period").iterrows():
        covered = covered_part(row)
        if covered is not None:
            partial[format_period(row["period"], lang)] = format_span(*covered, lang)
    if "status" in subject.table.columns:
        rows = subject.table[subject.table["status"] == "provisional"]
        names = [format_period(p, lang) for p in sorted(rows["period"].unique())]
        provisional = [name for name in names if name not in partial]
    lines = [_TEXTS["partial"][lang].format(name, span) for name, span in partial.items()]
    if provisional:
        lines.append(_TEXTS["provisional"][lang].format(", ".join(provisional)))
    return " ".join(lines)


def _withheld(subject: Subject) -> str:
    if "status" not in subject.table.columns:
        return ""
    lang, status = subject.lang, subject.table["status"]
    theirs = int((status == "suppressed_source").sum())
    unreliable = int((status == "unreliable").sum())
    ours = int(status.isin(WITHHELD).sum()) - theirs - unreliable
    missing = int((status == "missing").sum())
    survey = "source" in subject.table and (subject.table["source"] == "survey").any()
    unsure = "few_answers" if survey else "unreliable"
    parts = [
        _TEXTS[key][lang].format(format_number(n, lang))
        for key, n in (("ours", ours), ("theirs", theirs), (unsure, unreliable))
        if n
    ]
    lines = [first_upper(", ".join(parts)) + ".", _TEXTS["neither"][lang]] if parts else []
    if missing:
        lines.append(_TEXTS["missing"][lang].format(format_number(missing, lang)))
    return " ".join(lines)


def _interpolated(subject: Subject) -> str:
    if "denominator_flag" not in subject.table.columns:
        return ""
    rows = subject.table[subject.table["denominator_flag"] == "interpolated"]
    if rows.empty:
        return ""
    names = [str(year) for year in sorted(rows["period"].dt.year.unique())]
    return _TEXTS["interpolated"][subject.lang].format(", ".join(names))


def _source(subject: Subject) -> str:
    lang = subject.lang
    text = _each_indicator(subject, "source_label")
    if "extracted" in subject.table.columns:
        dates = sorted(subject.table["extracted"].dropna().unique())
        if dates:
            on = format_date(pd.Timestamp(dates[-1]).date(), lang)
            text += f"; {_TEXTS['extracted'][lang].format(on)}"
    return text + "."
