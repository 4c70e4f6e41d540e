"""Judge the distinct texts of a column: codes, flags, ages, numbers, counts, places, offences.

For each distinct text, a judge returns its value and the rule that it breaks, if any.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

import pandas as pd

from obs.clean.folded_texts import fold, unaccented
from obs.clean.judge.judgement import Judgement
from obs.clean.profiles.profile import Profile
from obs.errors import DeliveryError
from obs.reference import explain_match, match_territory
from obs.reference.areas import locate_points

__all__ = [
    "Form",
    "judge_bands",
    "judge_codes",
    "judge_counts",
    "judge_flags",
    "judge_numbers",
    "judge_places",
    "judge_report_ids",
    "share_of_fractions",
]

_FINE = ("cases", "calls")  # their rows take place in a unit of the finest level
_PV = re.compile(r"[A-Z]{2}\.[0-9]{2}\.[A-Z0-9]{2}\.[0-9]{6}/[0-9]{4}")
_PV_PARTS = re.compile(r"([A-Z]{2})([0-9]{2})([A-Z0-9]{2})([0-9]{1,6})([0-9]{4})")
_LONGEST = 18  # characters of a whole number; longer ones do not fit the engine
_GREATEST = 1e18
_WHOLE = re.compile(r"-?\d+(?:\.0)?")  # "277.0" is a whole number, "14.000" may be 14 thousand
_COORDINATE = re.compile(r"-?\d+(?:\.\d+)?")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")


def judge_codes(texts: Sequence[str], codes: Mapping[str, str]) -> Judgement:
    """Map codes, whatever their case, accents and blanks; an entry that gives "" is missing.

    A spelling that the map has exactly goes first. "1.0" is the code "1", as a spreadsheet
    writes it.
    """
    exact = {" ".join(key.split()): value or None for key, value in codes.items()}
    known = {fold(key): value or None for key, value in reversed([*codes.items()])}
    values: list[object] = []
    faults: list[str | None] = []
    for text in texts:
        squeezed = " ".join(text.split())
        spellings = (fold(squeezed), fold(_without_fraction(squeezed)))
        found = squeezed if squeezed in exact else next((k for k in spellings if k in known), None)
        values.append(None if found is None else exact.get(found, known.get(found)))
        faults.append("unknown_code" if squeezed and found is None else None)
    return Judgement({"value": values}, faults)


def judge_flags(texts: Sequence[str], words: Mapping[str, str]) -> Judgement:
    """Read yes and no by two patterns; "true" is tried first."""
    forms = {answer: Form(words[answer]) for answer in ("true", "false") if answer in words}

    def read(text: str) -> bool | None:
        found = next((answer for answer, form in forms.items() if form.match(text)), None)
        return None if found is None else found == "true"

    return _one_by_one(texts, read, "unknown_code")


class Form:
    """A pattern that a whole text must match, as it is written or without its accents."""

    def __init__(self, pattern: str) -> None:
        self.exact = re.compile(pattern, re.IGNORECASE)
        try:
            self.plain = re.compile(unaccented(pattern), re.IGNORECASE)
        except re.error:
            self.plain = self.exact

    def match(self, text: str) -> re.Match[str] | None:
        """Match the whole text, its blanks made one."""
        squeezed = " ".join(text.split())
        return self.exact.fullmatch(squeezed) or self.plain.fullmatch(unaccented(squeezed))


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
    """Read counts: a whole number, or a mark of the profile with its status.

    A mark of zero is the number 0; a form of marks may hold the number ("12*").
    """
    marks = {fold(mark): status for mark, status in profile.marks.items()}
    forms = [(Form(one.pattern), one.status) for one in profile.mark_patterns]
    numbers: list[object] = []
    statuses: list[object] = []
    faults: list[str | None] = []
    for text in texts:
        number, status, fault = _count(text or "", marks, forms, profile)
        numbers.append(number)
        statuses.append(status)
        faults.append(fault)
    return Judgement({"value": numbers, "status": statuses}, faults)


def share_of_fractions(texts: Sequence[str], profile: Profile) -> float:
    """Give the share of the numbers other than 0 that are no whole numbers, percents included."""
    plain = [_number(text.strip().removesuffix("%").strip(), profile) for text in texts]
    told = [
        (float(number), text.rstrip().endswith("%"))
        for number, text in zip(plain, texts, strict=True)
        if _NUMBER.fullmatch(number) and float(number) != 0
    ]
    broken = [percent or not number.is_integer() for number, percent in told]
    return sum(broken) / len(broken) if broken else 0.0


def judge_places(texts: Sequence[str], profile: Profile) -> Judgement:
    """Turn places into codes: totals, then the profile's names, then its rule."""
    rule = profile.territory
    names = {fold(name): code for name, code in rule.names.items()}
    if profile.shape == "events" and profile.unknown.get("territory"):
        names = {fold(rule.whole): rule.whole} | names
    total = Form(rule.totals) if rule.totals else None
    plain = [_as_code(text.strip()) for text in texts]
    codes = [names.get(fold(p)) for p in plain]
    open_ = [i for i, code in enumerate(codes) if code is None]
    faults: list[str | None] = [None] * len(plain)
    for i, (code, fault) in zip(open_, _match([plain[i] for i in open_], profile), strict=True):
        codes[i], faults[i] = code, fault
    for i, text in enumerate(plain):
        if not text:
            faults[i] = None if profile.shape == "calls" else "missing_key"
        elif total and total.match(text):
            codes[i], faults[i] = None, "totals_row"
    return Judgement({"value": list(codes)}, faults)


