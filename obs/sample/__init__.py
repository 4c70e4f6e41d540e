"""The synthetic observatory: seeded raw deliveries of every source."""

from obs.sample.observatory import sample

__all__ = ["sample"]
