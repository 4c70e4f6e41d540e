"""Counts, rates and shares: intervals, ratios, standardisation, what differs beyond chance."""
