"""Put the released tables of one build where the kernels of its notes, and nobody else, read them.

The folder is this build's own, so that another build of the same observatory changes nothing in it;
it holds released tables, words and boundaries, no delivery and no internal table.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from obs.disclosure import Released, as_shown, write_released
from obs.report import edition_folder

__all__ = ["notes_folder", "words_for_notes"]

_FOR_THE_MANIFEST = ("hmac", "key")  # of a source


@contextmanager
def notes_folder(
    observatory: str, edition: int, about: Mapping[str, Any], released: Released
) -> Iterator[Path]:
    """Write what the notes of an edition may read to a folder of its own, for as long as they run.

    Of what is withheld they read that it is, and not by which rule. Yields a folder laid out as that of the internal tables.
    """
    with tempfile.TemporaryDirectory(prefix="obs-notes-") as place:
        top = Path(place).resolve()
        folder = edition_folder(top, observatory, edition)
        boundaries = _copy_boundaries(released.territory.boundaries, top / "boundaries")
        write_released(as_shown(released), folder / "released", boundaries=boundaries)
        text = json.dumps(words_for_notes(about), ensure_ascii=False)
        (folder / "edition.json").write_text(text, encoding="utf-8")
        yield top


def words_for_notes(about: Mapping[str, Any]) -> dict[str, Any]:
    """Give what an edition says of itself as its notes read it: of deliveries, no digest."""
    sources = about.get("sources", ())
    plain = [{k: v for k, v in one.items() if k not in _FOR_THE_MANIFEST} for one in sources]
    return {**about, "sources": plain}


def _copy_boundaries(file: Path | None, to: Path) -> Path | None:
    """Copy a boundary file with those that belong to it (.shp, .dbf, .prj...)."""
    if file is None:
        return None
    to.mkdir()
    for part in file.parent.glob(f"{file.stem}.*"):
        if part.is_file():
            shutil.copyfile(part, to / part.name)
    return to / file.name
