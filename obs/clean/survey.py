"""Clean survey microdata: interviews with their design, and answers one by one.

The questionnaire says what was asked, of whom, and how it is coded. Nothing is imputed.
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import ibis.expr.types as ir
import pandas as pd
import pyarrow.parquet as pq

from obs.clean.accounting import account, doubtful_lines, worded_rows
from obs.clean.cleaned import Cleaned, write_table
from obs.clean.cleaning import Source, day_of, extracted_by_name, read_all, screen_all
from obs.clean.judge.interviews import Coded, code_interviews
from obs.clean.profiles.profile import Profile, profile_of
from obs.clean.profiles.questionnaire import Questionnaire, load_questionnaire
from obs.clean.read.engine import Engine, Folder, open_engine
from obs.clean.read.text_table import Reading
from obs.clean.read.tidy_input import accept_tidy
from obs.errors import CodeError
from obs.schemas import ALL, ANSWERS, RESPONDENTS, check_table

__all__ = ["CleanedSurvey", "clean_survey"]

_ANSWERS = "answers.parquet"


@dataclass(frozen=True, eq=False, repr=False)
class CleanedSurvey(Cleaned):
    """A cleaned survey: `table` is RESPONDENTS; `answers` and `questionnaire` come with it."""

    questionnaire: Questionnaire | None = None

    @cached_property
    def answers(self) -> pd.DataFrame:
        """The answers, one row per respondent, question and item, checked as ANSWERS."""
        frame = pq.read_table(self._folder.path / _ANSWERS).to_pandas()
        return check_table(frame.astype("str"), ANSWERS)

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

    def write(self, directory: str | Path) -> list[Path]:
        """Write the respondents, the answers (Apache Parquet), rejected.csv and report.csv."""
        paths = super().write(directory)
        aside = Path(directory) / f".{_ANSWERS}.part"
        shutil.copyfile(self._folder.path / _ANSWERS, aside)
        os.replace(aside, Path(directory) / _ANSWERS)  # noqa: PTH105 (atomic)
        return [paths[0], Path(directory) / _ANSWERS, *paths[1:]]

    def _wide(self, questions: tuple[str, ...]) -> dict[str, tuple[str, pd.DataFrame]]:
        chosen = self.answers[self.answers["question"].isin(questions)]
        return {
            question if item == ALL else f"{question}_{item}": (item, own)
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
    loaded = profile_of("survey", profile)
    if loaded.shape == "tidy":
        return accept_tidy(source, loaded)
    one = load_questionnaire(loaded.questionnaire)
    wanted = {**loaded.columns, **{f"column {c}": (c,) for c in one.columns}}
    with open_engine() as engine:
        bound = replace(loaded, columns=wanted)
        readings = read_all(source, bound, engine)
        hostile = screen_all(readings, bound, engine)
        rows, texts = _texts_by_column(readings, one, day=day_of(extracted), profile=loaded)
        coded = code_interviews(texts, one, loaded)
        row_fates = _decide_fates(
            rows, texts, coded, None if hostile is None else hostile.execute()
        )
        return _build_result(row_fates, coded, readings, loaded, one, engine)


def _texts_by_column(
    readings: list[Reading], one: Questionnaire, *, day: dt.date | None, profile: Profile
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give where each row stands and what its file tells, and its texts by column."""
    parts = []
    for number, reading in enumerate(readings):
        cells = {c: reading.table[reading.bound[f"column {c}"]] for c in one.columns}
        frame = reading.table.select("row", **cells).order_by("row").execute()
        extracted = day or extracted_by_name(reading.name, profile)
        parts.append(
            frame.assign(
                file=number,
                delivery=reading.name,
                extracted=pd.Series(pd.Timestamp(extracted), frame.index, dtype="datetime64[us]"),
                synthetic=reading.synthetic,
            )
        )
    whole = pd.concat(parts, ignore_index=True)
    rows = whole[["file", "row", "delivery", "extracted", "synthetic"]]
    texts = {c: whole[c].astype("str").fillna("").str.strip() for c in one.columns}
    return rows, pd.DataFrame(texts)


