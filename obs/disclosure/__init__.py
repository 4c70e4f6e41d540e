"""The only door out: from indicator and trend tables to `Released`."""