def judge_report_ids(texts: Sequence[str]) -> Judgement:
    """Write Belgian report numbers as BR.11.LA.004633/2018, whatever their punctuation."""
    return _one_by_one(texts, _report_id, "malformed_report_id")


def _match(texts: list[str], profile: Profile) -> list[tuple[str | None, str | None]]:
    rule = profile.territory
    if rule.match == "pattern":
        form = re.compile(rule.pattern)
        fits = [form.fullmatch(text) for text in texts]
        return [(m.group(), None) if m else (None, "unknown_territory") for m in fits]
    if rule.match == "point":
        return _locate(texts, profile)
    place = rule.place
    codes = match_territory(
        pd.Series(texts, dtype="str"), territory=place, level=rule.level or None
    )
    fine = place.codes(place.base_level) if profile.shape in _FINE else None
    return [
        _known(text, None if pd.isna(code) else str(code), fine, profile)
        for text, code in zip(texts, codes, strict=True)
    ]


def _locate(texts: list[str], profile: Profile) -> list[tuple[str | None, str | None]]:
    """Give the unit of each point, written as east and north with a blank between them."""
    rule = profile.territory
    if rule.place.boundaries is None:
        raise DeliveryError(
            f"profile '{profile.name}' finds places by points, and the observatory declares no "
            "official boundaries: name their file in [boundaries] of observatory.toml."
        )
    codes = locate_points([_point(text, profile) for text in texts], rule.place, crs=rule.crs)
    return [(code, None if code else "unknown_territory") for code in codes]


def _point(text: str, profile: Profile) -> tuple[float, float] | None:
    parts = [_number(part, profile) for part in text.split()]
    if len(parts) != 2 or not all(_COORDINATE.fullmatch(part) for part in parts):
        return None
    return float(parts[0]), float(parts[1])


def _known(
    text: str, code: str | None, fine: list[str] | None, profile: Profile
) -> tuple[str | None, str | None]:
    """Give the code, or why there is none; `fine` lists the codes allowed, if not all are."""
    if code is None:
        return None, _why(text, profile)
    return (code, None) if fine is None or code in fine else (None, "unknown_territory")


def _why(text: str, profile: Profile) -> str:
    rule = profile.territory
    reason = explain_match(text, territory=rule.place, level=rule.level or None)
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


def _band(text: str, starts: list[int], names: list[str]) -> str | None:
    if text in names:
        return text
    age = re.sub(r"\.0+$", "", text)
    if not age.isdecimal() or len(age) > _LONGEST or int(age) > 120:
        return None
    return names[max(i for i, start in enumerate(starts) if start <= int(age))]


def _count(
    text: str, marks: Mapping[str, str], forms: Sequence[tuple[Form, str]], profile: Profile
) -> tuple[int | None, str | None, str | None]:
    folded = fold(text)
    if folded in marks:
        return (0 if marks[folded] == "zero" else None), marks[folded], None
    number, fault = _whole_number(text, profile)
    if fault is None:
        return number, "ok" if number else "zero", None
    for form, status in forms:
        if found := form.match(text):
            held = found[1] if form.exact.groups else None
            return _marked(held, status, profile)
    return None, None, fault


def _marked(
    held: str | None, status: str, profile: Profile
) -> tuple[int | None, str | None, str | None]:
    """Give the number that a mark holds, and its status; a status without number has none."""
    if held is None:
        return (0 if status == "zero" else None), status, None
    number, fault = _whole_number(held, profile)
    return (None, None, fault) if fault else (number, status, None)


def _whole_number(text: str, profile: Profile) -> tuple[int | None, str | None]:
    """Read a whole number at least 0, or give the rule that it breaks."""
    plain = _number(text, profile)
    if not _WHOLE.fullmatch(plain) or len(plain) > _LONGEST:
        return None, "not_a_number"
    number = int(float(plain)) if "." in plain else int(plain)
    return (None, "negative_count") if number < 0 else (number, None)


def _number(text: str, profile: Profile) -> str:
    plain = re.sub(r"(?<=\d)[\s\u00a0\u202f](?=\d{3}(?!\d))", "", text.strip())
    if profile.file.thousands:
        mark = re.escape(profile.file.thousands)
        plain = re.sub(rf"(?<=\d){mark}(?=\d{{3}}(?!\d))", "", plain)
    if profile.file.decimal == ".":
        return plain
    return "" if "." in plain else plain.replace(profile.file.decimal, ".")


def _as_code(text: str) -> str:
    """Give "21004" for "'21004" and "21004.0", as spreadsheets write a code."""
    return re.sub(r"^['`\u2018\u2019]?(\d+)(?:[.,]0+)?$", r"\1", text)


def _without_fraction(text: str) -> str:
    """Give "21004" for "21004.0", as a spreadsheet writes a code."""
    return re.sub(r"^(\d+)\.0+$", r"\1", text)
