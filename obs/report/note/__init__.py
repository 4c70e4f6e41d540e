"""Prepare one note: its declaration, its tables, its cells, its sentences."""
