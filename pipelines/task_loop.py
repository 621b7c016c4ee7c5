"""What a process of the worker does: the tasks that come, one after the other, each in its time and memory."""

from __future__ import annotations

import logging
import os
import pickle
import resource
import signal
import sys
import traceback
from collections.abc import Callable
from logging.handlers import QueueHandler
from multiprocessing.connection import Connection
from pathlib import Path
from types import SimpleNamespace
from typing import Any

ROOM = 2_000_000_000  # bytes that a task may take beside the libraries, lexicons and weights that are loaded
FULL = 70  # the exit code of a process in which a task took more


def serve(tasks: Connection, level: int) -> None:
    """Does the tasks that come, and answers each with its result or its error, until nobody is there to ask."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # sent to all processes of a service: pages in flight are finished
    log = logging.getLogger()
    log.addHandler(QueueHandler(SimpleNamespace(put_nowait=tasks.send)))  # to the process that has the log
    log.setLevel(level)
    try:
        while True:
            _limit_memory()
            seconds, function, args, kwargs = tasks.recv()
            signal.setitimer(signal.ITIMER_REAL, seconds)  # then the kernel ends us, even inside a library
            answer = _answer(function, args, kwargs)
            signal.setitimer(signal.ITIMER_REAL, 0)
            tasks.send(answer)
    except EOFError:
        pass
    except MemoryError:
        os._exit(FULL)


def _answer(function: Callable[..., Any], args: Any, kwargs: Any) -> tuple[Any, Exception | None]:
    try:
        return function(*args, **kwargs), None
    except MemoryError:
        raise
    except Exception as error:
        return None, _portable(error)


def _limit_memory() -> None:
    """Lets the next task take so much more than is in use, where the system tells how much that is (Linux)."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[5])
    except OSError:
        return
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    most = pages * resource.getpagesize() + ROOM
    resource.setrlimit(resource.RLIMIT_DATA, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def _portable(error: Exception) -> Exception:
    """The error, or what it says where it does not bear the way; both note where it was raised."""
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 (our own)
        sent = error
    except Exception:
        sent = RuntimeError(f"{type(error).__name__}: {error}")
    sent.add_note("".join(traceback.format_exception(error)))
    return sent


if __name__ == "__main__":
    serve(Connection(sys.stdin.fileno()), int(sys.argv[1]))
