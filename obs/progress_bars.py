"""Show how far a long step is: a bar in an open notebook, or in a terminal that asks for it.

A program that imports `obs` sees none. A bar holds a word and numbers of steps, never a value of
the data, and is gone when its step is done.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TextIO, TypeVar

from obs.notebook_session import open_shell

__all__ = ["bars_on", "counted", "progress_bar", "write_line"]

T = TypeVar("T")
Advance = Callable[..., None]

_STREAM: ContextVar[TextIO | None] = ContextVar("stream of progress bars", default=None)
_AFTER = 0.5  # seconds before a bar appears: what is quick shows none
_FORMAT = "{desc:<22.22} {percentage:3.0f}% |{bar:30}| {n:,.0f} of {total:,.0f}, {elapsed}"


@contextmanager
def bars_on(stream: TextIO) -> Iterator[None]:
    """Show bars on a stream, if it is a terminal.

    Examples
    --------
    >>> import io
    >>> from obs.progress_bars import bars_on, counted
    >>> log = io.StringIO()
    >>> with bars_on(log):
    ...     list(counted("ab", "letters", total=2))
    ['a', 'b']
    >>> log.getvalue()
    ''
    """
    before = _STREAM.set(stream if stream.isatty() else None)
    try:
        yield
    finally:
        _STREAM.reset(before)


@contextmanager
def progress_bar(label: str, *, total: int, after: float = _AFTER) -> Iterator[Advance]:
    """Show a bar while a step runs.

    Parameters
    ----------
    label : str
        What is done.
    total : int
        Of how many parts.
    after : float
        Seconds before it appears.

    Yields
    ------
    callable
        `advance(n=1, words="")` moves it on, and may say what comes next.
    """
    stream = _STREAM.get() or (sys.stdout if open_shell() is not None else None)
    if stream is None:
        yield lambda n=1, words="": None
        return
    bar = _new_bar(label, total, stream, after)

    def advance(n: int = 1, words: str = "") -> None:
        if words:
            bar.set_description_str(f"{label}: {words}", refresh=False)
        bar.update(n)

    try:
        yield advance
    finally:
        bar.close()


def counted(things: Iterable[T], label: str, *, total: int) -> Iterator[T]:
    """Give the things one by one, with a bar of how many were dealt with.

    Examples
    --------
    >>> from obs.progress_bars import counted
    >>> list(counted([1, 2], "numbers", total=2))
    [1, 2]
    """
    with progress_bar(label, total=total) as advance:
        for thing in things:
            yield thing
            advance()


def write_line(words: str) -> None:
    """Write a line on stderr, above a bar if there is one."""
    if _STREAM.get() is None:
        print(words, file=sys.stderr, flush=True)  # noqa: T201
        return
    from tqdm import tqdm

    tqdm.write(words, file=sys.stderr)


def _new_bar(label: str, total: int, stream: TextIO, after: float) -> Any:
    from tqdm import tqdm

    class Bar(tqdm):  # type: ignore[type-arg]
        monitor_interval = 0  # no thread that watches it

    return Bar(
        total=total,
        desc=label,
        file=stream,
        leave=False,
        delay=after,
        mininterval=0.2,
        bar_format=_FORMAT,
    )
