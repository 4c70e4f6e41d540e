"""Run one edition from end to end: clean, compute, release, render, publish.

Only this room knows the order of the stages. Nothing that it writes replaces an earlier result
before it is complete.
"""

from obs.pipeline.answers.answering import Answered, answer
from obs.pipeline.begin.new_profile import NewProfile, new_profile
from obs.pipeline.building import Built, build
from obs.pipeline.declaration_schemas import write_schemas
from obs.pipeline.forget_delivery import forget_delivery
from obs.pipeline.list_revisions import list_revisions
from obs.pipeline.publication.correct_edition import Corrected, correct_edition
from obs.pipeline.publication.publish_edition import Published, publish

__all__ = [
    "Answered",
    "Built",
    "Corrected",
    "NewProfile",
    "Published",
    "answer",
    "build",
    "correct_edition",
    "forget_delivery",
    "list_revisions",
    "new_profile",
    "publish",
    "write_schemas",
]
