"""Give released tables as a reader sees them: what is withheld, and not by which rule.

A note reads these. Which of two withheld figures is small, and which goes with it, is not said by a
status, a list of actions or the relations that the figures break.
"""

from __future__ import annotations

import pandas as pd

from obs.disclosure.released import _MAKER, Released

__all__ = ["as_shown"]

_OURS = ("suppressed_primary", "suppressed_secondary")
_ONE = "suppressed_secondary"  # what both are to a reader


def as_shown(released: Released, *, keep_parts: bool = False) -> Released:
    """Give the same release with one status for all that our rules withhold, and no actions.

    Parameters
    ----------
    released : Released
        What `release` made.
    keep_parts : bool
        As of `read_released`.

    Returns
    -------
    Released
        Under the same seal.
    """
    tables = {name: _plain(released[name].table) for name in released.names}
    return Released(
        tables,
        actions=released.actions.iloc[:0],
        rule=released.rule,
        territory=released.territory,
        synthetic=released.synthetic,
        structure={**released.structure, "loosened": []},
        maker=_MAKER,
        seal=released.seal,
        keep_parts=keep_parts,
    )


def _plain(table: pd.DataFrame) -> pd.DataFrame:
    if "status" not in table:
        return table
    return table.assign(status=table["status"].mask(table["status"].isin(_OURS), _ONE))
