"""Estimate what changed when something began."""
