"""Judge the distinct texts of a column: codes, flags, ages, numbers, counts, places, offences.

For each distinct text, a judge returns its value and the rule that it breaks, if any.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import pandas as pd

from obs.clean.judge.judgement import Judgement
from obs.clean.profiles.profile import OffenceEntry, Profile
from obs.reference import explain_match, load_territory, match_territory

__all__ = [
    "judge_bands",
    "judge_codes",
    "judge_counts",
    "judge_flags",
    "judge_numbers",
    "judge_offences",
    "judge_places",
    "judge_report_ids",
]

_FINE = ("events", "cases", "calls")  # their rows take place in a unit of the finest level
_PV = re.compile(r"[A-Z]{2}\.[0-9]{2}\.[A-Z0-9]{2}\.[0-9]{6}/[0-9]{4}")
_PV_PARTS = re.compile(r"([A-Z]{2})([0-9]{2})([A-Z0-9]{2})([0-9]{1,6})([0-9]{4})")
_LONGEST = 18  # characters of a whole number; longer ones do not fit the engine
_GREATEST = 1e18
_WHOLE = re.compile(r"-?\d+(?:\.0)?")  # "277.0" is a whole number, "14.000" may be 14 thousand
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")


def judge_codes(texts: Sequence[str], codes: dict[str, str]) -> Judgement:
    """Map codes; an entry that gives "" makes the cell missing."""
    known = {_squeeze(key): value or None for key, value in codes.items()}
    kept = [known.get(_squeeze(text)) for text in texts]
    unknown = [bool(_squeeze(t)) and _squeeze(t) not in known for t in texts]
    return Judgement({"value": kept}, ["unknown_code" if u else None for u in unknown])


def judge_flags(texts: Sequence[str], words: dict[str, str]) -> Judgement:
    """Read yes and no by two patterns; "true" is tried first."""
    return _one_by_one(texts, lambda text: _flag(text, words), "unknown_code")


def judge_bands(texts: Sequence[str], bounds: Sequence[int]) -> Judgement:
    """Put ages in bands that begin at `bounds`; a band's own name stays."""
    starts = sorted({0, *bounds})
    names = [f"{a}-{b - 1}" for a, b in zip(starts, starts[1:], strict=False)]
    names.append(f"{starts[-1]}+")
    return _one_by_one(texts, lambda text: _band(text, starts, names), "impossible_age")


def judge_numbers(texts: Sequence[str], profile: Profile) -> Judgement:
    """Read numbers at least 0; blanks and "nan" are missing."""

    def read(text: str) -> float | None:
        plain = _number(text, profile)
        number = float(plain) if _NUMBER.fullmatch(plain) else -1.0
        return number if 0 <= number < _GREATEST else None

    texts_or_blank = ["" if t.strip().casefold() == "nan" else t for t in texts]
    return _one_by_one(texts_or_blank, read, "not_a_number")


def judge_counts(texts: Sequence[str | None], profile: Profile) -> Judgement:
    """Read counts: a whole number, or a mark of the profile with its status."""
    marks = {_squeeze(mark): status for mark, status in profile.marks.items()}
    numbers: list[object] = []
    statuses: list[object] = []
    faults: list[str | None] = []
    for text in texts:
        number, status, fault = _count(_squeeze(text or ""), marks, profile)
        numbers.append(number)
        statuses.append(status)
        faults.append(fault)
    return Judgement({"value": numbers, "status": statuses}, faults)


def judge_places(texts: Sequence[str], profile: Profile) -> Judgement:
    """Turn places into codes: totals, then the profile's names, then its rule."""
    rule = profile.territory
    names = {_squeeze(name): code for name, code in rule.names.items()}
    total = re.compile(rule.totals, re.IGNORECASE) if rule.totals else None
    plain = [re.sub(r"^(\d+)\.0+$", r"\1", text.strip()) for text in texts]
    codes = [names.get(_squeeze(p)) for p in plain]
    open_ = [i for i, code in enumerate(codes) if code is None]
    faults: list[str | None] = [None] * len(plain)
    for i, (code, fault) in zip(open_, _match([plain[i] for i in open_], profile), strict=True):
        codes[i], faults[i] = code, fault
    for i, text in enumerate(plain):
        if not text:
            faults[i] = None if profile.shape == "calls" else "missing_key"
        elif total and total.fullmatch(text):
            codes[i], faults[i] = None, "totals_row"
    return Judgement({"value": list(codes)}, faults)


def judge_report_ids(texts: Sequence[str]) -> Judgement:
    """Write Belgian report numbers as BR.11.LA.004633/2018, whatever their punctuation."""
    return _one_by_one(texts, _report_id, "malformed_report_id")


