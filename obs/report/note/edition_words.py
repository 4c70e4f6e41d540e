"""Give the sentences of a note what its edition says of itself: quality, corrections, breaks, the plan."""

from __future__ import annotations

from typing import Any

from obs.catalogue import load_catalogue
from obs.disclosure import Released
from obs.report.facts.printed import Bound, Printed
from obs.report.note.definitions import Said
from obs.report.note.edition_lists import cause_lines, correction_lines, revision_lines
from obs.report.note.plan_lines import PlanWords, plan_words
from obs.report.note.quality_lines import QualityPart, quality_parts

__all__ = ["EditionWords"]


class EditionWords(Bound):
    """What an edition says of itself, in the language of a note."""

    lang: str
    about: dict[str, Any]
    tables: Released

    @property
    def quality(self) -> list[QualityPart]:
        """The quality declaration of the edition, under the headings of SIMS."""
        return quality_parts(self.about.get("quality", ()), self.lang, about=self.about)

    @property
    def breaks_shown(self) -> list[str]:
        """The registered breaks inside the periods that the edition shows."""
        return [Printed(text[self.lang]) for text in self.about.get("breaks", ())]

    @property
    def revised(self) -> list[str]:
        """The yearly figures of the whole that were published as another number."""
        return list(map(Printed, revision_lines(self.about.get("revisions", ()), self.lang)))

    @property
    def causes(self) -> list[str]:
        """What later deliveries changed in the figures of the year before, and why."""
        return list(map(Printed, cause_lines(self.about.get("causes", ()), self.lang)))

    @property
    def corrected(self) -> list[str]:
        """The registered corrections of the data received."""
        return list(map(Printed, correction_lines(self.about.get("corrections", ()), self.lang)))

    @property
    def plan(self) -> PlanWords:
        """What can be seen of the security plan."""
        lines = self.about.get("plan", ())
        return plan_words(lines, self.lang, territory=self.tables.territory)

    @property
    def unmeasured(self) -> list[Said]:
        """The indicators that no delivery tells yet, each with the source that would."""
        shown = set(self.tables.table["indicator"].astype("str"))
        return [
            Said(one.text("title", self.lang), Printed(one.awaited[self.lang]))
            for one in load_catalogue().values()
            if one.awaited is not None and self.lang in one.awaited and one.id not in shown
        ]
