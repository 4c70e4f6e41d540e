"""Record what was published before."""
