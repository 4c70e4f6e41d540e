"""Kernels that no publication uses yet: documented and tested, outside the contract."""
