"""What each indicator means, as data, and its loader."""
