"""Analyse counts in time: regression, interruption, late registration, uncertain hours."""
