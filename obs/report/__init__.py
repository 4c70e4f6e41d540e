"""From `Released` tables to figures, maps, tables, sentences and pages."""
