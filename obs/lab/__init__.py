"""Provide kernels that no publication uses yet: documented and tested, outside the contract."""

from obs.lab.small_area import FayHerriot, fay_herriot

__all__ = ["FayHerriot", "fay_herriot"]
