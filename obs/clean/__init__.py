"""From a raw delivery to a tidy table, rejected rows and a report."""
