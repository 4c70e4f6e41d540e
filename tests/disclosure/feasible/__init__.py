"""What can be hidden, and by which moves."""
