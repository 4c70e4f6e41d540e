"""Protect curves of cases followed in time: a step between two horizons may be one person."""
