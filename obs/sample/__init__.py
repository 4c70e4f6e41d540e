"""The synthetic observatory: seeded raw deliveries of every source."""
