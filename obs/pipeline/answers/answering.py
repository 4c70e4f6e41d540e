"""Answer a question by one page, disclosed with everything that was published, as a draft.

The figures are computed from the deliveries and released against the ledger, whole, with their
totals; the page and the ledger have those that were asked and the whole. Rows that a build or an
answer cleaned before are taken again while nothing of them changed. `obs publish` publishes the
draft like an edition, and the ledger takes its counts then.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from obs.catalogue import own_catalogue, untranslated
from obs.clean import Cleaned
from obs.disclosure import Ledger, Released, internal_folder
from obs.errors import CatalogueError, DisclosureError, ObsError
from obs.indicators.compute import open_once
from obs.one_writer import one_writer
from obs.pipeline.accounts import describe_edition, list_sources, name_suppliers
from obs.pipeline.answers.asked import Asked, asked_of
from obs.pipeline.answers.released_answers import ReleasedAnswers, computing, figures_asked
from obs.pipeline.audit_verdict import judge
from obs.pipeline.coverage_lines import gather_coverage
from obs.pipeline.delivered_denominators import gather_denominators
from obs.pipeline.deliveries import (
    clean_all,
    correct,
    draft_profiles,
    find_last_year,
    nowcast,
    table_by_source,
)
from obs.pipeline.edition_ledger import open_ledger
from obs.pipeline.observatory_key import name_deliveries
from obs.pipeline.progress import Progress
from obs.pipeline.publication.draft_edition import (
    clear_drafts,
    describe_draft,
    keeper,
    place_of_draft,
)
from obs.pipeline.publication.publish_edition import finish_publications
from obs.pipeline.reuse.kept_stages import BuildParts
from obs.query_engine.open_engine import check_engine, open_engine
from obs.reference import Observatory, load_observatory
from obs.report import edition_facts, hidden_numbers, small_numbers, write_site
from obs.report.answer.answer_page import answer_page
from obs.report.edition.manifest import MANIFEST, is_published, read_manifest
from obs.report.edition.publish import write_pages
from obs.report.note.open_note import edition_folder
from obs.report.page.content import Page
from obs.trends import compare_periods

__all__ = ["Answered", "answer"]

_NUMBER = re.compile(r"([0-9]{1,9})a([0-9]{1,4})")
_DEFAULTS = {"raw": "data/raw", "out": "publications", "processed": "data/processed"}


@dataclass(frozen=True)
class Answered:
    """What an answer is: its number, its folder, what it withholds, what would withhold nothing.

    Attributes
    ----------
    name : str
        Its number, as 2024a1: the first answer from the data of 2024.
    folder : Path
        Where its draft is.
    shown, withheld : int
        Figures asked, by what became of them.
    nearest : tuple of str
        Commands that ask for the nearest tables of which nothing is withheld.
    """

    name: str
    folder: Path
    shown: int
    withheld: int
    nearest: tuple[str, ...]


def answer(
    question: str,
    *,
    indicator: str,
    places: Sequence[str],
    period: str,
    lang: str,
    config: str | Path | None = None,
    raw: str | Path = "data/raw",
    out: str | Path = "publications",
    processed: str | Path = "data/processed",
    progress: Progress | None = None,
) -> Answered:
    """Answer a question by a draft of one page; `obs.publish` publishes it.

    Parameters
    ----------
    question : str
        As it was put; quoted on the page, marked as the question.
    indicator : str
        The indicator that answers it.
    places : sequence of str
        Names or codes of places, or the word for a level.
    period : str
        As "2024", "2020..2024", "2024-Q1", "2024-01..2024-12".
    lang : str
        Language of the question, and of its answer.
    config, raw, out, processed : path
        As in `build`.
    progress : callable, optional
        Told each step in words.

    Returns
    -------
    Answered
        The number of the answer and its folder. The same question asked again replaces its draft.

    Raises
    ------
    ObsError
        Bad input; nothing is written.
    DisclosureError
        No figure asked can be published; it names the nearest tables that can, with the command
        for each.
    PublicationError
        A gate refused the page.

    Examples
    --------
    >>> import obs
    >>> obs.answer("How many?", indicator="theft", places=["Ixelles"], period="2024-13", lang="fr")
    Traceback (most recent call last):
    obs.errors.ObsError: '2024-13' is no period: give a year (2024), a quarter (2024-Q1), a month...
    """
    say = progress or (lambda _: None)
    observatory = load_observatory(config)
    given = {"config": config, "raw": raw, "out": out, "processed": processed}
    options = {k: str(v) for k, v in given.items() if v and str(v) != _DEFAULTS.get(k)}
    held = edition_folder(Path(processed), observatory.name, 0).parent
    with own_catalogue(observatory.catalogue_dir) as own, one_writer(held, say=say):
        raw = Path(raw).resolve()
        asked = asked_of(
            observatory,
            observatory.places(raw),
            question=question,
            indicator=indicator,
            places=places,
            period=period,
            lang=lang,
            options=options,
        )
        _need_texts(asked)
        return _answered(observatory, asked, raw, Path(out), Path(processed), say, own)


def _need_texts(asked: Asked) -> None:
    """Refuse an indicator that has no words in the language of the question."""
    absent = untranslated([asked.indicator], [asked.lang])
    if absent:
        raise CatalogueError(f"the catalogue has no texts for {', '.join(absent)}.")


def _answered(
    observatory: Observatory,
    asked: Asked,
    raw: Path,
    out: Path,
    processed: Path,
    say: Progress,
    catalogue: Mapping[str, str],
) -> Answered:
    """Write the draft of an answer, with the indicators of the observatory's own catalogue at hand."""
    check_engine(observatory.engine)
    finish_publications(out, processed, say)
    ledger = open_ledger(out, processed, say)
    solved = _solved(observatory, asked, raw, processed, ledger, say)
    say("audit: what a reader can know of what is withheld")
    judge(
        solved.whole,
        solved.tables,
        known=ledger,
        edition=solved.edition,
        folder=edition_folder(processed, observatory.name, f"{solved.edition}a"),
        languages=observatory.languages,
    )
    top = solved.whole.territory.top
    own = solved.whole.select(territory=[*asked.places, top], period=asked.periods)
    sources = list_sources(solved.cleaned)
    public = name_deliveries(sources, observatory, processed)
    public = [
        one for one in name_suppliers(public, observatory, solved.cleaned, own) if one["used"]
    ]
    page = partial(
        _page,
        own,
        asked,
        observatory=observatory,
        sources=public,
        corrections=solved.corrections,
        ledger=ledger,
    )
    inside = internal_folder(processed, out)
    with one_writer(inside, say=say):
        name = _next_number(out, solved.edition, asked)
        draft = describe_draft(
            observatory,
            name,
            languages=[asked.lang],
            sources=public,
            about={},
            accounts={"edition": name, "ledger": ledger.mark, "sources": sources},
            unconfirmed=draft_profiles(observatory),
            catalogue=catalogue,
        )
        place = place_of_draft(out, name)
        say(f"answer {name}: {place}")
        write_pages(
            [page(name)],
            place,
            sources=public,
            withheld=hidden_numbers(solved.tables, solved.whole),
            small=small_numbers(solved.tables, solved.whole),
            keep=keeper(draft, inside, own),
            progress=say,
        )
        clear_drafts(out, processed, name)
        write_site(out, titles=observatory.title)
    return Answered(name, place, solved.shown, solved.withheld, solved.nearest)


