"""Areas and their neighbours: correlation, smoothing, classes of a map."""
