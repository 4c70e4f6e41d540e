"""Read workbooks: their cells, the marks beside the cells, and the rows under each header."""
