"""One note: its declaration, its tables, its cells, its run."""
