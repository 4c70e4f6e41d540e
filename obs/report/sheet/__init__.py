"""Make the sheets of places: one page each, from the released tables of an edition."""
