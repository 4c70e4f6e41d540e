"""The drawings themselves: facts and labels in, a matplotlib figure out; nothing is decided here."""
