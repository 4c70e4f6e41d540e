"""Turn tables into cells and the equations between them."""
