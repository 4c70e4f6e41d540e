"""Names and reasons of a territory in every language: its own first, else those of the language.

The tables of a territory hold them in the languages of their authors; a language that came
later gives its own in `territory_NAME.toml` of its folder.
"""

from __future__ import annotations

import pandas as pd

from obs.locale import conventions, further_texts, languages

__all__ = ["add_names", "add_reasons"]


def add_names(units: pd.DataFrame, *, name: str) -> pd.DataFrame:
    """Add the names of units in the languages that have no column.

    Parameters
    ----------
    units : DataFrame
        With code and at least one of name_fr, name_nl... Not modified.
    name : str
        Short name of the territory.

    Returns
    -------
    DataFrame
        With a column for each language found: the names that its files give, else those of
        the languages it names in `names_from`, else of the first column.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"code": ["1"], "name_en": ["North Side"]})
    >>> add_names(table, name="town")["name_nl"].tolist()
    ['North Side']
    """
    there = [c for c in units.columns if c.startswith("name_")]
    added = {}
    for lang in languages():
        if f"name_{lang}" in there:
            continue
        own = further_texts(lang, f"territory_{name}").get("names", {})
        likely = [f"name_{other}" for other in conventions(lang).names_from]
        like = next(c for c in [*likely, *there] if c in there)
        named = zip(units["code"], units[like], strict=True)
        added[f"name_{lang}"] = pd.array([own.get(code, n) for code, n in named], dtype="str")
    return units.assign(**added)


def add_reasons(table: pd.DataFrame, *, name: str, register: str, key: pd.Series) -> pd.DataFrame:
    """Add the reasons of a register that the files of languages have and it has not.

    Parameters
    ----------
    table : DataFrame
        A register. Not modified.
    name : str
        Short name of the territory.
    register : str
        "breaks", "similar": the table of `territory_NAME.toml` that has the reasons.
    key : Series
        What each row is found by there.

    Returns
    -------
    DataFrame
        With reason_en, reason_fr and so on last; missing where neither gives one.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"group": ["a"], "reason_en": ["Dense"]})
    >>> add_reasons(table, name="town", register="similar", key=table["group"])["reason_fr"].isna().tolist()
    [True]
    """
    reasons = {}
    for lang in languages():
        own = further_texts(lang, f"territory_{name}").get(register, {})
        there = table.get(f"reason_{lang}", pd.Series(pd.NA, index=table.index))
        texts = [own.get(k, pd.NA) if pd.isna(t) else t for k, t in zip(key, there, strict=True)]
        reasons[f"reason_{lang}"] = pd.array(texts, dtype="str")
    others = [c for c in table.columns if c not in reasons]
    return table[others].assign(**reasons)
