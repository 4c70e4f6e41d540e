"""From tidy tables to indicator tables."""

from obs.indicators.rates import add_rate, add_share

__all__ = ["add_rate", "add_share"]
