"""Take season and calendar out of a series."""
