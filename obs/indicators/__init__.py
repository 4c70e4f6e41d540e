"""From tidy tables to indicator tables."""
