"""The tables that a reader cannot rule out: linear systems, moves, solvers."""
