"""Name the colours of drawings and pages; a page imports them without the libraries that draw.

Colours can be told apart with any colour vision and in grey; text has a contrast of at least 4.5
to 1.
"""

from __future__ import annotations

from typing import Any

__all__ = [
    "BAND",
    "GRID",
    "INK",
    "LINE",
    "MUTED",
    "ON_DARK",
    "ON_LIGHT",
    "PAPER",
    "SEQUENTIAL",
    "SERIES",
    "UNKNOWN",
    "WITHHELD",
]

PAPER, INK, MUTED, GRID = "#ffffff", "#1c2530", "#4d5965", "#d9dee3"
LINE, BAND = "#0b5a94", "#bcd6ec"
SERIES = ("#0b5a94", "#a8480a", "#00664f", "#7d3a78", "#5b5300", "#1c2530")  # all 4.5:1 on PAPER
ON_LIGHT, ON_DARK = "#1c2531", "#fffffe"  # letters on a class of a map, in any colour scheme
SEQUENTIAL = ("#eaf2fa", "#bcd6ed", "#7fb2dc", "#2f6fa8", "#0b3c6f")  # light to dark, one hue
WITHHELD: dict[str, Any] = {"facecolor": "#f4f1ea", "hatch": "////", "edgecolor": "#958c7c"}
UNKNOWN: dict[str, Any] = {"facecolor": "#f7f7f7", "hatch": "----", "edgecolor": "#8b929c"}
