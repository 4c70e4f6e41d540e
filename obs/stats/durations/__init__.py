"""Estimate how long things last when some have not ended yet."""
