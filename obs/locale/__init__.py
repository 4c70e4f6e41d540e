"""Every word that a reader sees, one folder of files per language; languages are found, not listed.

A language is a folder with `conventions.toml` (numbers, days, punctuation), `messages.toml`
(sentences) and `codes.toml` (the words of codes). A translator edits these files and no code.
"""

from obs.locale.completeness import check_languages, language_faults
from obs.locale.conventions import Conventions, conventions
from obs.locale.language_files import further_texts, languages, need_language
from obs.locale.messages import Words, words

__all__ = [
    "Conventions",
    "Words",
    "check_languages",
    "conventions",
    "further_texts",
    "language_faults",
    "languages",
    "need_language",
    "words",
]
