"""Tell whether this process is the kernel of a notebook that somebody has open."""

from __future__ import annotations

import os
import sys
from typing import Any

__all__ = ["SESSION", "open_shell"]

SESSION = "JPY_SESSION_NAME"  # the variable by which a server tells a kernel its notebook


def open_shell() -> Any:
    """Give the interactive shell of the open notebook, or None outside one.

    A kernel that renders a note has none: the variable is empty there.

    Examples
    --------
    >>> from obs.notebook_session import open_shell
    >>> open_shell() is None
    True
    """
    if not os.environ.get(SESSION):
        return None
    return getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
