"""Draw matplotlib figures from facts and labels; all decisions are made by the callers."""
