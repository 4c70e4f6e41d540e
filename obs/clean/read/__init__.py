"""Read a file into a screened table of texts."""
