"""From a file to a screened table of texts."""
