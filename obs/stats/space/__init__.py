"""Analyse areas and their neighbours: correlation, smoothing, map classes."""
