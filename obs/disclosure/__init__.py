"""Disclosure control: the only door through which a figure leaves the house."""

from obs.disclosure.audit import audit
from obs.disclosure.dpo_report import audit_report
from obs.disclosure.gate import release
from obs.disclosure.ledger import LEDGER, Ledger
from obs.disclosure.original import add_facts
from obs.disclosure.released import Released
from obs.disclosure.remedies import propose_remedies
from obs.disclosure.rounding import round_counts, round_table
from obs.disclosure.rules import RULES, Rule, get_rule
from obs.disclosure.storage import read_released, write_released
from obs.disclosure.verdict import refuse_unsafe

__all__ = [
    "LEDGER",
    "RULES",
    "Ledger",
    "Released",
    "Rule",
    "add_facts",
    "audit",
    "audit_report",
    "get_rule",
    "propose_remedies",
    "read_released",
    "refuse_unsafe",
    "release",
    "round_counts",
    "round_table",
    "write_released",
]
