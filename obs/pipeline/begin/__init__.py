"""Begin an observatory, a profile, a note, from a few files."""

from obs.pipeline.begin.confirm_profile import ConfirmedProfile, confirm_profile
from obs.pipeline.begin.new_note import NewNote, new_note
from obs.pipeline.begin.new_observatory import NewObservatory, new_observatory
from obs.pipeline.begin.new_profile import NewProfile, new_profile

__all__ = [
    "ConfirmedProfile",
    "NewNote",
    "NewObservatory",
    "NewProfile",
    "confirm_profile",
    "new_note",
    "new_observatory",
    "new_profile",
]
