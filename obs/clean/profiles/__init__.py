"""Read profiles and questionnaires: one TOML maps one supplier's files onto the tables."""
