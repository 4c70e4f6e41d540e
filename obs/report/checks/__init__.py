"""What `obs check` verifies."""
