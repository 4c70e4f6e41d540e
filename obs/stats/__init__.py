"""Array kernels: numbers in, numbers out; no tables, no files."""
