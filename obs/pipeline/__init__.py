"""One edition from end to end: clean, compute, release, render, publish.

The only room that knows the order of the stages. Nothing it writes replaces an earlier
result before it is whole.
"""

from obs.pipeline.building import Built, build
from obs.pipeline.list_revisions import list_revisions

__all__ = ["Built", "build", "list_revisions"]
