"""Name the types of arrays that kernels take and give."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["Dates", "Flags", "Floats", "Integers", "Positions", "Texts"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Positions = NDArray[np.intp]
Flags = NDArray[np.bool_]
Dates = NDArray[np.datetime64]
Texts = NDArray[np.str_]
