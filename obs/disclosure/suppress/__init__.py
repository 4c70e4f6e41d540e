"""Which other cells are withheld so that no sensitive one can be computed."""
