"""Draft a profile from a file: what its cells prove is declared, all else is named with its rows."""
