"""Ask what changed when something began."""
