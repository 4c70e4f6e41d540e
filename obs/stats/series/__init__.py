"""Counts in time: regression, interruption, late registration, uncertain hours."""
