"""What each indicator means, as data, and its loader."""

from obs.catalogue.indicator import Indicator
from obs.catalogue.loader import get_indicator, load_catalogue

__all__ = ["Indicator", "get_indicator", "load_catalogue"]
