"""Processes beside the reactor, in which pages are read and records extracted.

Whatever a page does to a parser, it can't be stopped inside this process, nor its memory had back. So such tasks run
in other ones, which the kernel ends when a task takes too long; what goes wrong there costs that task alone, and the
next one gets a new process.
"""

from __future__ import annotations

import asyncio
import atexit
import logging
import os
import signal
import sys
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from multiprocessing.connection import Connection, Pipe
from queue import LifoQueue
from subprocess import Popen
from typing import Any, ParamSpec, Self, TypeVar

from pipelines.task_loop import FULL, ROOM
from pipelines.template import Fork, Load, Template, begin

P = ParamSpec("P")
T = TypeVar("T")

FORKS = sys.platform == "linux"  # see pipelines.template

_LOADS: dict[Callable[..., Any], Load] = {}


def begins_with(load: Load) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Marks a function, a task: the processes that do it begin with what `load()` leaves in memory."""

    def marked(function: Callable[P, T]) -> Callable[P, T]:
        _LOADS[function] = load
        return function

    return marked


class Stopped(Exception):
    """The process ended before the task was done; the message says why."""


class Worker:
    """One process or several, each begun when a task comes and none is idle. In a `with` they end at the end."""

    def __init__(self, processes: int = 1) -> None:
        self.size = processes
        self._template = Template(processes) if FORKS else None
        self._places = [_Place(self._template) for _ in range(processes)]
        self._idle: LifoQueue[_Place] = LifoQueue()  # the one that was busy last is chosen first
        for place in reversed(self._places):
            self._idle.put(place)
        self._turns = ThreadPoolExecutor(processes, "onrecord-worker")  # each of its threads talks to one process
        self._beside = ThreadPoolExecutor(1, "onrecord-beside")  # for what nobody waits for

    def expect(self, seconds: float, function: Callable[..., Any]) -> None:
        """Says that a task will come: what it begins with is loaded meanwhile, in `seconds`."""
        if self._template and (load := _LOADS.get(function)):
            self._beside.submit(self._template.load, load, seconds, _level())

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
        if self._template:
            self._template.end_loading()
        for place in self._places:
            place.end()
        if self._template:
            self._template.end()

    def rest(self) -> None:
        """Has the processes end when they have done what they are doing; a later task gets a new one."""
        self._beside.submit(self._end_idle)

    def _end_idle(self) -> None:
        places = [self._idle.get() for _ in self._places]
        self.end()
        for place in reversed(places):
            self._idle.put(place)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def _do(self, *task: Any) -> Any:
        place = self._idle.get()
        try:
            return place.do(*task)
        finally:
            self._idle.put(place)


class _Place:
    """A process, or the place of one that is not begun yet."""

    def __init__(self, template: Template | None) -> None:
        self._template = template
        self._process: Fork | Popen[bytes] | None = None
        self._tasks: Connection

    def do(self, seconds: float, function: Callable[..., Any], *given: Any) -> Any:
        """What the function gives or raises there; begins the process where there is none that will do."""
        load = _LOADS.get(function)
        if load and not (self._is_there() and self._has(load)) and self._loads(load, seconds):
            self.end()
        if not self._is_there():
            try:
                self._begin()
            except (EOFError, OSError) as full:
                raise Stopped(f"found no process to do it: {full}") from full
        try:
            self._tasks.send((seconds, function, *given))
            while isinstance(answer := self._tasks.recv(), logging.LogRecord):
                _log(answer)
        except (EOFError, OSError):
            assert self._process is not None
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

    def _loads(self, load: Load, seconds: float) -> bool:
        """Whether a process that is begun now has what the task needs."""
        return self._template is not None and self._template.load(load, seconds, _level())

    def _has(self, load: Load) -> bool:
        return isinstance(self._process, Fork) and load in self._process.loaded

    def _is_there(self) -> bool:
        """Whether it waits for a task: the other end of its pipe is open."""
        if self._process is None:
            return False
        try:
            while self._tasks.poll():
                _log(self._tasks.recv())
        except (EOFError, OSError):
            self._process.wait()
            return False
        return True

    def _begin(self) -> None:
        """Begins a process that ends when this one does: nobody else has the other end of its pipe."""
        self._tasks, theirs = Pipe()
        with theirs:
            if self._template:
                self._process = self._template.fork(theirs, _level())
            else:
                self._process = begin("pipelines.task_loop", theirs, _level())


def _level() -> int:
    return logging.getLogger().getEffectiveLevel()


def _log(record: logging.LogRecord) -> None:
    logging.getLogger(record.name).handle(record)


def cores() -> int:
    """How many processors this process may use: as many processes as it is worth to have."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@cache
def shared_worker() -> Worker:
    """The worker that all sources of a crawl have their pages read by, and records found.

    Three processes do as much as the reactor can bring them and store.
    """
    worker = Worker(min(cores(), 3))
    atexit.register(worker.end)
    return worker


def _why(code: int, seconds: float) -> str:
    if code == -signal.SIGALRM:
        return f"took longer than {seconds:g} s"
    if code == FULL:
        return f"took more than {ROOM // 1_000_000:,} MB of memory"
    return f"ended its process: {signal.Signals(-code).name if code < 0 else f'exit code {code}'}"
