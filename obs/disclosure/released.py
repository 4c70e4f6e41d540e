"""Define `Released`, the only type that may be shown: tables that disclosure control made.

A `Released` cannot be built, changed, copied with changes or unpickled. Only `release` and
`read_released` make one.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NoReturn, final
from weakref import WeakSet

import pandas as pd

from obs.disclosure.released_card import released_card
from obs.errors import DisclosureError
from obs.reference.territory import Territory
from obs.schemas import WITHHELD, nearest_names

__all__ = ["ACTION_COLUMNS", "Released", "Structure"]

ACTION_COLUMNS = (
    "table",
    "indicator",
    "territory",
    "period",
    "breakdowns",
    "action",
    "rule",
    "reason",
)
_MAKER = object()  # whoever holds it may make a Released: release and its kin here
Structure = Mapping[str, Any]
_PLAIN = (str, int, float, bool, type(None), tuple, list)  # two that print alike are alike


@final
class Released:
    """Tables made safe to show, with the rule and the list of what was done.

    Made by `obs.release` and `obs.disclosure.read_released` alone.

    Attributes
    ----------
    table : DataFrame
        The table; a copy at each access. With several tables, all of them stacked, with
        their name in a first column `table`.
    actions : DataFrame
        One row per withheld row: table, indicator, territory, period, breakdowns, action,
        rule, reason.
    rule : str
        The rule asked of `release`.
    seal : str
        What tells this release from any other.
    territory : Territory
        The hierarchy the tables were protected over.
    synthetic : bool
        Whether any figure comes from synthetic data.
    names : tuple of str
        The tables protected together.
    structure : mapping
        What sums to what, as a reader may assume it; `audit` starts from it.

    Raises
    ------
    DisclosureError
        On any attempt to build, change or pickle one.

    Examples
    --------
    >>> from obs.disclosure import Released
    >>> Released()
    Traceback (most recent call last):
    obs.errors.DisclosureError: a Released is made by obs.release alone; pass the tables to it.
    """

    __slots__ = (
        "__weakref__",
        "_actions",
        "_made",
        "_rule",
        "_seal",
        "_structure",
        "_synthetic",
        "_tables",
        "_territory",
    )
    _tables: dict[str, pd.DataFrame]
    _actions: pd.DataFrame | Callable[[], pd.DataFrame]  # found when first asked for
    _made: dict[tuple[Any, ...], Released] | None
    _rule: str
    _seal: str
    _territory: Territory
    _synthetic: bool
    _structure: Structure

    def __new__(cls, *args: Any, maker: object = None, **kwargs: Any) -> Released:
        """Refuse any maker but `release`."""
        if maker is not _MAKER:
            raise DisclosureError("a Released is made by obs.release alone; pass the tables to it.")
        return super().__new__(cls)

    def __init__(
        self,
        tables: Mapping[str, pd.DataFrame],
        *,
        actions: pd.DataFrame | Callable[[], pd.DataFrame],
        rule: str,
        territory: Territory,
        synthetic: bool,
        structure: Structure,
        maker: object,
        seal: str | None = None,
        keep_parts: bool = False,
    ) -> None:
        if maker is not _MAKER or self in _GENUINE:
            raise DisclosureError("a Released is made once, by obs.release.")
        own = {name: frame.reset_index(drop=True).copy() for name, frame in tables.items()}
        for name, value in {
            "_tables": own,
            "_actions": actions if callable(actions) else actions.reset_index(drop=True).copy(),
            "_made": {} if keep_parts else None,
            "_rule": rule,
            "_seal": seal or secrets.token_hex(16),
            "_territory": territory,
            "_synthetic": bool(synthetic),
            "_structure": dict(structure),
        }.items():
            object.__setattr__(self, name, value)
        _GENUINE.add(self)

    @property
    def table(self) -> pd.DataFrame:
        """The released rows: a copy."""
        tables = self._genuine()._tables
        if len(tables) == 1:
            return next(iter(tables.values())).copy()
        return pd.concat(
            [frame.assign(table=name)[["table", *frame.columns]] for name, frame in tables.items()],
            ignore_index=True,
        )

    @property
    def actions(self) -> pd.DataFrame:
        """What was withheld, row by row, and why: a copy."""
        return self._known_actions().copy()

    @property
    def rule(self) -> str:
        """The rule asked of `release`."""
        return self._genuine()._rule

    @property
    def seal(self) -> str:
        """What tells this release from any other: the same for all its tables."""
        return self._genuine()._seal

    @property
    def territory(self) -> Any:
        """The hierarchy the tables were protected over."""
        return self._genuine()._territory

    @property
    def synthetic(self) -> bool:
        """Whether any figure comes from synthetic data."""
        return self._genuine()._synthetic

    @property
    def structure(self) -> Structure:
        """What sums to what, as a reader may assume it."""
        return dict(self._genuine()._structure)

    @property
    def names(self) -> tuple[str, ...]:
        """The tables protected together."""
        return tuple(self._genuine()._tables)

    @property
    def name(self) -> str:
        """The names of the tables, as text."""
        return ", ".join(self.names)

    def __getitem__(self, name: str) -> Released:
        """Give one table by its name."""
        if name not in self.names:
            raise DisclosureError(
                f"No released table '{name}'. Tables: {', '.join(self.names) or 'none'}."
            )
        return self._once(("table", name), lambda: {name: self._tables[name]})

    def __len__(self) -> int:
        """Count the released rows."""
        return sum(map(len, self._genuine()._tables.values()))

    def select(self, **key: Any) -> Released:
        """Keep the rows with given values.

        Parameters
        ----------
        **key
            Column name to a value or a list of values; periods may be given as text
            ("2024"); `table` chooses a table by name.

        Returns
        -------
        Released
            The rows that match, their status and actions unchanged; tables that lack one
            of the columns are left out.

        Raises
        ------
        DisclosureError
            If no table has all the columns named.
        CodeError
            If a value is in no table and in no codelist, with the nearest.
        """
        wanted = {k: _as_values(v) for k, v in key.items()}
        asked = tuple((k, tuple(sorted(wanted[k]))) for k in sorted(wanted))
        return self._once(("select", *asked), lambda: self._selected(wanted))

    def _selected(self, wanted: dict[str, set[str]]) -> dict[str, pd.DataFrame]:
        from obs.disclosure.selected_values import check_selected

        chosen = wanted.pop("table", None)
        check_selected(self._genuine()._tables, wanted, self._territory)
        tables = {
            name: frame[_matching_rows(frame, wanted)]
            for name, frame in self._genuine()._tables.items()
            if (chosen is None or name in chosen) and set(wanted) <= set(frame.columns)
        }
        if not tables:
            columns = sorted({*wanted, *(["table"] if chosen is not None else [])})
            raise DisclosureError(
                f"No released table has the columns {', '.join(columns)}."
                f"{self._nearest_columns(wanted)} Tables: {', '.join(self.names)}."
            )
        return tables

    def _nearest_columns(self, wanted: Iterable[str]) -> str:
        known = {c for frame in self._tables.values() for c in frame.columns}
        return "".join(nearest_names(c, known) for c in wanted if c not in known)

    def compare(self, make: Callable[..., pd.DataFrame], **options: Any) -> Released:
        """Compare the released rows with one another, from what is shown alone.

        Parameters
        ----------
        make : callable
            `obs.funnel`, `obs.compare_peers`, `obs.rank_places`, `obs.compare_exposures`,
            `obs.compare_periods`, `obs.compare_same_months`, `obs.compare_weeks` or
            `obs.turning_points`.
        **options
            Theirs; the territory is that of the release.

        Returns
        -------
        Released
            One table of comparisons; a withheld row has nothing but its key and status.

        Raises
        ------
        DisclosureError
            If there are several tables, or the function is none of these.
        """
        from obs.disclosure.released_comparisons import compared_table

        if len(self.names) != 1:
            raise DisclosureError(f"compare: choose one table of {', '.join(self.names)}.")

        def compared() -> dict[str, pd.DataFrame]:
            given = {"territory": self._territory, **options}
            return {self.name: compared_table(self.name, self.table, make, given)}

        if not all(isinstance(value, _PLAIN) for value in options.values()):
            return self._restricted_to(compared())
        asked = ((name, repr(options[name])) for name in sorted(options))
        return self._once(("compare", make, *asked), compared)

    def mark(self) -> dict[str, Any]:
        """Say how the tables were protected, for outputs.

        Nothing in it depends on what is withheld, or on how many.

        Returns
        -------
        dict
            `released` (True), `rule`, `seal` (that of the release; internal).
        """
        return {"released": True, "rule": self.rule, "seal": self.seal}

    def _once(
        self, key: tuple[Any, ...], make: Callable[[], Mapping[str, pd.DataFrame]]
    ) -> Released:
        """Make a part of this Released, once if parts are kept: nothing in either changes."""
        made = self._genuine()._made
        if made is None:
            return self._restricted_to(make())
        if key not in made:
            made[key] = self._restricted_to(make())
        return made[key]

    def _known_actions(self) -> pd.DataFrame:
        """Give what was withheld of these tables; a part finds its own in those of the whole, once."""
        known = self._genuine()._actions
        if isinstance(known, pd.DataFrame):
            return known
        own = known().reset_index(drop=True)
        object.__setattr__(self, "_actions", own)
        return own

    def _restricted_to(self, tables: Mapping[str, pd.DataFrame]) -> Released:
        def actions() -> pd.DataFrame:
            known = whole._known_actions()
            return known[_of_tables(known, tables)]

        whole = self._genuine()
        return Released(
            tables,
            actions=actions,
            rule=self._rule,
            territory=self._territory,
            synthetic=self._synthetic,
            structure=self._structure,
            maker=_MAKER,
            seal=self._seal,
            keep_parts=self._made is not None,
        )

    def _genuine(self) -> Released:
        if self not in _GENUINE:
            raise DisclosureError("this Released was not made by obs.release: refused.")
        return self

    def __setattr__(self, name: str, value: Any) -> NoReturn:
        raise DisclosureError("a Released cannot be changed; change the input and release again.")

    def __delattr__(self, name: str) -> NoReturn:
        raise DisclosureError("a Released cannot be changed; change the input and release again.")

    def __copy__(self) -> Released:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Released:
        return self

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        raise DisclosureError(
            "a Released is not pickled; use obs.disclosure.write_released, which seals it."
        )

    def __repr__(self) -> str:
        return (
            f"Released({self.name}: {len(self):,} rows, {self._withheld():,} withheld, "
            f"rule '{self.rule}'{', synthetic data' if self.synthetic else ''})"
        )

    def _withheld(self) -> int:
        frames = (frame for frame in self._genuine()._tables.values() if "status" in frame)
        return sum(int(frame["status"].isin(WITHHELD).sum()) for frame in frames)

    def _repr_mimebundle_(
        self, include: Any = None, exclude: Any = None
    ) -> tuple[dict[str, str], dict[str, Any]]:
        about = {
            "tables": self.name,
            "rows": f"{len(self):,}, of which {self._withheld():,} withheld",
            "rule": self.rule,
            "data": "synthetic" if self.synthetic else "",
        }
        html = released_card(self._genuine()._tables, self._territory, about)
        return {"text/plain": repr(self), "text/html": html}, {"obs": self.mark()}

    def _repr_html_(self) -> str:
        return self._repr_mimebundle_()[0]["text/html"]


_GENUINE: WeakSet[Released] = WeakSet()


def _as_values(value: Any) -> set[str]:
    if isinstance(value, str) or not isinstance(value, Iterable):
        return {str(value)}
    return {str(v) for v in value}


def _matching_rows(frame: pd.DataFrame, wanted: Mapping[str, set[str]]) -> pd.Series:
    keep = pd.Series(data=True, index=frame.index)
    for column, values in wanted.items():
        keep &= frame[column].astype("str").isin(values)
    return keep


def _of_tables(actions: pd.DataFrame, tables: Mapping[str, pd.DataFrame]) -> pd.Series:
    """Find the actions on rows that are still in the tables."""
    key = ["table", "indicator", "territory", "period"]
    ours = actions["table"].isin(list(tables))
    kept: set[tuple[Any, ...]] = set()
    for name in actions.loc[ours, "table"].unique():
        parts = tables[name][key[1:]].astype("str").itertuples(index=False, name=None)
        kept |= {(name, *part) for part in parts}
    rows = actions.loc[ours, key].astype("str").itertuples(index=False, name=None)
    found = pd.Series([row in kept for row in rows], index=actions.index[ours], dtype=bool)
    return found.reindex(actions.index, fill_value=False)
