"""Estimate populations from lists: log-linear models of list membership."""
