"""The JSON Schema of each kind of declaration, from the models of the rooms that read them."""

from __future__ import annotations

from pathlib import Path

from obs.catalogue import Indicator
from obs.clean import Profile
from obs.clean.profiles.questionnaire import Questionnaire
from obs.clean.registry.corrections import CorrectionsFile
from obs.declare import schema_text
from obs.pipeline.publication.notice_file import NoticeFile
from obs.reference.areas.territory_table import TerritoryTable
from obs.reference.mergers import MergersFile
from obs.reference.observatory_file import ObservatoryFile
from obs.reference.registers import BreaksFile
from obs.report.note.declaration import NoteFile

__all__ = ["MODELS", "write_schemas"]

MODELS = {
    "observatory": ObservatoryFile,
    "territory": TerritoryTable,  # the table [territory] of an observatory
    "profile": Profile,
    "questionnaire": Questionnaire,
    "indicator": Indicator,
    "note": NoteFile,
    "breaks": BreaksFile,
    "mergers": MergersFile,
    "corrections": CorrectionsFile,
    "notice": NoticeFile,
}


def write_schemas(directory: str | Path) -> list[Path]:
    """Write one JSON Schema for each kind of declaration, and give their paths.

    The folder is made if it is not there; a schema that is there already is replaced.
    """
    folder = Path(directory)
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for kind, model in MODELS.items():
        path = folder / f"{kind}.json"
        path.write_text(schema_text(model, f"obs {kind}"), encoding="utf-8")
        paths.append(path)
    return paths
