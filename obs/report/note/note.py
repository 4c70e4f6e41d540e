"""Give a note its released tables, and the words and numbers that its sentences bind.

The pipeline computes and releases the tables of all notes together;
`obs.report.note.open_note` gives a notebook its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from obs.catalogue import get_indicator
from obs.disclosure import Released
from obs.errors import ObsError
from obs.locale import words
from obs.report.facts.fact import Fact, fact, fact_of, unknown_fact
from obs.report.facts.peer_statements import among_peers, can_compare, nearest_peer, similar_groups
from obs.report.facts.printed import Edition, Printed
from obs.report.facts.series_breaks import breaks_in
from obs.report.facts.standing import Standing, standing_of
from obs.report.facts.subject import category_label, look_at
from obs.report.figures.blocks import Block
from obs.report.figures.drawable import can_draw
from obs.report.figures.tables import show_table
from obs.report.note.definitions import Said, assumed_coverage, cautions, definitions, help_text
from obs.report.note.edition_words import EditionWords, one_of
from obs.report.note.headline import Headline, active_title, change_of_level, changes_of_last
from obs.report.note.turning import Turning, changes_of_years, changes_since, turning_of
from obs.schemas import ALL, TURNS

__all__ = ["Headline", "Note"]

_FIGURES = (
    *("chart_trend", "chart_bars", "chart_funnel", "chart_flow", "chart_waterfall"),
    "chart_expected",
    *("map_territory", "show_table"),
)


@dataclass(frozen=True)
class Note(EditionWords):
    """The released tables of one note, and the words every sentence needs."""

    name: str
    lang: str
    edition: int
    about: dict[str, Any] = field(repr=False)
    tables: Released = field(repr=False)
    _opened: dict[str, Released] = field(default_factory=dict, repr=False, compare=False)
    _told: set[str] = field(default_factory=set, repr=False, compare=False)

    def __repr__(self) -> str:
        own = ", ".join(self._table_ids())
        return f"Note('{self.name}', edition {self.edition:d}, {self.lang}: tables {own})"

    def _table_ids(self) -> list[str]:
        own = f"{self.name}."
        return [name.removeprefix(own) for name in self.tables.names if name.startswith(own)]

    def __contains__(self, table: str) -> bool:
        return f"{self.name}.{table}" in self.tables.names

    def __getitem__(self, table: str) -> Released:
        if table not in self:
            raise ObsError(
                f"note '{self.name}' has no table '{table}' in edition {self.edition}; it has: "
                f"{', '.join(self._table_ids()) or 'none'}. Tables are declared in {self.name}.toml."
            )
        if table not in self._opened:
            self._opened[table] = self.tables[f"{self.name}.{table}"]
        return self._opened[table]

    def __post_init__(self) -> None:
        object.__setattr__(self, "edition", Edition(self.edition))

    @property
    def constants(self) -> dict[str, str]:
        """Words with figures that the note declares: help numbers, articles, codes of measures."""
        declared = self.about["notes"][self.name].get("constants", {})
        return {name: Printed(words[self.lang]) for name, words in declared.items()}

    def sentence(self, text: str, **facts: Any) -> str:
        """Write words with bound numbers, for a title, a caption or an alternative text.

        `text` is written as in a Markdown cell, `{{ name|filter }}`, and `facts` are what its names
        bind. Raises `PublicationError` for a figure that no fact wrote.
        """
        from obs.report.note.sentences import write_sentence  # it reads what a note may bind

        return write_sentence(text, self.lang, facts)

    @property
    def title(self) -> str:
        """Title of the note."""
        return Printed(self.about["notes"][self.name]["title"][self.lang])

    def has(self, indicator: str, *, table: str) -> bool:
        """Tell whether this edition has values of an indicator in a table; a wrong id is refused."""
        get_indicator(indicator)
        return self._has_table(table) and bool((self[table].table["indicator"] == indicator).any())

    def first_of(self, indicators: Sequence[str], *, table: str) -> str:
        """Choose the first of several indicators that this edition has, else the first."""
        return next((i for i in indicators if self.has(i, table=table)), indicators[0])

    def last(self, table: str) -> str:
        """Give the latest period of a table, as text (`2024`, `2024-12`)."""
        return Printed(self[table].table["period"].max())

    def first(self, table: str) -> str:
        """Give the earliest period of a table, as text."""
        return Printed(self[table].table["period"].min())

    def finest(self, table: str) -> str:
        """Name the finest level of which a table tells something: base, middle or top."""
        rows, levels = self[table].table, self.tables.territory.levels
        told = {*rows.loc[rows["status"] != "missing", "level"]}
        if levels[0] in told or not told:
            return Printed("base")
        return Printed("middle" if told & {*levels[1:-1]} else "top")

    def rows(self, table: str, *, level: str | list[str] | None = None, **key: Any) -> Released:
        """Select rows of a released table; `level` is base, middle, top or beyond.

        Indicators that this edition lacks are left out; the others must be there.
        """
        chosen = {k: list(v) if isinstance(v, list | tuple) else [v] for k, v in key.items()}
        if "indicator" in chosen:
            chosen["indicator"] = [i for i in chosen["indicator"] if self.has(i, table=table)]
        if level is not None:
            levels = self.tables.territory.levels
            roles = {"base": levels[:1], "middle": levels[1:-1], "top": levels[-1:]}
            roles["beyond"] = self.tables.territory.beyond_levels
            asked = [level] if isinstance(level, str) else level
            chosen["level"] = [c for role in asked for c in one_of(roles, role, "level")]
        return self[table].select(**chosen)

    def compare(
        self, table: str, make: Callable[..., pd.DataFrame], *, indicator: str
    ) -> Released | None:
        """Compare the places of a table in its last period, from what was released.

        `make` is `obs.compare_peers` (then against similar places, where some are declared,
        else against the rest of the whole), `obs.rank_places` or `obs.funnel`. None where
        this edition has no rate of the indicator.
        """
        if not self.has(indicator, table=table):
            return None
        released = self.rows(table, indicator=indicator, period=self.last(table))
        if not can_compare(released):
            return None
        made = released.compare(make)
        return nearest_peer(made) if "peer" in made.table else made

    def turning(self, table: str, make: Callable[..., pd.DataFrame], *, indicator: str) -> Turning:
        """Bind where the whole stands against its peak, its trough and its first whole period.

        `make` is `obs.turning_points`. The first period is one without a break in the series
        inside it. Facts are unknown where the table has fewer than three periods.
        """
        return turning_of(self._series_of_top(table, indicator), make, lang=self.lang)

    def beside(
        self,
        lines: Sequence[Fact],
        table: str,
        make: Callable[..., pd.DataFrame],
        *,
        indicator: str,
    ) -> list[tuple[Fact, Fact]]:
        """Bind, beside changes of years, those of another indicator from the same base.

        `make` is `obs.compare_periods`. Years that the other table lacks are left out.
        """
        base = str(lines[0].base) if lines else ""
        own = changes_since(self._series_of_top(table, indicator), make, base=base)
        return [(own[str(line.period)], line) for line in lines if str(line.period) in own]

    def same_months(
        self, table: str, make: Callable[..., pd.DataFrame], *, indicator: str
    ) -> list[Fact]:
        """Bind the change of every later year of the whole from the first, over common months.

        `make` is `obs.compare_same_months`; `table` has months. Each fact is that of a year.
        """
        return changes_of_years(self._series_of_top(table, indicator), make)

    def _series_of_top(self, table: str, indicator: str) -> Released | None:
        if not self.has(indicator, table=table):
            return None
        return self.rows(table, territory=self._whole_of(table, indicator), indicator=indicator)

    def _whole_of(self, table: str, indicator: str) -> str:
        """Give the whole territory, or the one place beyond it of which an indicator is told alone."""
        rows = self[table].table
        places = rows.loc[rows["indicator"] == indicator, "territory"].unique()
        alone = len(places) == 1 and str(places[0]) in self.tables.territory.beyond_units
        return str(places[0]) if alone else self.top

    def place_of(self, table: str, indicator: str) -> str:
        """Name the place that facts of an indicator are of, where none is said."""
        code = self._whole_of(table, indicator) if self.has(indicator, table=table) else self.top
        return Printed(self.tables.territory.label(code, self.lang))

    def among_peers(self, compared: Released | None) -> Standing:
        """Bind the places that stand above, below or with their peers, if any were compared."""
        return Standing() if compared is None else among_peers(compared, self.lang)

    @property
    def help(self) -> str:
        """The numbers that a reader in need may call, on one line; "" where none is declared."""
        return help_text(self.tables.territory, self.lang)

    @property
    def similar(self) -> list[str]:
        """The places declared similar, one line per group with its reason."""
        return [Printed(line) for line in similar_groups(self.tables.territory, self.lang)]

    @property
    def indicators(self) -> list[str]:
        """Ids of the indicators that its tables hold, in their order."""
        own = [self[table].table for table in self._table_ids()]
        return list(dict.fromkeys(i for table in own for i in table["indicator"]))

    @property
    def definitions(self) -> list[Said]:
        """What each of its indicators means."""
        return definitions(self.indicators, self.lang)

    @property
    def cautions(self) -> list[Said]:
        """How its indicators may mislead, each sentence once; of rates where it shows rates."""
        own = [t for t in (self[table].table for table in self._table_ids()) if "scale" in t]
        rates = {i for t in own for i in t.loc[t["scale"].str.startswith("per_"), "indicator"]}
        return cautions(self.indicators, self.lang, rates=rates)

    @property
    def assumed(self) -> str:
        """Which of its sources do not declare the days that they cover; "" if all do."""
        return assumed_coverage(self.about.get("sources", ()), self.indicators, self.lang)

    def breaks(self, comparison: Fact) -> list[str]:
        """Say which registered breaks a bound comparison crosses, each as a sentence."""
        if not comparison.key:
            return []
        key = {k: v for k, v in comparison.key.items() if k not in ("base", "point")}
        released = self.tables[comparison.origin["table"]]
        if "base" in released.table:
            released = released.select(**key, base=str(comparison.base))
        else:  # compared from the rows of the note: both of them are looked at
            released = released.select(**{**key, "period": [key["period"], str(comparison.base)]})
        return [Printed(b.text) for b in breaks_in(look_at(released, lang=self.lang, who="breaks"))]

    def show(
        self,
        draw: Callable[..., Block],
        table: str | Released | None,
        *,
        finding: Fact | Sequence[Fact] | None = None,
        **key: Any,
    ) -> Block | None:
        """Draw rows of a table, described in words; nothing where this edition has none of them.

        `draw` is one of `obs.chart_trend`, `chart_bars`, `chart_funnel`, `chart_flow`,
        `chart_waterfall`, `chart_expected`, `map_territory`, `show_table`; the rest selects as `rows` does, or as `Released.select` in what
        `compare` gave. With a `finding`, a bound comparison or the first of several, the title
        says what it found.
        """
        kind = one_of(dict.fromkeys(_FIGURES, draw.__name__), draw.__name__, "figure")
        alt = Printed(words(self.lang).say(f"alt.kind.{kind}"))
        if table is None:
            return None
        title = active_title(finding, self.lang)
        if title:
            alt = Printed(f"{title}. {alt}")
        options = {"lang": self.lang, "alt": alt, "title": title}
        if not isinstance(table, str):
            return draw(table.select(**key) if key else table, **options)
        wanted = key.get("indicator", ())
        wanted = [wanted] if isinstance(wanted, str) else wanted
        if not self._has_table(table) or (
            wanted and not any(self.has(i, table=table) for i in wanted)
        ):
            return None
        released = self.rows(table, **key)
        if not can_draw(draw.__name__, released):
            return None
        return draw(released, **options)

    def with_change(self, rows: str | Released | None, change: str, **key: Any) -> Block | None:
        """Show one table of values and, in its last columns, how each changed.

        `rows` is what `compare` gave with `obs.compare_peers`, or a table of the note, from
        which the rest selects as `rows` does, in its last period; `change` is a table of
        changes. Nothing where this edition has none of them.
        """
        if isinstance(rows, str):
            wanted = any(self.has(i, table=rows) for i in key.get("indicator", ()))
            rows = self.rows(rows, period=self.last(rows), **key) if wanted else None
        if rows is None:
            return None
        own = self[change] if self._has_table(change) else None
        return show_table(rows, lang=self.lang, beside=changes_of_last(rows, own))

    def _has_table(self, table: str) -> bool:
        """Tell whether this edition has a declared table; a name that is not declared is refused."""
        declared = self.about.get("notes", {}).get(self.name, {}).get("tables")
        if declared is not None and table not in declared:
            raise ObsError(
                f"note '{self.name}' declares no table '{table}'; {self.name}.toml declares: "
                f"{', '.join(declared)}."
            )
        return table in self

    def headline(self, indicators: Sequence[str], *, level: str, change: str) -> list[Headline]:
        """Bind, for each indicator that this edition has, its latest level and the change of it.

        Both are of one period: where that period is not comparable the change says so, and is
        not that of another.
        """
        there = [i for i in indicators if self.has(i, table=level)]
        return [self.item(i, level=level, change=change) for i in there]

    def item(self, indicator: str, *, level: str, change: str) -> Headline:
        """Bind one line of `headline`; its facts are unknown where this edition has none."""
        now = self.fact(level, indicator=indicator)
        title = Printed(get_indicator(indicator).text("title", self.lang))
        own = self[change] if self._has_table(change) else None
        return Headline(title, now, change_of_level(now, own, self.lang))

    def classes(self, table: str, *, indicator: str) -> list[Headline]:
        """Bind each class of a table with breakdowns in the last period, the largest first.

        Totals and zeros are left out; classes without a number come last.
        """
        if not self.has(indicator, table=table):
            return []
        released = self.rows(table, level="top", indicator=indicator, period=self.last(table))
        subject = look_at(released, lang=self.lang, who="classes")
        columns = list(subject.breakdowns)
        leaves = subject.table[(subject.table[columns] != ALL).all(axis=1)]
        leaves = leaves[leaves["status"] != "zero"]
        leaves = leaves.sort_values("numerator", ascending=False, kind="stable")
        return [
            Headline(
                Printed(category_label(row, columns, subject)),
                self.fact(
                    table,
                    indicator=indicator,
                    period=str(row["period"]),
                    **{c: row[c] for c in columns},
                ),
                unknown_fact(self.lang),
            )
            for _, row in leaves.iterrows()
        ]

    def standing(self, table: str, *, indicator: str, by: str, **key: Any) -> Standing:
        """Bind the categories of a breakdown that stand above or below the others, if any."""
        if not self.has(indicator, table=table):
            return Standing()
        key.setdefault("period", self.last(table))
        released = self.rows(table, level="top", indicator=indicator, **key)
        return standing_of(released, by=by, lang=self.lang)

    def fact(self, table: str, **key: Any) -> Fact:
        """Bind one released number: the whole territory and the latest known period unless said.

        Where an indicator is told of one place beyond the territory alone, it is of that place.

        Where this observatory's sources do not have the indicator, or nothing of the period or the
        point of a comparison, the fact is unknown: it prints the words for it, and `known` is false.
        """
        if "indicator" not in key:
            raise ObsError(f"note.fact: say which indicator of '{table}', as indicator=...")
        if not self.has(str(key["indicator"]), table=table):
            return unknown_fact(self.lang)
        if "period" in key and self._lacks(table, key["period"]):
            return unknown_fact(self.lang)
        key.setdefault("territory", self._whole_of(table, str(key["indicator"])))
        released = self.rows(table, **key)
        if released.table.empty and key.get("point", "base" in released.table) in (*TURNS, True):
            return unknown_fact(self.lang)
        if "period" not in key:
            own = released.table
            known = own[[fact_of(row).known for _, row in own.iterrows()]]
            rows = known if len(known) else own
            key["period"] = str(rows["period"].max())
        return fact(self[table], **key)

    def _lacks(self, table: str, period: Any) -> bool:
        """Tell whether a table has no row of a period; what is no period is left to the refusal."""
        try:
            asked = str(pd.Period(str(period)))
        except ValueError:
            return False
        return asked not in set(self[table].table["period"].astype("str"))
