"""Clean survey microdata: interviews with their design, and answers one by one.

The questionnaire says what was asked, of whom, and how it is coded. Nothing is imputed.
"""

from __future__ import annotations

import datetime as dt
import os
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from obs.clean.accounting import doubtful_lines, faulty_lines, report_lines, worded_rows
from obs.clean.cleaned import Cleaned, to_arrow_table, write_arrow
from obs.clean.delivered_rows import Source, day_of, extracted_by_name, read_all, screen_all
from obs.clean.first_rows import first_interviews
from obs.clean.judge.interviews import Coded, code_interviews
from obs.clean.profiles.profile import Profile
from obs.clean.profiles.profile_files import profile_of
from obs.clean.profiles.questionnaire import Questionnaire
from obs.clean.profiles.questionnaire_files import load_questionnaire
from obs.clean.read.reading import Reading
from obs.clean.read.tidy_input import accept_tidy
from obs.errors import CodeError
from obs.schemas import ALL, ANSWERS, RESPONDENTS, check_table

__all__ = ["CleanedSurvey", "clean_survey"]

_ANSWERS = "answers.parquet"


@dataclass(frozen=True, eq=False, repr=False)
class CleanedSurvey(Cleaned):
    """A cleaned survey: `table` is RESPONDENTS; `answers` and `questionnaire` come with it."""

    questionnaire: Questionnaire | None = None
    _answers: pa.Table = field(default_factory=lambda: pa.table({}))

    @property
    def arrow_tables(self) -> dict[str, pa.Table]:
        """The respondents and the answers, in Arrow."""
        return super().arrow_tables | {"answers": self._answers}

    @cached_property
    def answers(self) -> pd.DataFrame:
        """The answers, one row per respondent, question and item, checked as ANSWERS."""
        return check_table(self._answers.to_pandas().astype("str"), ANSWERS)

    def with_answers(self, *questions: str) -> pd.DataFrame:
        """Give the respondents with one column per item of some questions.

        Parameters
        ----------
        *questions : str
            Identifiers of questions; none means all.

        Returns
        -------
        DataFrame
            RESPONDENTS, then `question` or `question_item`: the code of the answer, or the
            number; missing where there is none, for whatever reason.

        Raises
        ------
        CodeError
            If the questionnaire has no such question.
        """
        known = {q.id: q for q in self.questionnaire.questions} if self.questionnaire else {}
        wrong = [q for q in questions if q not in known]
        if wrong:
            raise CodeError(f"no question '{wrong[0]}'; the questionnaire has {', '.join(known)}.")
        table = self.table.copy()
        for name, (_, own) in self._wide(questions or tuple(known)).items():
            values = own.set_index("respondent_id")["value"].reindex(table["respondent_id"])
            table[name] = values.to_numpy()
            if known[own["question"].iloc[0]].kind == "number":
                table[name] = pd.to_numeric(table[name]).astype("Float64")
        return table

    def write(
        self, directory: str | Path, *, by_year: bool = False, before: Path | None = None
    ) -> list[Path]:
        """Write the respondents, the answers (Apache Parquet), rejected.csv and report.csv."""
        paths = super().write(directory, by_year=by_year, before=before)
        aside = Path(directory) / f".{_ANSWERS}.part"
        write_arrow(self._answers, aside)
        os.replace(aside, Path(directory) / _ANSWERS)  # noqa: PTH105 (atomic)
        return [paths[0], Path(directory) / _ANSWERS, *paths[1:]]

    def _wide(self, questions: tuple[str, ...]) -> dict[str, tuple[str, pd.DataFrame]]:
        chosen = self.answers[self.answers["question"].isin(questions)]
        return {
            str(question) if item == ALL else f"{question}_{item}": (str(item), own)
            for (question, item), own in chosen.groupby(["question", "item"], sort=False)
        }


