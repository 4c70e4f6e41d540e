"""Show in an open notebook what a note says: its sentences below its cells."""
