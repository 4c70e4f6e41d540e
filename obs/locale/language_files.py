"""Where languages are found: a folder for each, in the package and in the folders of OBS_LANGUAGES.

The name of the folder is the code of the language (ISO 639). A file is parsed once a process.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from obs.errors import CatalogueError, ObsError

__all__ = [
    "CODES",
    "CONVENTIONS",
    "MESSAGES",
    "VARIABLE",
    "further_texts",
    "languages",
    "need_language",
    "read_file",
]

VARIABLE = "OBS_LANGUAGES"  # environment: folders of further languages, separated as in PATH
CONVENTIONS, MESSAGES, CODES = "conventions.toml", "messages.toml", "codes.toml"
_HERE = Path(__file__).parent
_CODE = re.compile(r"[a-z]{2,3}")


def languages() -> tuple[str, ...]:
    """List the languages that there are.

    Returns
    -------
    tuple of str
        Codes in alphabetical order: the folders that hold a `conventions.toml`.

    Examples
    --------
    >>> from obs.locale import languages
    >>> languages()
    ('en', 'fr', 'nl')
    """
    return tuple(sorted(_folders(os.environ.get(VARIABLE, ""))))


def need_language(lang: str) -> str:
    """Give back the code of a language, or refuse.

    Parameters
    ----------
    lang : str
        A code.

    Returns
    -------
    str
        The same code.

    Raises
    ------
    ObsError
        If there is no such language.

    Examples
    --------
    >>> from obs.locale import need_language
    >>> need_language("nl")
    'nl'
    """
    known = languages()
    if lang not in known:
        near = difflib.get_close_matches(str(lang).lower(), known, n=1)
        hint = f" Did you mean '{near[0]}'?" if near else ""
        raise ObsError(
            f"Unknown language {lang!r}: choose one of {', '.join(known)}.{hint} Another is a folder of "
            "texts that OBS_LANGUAGES names (docs/languages.md)."
        )
    return lang


def read_file(lang: str, name: str) -> Mapping[str, Any]:
    """Read one file of a language; an absent file is empty.

    Parameters
    ----------
    lang : str
        A code of `languages`.
    name : str
        As `messages.toml`.

    Returns
    -------
    mapping
        As parsed; not to be modified.

    Raises
    ------
    ObsError
        If there is no such language.
    CatalogueError
        If the file is not TOML in UTF-8.

    Examples
    --------
    >>> from obs.locale.language_files import read_file
    >>> read_file("nl", "conventions.toml")["name"]
    'Nederlands'
    """
    return _parse(_folders(os.environ.get(VARIABLE, ""))[need_language(lang)] / name)


def further_texts(lang: str, name: str) -> Mapping[str, Any]:
    """Read the texts that a language gives for declarations which do not have it themselves.

    The catalogue and the registers of a territory hold their texts in the languages of their
    authors; a language that came later brings its own, as `indicators.toml` and
    `territory_NAME.toml` in its folder.

    Parameters
    ----------
    lang : str
        A code of `languages`.
    name : str
        "indicators", "territory_brussels".

    Returns
    -------
    mapping
        Empty where the language has no such file.

    Examples
    --------
    >>> from obs.locale import further_texts
    >>> further_texts("fr", "indicators")
    {}
    """
    return read_file(lang, f"{name}.toml")


@cache
def _folders(further: str) -> dict[str, Path]:
    """Give the folder of each language; one of the package is never replaced."""
    parents = [*(Path(part) for part in further.split(os.pathsep) if part), _HERE]
    found = [p.parent for parent in parents for p in sorted(parent.glob(f"*/{CONVENTIONS}"))]
    return {folder.name: folder for folder in found if _CODE.fullmatch(folder.name)}


@cache
def _parse(path: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        where = f"{path.parent.name}/{path.name}"
        raise CatalogueError(f"language file {where} is not valid TOML: {error}") from None
