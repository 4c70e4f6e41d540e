"""Compute what a reader can work out from the released tables."""
