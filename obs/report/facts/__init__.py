"""Bind numbers to prose, and write them in each language."""
