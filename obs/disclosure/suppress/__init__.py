"""Choose the further cells to withhold, so that no sensitive one can be computed."""
