"""From tables to cells and the relations between them."""
