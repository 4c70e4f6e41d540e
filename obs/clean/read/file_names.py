"""Tell what is wrong with the name of a file, and write it so that a message can carry it."""

from __future__ import annotations

from pathlib import PurePath

from obs.clean.read.personal_data import personal_kind

__all__ = ["name_fault", "sayable_name"]


def name_fault(name: str) -> str | None:
    """Say what a report cannot carry in the name of a file or folder; None if it can.

    Examples
    --------
    >>> from obs.clean.read.file_names import name_fault
    >>> name_fault("police_2024.csv"), name_fault("=SUM(A1).csv")
    (None, 'begins like a spreadsheet formula or holds control characters')
    """
    if name.startswith(("=", "+", "-", "@")) or not name.isprintable():
        return "begins like a spreadsheet formula or holds control characters"
    words = name.replace("_", " ")
    kind = personal_kind(words) or personal_kind(words.removesuffix(PurePath(name).suffix))
    return f"holds personal data ({kind})" if kind else None


def sayable_name(path: PurePath) -> str:
    """Write a path, each part that no report can carry replaced by what is wrong with it.

    Examples
    --------
    >>> from pathlib import PurePath
    >>> from obs.clean.read.file_names import sayable_name
    >>> sayable_name(PurePath("police/someone@example.org.csv"))
    'police/[a name that holds personal data (e-mail address)]'
    """
    faults = [(part, name_fault(part)) for part in path.parts]
    return "/".join(f"[a name that {fault}]" if fault else part for part, fault in faults)
