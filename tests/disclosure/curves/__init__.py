"""Curves of cases followed in time."""
