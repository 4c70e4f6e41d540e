"""Survey estimates: a respondent table and its design to estimates with their reliability."""

from obs.indicators.survey.build import Replication
from obs.indicators.survey.design import SurveyDesign

__all__ = ["Replication", "SurveyDesign"]
