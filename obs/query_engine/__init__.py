"""Scan, join and group facts: on DuckDB in this process, or on the engine that an observatory names.

What is asked is an Ibis expression, which does not know its engine; this room opens the tables
that it is asked of, and fetches the answer. Figures are the same on each engine.
"""
