"""Begin an observatory, and a note of it, from a few files."""

from obs.pipeline.begin.new_note import NewNote, new_note
from obs.pipeline.begin.new_observatory import NewObservatory, new_observatory

__all__ = ["NewNote", "NewObservatory", "new_note", "new_observatory"]
