"""Analyse counts, rates and shares: intervals, ratios, standardisation, over-dispersion."""
