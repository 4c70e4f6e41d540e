"""Prepare and run one note: its declaration, its tables, its cells."""
