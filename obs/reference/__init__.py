"""Codelists, territories, exposures, calendar and plan measures, with their sources."""
