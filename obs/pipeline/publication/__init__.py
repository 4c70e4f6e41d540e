"""Make a draft of an edition, and publish it."""
