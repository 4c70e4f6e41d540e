"""From counts to rates, shares, standardised values, indexes and estimated populations."""