@dataclass(frozen=True)
class _Solved:
    """The whole table of an indicator, released, with what it is made of and what is nearest."""

    cleaned: list[tuple[str, Cleaned]]
    corrections: pd.DataFrame
    edition: int
    whole: Released
    tables: dict[str, pd.DataFrame]
    shown: int
    withheld: int
    nearest: tuple[str, ...]


def _solved(
    observatory: Observatory,
    asked: Asked,
    raw: Path,
    processed: Path,
    ledger: Ledger,
    say: Progress,
) -> _Solved:
    """Clean, compute and release what is asked; refuse where none of it can be shown."""
    exposure = gather_denominators(observatory, raw, say)
    held = edition_folder(processed, observatory.name, 0).parent
    parts = BuildParts(observatory, raw, held, [], say, force=False)
    cleaned = clean_all(observatory, raw, processed, say, parts)
    told, corrections = correct(observatory, table_by_source(cleaned), say)
    territory = observatory.territory(raw)
    edition = observatory.edition or find_last_year(cleaned)
    with open_engine(observatory.engine) as engine:
        opened = {kind: open_once(table, engine) for kind, table in told.items()}
        make = computing(
            asked.indicator,
            opened,
            nowcast(cleaned, told, opened),
            territory,
            edition,
            say,
            coverage=gather_coverage(cleaned),
            exposure=exposure,
        )
        able = ReleasedAnswers(make, territory=territory, ledger=ledger, rule=observatory.rule)
        whole, tables = _released(able, asked)
        shown, withheld = figures_asked(whole, asked)
        nearest = tuple(able.nearest(asked)) if withheld or not shown else ()
    if not shown:
        raise _refusal(asked, withheld, nearest)
    return _Solved(cleaned, corrections, edition, whole, tables, shown, withheld, nearest)


