"""What was received, what became of it, and what was corrected."""
