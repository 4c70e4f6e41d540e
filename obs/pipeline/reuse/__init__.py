"""Say what the parts of a build are made of, and take again those of which nothing has changed."""
