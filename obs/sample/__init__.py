"""Write the synthetic observatory: seeded raw deliveries of every source."""

import sys
from types import ModuleType

from obs.sample.all_files import sample

__all__ = ["sample"]


class _Room(ModuleType):
    """A room that has the name of its public function: `obs.sample` must be both.

    Python binds `obs.sample` to the room as soon as one of its modules is imported; the
    call then still goes to the function.
    """

    __call__ = staticmethod(sample)


sys.modules[__name__].__class__ = _Room
