"""Read any document and find where its numbers contradict each other.

No rule knows a document: each is arithmetic (sums, changes, shares, means, totals of tables) or
repetition, in French, Dutch and English.
"""

from obs.report.documents.contradiction import Contradiction
from obs.report.documents.find_contradictions import find_contradictions
from obs.report.documents.read_document import DOCUMENT_ENDINGS, read_document

__all__ = ["DOCUMENT_ENDINGS", "Contradiction", "find_contradictions", "read_document"]
