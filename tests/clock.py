"""What a piece of work costs, told so that a busy machine never fails a test.

Such a test guards against work that grows with the square of its input or has no end, not against slow machines. What
disturbs (other processes, caches, Python's garbage collector going through all that earlier tests left) only ever adds
time: what is quick in one turn of several is quick, and what is quadratic is slow in all of them.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

TURNS = 5


def cpu_seconds(work: Callable[[], object]) -> float:
    """The CPU time of this process for `work`, in seconds, with the garbage collector at rest."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        begun = time.process_time()
        work()
        return time.process_time() - begun
    finally:
        if was_enabled:
            gc.enable()


def costs_at_most(seconds: float, work: Callable[[], object]) -> bool:
    """Whether `work` needs no more CPU time than `seconds`, in one turn of several."""
    return any(cpu_seconds(work) <= seconds for _ in range(TURNS))


def grows_with_its_input(work: Callable[[int], Callable[[], object]], length: int, times: int) -> bool:
    """Whether the work for `times` the length costs about that many times as much, and not the square of it.

    `work(length)` prepares an input, which is not timed, and gives the work to do with it. The bound lies halfway, by
    factors, between the line and the square: 89 for a length twenty times as great. Times under a millisecond count as
    one.
    """
    for _ in range(TURNS):
        short = min(cpu_seconds(work(length)) for _ in range(3))
        if cpu_seconds(work(length * times)) <= times**1.5 * max(short, 0.001):
            return True
    return False
