"""Compare periods with one another: changes, turning points, revisions."""
