"""Compute survey estimates, with their reliability, from a respondent table and its design."""

from obs.indicators.survey.amount_contributors import add_contributors
from obs.indicators.survey.design_arrays import Replication
from obs.indicators.survey.detectable_survey_change import add_detectable_change
from obs.indicators.survey.from_respondents import Survey, compute_survey
from obs.indicators.survey.group_tests import association_test, group_test, term_test
from obs.indicators.survey.indicator_table import make_indicators
from obs.indicators.survey.published_comparison import compare_published
from obs.indicators.survey.survey_design import SurveyDesign
from obs.indicators.survey.survey_regression import regress
from obs.indicators.survey.unreported import compute_unreported
from obs.indicators.survey.victimisation import victimisation, victimisation_rate

__all__ = [
    "Replication",
    "Survey",
    "SurveyDesign",
    "add_contributors",
    "add_detectable_change",
    "association_test",
    "compare_published",
    "compute_survey",
    "compute_unreported",
    "group_test",
    "make_indicators",
    "regress",
    "term_test",
    "victimisation",
    "victimisation_rate",
]
