"""Ask two solvers at a time: a running solver leaves Python free for another thread."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

__all__ = ["N_THREADS", "ask_in_threads"]

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")
N_THREADS = 2  # whatever the machine has, so that the same table gives the same answer


def ask_in_threads(ask: Callable[[int, Asked], Answer], questions: Iterable[Asked]) -> list[Answer]:
    """Ask each question in a thread of its own.

    Returns the answers, in the order of the questions.

    Examples
    --------
    >>> ask_in_threads(lambda number, question: question * 10 + number, [4, 5])
    [40, 51]
    """
    asked = list(questions)
    if len(asked) < 2:
        return [ask(number, question) for number, question in enumerate(asked)]
    with ThreadPoolExecutor(len(asked) - 1) as threads:
        later = [threads.submit(ask, number, asked[number]) for number in range(1, len(asked))]
        return [ask(0, asked[0]), *(answer.result() for answer in later)]
