"""Write the answer to a question: one page from released tables."""