def clean_survey(
    source: Source,
    *,
    profile: str | Path | Profile,
    extracted: str | dt.date | None = None,
) -> Cleaned:
    """Clean survey microdata into RESPONDENTS and ANSWERS.

    An answer is `ok`, `missing` with its reason (the meaning of its residue code, or
    "no_answer"), or `not_applicable` where the question was not to be asked; an answer
    given all the same is set aside and its interview remarked, or the interview rejected,
    as the questionnaire says. Rows that say that no interview took place are rejected by
    `not_interviewed`, outside the tolerance.

    Parameters
    ----------
    source : str, Path, list of paths, or DataFrame
        Microdata of one layout. Never changed. A DataFrame's cells are read as texts.
    profile : str, Path or Profile
        Name of a packaged profile (`list_profiles`), path of a TOML, or a Profile; it
        names the questionnaire.
    extracted : str or date, optional
        Day of extraction ("2024-01-31").

    Returns
    -------
    CleanedSurvey
        A `Cleaned` whose table is RESPONDENTS, with `.answers`, `.questionnaire` and
        `.with_answers(...)`.

    Raises
    ------
    DeliveryError
        If a file cannot be read as the profile says, or holds personal data.
    CatalogueError
        If the profile or its questionnaire is faulty, or is not of a survey.

    Examples
    --------
    >>> import pandas as pd
    >>> women = pd.DataFrame({
    ...     "ID": ["1", "2"], "AGE": "30-44", "COMMUNE": "Ixelles", "POIDS": "0,93",
    ...     "VIOL_PARTENAIRE": ["1", "2"], "HARC_SEX": "1", "STALKING": "2",
    ...     "F_PSY": ["1", ""], "F_PHYS": ["2", ""], "F_SEX": ["2", ""], "F_ECO": ["2", ""],
    ...     "CONSEQUENCES": ["2", ""], "DEMARCHE": ["1", "1"]})
    >>> cleaned = clean_survey(women, profile="obs_sample_women")
    >>> cleaned.summary()
    ['read 2, kept 2, merged 0, rejected 0', 'remarked as routing: 1']
    >>> cleaned.answers.query("question == 'official_step'")[["value", "status", "reason"]]
       value          status   reason
    16   yes              ok      NaN
    17   NaN  not_applicable  routing
    """
    loaded = profile_of("survey", profile, source)
    if loaded.shape == "tidy":
        return accept_tidy(source, loaded)
    one = load_questionnaire(loaded.questionnaire)
    wanted = {**loaded.columns, **{f"column {c}": (c,) for c in one.columns}}
    bound = replace(loaded, columns=wanted)
    readings = read_all(source, bound)
    hostile = screen_all(readings)
    rows, texts = _texts(readings, one, day=day_of(extracted), profile=loaded)
    coded = code_interviews(texts, one, loaded)
    decided = _decide_interviews(rows, texts, coded, hostile)
    return _finish(decided, coded, readings, loaded, one)


