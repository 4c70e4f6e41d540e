"""Provide the fixed words of a page's frame ("Figure", "Published on") in each language."""

from __future__ import annotations

from dataclasses import dataclass

from obs.report.facts.released_only import need_language

__all__ = ["LANGUAGE_NAMES", "Labels", "labels"]

LANGUAGE_NAMES = {"fr": "Français", "nl": "Nederlands", "en": "English"}


@dataclass(frozen=True)
class Labels:
    """Every fixed word of a page in one language."""

    skip: str
    figure: str
    table: str
    data: str
    data_of: str
    edition: str
    published: str
    extracted: str
    covered_to: str
    page: str
    key_figures: str
    other_formats: str
    licence: str
    sources: str
    languages: str
    index_title: str
    scroll: str


_LABELS = {
    "fr": Labels(
        skip="Aller au contenu",
        figure="Figure",
        table="Tableau",
        data="Données (CSV)",
        data_of="Données de :",
        edition="Édition",
        published="Publié le",
        extracted="Données extraites le",
        covered_to="Données jusqu’au",
        page="Page",
        key_figures="Chiffres clés",
        other_formats="Autres formats",
        licence="Licence",
        sources="Sources",
        languages="Langues",
        index_title="Publications",
        scroll="Tableau à faire défiler",
    ),
    "nl": Labels(
        skip="Naar de inhoud",
        figure="Figuur",
        table="Tabel",
        data="Gegevens (CSV)",
        data_of="Gegevens bij:",
        edition="Editie",
        published="Gepubliceerd op",
        extracted="Gegevens opgehaald op",
        covered_to="Gegevens tot en met",
        page="Pagina",
        key_figures="Kerncijfers",
        other_formats="Andere formaten",
        licence="Licentie",
        sources="Bronnen",
        languages="Talen",
        index_title="Publicaties",
        scroll="Schuifbare tabel",
    ),
    "en": Labels(
        skip="Skip to content",
        figure="Figure",
        table="Table",
        data="Data (CSV)",
        data_of="Data of:",
        edition="Edition",
        published="Published on",
        extracted="Data extracted on",
        covered_to="Data up to",
        page="Page",
        key_figures="Key figures",
        other_formats="Other formats",
        licence="Licence",
        sources="Sources",
        languages="Languages",
        index_title="Publications",
        scroll="Scrollable table",
    ),
}


def labels(lang: str) -> Labels:
    """Give the fixed words of one language.

    Returns plain text.

    Examples
    --------
    >>> from obs.report.page.labels import labels
    >>> labels("nl").table
    'Tabel'
    """
    return _LABELS[need_language(lang)]