def _decide_fates(
    rows: pd.DataFrame, texts: pd.DataFrame, coded: Coded, hostile: pd.DataFrame | None
) -> pd.DataFrame:
    """Give each row its fate: rejected by its first fault, else kept, merged or contradicted."""
    fault = coded.faults.set_index("place")[["column", "rule"]].reindex(rows.index).astype("str")
    if hostile is not None:
        worse = _by_row(hostile, rows)
        fault = worse.where(worse["rule"].notna(), fault)
    ids = coded.respondents["respondent_id"].where(fault["rule"].isna())
    content = pd.util.hash_pandas_object(texts, index=False)
    differ = content.groupby(ids).transform("nunique") > 1
    rule = fault["rule"].mask(differ, "conflicting_duplicate")
    fate = pd.Series("kept", index=rows.index).mask(ids.notna() & ids.duplicated(), "merged")
    fate = fate.mask(rule.notna(), "rejected")
    return rows.assign(column=fault["column"], rule=rule, fate=fate, content=content.astype("str"))


def _by_row(hostile: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Give the column and the rule of the hostile rows ("column|rule"), on the rows' index."""
    split = hostile["hostile"].str.rpartition("|")[[0, 2]].set_axis(["column", "rule"], axis=1)
    split.index = pd.MultiIndex.from_frame(hostile[["file", "row"]])
    found = split.reindex(pd.MultiIndex.from_frame(rows[["file", "row"]]))
    return found.set_axis(rows.index).astype("str")


def _build_result(
    row_fates: pd.DataFrame,
    coded: Coded,
    readings: list[Reading],
    profile: Profile,
    one: Questionnaire,
    engine: Engine,
) -> CleanedSurvey:
    folder = Folder()
    kept = row_fates["fate"] == "kept"
    doubts = coded.doubts[kept[coded.doubts["place"]].to_numpy()]
    noted = doubts.set_index("place")["rule"].reindex(row_fates.index)
    extra = row_fates[["delivery", "extracted", "synthetic"]].assign(
        source=profile.source, remark=noted.astype("str")
    )
    respondents = check_table(coded.respondents.join(extra)[kept], RESPONDENTS)
    write_table(respondents, folder.path / "table.parquet")
    write_table(_stack_answers(coded, kept), folder.path / _ANSWERS)
    rejected = _rejected_rows(row_fates, readings)
    report = account(_accountable(row_fates, engine), readings, profile, rejected, when="day")
    flagged = _remarked_rows(row_fates, doubts, readings)
    return CleanedSurvey(RESPONDENTS, rejected, report, folder, flagged, questionnaire=one)


def _rejected_rows(row_fates: pd.DataFrame, readings: list[Reading]) -> pd.DataFrame:
    lost = row_fates.loc[row_fates["rule"].notna(), ["file", "row", "column", "rule"]]
    broken = [(n, row, None, rule) for n, r in enumerate(readings) for row, rule in r.faults]
    lines = pd.DataFrame(broken, columns=lost.columns).astype({"file": "int64", "row": "int64"})
    return worded_rows(pd.concat([lost, lines]) if len(lines) else lost, readings)


def _remarked_rows(
    row_fates: pd.DataFrame, doubts: pd.DataFrame, readings: list[Reading]
) -> pd.DataFrame:
    rows = row_fates.loc[doubts["place"], ["file", "row"]].reset_index(drop=True)
    rows = rows.assign(column=doubts["column"].to_numpy(), rule=doubts["rule"].to_numpy())
    lines = doubtful_lines(readings)
    return worded_rows(pd.concat([rows, lines]) if len(lines) else rows, readings)


def _stack_answers(coded: Coded, kept: pd.Series) -> pd.DataFrame:
    """Lay the answers of the kept interviews one under the other."""
    ids = coded.respondents["respondent_id"][kept]
    parts = [
        table[kept].assign(respondent_id=ids, question=question, item=item)
        for (question, item), table in coded.answers.items()
    ]
    columns = ["respondent_id", "question", "item", "value", "status", "reason"]
    return pd.concat(parts, ignore_index=True)[columns].astype("str")


def _accountable(row_fates: pd.DataFrame, engine: Engine) -> ir.Table:
    """Bring the fates to the engine in the columns that the account counts."""
    columns = {
        "file": row_fates["file"].tolist(),
        "row": row_fates["row"].tolist(),
        "fault": row_fates["rule"].where(row_fates["rule"].notna(), None).tolist(),
        "fate": row_fates["fate"].where(row_fates["fate"] != "rejected", None).tolist(),
        "content": row_fates["content"].tolist(),
        "day": [None] * len(row_fates),
        "extracted": row_fates["extracted"]
        .astype("object")
        .where(row_fates["extracted"].notna(), None)
        .tolist(),
        "synthetic": row_fates["synthetic"].tolist(),
    }
    types = {"file": "int64", "row": "int64", "extracted": "timestamp", "synthetic": "boolean"}
    return engine.small(columns, {c: types.get(c, "string") for c in columns})
