"""Write notices of correction: their pages, and the lines by which lists tell of them."""