def _texts(
    readings: list[Reading], one: Questionnaire, *, day: dt.date | None, profile: Profile
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give where each row stands and what its file tells, and its texts by column."""
    parts = []
    for number, reading in enumerate(readings):
        bound = {c: reading.columns[reading.bound.columns[f"column {c}"]] for c in one.columns}
        frame = pd.DataFrame({c: column.to_series() for c, column in bound.items()})
        told = day or extracted_by_name(reading.name, profile)
        extracted = pd.NaT if told is None else pd.Timestamp(told)
        parts.append(
            frame.assign(
                file=number,
                row=reading.lines,
                sheet=None if reading.sheets is None else reading.sheets.to_series(),
                delivery=reading.name,
                extracted=pd.Series(extracted, frame.index, dtype="datetime64[us]"),
                synthetic=reading.synthetic,
            )
        )
    whole = pd.concat(parts, ignore_index=True)
    rows = whole[["file", "sheet", "row", "delivery", "extracted", "synthetic"]]
    texts = {c: whole[c].astype("str").fillna("").str.strip() for c in one.columns}
    return rows, pd.DataFrame(texts)


def _decide_interviews(
    rows: pd.DataFrame,
    texts: pd.DataFrame,
    coded: Coded,
    hostile: list[list[tuple[NDArray[np.bool_], str, str]]],
) -> pd.DataFrame:
    """Give each row its fate: rejected by its first fault, else kept, merged or contradicted."""
    fault = coded.faults.set_index("place")[["column", "rule"]].reindex(rows.index).astype("str")
    worse = _hostile_rows(hostile, rows)
    fault = worse.where(worse["rule"].notna(), fault)
    ids = coded.respondents["respondent_id"].where(fault["rule"].isna())
    content = pd.util.hash_pandas_object(texts, index=False)
    differ = content.groupby(ids).transform("nunique") > 1
    rule = fault["rule"].mask(differ, "conflicting_duplicate")
    fate = pd.Series("kept", index=rows.index).mask(ids.notna() & ids.duplicated(), "merged")
    fate = fate.mask(rule.notna(), "rejected")
    return rows.assign(column=fault["column"], rule=rule, fate=fate, content=content.astype("str"))


def _hostile_rows(
    hostile: list[list[tuple[NDArray[np.bool_], str, str]]], rows: pd.DataFrame
) -> pd.DataFrame:
    """Give the column and the rule of the hostile rows, on the rows' index."""
    made = pd.DataFrame({"column": None, "rule": None}, index=rows.index, dtype="str")
    for number, found in enumerate(hostile):
        here = np.flatnonzero(rows["file"] == number)
        for which, column, rule in reversed(found):  # the first one goes last, and stays
            made.iloc[here[which]] = [column, rule]
    return made


def _finish(
    decided: pd.DataFrame,
    coded: Coded,
    readings: list[Reading],
    profile: Profile,
    one: Questionnaire,
) -> CleanedSurvey:
    kept = decided["fate"] == "kept"
    doubts = coded.doubts[kept[coded.doubts["place"]].to_numpy()]
    noted = doubts.set_index("place")["rule"].reindex(decided.index)
    told = decided[["delivery", "extracted", "synthetic"]].assign(
        source=profile.source, remark=noted.astype("str")
    )
    respondents = check_table(coded.respondents.join(told)[kept], RESPONDENTS)
    rejected = _rejected(decided, readings)
    files = range(len(readings))
    return CleanedSurvey(
        RESPONDENTS,
        rejected,
        report_lines(_accountable(decided), readings, files, rejected),
        to_arrow_table(respondents),
        _flagged(decided, doubts, readings),
        questionnaire=one,
        _answers=to_arrow_table(_long(coded, kept)),
        first=first_interviews(decided, readings),
    )


def _rejected(decided: pd.DataFrame, readings: list[Reading]) -> pd.DataFrame:
    lost = decided.loc[decided["rule"].notna(), ["file", "sheet", "row", "column", "rule"]]
    lines = faulty_lines(readings, range(len(readings)))
    return worded_rows([lost.assign(detail=""), *lines], readings)


def _flagged(decided: pd.DataFrame, doubts: pd.DataFrame, readings: list[Reading]) -> pd.DataFrame:
    rows = decided.loc[doubts["place"], ["file", "sheet", "row"]].reset_index(drop=True)
    rows = rows.assign(column=doubts["column"].to_numpy(), rule=doubts["rule"].to_numpy())
    lines = doubtful_lines(readings, range(len(readings)))
    return worded_rows([rows.assign(detail=""), *lines], readings)


def _long(coded: Coded, kept: pd.Series) -> pd.DataFrame:
    """Lay the answers of the kept interviews one under the other."""
    ids = coded.respondents["respondent_id"][kept]
    parts = [
        table[kept].assign(respondent_id=ids, question=question, item=item)
        for (question, item), table in coded.answers.items()
    ]
    columns = ["respondent_id", "question", "item", "value", "status", "reason"]
    return pd.concat(parts, ignore_index=True)[columns].astype("str")


def _accountable(decided: pd.DataFrame) -> pd.DataFrame:
    """Give the fates in the columns that the account counts."""
    return pd.DataFrame(
        {
            "file": decided["file"],
            "kept": decided["fate"] == "kept",
            "merged": decided["fate"] == "merged",
            "content": pd.factorize(decided["content"])[0],
            "first": pd.NaT,
            "last": pd.NaT,
            "extracted": decided["extracted"],
            "synthetic": decided["synthetic"],
        }
    )
