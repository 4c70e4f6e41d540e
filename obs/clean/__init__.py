"""From a raw delivery to a tidy table, the rows rejected and the account of each file."""

from obs.clean.cleaned import Cleaned, read_cleaned
from obs.clean.police import clean_police
from obs.clean.profile import Profile, list_profiles, load_profile
from obs.clean.prosecutor import clean_prosecutor
from obs.clean.rules import RULES

__all__ = [
    "RULES",
    "Cleaned",
    "Profile",
    "clean_police",
    "clean_prosecutor",
    "list_profiles",
    "load_profile",
    "read_cleaned",
]
