"""Load questionnaires by name or from a TOML file, and list the packaged ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from obs.clean.profiles.questionnaire import Questionnaire
from obs.clean.profiles.questionnaire_rules import QUESTIONNAIRE_RULES
from obs.declare import check, read_toml, refuse
from obs.errors import CatalogueError

__all__ = ["list_questionnaires", "load_questionnaire"]

_PACKAGED = Path(__file__).parents[1] / "questionnaires"


def load_questionnaire(questionnaire: str | Path) -> Questionnaire:
    """Load a questionnaire by its packaged name or from a TOML file.

    A questionnaire with the key `like` takes what it does not say from the one of that name. Every
    key is checked. Raises `CatalogueError` if there is none of that name, or with all the faults
    of its keys.

    Examples
    --------
    >>> load_questionnaire("business_2021").unit
    'business'
    >>> labels = load_questionnaire("women_2017").labels("en")
    >>> labels[labels["question"] == "consequences"]["label"].tolist()
    ['Still bears consequences', 'yes', 'no']
    """
    path = _find_questionnaire(questionnaire)
    called = f"questionnaire {path.name}"
    declared = check(_read_whole(path, called, ()), Questionnaire, rules=QUESTIONNAIRE_RULES)
    if declared.model is None or declared.faults:
        refuse(called, declared.faults)
    return declared.model


def list_questionnaires() -> list[str]:
    """List the packaged questionnaires by name."""
    return sorted(p.stem for p in _PACKAGED.glob("*.toml"))


def _find_questionnaire(questionnaire: str | Path) -> Path:
    packaged = _PACKAGED / f"{questionnaire}.toml"
    if isinstance(questionnaire, str) and "/" not in questionnaire and packaged.is_file():
        return packaged
    path = Path(questionnaire)
    if path.suffix == ".toml" and path.is_file():
        return path
    known = ", ".join(list_questionnaires())
    raise CatalogueError(f"no questionnaire '{path.name}': give one of {known}, or a .toml file.")


def _read_whole(path: Path, called: str, before: tuple[Path, ...]) -> dict[str, Any]:
    """Read a questionnaire, completed by the one that its key `like` names."""
    try:
        raw = read_toml(path)
    except CatalogueError as fault:
        refuse(called, [str(fault)])
    like = raw.get("like")
    if not isinstance(like, str) or path in before:
        return raw
    return {
        **_read_whole(_find_questionnaire(like), f"{called}, like '{like}'", (*before, path)),
        **raw,
    }
