"""Attackers that share no code with the suppression or the audit."""
