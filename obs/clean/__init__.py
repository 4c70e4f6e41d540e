"""Turn a raw delivery into a tidy table, the rejected rows and an account of each file."""

from obs.clean.cleaned import Cleaned, read_cleaned
from obs.clean.helpline import clean_helpline
from obs.clean.judge.rejection_rules import RULES
from obs.clean.police import clean_police
from obs.clean.profiles.profile import Profile
from obs.clean.profiles.profile_files import list_profiles, load_profile
from obs.clean.prosecutor import clean_prosecutor
from obs.clean.services import clean_services
from obs.clean.survey import CleanedSurvey, clean_survey

__all__ = [
    "RULES",
    "Cleaned",
    "CleanedSurvey",
    "Profile",
    "clean_helpline",
    "clean_police",
    "clean_prosecutor",
    "clean_services",
    "clean_survey",
    "list_profiles",
    "load_profile",
    "read_cleaned",
]
