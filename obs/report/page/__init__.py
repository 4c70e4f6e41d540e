"""Export an executed note to HTML and PDF."""