def _page(
    own: Released,
    asked: Asked,
    name: str,
    *,
    observatory: Observatory,
    sources: list[dict[str, Any]],
    corrections: Any,
    ledger: Ledger,
) -> Page:
    """Make the page of an answer of this number from the released rows that were asked."""
    words = describe_edition(observatory, name, [], {}, sources, corrections)
    facts = edition_facts(own, known=ledger, langs=[asked.lang])
    return answer_page(
        own,
        question=asked.question,
        places=asked.places,
        lang=asked.lang,
        name=name,
        about=words,
        compare=compare_periods,
        breaks=[one[asked.lang] for one in facts["breaks"]],
        parameters=_parameters(asked),
    )


def _released(able: ReleasedAnswers, asked: Asked) -> tuple[Released, dict[str, Any]]:
    """Release what is asked; where that is refused, name the nearest that is not."""
    try:
        return able.of(asked)
    except DisclosureError as refused:
        raise DisclosureError(f"{refused}{_proposed(tuple(able.nearest(asked)))}") from None


def _refusal(asked: Asked, withheld: int, nearest: tuple[str, ...]) -> ObsError:
    """Say why nothing of what is asked can be shown, and what can."""
    what = f"'{asked.indicator}' in {', '.join(asked.places)}, {asked.span}"
    if not withheld:
        return ObsError(f"nothing is known of {what} in the deliveries.{_proposed(nearest)}")
    return DisclosureError(
        f"nothing of {what} can be published: each figure is so small that it could tell of a person, "
        f"or would give such a figure away.{_proposed(nearest)}"
    )


def _proposed(nearest: tuple[str, ...]) -> str:
    if not nearest:
        return " No coarser place and no longer period can be published either."
    return "\nNearest that can be published whole:\n" + "\n".join(f"  {one}" for one in nearest)


def _parameters(asked: Asked) -> dict[str, Any]:
    """Say in the manifest what was asked."""
    return {
        "question": asked.question,
        "indicator": asked.indicator,
        "places": ",".join(asked.places),
        "period": asked.span,
    }


def _next_number(out: Path, edition: int, asked: Asked) -> str:
    """Give the number of the draft of the same question, else the next of the edition's data."""
    taken, own = [0], {**_parameters(asked), "lang": asked.lang}
    for path in out.glob(f"{edition}a*/{MANIFEST}"):
        found = _NUMBER.fullmatch(path.parent.name)
        if found is None or int(found[1]) != edition:
            continue
        taken.append(int(found[2]))
        if not is_published(path.parent):
            versions = read_manifest(path.parent)["notes"].get("answer", {})
            said = versions.get(asked.lang, {}).get("parameters", {})
            if {key: said.get(key) for key in own} == own:
                return path.parent.name
    return f"{edition}a{max(taken) + 1}"
