"""Populations known from lists: log-linear models of who is on which."""
