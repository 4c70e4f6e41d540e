"""Describe the open data of an edition to portals (DCAT-AP 3, JSON-LD) and to search engines (schema.org).

Where no address is declared, addresses are relative to the file itself.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from obs.catalogue import get_indicator
from obs.errors import CatalogueError
from obs.locale import words
from obs.open_data.about_edition import AboutEdition, plain_text
from obs.open_data.open_tables import OpenTable

__all__ = [
    "CATALOGUE",
    "dcat_catalogue",
    "describe_dataset",
    "indicator_name",
    "indicator_words",
    "issued_catalogue",
]

CATALOGUE = "catalogue.jsonld"
_CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "spdx": "http://spdx.org/rdf/terms#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "dcatap": "http://data.europa.eu/r5r/",
}
_EU = "http://publications.europa.eu/resource/authority"
_LICENCES = {
    "CC BY 4.0": ("https://creativecommons.org/licenses/by/4.0/", f"{_EU}/licence/CC_BY_4_0"),
    "CC0 1.0": ("https://creativecommons.org/publicdomain/zero/1.0/", f"{_EU}/licence/CC0"),
    "Licence Ouverte 2.0": ("https://www.etalab.gouv.fr/licence-ouverte-open-licence", ""),
}
_KINDS = {  # media type, and file type of the European register
    ".csv": ("text/csv", "CSV"),
    ".xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "XLSX"),
    ".parquet": ("application/vnd.apache.parquet", "PARQUET"),
    ".xml": ("application/vnd.sdmx.structurespecificdata+xml", "SDMX"),
    ".zip": ("application/zip", "ZIP"),
}
_FREQUENCIES = {"A": "ANNUAL", "Q": "QUARTERLY", "M": "MONTHLY", "D": "DAILY", "W": "WEEKLY"}
_THEME = f"{_EU}/data-theme/JUST"  # justice, legal system and public safety


def dcat_catalogue(
    tables: Sequence[OpenTable],
    files: Mapping[str, bytes],
    about: AboutEdition,
    *,
    langs: Sequence[str],
    modified: str,
) -> bytes:
    """Write the catalogue: a dataset for each indicator, one of the whole edition.

    `files` are those beside the catalogue, by name; `modified` is the last day of extraction.
    """
    base = f"{about.address}open_data/" if about.address else ""
    common = _common(about, langs, modified)
    by_indicator: dict[str, list[OpenTable]] = {}
    for table in tables:
        by_indicator.setdefault(table.indicator, []).append(table)
    datasets = [
        _dataset(base, common, indicator, own, files, about, langs)
        for indicator, own in by_indicator.items()
    ]
    whole = [f for f in files if f.startswith("sdmx/") or f.endswith(".zip") or f in _DICTIONARY]
    datasets.append(
        {
            "@id": f"{base}#edition",
            "@type": "dcat:Dataset",
            **common,
            "dct:identifier": about.name,
            "dct:title": _texts({lang: _catalogue_title(about, lang) for lang in langs}),
            "dct:description": _texts({lang: words(lang).say("open_data.all") for lang in langs}),
            "dct:temporal": _span(tables),
            "dcat:distribution": [_distribution(base, f, files[f], about) for f in sorted(whole)],
        }
    )
    graph = {
        "@context": _CONTEXT,
        "@id": f"{base}{CATALOGUE}",
        "@type": "dcat:Catalog",
        "dct:title": _texts({lang: _catalogue_title(about, lang) for lang in langs}),
        "dct:description": _texts({lang: words(lang).say("open_data.all") for lang in langs}),
        "dct:publisher": common["dct:publisher"],
        "dct:language": common["dct:language"],
        "dct:modified": common["dct:modified"],
        **({"dct:license": common["dct:license"]} if "dct:license" in common else {}),
        "dcat:themeTaxonomy": {"@id": f"{_EU}/data-theme"},
        "dcat:dataset": datasets,
    }
    return _as_bytes(graph)


_DICTIONARY = ("columns.csv", "codes.csv")


def _common(about: AboutEdition, langs: Sequence[str], modified: str) -> dict[str, Any]:
    """Give what all datasets say alike."""
    told: dict[str, Any] = {
        "dct:publisher": {"@type": "foaf:Agent", "foaf:name": _texts(about.publisher)},
        "dct:language": [
            {"@id": f"{_EU}/language/{words(lang).say('open_data.authority')}"} for lang in langs
        ],
        "dct:modified": {"@value": modified, "@type": "xsd:date"},
        "dcat:theme": {"@id": _THEME},
        "dct:accessRights": {"@id": f"{_EU}/access-right/PUBLIC"},
        "dcat:version": about.edition,
    }
    if about.contact:
        told["dcat:contactPoint"] = [
            {
                "@type": "vcard:Organization",
                "vcard:fn": about.publisher.get(lang, about.observatory),
                **_contact(text),
            }
            for lang, text in about.contact.items()
        ]
    if about.licence:
        told["dct:license"] = _licence(about.licence)
    return told


def _contact(text: str) -> dict[str, Any]:
    if "@" in text and " " not in text:
        return {"vcard:hasEmail": {"@id": f"mailto:{text}"}}
    return {"vcard:note": text}


def _licence(licence: str) -> dict[str, Any]:
    address, of_eu = _LICENCES.get(licence, ("", ""))
    if of_eu or address:
        return {"@id": of_eu or address, "@type": "dct:LicenseDocument"}
    return {"@type": "dct:LicenseDocument", "dct:title": licence}


def _dataset(
    base: str,
    common: Mapping[str, Any],
    indicator: str,
    tables: Sequence[OpenTable],
    files: Mapping[str, bytes],
    about: AboutEdition,
    langs: Sequence[str],
) -> dict[str, Any]:
    names = {lang: indicator_name(tables[0], lang) for lang in langs}
    own = [f"csv/{t.name}.csv" for t in tables] + [f"parquet/{t.name}.parquet" for t in tables]
    own += [f for f in files if f.startswith(f"xlsx/{indicator}_")]
    longest = min(tables, key=lambda t: "AQMWD".index(t.frequency))
    return {
        "@id": f"{base}#{indicator}",
        "@type": "dcat:Dataset",
        **common,
        "dct:identifier": f"{about.name}#{indicator}",
        "dct:title": _texts({lang: f"{names[lang]} ({about.edition})" for lang in langs}),
        "dct:description": _texts(
            {
                lang: " ".join(indicator_words(tables[0], lang)) or tables[0].titles[lang]
                for lang in langs
            }
        ),
        "dct:temporal": _span(tables),
        "dct:spatial": [_texts(about.title)[0]["@value"]] if about.title else [],
        "dct:accrualPeriodicity": {"@id": f"{_EU}/frequency/{_FREQUENCIES[longest.frequency]}"},
        "dcat:distribution": [_distribution(base, f, files[f], about) for f in own],
    }


def indicator_name(table: OpenTable, lang: str) -> str:
    """Give the title of the indicator of a table, its code where it has none."""
    said = table.cells.get(f"indicator__{lang}")
    return str(said[0]) if said and said[0] else table.indicator


def _distribution(base: str, name: str, content: bytes, about: AboutEdition) -> dict[str, Any]:
    media, kind = _KINDS[f".{name.rsplit('.', 1)[-1]}"]
    told = {
        "@id": f"{base}{name}",
        "@type": "dcat:Distribution",
        "dct:title": name.rsplit("/", 1)[-1],
        "dcat:accessURL": {"@id": f"{base}{name}"},
        "dcat:downloadURL": {"@id": f"{base}{name}"},
        "dcat:mediaType": {"@id": f"http://www.iana.org/assignments/media-types/{media}"},
        "dct:format": {"@id": f"{_EU}/file-type/{kind}"},
        "dcat:byteSize": {"@value": str(len(content)), "@type": "xsd:nonNegativeInteger"},
        "spdx:checksum": {
            "@type": "spdx:Checksum",
            "spdx:algorithm": {"@id": "spdx:checksumAlgorithm_sha256"},
            "spdx:checksumValue": {
                "@value": hashlib.sha256(content).hexdigest(),
                "@type": "xsd:hexBinary",
            },
        },
    }
    return told | ({"dct:license": _licence(about.licence)} if about.licence else {})


def _span(tables: Sequence[OpenTable]) -> dict[str, Any]:
    years = sorted({str(p)[:4] for t in tables for p in t.cells["period"]})
    return {
        "@type": "dct:PeriodOfTime",
        "dcat:startDate": {"@value": f"{years[0]}-01-01", "@type": "xsd:date"},
        "dcat:endDate": {"@value": f"{years[-1]}-12-31", "@type": "xsd:date"},
    }


def _texts(texts: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"@value": text, "@language": lang} for lang, text in texts.items()]


def _catalogue_title(about: AboutEdition, lang: str) -> str:
    known = about.title.get(lang, about.observatory)
    return words(lang).say("open_data.catalogue", observatory=known, edition=about.edition)


def indicator_words(table: OpenTable, lang: str) -> list[str]:
    """Give what the catalogue says of the indicator of a table: definition, scope, source, caveat."""
    try:
        known = get_indicator(table.indicator)
    except CatalogueError:
        return []
    texts = (known.text(t, lang) for t in ("definition", "scope", "caveat", "source_label"))
    return [plain_text(text) for text in texts if text]


def issued_catalogue(content: bytes, day: str) -> bytes:
    """Write the day of publication into a catalogue, which a draft does not have."""
    graph = json.loads(content)
    issued = {"dct:issued": {"@value": day, "@type": "xsd:date"}}
    graph |= issued
    graph["dcat:dataset"] = [dataset | issued for dataset in graph["dcat:dataset"]]
    return _as_bytes(graph)


def _as_bytes(graph: Mapping[str, Any]) -> bytes:
    return (json.dumps(graph, ensure_ascii=False, indent=1) + "\n").encode()


def describe_dataset(
    tables: Sequence[OpenTable], about: AboutEdition, *, lang: str, modified: str
) -> dict[str, Any]:
    """Describe the whole as a Dataset of schema.org, for the front page in a language."""
    base = f"{about.address}open_data/" if about.address else "open_data/"
    years = sorted({str(p)[:4] for t in tables for p in t.cells["period"]})
    address = _LICENCES.get(about.licence, ("", ""))[0]
    told: dict[str, Any] = {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "name": _catalogue_title(about, lang),
        "description": words(lang).say("open_data.all"),
        "identifier": about.name,
        "version": about.edition,
        "inLanguage": lang,
        "isAccessibleForFree": True,
        "dateModified": modified,
        "temporalCoverage": f"{years[0]}/{years[-1]}",
        "spatialCoverage": about.title.get(lang, about.observatory),
        "variableMeasured": sorted({indicator_name(t, lang) for t in tables}),
        "distribution": [
            {
                "@type": "DataDownload",
                "encodingFormat": "application/zip",
                "contentUrl": f"{base}open_data.zip",
            }
        ],
    }
    if about.publisher.get(lang):
        told["creator"] = {"@type": "Organization", "name": about.publisher[lang]}
    if about.licence:
        told["license"] = address or about.licence
    return told
