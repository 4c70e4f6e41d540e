"""Provide closed codelists, with the words that each language has for their codes.

Codes cross the stages, and words are asked for at the end: `label` is the only function that
turns a code into text. Phenomena are a tree; `descendants` gives a branch.
"""

from __future__ import annotations

import difflib
from functools import cache
from pathlib import Path

import pandas as pd

from obs.errors import CodeError
from obs.locale import languages, words

__all__ = ["descendants", "label", "load_codelist", "load_phenomena"]

_HERE = Path(__file__).parent
_OF_BREAKDOWN = {  # the codelist of each breakdown column of obs.schemas.BREAKDOWNS
    "phenomenon": "phenomena",
    "form": "forms",
    "relation": "relations",
    "attempt": "attempts",
    "place": "places",
    "hour_band": "hour_bands",
    "victim_sex": "sexes",
    "victim_age_band": "age_bands",
    "suspect_sex": "sexes",
    "suspect_age_band": "age_bands",
    "offence": "offences",
    "motive": "motives",
    "answer": "answers",
    "sector": "sectors",
    "size": "sizes",
    "context": "contexts",
    "filing": "filings",
    "decision": "decisions",
    "line": "lines",
    "within": "horizons",
    "ended_share": "ended_shares",
}


def load_codelist(name: str) -> pd.DataFrame:
    """Load one codelist: its codes in their order, with singular and plural words.

    Parameters
    ----------
    name : str
        "forms", "relations", "units", "statuses", "sexes", "levels", "scales", "verdicts",
        "positions", "peer_verdicts", "attempts", "hour_bands", "age_bands", "places", those of
        surveys: "offences",
        "motives", "answers", "sectors", "sizes", of the prosecutor: "contexts", "decisions",
        "filings",
        "horizons" and "ended_shares" of cases followed, and "lines" of helplines. A breakdown column names its codelist too.

    Returns
    -------
    DataFrame
        code, then for each language found name_fr and name_fr_plural, and so on; a plural that
        does not differ repeats the singular.

    Raises
    ------
    CodeError
        If there is no such codelist.

    Examples
    --------
    >>> load_codelist("forms")["code"].tolist()
    ['all', 'physical', 'sexual', 'psychological', 'economic']
    """
    list_name = _OF_BREAKDOWN.get(name, name)
    return _with_words(list_name, languages()).copy()


def load_phenomena() -> pd.DataFrame:
    """Load the tree of phenomena with counting unit and names.

    Returns
    -------
    DataFrame
        code, parent (missing at the top), unit (default counting unit), iccs (code of the
        International Classification of Crime for Statistical Purposes, UNODC 2015, only where
        the class is the same; missing elsewhere), then name_fr and so on, one for each language
        found.

    Examples
    --------
    >>> load_phenomena().set_index("code").loc["pickpocketing", ["parent", "name_nl"]].tolist()
    ['theft', 'Gauwdiefstallen']
    """
    return _phenomena_with_words(languages()).copy()


def descendants(code: str) -> list[str]:
    """List a phenomenon and every phenomenon under it.

    Parameters
    ----------
    code : str
        A code of `load_phenomena`.

    Returns
    -------
    list of str
        The code itself first, then its branch, depth first.

    Raises
    ------
    CodeError
        If the code is unknown.

    Examples
    --------
    >>> descendants("burglary")
    ['burglary', 'burglary_dwelling', 'burglary_other']
    """
    table = _phenomena()
    if code not in set(table["code"]):
        raise _unknown_code(code, "phenomena", table)
    children = table.loc[table["parent"] == code, "code"]
    return [code, *(below for child in children for below in descendants(child))]


def label(codelist: str, code: str, lang: str, *, plural: bool = False) -> str:
    """Give the words of a code.

    Parameters
    ----------
    codelist : str
        A codelist of `load_codelist`, "phenomena", or a breakdown column ("victim_sex").
    code : str
        The code.
    lang : str
        The language.
    plural : bool
        Whether the plural is wanted ("faits" rather than "fait").

    Returns
    -------
    str
        The words, lower case but for phenomena, which are titles.

    Raises
    ------
    CodeError
        If the codelist, the code or the language is unknown.

    Examples
    --------
    >>> label("units", "pv", "nl", plural=True)
    'processen-verbaal'
    >>> label("relation", "couple", "fr")
    'dans le couple'
    """
    if lang not in languages():
        raise CodeError(f"Language '{lang}' is not one of {', '.join(languages())}.")
    name = _OF_BREAKDOWN.get(codelist, codelist)
    if code not in words(lang).codes.get(name, ()):
        raise _unknown_code(code, name, _phenomena() if name == "phenomena" else _codelist(name))
    return words(lang).several(name, code) if plural else words(lang).code(name, code)


@cache
def _all_codelists() -> pd.DataFrame:
    return pd.read_csv(_HERE / "codelists.csv", dtype="str", keep_default_na=False)


@cache
def _codelist(name: str) -> pd.DataFrame:
    if name == "phenomena":  # a tree; here its codes, in its order
        return _phenomena()[["code"]].reset_index(drop=True)
    table = _all_codelists()
    if name not in set(table["list"]):
        known = ", ".join(table["list"].unique())
        raise CodeError(f"There is no codelist '{name}'; there are phenomena, {known}.")
    return table.loc[table["list"] == name].drop(columns="list").reset_index(drop=True)


@cache
def _with_words(name: str, langs: tuple[str, ...]) -> pd.DataFrame:
    """Add what each language calls one, and several."""
    table, named = _codelist(name), {}
    for lang in langs:
        own = words(lang)
        named[f"name_{lang}"] = [own.code(name, code) for code in table["code"]]
        named[f"name_{lang}_plural"] = [own.several(name, code) for code in table["code"]]
    return table.assign(**named)


@cache
def _phenomena() -> pd.DataFrame:
    return pd.read_csv(_HERE / "phenomena.csv", dtype="str")


@cache
def _phenomena_with_words(langs: tuple[str, ...]) -> pd.DataFrame:
    table = _phenomena()
    named = {f"name_{g}": [words(g).code("phenomena", c) for c in table["code"]] for g in langs}
    return table.assign(**named)


def _unknown_code(code: str, name: str, table: pd.DataFrame) -> CodeError:
    near = difflib.get_close_matches(str(code), table["code"], n=3)
    hint = f" Did you mean {' or '.join(repr(c) for c in near)}?" if near else ""
    return CodeError(
        f"'{str(code)[:40]}' is not a code of '{name}'.{hint} "
        f"Codes: {', '.join(table['code'].head(60))}."
    )
