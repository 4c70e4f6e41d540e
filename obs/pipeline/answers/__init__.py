"""Answer a question from the deliveries: read it, compute, release, lay one page out as a draft."""
