"""Write raw microdata of the prevalence survey of women published in 2017 (n = 426)."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from obs.sample.draws import Ints, Stream, share_out
from obs.sample.published_totals import communes, document, spellings
from obs.sample.surveys.answers import choose_share
from obs.sample.text import csv_bytes, number_texts, pick_text, repeat_text
from obs.sample.writing import SampleFile, label

__all__ = ["YEAR", "women_survey_file"]

YEAR = 2017


def women_survey_file(*, seed: int, scale: float) -> SampleFile:
    """Make the microdata file; the number of interviews does not follow the scale.

    Answers are 1 yes, 2 no, blank where not asked: `F_` forms of partner violence,
    `CONSEQUENCES` and `DEMARCHE` are asked of the women with partner violence.

    Returns 426 rows, one per woman.

    Examples
    --------
    >>> from obs.sample.surveys.women_survey import women_survey_file
    >>> women_survey_file(seed=1, scale=1.0).counts["rows"]
    426
    """
    spec = document("women_survey.toml")
    stream = Stream(seed, "women", YEAR)
    n, ages = spec["interviews"], spec["ages"]
    age = np.repeat(np.arange(len(ages)), share_out(n, [a["share"] for a in ages.values()]))
    age = age[stream.order(n)]
    weight = np.asarray([a["weight"] for a in ages.values()])[age]
    everyone = np.ones(n, dtype=bool)
    answers = {k: _answer_if_asked(stream, weight, everyone, s) for k, s in spec["shares"].items()}
    hit = answers["VIOL_PARTENAIRE"] == 1
    answers |= {
        f"F_{k}": _answer_if_asked(stream, weight, hit, s) for k, s in spec["forms"].items()
    }
    answers |= {k: _answer_if_asked(stream, weight, hit, s) for k, s in spec["after"].items()}
    names = spellings("fr")
    commune = stream.pick([c["population"] for c in communes()], n)
    columns = {
        "ID": number_texts(np.arange(1, n + 1), 4),
        "AGE": pick_text(list(ages), age),
        "COMMUNE": pick_text([names[c["nis"]][0][0] for c in communes()], commune),
        "POIDS": pick_text([f"{w // 100},{w % 100:02d}" for w in range(200)], weight),
        **{k: _code_texts(v) for k, v in answers.items()},
        "SYNTH": repeat_text("OUI", n),
    }
    payload = csv_bytes(list(columns.values()), header=list(columns), first_line=label(seed, scale))
    return SampleFile(f"survey/women_{YEAR}.csv", payload, {"rows": n, "kinds": {}})


def _answer_if_asked(stream: Stream, weight: Ints, asked: NDArray[np.bool_], share: int) -> Ints:
    answer = np.full(len(weight), -1)
    answer[asked] = np.where(choose_share(stream, weight[asked], share), 1, 2)
    return answer


def _code_texts(values: Ints) -> pa.Array:
    return pick_text(["0", "1", "2", ""], values)
