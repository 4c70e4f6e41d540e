"""Models that notes declare."""
