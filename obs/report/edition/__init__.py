"""Write pages and files of an edition, with its manifest."""
