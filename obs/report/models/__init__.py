"""Declare the models of a note: what is computed from its tables, or from the cases themselves."""
