"""Taking turns: what is compared is measured in turn, so that a slow minute of the machine is everybody's."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median
from time import perf_counter


def interleaved(turns: int, *parts: Callable[[], float]) -> tuple[float, ...]:
    """The median of what each part gives, in so many turns."""
    given = [[part() for part in parts] for _ in range(turns)]
    return tuple(median(one) for one in zip(*given, strict=True))


def timed(task: Callable[[], object]) -> float:
    """Seconds that a task takes."""
    begun = perf_counter()
    task()
    return perf_counter() - begun


@contextmanager
def pinned(cores: int) -> Iterator[None]:
    """Keeps this thread, and the processes that it begins, on so many cores, where the system allows that."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(allowed)[-cores:])
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)
