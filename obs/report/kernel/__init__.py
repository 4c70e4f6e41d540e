"""Run a note: what its code may do, what its kernel may read, what it may show."""
