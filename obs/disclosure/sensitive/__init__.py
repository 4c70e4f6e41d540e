"""Decide which cells are sensitive in themselves: thresholds, dominance, successive years."""
