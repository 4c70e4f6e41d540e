"""Profiles and questionnaires: one TOML says how one supplier's files map onto the tables."""
