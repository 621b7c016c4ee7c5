"""A process beside the reactor, in which pages are read and records extracted.

Whatever a page does to a parser, it can't be stopped inside this process, nor its memory had back. So such tasks run
in another one, which the kernel ends when a task takes too long; what goes wrong there costs that task alone, and the
next one gets a new process.
"""

from __future__ import annotations

import asyncio
import atexit
import logging
import os
import pickle
import resource
import signal
import sys
import traceback
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from logging.handlers import QueueHandler
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from queue import LifoQueue
from subprocess import DEVNULL, Popen
from types import SimpleNamespace
from typing import Any, ParamSpec, Self, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1"}  # of arithmetic; for more cores there are more processes (see nlp.model)
ROOM = 2_000_000_000  # bytes that a task may take beside the libraries, lexicons and weights that are loaded
_FULL = 70  # the exit code of a process in which a task took more


class Stopped(Exception):
    """The process ended before the task was done; the message says why."""


class Worker:
    """One process or several, each begun when a task comes and none is idle. In a `with` they end at the end."""

    def __init__(self, processes: int = 1) -> None:
        self.size = processes
        self._processes = [_Process() for _ in range(processes)]
        self._idle: LifoQueue[_Process] = LifoQueue()  # the one that was busy last is chosen first
        for process in reversed(self._processes):
            self._idle.put(process)
        self._turns = ThreadPoolExecutor(processes, "onrecord-worker")  # each of its threads talks to one process

    def submit(self, seconds: float, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """What the function gives or raises in a process, or else Stopped; `seconds` is the time that it has.

        The function is one of a module, which the process imports before the time begins.
        """
        return self._turns.submit(self._do, seconds, function, args, kwargs)

    async def run(self, seconds: float, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The same for an event loop, which goes on meanwhile."""
        return await asyncio.wrap_future(self.submit(seconds, function, *args, **kwargs))

    def end(self) -> None:
        """Ends the processes, whatever they are doing; a later task gets a new one."""
        for process in self._processes:
            process.end()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def _do(self, *task: Any) -> Any:
        process = self._idle.get()
        try:
            return process.do(*task)
        finally:
            self._idle.put(process)


class _Process:
    """A process, or the place of one that is not begun yet."""

    def __init__(self) -> None:
        self._process: Popen[bytes] | None = None
        self._tasks: Connection

    def do(self, seconds: float, *task: Any) -> Any:
        """What the task gives or raises there; begins the process where there is none."""
        if self._process is None or self._process.poll() is not None:
            self._process = self._begin()
        try:
            self._tasks.send((seconds, *task))
            while isinstance(answer := self._tasks.recv(), logging.LogRecord):
                logging.getLogger(answer.name).handle(answer)
        except (EOFError, OSError):
            raise Stopped(_why(self._process.wait(), seconds)) from None
        result, error = answer
        if error is not None:
            raise error
        return result

    def end(self) -> None:
        """Ends it, whatever it is doing."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def _begin(self) -> Popen[bytes]:
        """A process that ends when this one does: nobody else has the other end of its pipe."""
        self._tasks, theirs = Pipe()
        with theirs:
            level = logging.getLogger().getEffectiveLevel()
            return Popen(  # noqa: S603 (ourselves)
                [sys.executable, "-m", __name__, str(level)],
                env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), **ONE_THREAD},
                stdin=theirs.fileno(),
                stdout=DEVNULL,
                start_new_session=True,  # a Ctrl-C at the terminal is for us
            )


def cores() -> int:
    """How many processors this process may use: as many processes as it is worth to have."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@cache
def page_reader() -> Worker:
    """The process that all sources of a crawl have their pages read in."""
    return _shared()


@cache
def record_finder() -> Worker:
    """The one that they have records found in: a page that ends the other one costs no loaded pipeline."""
    return _shared()


def _shared() -> Worker:
    worker = Worker()
    atexit.register(worker.end)
    return worker


def _why(code: int, seconds: float) -> str:
    if code == -signal.SIGALRM:
        return f"took longer than {seconds:g} s"
    if code == _FULL:
        return f"took more than {ROOM // 1_000_000:,} MB of memory"
    return f"ended its process: {signal.Signals(-code).name if code < 0 else f'exit code {code}'}"


# In the process -------------------------------------------------------------------------------------------------------


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
        os._exit(_FULL)


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
