"""Bound numbers and how each language writes them."""
