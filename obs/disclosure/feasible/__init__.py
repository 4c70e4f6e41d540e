"""Describe the tables that a reader cannot rule out: linear systems, moves and solvers."""
