"""Pages and files written whole, with the manifest of the edition."""
