"""Write raw microdata of the business survey of 2021: two samples, strata, weights, answers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from obs.sample.draws import Ints, Stream, share_out
from obs.sample.published_totals import communes, document, spellings
from obs.sample.surveys.answers import choose_share, split_shares
from obs.sample.text import csv_bytes, number_texts, pick_text, repeat_text
from obs.sample.writing import SampleFile, label

__all__ = ["YEAR", "business_survey_file"]

YEAR = 2021
_DONT_KNOW, _REFUSED = 8, 9


def business_survey_file(*, seed: int, scale: float) -> SampleFile:
    """Make the microdata file; the number of interviews does not follow the scale.

    Columns `V_` say whether the business was a victim (1 yes, 2 no), `D_` whether it
    reported (1 always, 2 sometimes, 3 never; blank where not asked), `R_` the reasons for
    not reporting (1 named, 0 not; blank where not asked), then satisfaction (1 to 4) and
    feeling of safety (1 to 4). 8 is "does not know", 9 "refuses".

    Returns 800 rows, one per interview.

    Examples
    --------
    >>> from obs.sample.surveys.business_survey import business_survey_file
    >>> business_survey_file(seed=1, scale=1.0).counts["rows"]
    800
    """
    spec = document("business_survey.toml")
    stream = Stream(seed, "business", YEAR)
    size, sector, weight = _draw_design(stream, spec)
    n = len(weight)
    sample = np.repeat(np.arange(2), spec["interviews"])
    sizes, sectors, samples = list(spec["sizes"]), list(spec["sectors"]), list(spec["samples"])
    strata = [f"{a}-{b}-{c}" for a in samples for b in sizes for c in sectors]
    stratum = (sample * len(sizes) + size) * len(sectors) + sector
    names = spellings("fr")
    commune = stream.pick([c["population"] * c["theft"] for c in communes()], n)
    columns = {
        "ID": number_texts(np.arange(1, n + 1), 4),
        "ECHANTILLON": pick_text(samples, sample),
        "SECTEUR": pick_text(sectors, sector),
        "TAILLE": pick_text(sizes, size),
        "STRATE": pick_text(strata, stratum),
        "COMMUNE": pick_text([names[c["nis"]][0][0] for c in communes()], commune),
        "POIDS": number_texts(weight),
        **{k: _code_texts(v) for k, v in _answers(stream, spec, weight).items()},
        "SYNTH": repeat_text("OUI", n),
    }
    payload = csv_bytes(list(columns.values()), header=list(columns), first_line=label(seed, scale))
    return SampleFile(f"survey/business_{YEAR}.csv", payload, {"rows": n, "kinds": {}})


def _draw_design(stream: Stream, spec: dict[str, Any]) -> tuple[Ints, Ints, Ints]:
    """Give size, sector and weight of each interview, the first sample before the second."""
    sizes, sectors, weights = [], [], []
    for sample in spec["samples"]:
        shares = [
            size[sample][0] * sector["share"]
            for size in spec["sizes"].values()
            for sector in spec["sectors"].values()
        ]
        heavy = [
            size[sample][1] * sector["weight"] // 100
            for size in spec["sizes"].values()
            for sector in spec["sectors"].values()
        ]
        cell = np.repeat(np.arange(len(shares)), share_out(spec["interviews"], shares))
        cell = cell[stream.order(len(cell))]
        sizes.append(cell // len(spec["sectors"]))
        sectors.append(cell % len(spec["sectors"]))
        weights.append(np.asarray(heavy)[cell])
    return np.concatenate(sizes), np.concatenate(sectors), np.concatenate(weights)


def _answers(stream: Stream, spec: dict[str, Any], weight: Ints) -> dict[str, Ints]:
    """Draw the answers, -1 where the question is not asked."""
    n = len(weight)
    victim, reported = {}, {}
    ever, not_always = np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)
    for name, own in spec["offences"].items():
        hit = choose_share(stream, weight, own["prevalence"])
        shares = [own["always"], own["reported"] - own["always"], 100 - own["reported"]]
        answer, valid = _answer_question(stream, spec, weight, hit, shares)
        victim[f"V_{name}"] = np.where(hit, 1, 2)
        reported[f"D_{name}"] = answer
        ever |= valid & (answer <= 2)
        not_always |= valid & (answer >= 2)
    reasons = {}
    for name, own in spec["reasons"].items():
        reasons[f"R_{name}"] = np.full(n, -1)
        reasons[f"R_{name}"][not_always] = choose_share(stream, weight[not_always], own["share"])
    satisfied, _ = _answer_question(stream, spec, weight, ever, spec["satisfaction"]["shares"])
    safe, _ = _answer_question(
        stream, spec, weight, np.ones(n, dtype=bool), spec["safety"]["shares"]
    )
    return victim | reported | reasons | {"SATISF": satisfied, "SECURITE": safe}


def _answer_question(
    stream: Stream, spec: dict[str, Any], weight: Ints, asked: NDArray[np.bool_], shares: list[int]
) -> tuple[Ints, NDArray[np.bool_]]:
    """Answer one question; a few do not know or refuse, and stand outside the shares."""
    n = len(weight)
    silent = asked & stream.chance(spec["residue"], n)
    valid = asked & ~silent
    answer = np.full(n, -1)
    answer[valid] = split_shares(stream, weight[valid], shares)
    answer[silent] = np.where(stream.chance(700, n), _DONT_KNOW, _REFUSED)[silent]
    return answer, valid


def _code_texts(values: Ints) -> pa.Array:
    return pick_text([*(str(k) for k in range(10)), ""], values)
