"""Disclosure control: the only door through which a figure leaves the house."""

from obs.disclosure.audit import audit
from obs.disclosure.gate import release
from obs.disclosure.ledger import Ledger
from obs.disclosure.released import Released
from obs.disclosure.rules import RULES, Rule, get_rule
from obs.disclosure.storage import read_released, write_released

__all__ = [
    "RULES",
    "Ledger",
    "Released",
    "Rule",
    "audit",
    "get_rule",
    "read_released",
    "release",
    "write_released",
]
