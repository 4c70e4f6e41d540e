"""Compute rates, shares, standardised values, indexes and estimated populations from counts."""
