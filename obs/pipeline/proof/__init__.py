"""Prove an edition: build it again from its deliveries, and find what differs."""
