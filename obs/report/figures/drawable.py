"""Tell whether the rows of a table suffice for a figure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from obs.disclosure import Released

__all__ = ["can_draw"]


def can_draw(figure: str, released: Released) -> bool:
    """Tell whether rows suffice: two periods, the rate of the whole, places of the rows on a map."""
    rows, territory = released.table, released.territory
    if figure == "chart_trend":
        return bool(rows["period"].nunique() > 1 and rows["value"].notna().any())
    if figure == "chart_waterfall":
        return bool(rows["period"].nunique() == 1 and rows["step"].notna().any())
    if figure == "chart_expected":
        return bool(rows["expected"].notna().any())
    if figure == "chart_flow":
        one = rows["period"].nunique() == rows["within"].nunique() == 1
        return bool(one and (rows["value"] > 0).any())
    if figure == "chart_funnel":
        whole = rows.loc[rows["territory"] == territory.top, "value"]
        return bool(rows["scale"].str.startswith("per_").all() and whole.notna().any())
    if figure == "map_territory":
        tiles = territory.units.set_index("code")["tile_row"].reindex(rows["territory"])
        levels = {territory.level_of(code) for code in rows["territory"].unique()}
        bounded = territory.boundaries is not None and territory.boundary_level in levels
        return bounded or bool(tiles.notna().any())
    return not rows.empty