def judge_offences(rows: pd.DataFrame, profile: Profile) -> Judgement:
    """Give each combination of texts what the first fitting entry of `offences` says."""
    entries = [_Entry(entry) for entry in profile.offences]
    outcomes = ["phenomenon", "form", "relation", "unit"]
    found = [_outcome(row, entries, profile.other) for row in rows.to_dict("records")]
    values: dict[str, list[object]] = {o: [one.get(o) for one in found] for o in outcomes}
    return Judgement(values, [None if one else "unknown_offence" for one in found])


class _Entry:
    """One entry of `offences`: patterns to fit, and what follows."""

    def __init__(self, entry: OffenceEntry) -> None:
        self.outcome = entry.outcome
        self.patterns = {
            key: re.compile(text, re.IGNORECASE) for key, text in entry.conditions.items()
        }

    def fits(self, row: dict[str, str]) -> bool:
        """Tell whether every pattern matches its whole text."""
        return all(
            pattern.fullmatch(" ".join((row.get(key) or "").split()))
            for key, pattern in self.patterns.items()
        )


def _outcome(row: dict[str, str], entries: list[_Entry], other: str) -> dict[str, str]:
    found = next((entry.outcome for entry in entries if entry.fits(row)), None)
    if found is not None:
        return found
    return {"phenomenon": other} if other else {}


def _match(texts: list[str], profile: Profile) -> list[tuple[str | None, str | None]]:
    rule = profile.territory
    if rule.match == "pattern":
        form = re.compile(rule.pattern)
        fits = [form.fullmatch(text) for text in texts]
        return [(m.group(), None) if m else (None, "unknown_territory") for m in fits]
    place = load_territory(rule.territory)
    codes = match_territory(
        pd.Series(texts, dtype="str"), territory=place, level=rule.level or None
    )
    fine = place.codes(place.base_level) if profile.shape in _FINE else None
    return [
        _known(text, None if pd.isna(code) else str(code), fine, profile)
        for text, code in zip(texts, codes, strict=True)
    ]


def _known(
    text: str, code: str | None, fine: list[str] | None, profile: Profile
) -> tuple[str | None, str | None]:
    """Give the code, or why there is none; `fine` lists the codes allowed, if not all are."""
    if code is None:
        return None, _why(text, profile)
    return (code, None) if fine is None or code in fine else (None, "unknown_territory")


def _why(text: str, profile: Profile) -> str:
    rule = profile.territory
    reason = explain_match(text, territory=rule.territory, level=rule.level or None)
    return "ambiguous_territory" if " may be " in reason else "unknown_territory"


def _one_by_one(texts: Sequence[str], read: Callable[[str], object | None], rule: str) -> Judgement:
    values = [read(text.strip()) if text.strip() else None for text in texts]
    faults = [
        rule if text.strip() and value is None else None
        for text, value in zip(texts, values, strict=True)
    ]
    return Judgement({"value": values}, faults)


def _report_id(text: str) -> str | None:
    if _PV.fullmatch(text):
        return text
    parts = _PV_PARTS.fullmatch(re.sub(r"[^A-Z0-9]+", "", text.upper()))
    if not parts:
        return None
    office, year, unit, number, of = parts.groups()
    return f"{office}.{year}.{unit}.{number:0>6}/{of}"


def _flag(text: str, words: dict[str, str]) -> bool | None:
    for answer in ("true", "false"):
        if answer in words and re.fullmatch(words[answer], text, re.IGNORECASE):
            return answer == "true"
    return None


def _band(text: str, starts: list[int], names: list[str]) -> str | None:
    if text in names:
        return text
    age = re.sub(r"\.0+$", "", text)
    if not age.isdecimal() or len(age) > _LONGEST or int(age) > 120:
        return None
    return names[max(i for i, start in enumerate(starts) if start <= int(age))]


def _count(
    text: str, marks: dict[str, str], profile: Profile
) -> tuple[int | None, str | None, str | None]:
    if text in marks:
        return None, marks[text], None
    plain = _number(text, profile)
    if not _WHOLE.fullmatch(plain) or len(plain) > _LONGEST:
        return None, None, "not_a_number"
    number = int(float(plain)) if "." in plain else int(plain)
    if number < 0:
        return None, None, "negative_count"
    return number, "ok" if number else "zero", None


def _number(text: str, profile: Profile) -> str:
    plain = re.sub(r"(?<=\d)[\s\u00a0\u202f](?=\d{3}(?!\d))", "", text.strip())
    if profile.file.thousands:
        mark = re.escape(profile.file.thousands)
        plain = re.sub(rf"(?<=\d){mark}(?=\d{{3}}(?!\d))", "", plain)
    if profile.file.decimal == ".":
        return plain
    return "" if "." in plain else plain.replace(profile.file.decimal, ".")


def _squeeze(text: str) -> str:
    return " ".join(text.split()).casefold()
