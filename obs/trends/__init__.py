"""From indicator tables to comparisons in time."""
