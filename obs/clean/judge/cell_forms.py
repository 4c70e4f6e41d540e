"""Say of a cell that is not read what form it has and what its column allows, never what it holds."""

from __future__ import annotations

import re
from collections.abc import Iterable

from obs.clean.profiles.profile import Profile
from obs.clean.profiles.target_columns import CLOSED, DAYS, OBSERVATION_STATUS

__all__ = ["allowed_values", "form_of"]

_OF_CELLS = frozenset(  # rules that a cell breaks by what it holds
    {
        "unknown_code",
        "impossible_date",
        "impossible_hour",
        "impossible_age",
        "not_a_number",
        "not_a_day",
    }
    | {"negative_count", "unknown_territory", "ambiguous_territory", "unknown_offence"}
    | {"malformed_report_id", "unknown_time_zone"}
)
_LONGEST = 24  # characters of a form
_SHOWN = 12  # values of a list


def form_of(text: str) -> str:
    """Give the form of a text: 9 for a digit, a for a letter, signs as they are.

    Examples
    --------
    >>> form_of("31/02/2024"), form_of("Dupont")
    ('99/99/9999', 'aaaaaa')
    """
    squeezed = " ".join(text.split())
    form = re.sub(r"\d", "9", re.sub(r"[^\W\d_]", "a", squeezed[:_LONGEST]))
    return form + ("..." if len(squeezed) > _LONGEST else "")


def allowed_values(target: str, rule: str, profile: Profile) -> str:
    """Say what a column allows, where a cell of it breaks a rule; "" where the rule says all."""
    if rule not in _OF_CELLS:
        return ""
    if target in profile.codes:
        dated = [one.code for one in profile.dated_codes if one.column == target]
        return _listed([*profile.codes[target], *dict.fromkeys(dated)])
    flag = profile.flags.get("topic" if target.startswith("topic_") else target)
    if flag is not None:
        return _listed(flag.values())
    if target.endswith("age_band") and profile.bands:
        return f"0 to 120, in bands from {_listed(map(str, profile.bands))}"
    return _by_target(profile).get(target) or _listed(CLOSED.get(target, ()))


def _by_target(profile: Profile) -> dict[str, str]:
    """Say what the columns allow that have a form of their own."""
    days = dict.fromkeys(DAYS, _listed(profile.dates))
    hours = _listed(["21:30", "2130", "21h30", "9:30 PM", *profile.hours])
    return {
        **days,
        "period": profile.period,
        "territory": _places(profile),
        "offence": "the patterns of `offences`",
        "numerator": _listed(["a whole number", *(f"'{mark}'" for mark in profile.marks)]),
        "line": _listed(profile.lines),
        "status": _listed(OBSERVATION_STATUS),
        "event_hour": hours,
        "hour": hours,
    }


def _places(profile: Profile) -> str:
    rule = profile.territory
    if rule.match == "pattern":
        return f"codes of the form {rule.pattern}"
    if rule.match == "point":
        return f"east and north ({rule.crs}), in a unit of territory '{rule.place.name}'"
    level = f", level {rule.level}" if rule.level else ""
    return f"names and codes of territory '{rule.place.name}'{level}"


def _listed(values: Iterable[str]) -> str:
    given = [value for value in values if value]
    return ", ".join(given[:_SHOWN]) + (", ..." if len(given) > _SHOWN else "")
