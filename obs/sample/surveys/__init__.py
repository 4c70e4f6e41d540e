"""Write raw microdata of two surveys, whose shares equal the published ones."""
