"""Confirm a drafted profile: map the classes that wait, and say that it was read."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from obs.clean import load_profile
from obs.clean.draft.known_labels import near_codes
from obs.clean.draft.toml_words import exact_pattern
from obs.clean.folded_texts import fold
from obs.declare import did_you_mean, near_names, not_one_of
from obs.errors import CatalogueError
from obs.reference import load_phenomena
from obs.schemas import UNITS

__all__ = ["ConfirmedProfile", "confirm_profile"]

# Of the rules of the catalogue, those by which a fact or a case may count.
_PLACES = {
    "place_of_offence": "where it took place",
    "place_of_recording": "where it was reported",
    "place_of_residence": "where its victim or suspect lives",
    "place_of_prosecutor": "with the prosecutor that handles it",
}
EVERY = "*"  # in place of a class: all those that wait
_WAITS = re.compile(
    r"^(?P<indent> *)# unmapped, (?P<rows>[\d,]+) rows: \{ offence = (?P<class>.+), "
    r'phenomenon = "" \},$',
    re.MULTILINE,
)
_UNIT = re.compile(r'^# unit = "fact"  # needed: .*$', re.MULTILINE)
_PLACE = re.compile(r'^# place_rule = "".*$', re.MULTILINE)
_DRAFT = re.compile(r"^confirmed = false\b.*$", re.MULTILINE)


@dataclass(frozen=True)
class ConfirmedProfile:
    """The profile, the phenomenon of each class that was mapped, and whether a place is still asked."""

    profile: Path
    mapped: Mapping[str, str]
    asks_place: bool = False

    def summary(self) -> list[str]:
        """Say in lines what was done and what to do next."""
        mapped = [f"mapped: {name} = {code}" for name, code in self.mapped.items()]
        folder = self.profile.parent.parent
        rules = "; ".join(f"{code} ({said})" for code, said in _PLACES.items())
        asked = (
            "asked: where does a fact of this file count? Pages say the rule of each indicator, mostly "
            "place_of_offence, and the file does not tell its own. Ask the supplier, then: obs profile "
            f"confirm {self.profile.stem} --observatory {folder} --place-rule RULE. RULE is one of {rules}"
        )
        return [
            *mapped,
            f"confirmed: {self.profile}",
            *([asked] if self.asks_place else []),
            f"build again: cd {folder} && obs build, then obs publish EDITION",
        ]


def confirm_profile(
    name: str,
    *,
    observatory: str | Path = ".",
    classes: Mapping[str, str] | None = None,
    unit: str = "",
    place_rule: str = "",
) -> ConfirmedProfile:
    """Map the classes of a draft that wait and set `confirmed = true`; all other lines stay.

    Parameters
    ----------
    name : str
        Of the profile, in the folder `profiles` of the observatory.
    observatory : path
        Its folder.
    classes : mapping, optional
        A class of the supplier, as the draft writes it, = the phenomenon that it is. "*" stands
        for every class that waits and is not named.
    unit : str
        What is counted, of counts whose file does not tell it.
    place_rule : str
        Where a fact counts, as "place_of_offence"; it may be told of a confirmed profile too.

    Returns
    -------
    ConfirmedProfile
        What was mapped.

    Raises
    ------
    CatalogueError
        If there is no such draft, a class does not wait in it or still waits, a phenomenon is not
        known, or the profile is not complete. Nothing is written.
    """
    path = Path(observatory) / "profiles" / f"{name}.toml"
    text = _text_of_profile(path, name)
    if not _DRAFT.search(text) and not (place_rule and _PLACE.search(text)):
        raise CatalogueError(f"profile '{name}' is no draft: it has no line `confirmed = false`.")
    waiting = {_label(found["class"]): found for found in _WAITS.finditer(text)}
    mapped = _phenomena_of_classes(waiting, classes or {}, name)
    made = _WAITS.sub(lambda found: _mapped_entry(found, mapped), text)
    made = _with_unit(made, unit, name)
    made = _with_place(made, place_rule, name)
    made = _DRAFT.sub("confirmed = true", made)
    _refuse_incomplete(made, name)
    part = path.with_name(f".{path.name}.part")
    part.write_text(made, encoding="utf-8")
    part.replace(path)
    return ConfirmedProfile(path, mapped, _PLACE.search(made) is not None)


def _text_of_profile(path: Path, name: str) -> str:
    if not path.is_file():
        known = [p.stem for p in sorted(path.parent.glob("*.toml"))]
        near = did_you_mean(name, known)
        raise CatalogueError(
            f"there is no profile '{name[:60]}' in {path.parent}{near}; it has "
            f"{', '.join(known) or 'none'}. Begin one with obs profile new FILE --source KIND."
        )
    return path.read_text(encoding="utf-8")


def _label(pattern: str) -> str:
    """Give the class that a pattern of a draft stands for."""
    return re.sub(r"\\(.)", r"\1", re.sub(r"\\\\", r"\\", pattern.strip().strip("'\"")))


def _phenomena_of_classes(
    waiting: Mapping[str, re.Match[str]], classes: Mapping[str, str], name: str
) -> dict[str, str]:
    """Give the phenomenon of each class that waits, or tell every fault of what was asked."""
    by_fold = {fold(label): label for label in waiting}
    faults = _unknown_codes(classes)
    mapped: dict[str, str] = {}
    for label, code in classes.items():
        if label == EVERY:
            continue
        if fold(label) in by_fold:
            mapped[by_fold[fold(label)]] = code
        else:
            faults.append(f"no class '{label[:60]}' waits{did_you_mean(label, waiting)}")
    left = [label for label in waiting if label not in mapped]
    if EVERY in classes:
        mapped |= dict.fromkeys(left, classes[EVERY])
    elif left:
        told = "; ".join(_waiting(label, waiting[label]["rows"]) for label in left[:10])
        faults.append(
            f"no phenomenon is told for {len(left)} of the classes, whose rows would be rejected: {told}. "
            "Give each with --map 'CLASS=PHENOMENON', or all at once with --map '*=other'"
        )
    if faults:
        raise CatalogueError(f"profile '{name}' stays a draft: {'; '.join(faults)}.")
    return mapped


def _waiting(label: str, rows: str) -> str:
    """Name a class that waits, its rows, and the phenomena whose names are nearest."""
    near = near_codes(label, "phenomena")
    more = f", nearest {' or '.join(near)}" if near else ""
    return f"'{label[:60]}' ({rows} rows{more})"


def _unknown_codes(classes: Mapping[str, str]) -> list[str]:
    """Name each code that is no phenomenon with the nearest; all phenomena, once, if one has none."""
    known = load_phenomena()["code"].tolist()
    wrong = [code for code in dict.fromkeys(classes.values()) if code not in known]
    near = {code: near_names(code, known) or near_codes(code, "phenomena") for code in wrong}
    said = []
    for code in wrong:
        names = " or ".join(f"'{name}'" for name in near[code])
        said.append(
            f"'{code[:60]}' is no phenomenon" + (f" (did you mean {names}?)" if names else "")
        )
    if not all(near.values()):
        said[-1] += f", they are {', '.join(known)}"
    return said


def _mapped_entry(found: re.Match[str], mapped: Mapping[str, str]) -> str:
    label = _label(found["class"])
    return (
        f'{found["indent"]}{{ offence = {exact_pattern(label)}, phenomenon = "{mapped[label]}" }},'
    )


def _with_unit(text: str, unit: str, name: str) -> str:
    """Say what is counted, where the draft waits for it."""
    waits = _UNIT.search(text) is not None
    if unit and unit not in UNITS:
        raise CatalogueError(
            f"profile '{name}' stays a draft: {not_one_of(unit[:60], UNITS)}, as a unit."
        )
    if waits != bool(unit):
        said = (
            "what is counted is not told; give it with --unit, as --unit fact"
            if waits
            else "it does not wait for a unit; take --unit away"
        )
        raise CatalogueError(f"profile '{name}' stays a draft: {said}.")
    return _UNIT.sub(f'unit = "{unit}"', text)


def _with_place(text: str, rule: str, name: str) -> str:
    """Say where a fact counts, where the profile waits for it and it is told."""
    if rule and rule not in _PLACES:
        raise CatalogueError(
            f"profile '{name}' is left as it is: {not_one_of(rule[:60], _PLACES)}, as a rule of places."
        )
    if rule and not _PLACE.search(text):
        raise CatalogueError(
            f"profile '{name}' is left as it is: it does not wait for a rule of places; take "
            "--place-rule away, or change `place_rule` in the profile."
        )
    return _PLACE.sub(f'place_rule = "{rule}"', text) if rule else text


def _refuse_incomplete(text: str, name: str) -> None:
    """Refuse a profile that would not load: a draft may wait for more than its classes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"{name}.toml")
        path.write_text(text, encoding="utf-8")
        load_profile(path)
