"""Protect tables before publication: no figure is published unless this room released it."""

from typing import Any

from obs.disclosure.audit.audit import audit
from obs.disclosure.audit.officer_page import audit_report
from obs.disclosure.audit.verdict import refuse_unsafe
from obs.disclosure.audit.withheld_facts import add_facts
from obs.disclosure.ledger.internal_folder import (
    internal_folder,
    internal_ledger,
    ledger_path,
    set_damaged_aside,
)
from obs.disclosure.ledger.ledger import LEDGER, Ledger
from obs.disclosure.release import release
from obs.disclosure.released import Released
from obs.disclosure.released_files import read_released, write_released
from obs.disclosure.released_models import ReleasedModel, add_models
from obs.disclosure.remedies import propose_remedies
from obs.disclosure.sensitive.rules import RULES, Rule, get_rule
from obs.disclosure.shown_tables import as_shown
from obs.moved import moved_name

__all__ = [
    "LEDGER",
    "RULES",
    "Ledger",
    "Released",
    "ReleasedModel",
    "Rule",
    "add_facts",
    "add_models",
    "as_shown",
    "audit",
    "audit_report",
    "get_rule",
    "internal_folder",
    "internal_ledger",
    "ledger_path",
    "propose_remedies",
    "read_released",
    "refuse_unsafe",
    "release",
    "set_damaged_aside",
    "write_released",
]


def __getattr__(name: str) -> Any:
    """Give a name that left this room, with a warning."""
    return moved_name("obs.disclosure", name)
