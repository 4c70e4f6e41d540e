"""From rows to counts over a full grid, whatever the source."""
