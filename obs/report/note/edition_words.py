"""Give the sentences of a note what its edition says of itself and of its territory.

Quality, corrections, breaks, the plan; the names of the whole and of its levels.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from obs.catalogue import load_catalogue
from obs.disclosure import Released
from obs.errors import ObsError
from obs.locale import words
from obs.report.facts.fact import Fact
from obs.report.facts.fact_trace import FactTrace, trace_of
from obs.report.facts.printed import Bound, Printed
from obs.report.figures.blocks import Block
from obs.report.figures.plan_table import plan_table
from obs.report.note.definitions import Said
from obs.report.note.edition_lists import cause_lines, correction_lines, revision_lines
from obs.report.note.plan_lines import PlanWords, plan_words
from obs.report.note.quality_lines import QualityPart, quality_parts

__all__ = ["IN_FILES", "EditionWords", "one_of"]

IN_FILES = ("plan", "quality", "causes", "revisions")  # what an edition has a data file of


class EditionWords(Bound):
    """What an edition says of itself and of its territory, in the language of a note."""

    lang: str
    about: dict[str, Any]
    tables: Released
    _told: set[str]

    @property
    def power(self) -> str:
        """How often a next survey finds a change of the least size that `detectable` tells."""
        return Printed(words(self.lang).say("page.power"))

    @property
    def observatory(self) -> str:
        """Title of the observatory."""
        return Printed(self.about["title"][self.lang])

    @property
    def publisher(self) -> str:
        """Who publishes."""
        return Printed(self.about["publisher"][self.lang])

    @property
    def synthetic(self) -> bool:
        """Whether any figure comes from synthetic data."""
        return bool(self.tables.synthetic)

    @property
    def top(self) -> str:
        """Code of the whole territory."""
        return str(self.tables.territory.top)

    @property
    def base(self) -> str:
        """Finest level, as a code (`commune`)."""
        return str(self.tables.territory.levels[0])

    @property
    def place(self) -> str:
        """Name of the whole territory."""
        return Printed(self.tables.territory.label(self.top, self.lang))

    @property
    def middle(self) -> bool:
        """Whether there is a level between the finest and the whole (police zones)."""
        return len(self.tables.territory.levels) > 2

    @property
    def parts(self) -> bool:
        """Whether the territory has units below the whole (municipalities)."""
        return len(self.tables.territory.levels) > 1

    def level(self, role: str, *, plural: bool = False) -> str:
        """Name a level (`base`, `middle`, `top`) in the language of the note."""
        levels = self.tables.territory.levels
        roles = {"base": levels[0], "middle": levels[len(levels) // 2], "top": levels[-1]}
        code = one_of(roles, role, "level")
        return Printed(self.tables.territory.level_label(code, self.lang, plural=plural))

    @property
    def edition_files(self) -> list[str]:
        """What the note told of the edition and the edition has a data file of."""
        return [name for name in IN_FILES if name in self._told and self.about.get(name)]

    def trace(self, fact: Fact) -> FactTrace | None:
        """Say where a bound number comes from: its definition, released row, deliveries.

        None of what no source of this observatory has.
        """
        return trace_of(fact, self.lang)

    @property
    def quality(self) -> list[QualityPart]:
        """The quality declaration of the edition, under the headings of SIMS."""
        self._told.add("quality")
        return quality_parts(self.about.get("quality", ()), self.lang, about=self.about)

    @property
    def breaks_shown(self) -> list[str]:
        """The registered breaks inside the periods that the edition shows."""
        return [Printed(text[self.lang]) for text in self.about.get("breaks", ())]

    @property
    def revised(self) -> list[str]:
        """The yearly figures of the whole that were published as another number."""
        self._told.add("revisions")
        return list(map(Printed, revision_lines(self.about.get("revisions", ()), self.lang)))

    @property
    def causes(self) -> list[str]:
        """What later deliveries changed in the figures of the year before, and why."""
        self._told.add("causes")
        return list(map(Printed, cause_lines(self.about.get("causes", ()), self.lang)))

    @property
    def corrected(self) -> list[str]:
        """The registered corrections of the data received."""
        return list(map(Printed, correction_lines(self.about.get("corrections", ()), self.lang)))

    @property
    def plan(self) -> PlanWords:
        """What can be seen of the security plan."""
        self._told.add("plan")
        lines = self.about.get("plan", ())
        return plan_words(lines, self.lang, territory=self.tables.territory)

    def plan_table(self) -> Block | None:
        """Show which measures of the security plan have a project form, by theme and partner."""
        self._told.add("plan")
        return plan_table(self.about.get("plan", ()), self.tables, lang=self.lang)

    @property
    def unmeasured(self) -> list[Said]:
        """The indicators that no delivery tells yet, each with the source that would."""
        shown = set(self.tables.table["indicator"].astype("str"))
        return [
            Said(one.text("title", self.lang), Printed(one.awaited[self.lang]))
            for one in load_catalogue().values()
            if one.awaited is not None and self.lang in one.awaited and one.id not in shown
        ]


def one_of(known: Mapping[str, Any], name: str, what: str) -> Any:
    """Give what goes by a name; refuse another with those that are known."""
    if name not in known:
        raise ObsError(f"no {what} '{name}': give one of {', '.join(known)}.")
    return known[name]
