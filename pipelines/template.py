"""A process that others are forked from: what it has loaded is in memory once, and a new one is there at once.

Only on Linux: elsewhere the system's libraries don't bear it, and every process is begun, and loads, by itself.
"""

from __future__ import annotations

import ctypes
import gc
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from multiprocessing.connection import Connection, Pipe
from multiprocessing.reduction import recv_handle, send_handle
from subprocess import DEVNULL, Popen
from threading import Lock
from typing import Any

from pipelines.task_loop import serve

Load = Callable[[], object]

# Of mallopt(3): two of its parameters; what it begins with by itself, the most that it takes; bytes.
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
_PAGES, _NEVER = 128 * 1024, 32 * 1024 * 1024
_KEPT = 1024 * 1024  # at the end of the heap


def begin(module: str, theirs: Connection, level: int) -> Popen[bytes]:
    """A process of ours that runs a module, with a connection as its standard input."""
    return Popen(  # noqa: S603 (ourselves)
        [sys.executable, "-m", module, str(level)],
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
            "OPENBLAS_NUM_THREADS": "1",  # of arithmetic; for more cores there are more processes (see nlp.model)
        },
        stdin=theirs.fileno(),
        stdout=DEVNULL,
        start_new_session=True,  # a Ctrl-C at the terminal is for us
    )


class Template:
    """Begun when it is first needed, and anew if it has ended. Threads may share it.

    When `places` processes have what it has loaded, it ends, for then it only takes room. A later one stays: where one
    page breaks its process, others may.
    """

    def __init__(self, places: int) -> None:
        self._lock = Lock()
        self._process: Popen[bytes] | None = None
        self._asked: Connection
        self._loaded: set[Load] = set()
        self._loading = False
        self._places = places
        self._forked = 0  # since it has loaded something
        self._stays = False

    def load(self, load: Load, seconds: float, level: int) -> bool:
        """Has it call a function once, in so many seconds; gives whether processes begin with what that loads.

        An error of the function's is no matter here: whoever needs what it loads will meet it.
        """
        with self._lock:
            if self._is_there() and load in self._loaded:
                return True
            self._loading = True
            try:
                self._ask(level, "load", seconds, load)
            except (EOFError, OSError):  # it took longer, or more memory than there is
                self._kill()
                return False
            finally:
                self._loading = False
            self._loaded.add(load)
            self._forked = 0
            return True

    def fork(self, theirs: Connection, level: int) -> Fork:
        """A process that does the tasks that come from a connection. Raises OSError or EOFError where it can't."""
        with self._lock:
            try:
                fork = self._fork(theirs, level)
            except (EOFError, OSError):  # it has ended just now
                self._kill()
                fork = self._fork(theirs, level)
            self._forked += 1
            if self._loaded and self._forked == self._places and not self._stays:
                self._kill()
                self._stays = True
            return fork

    def _fork(self, theirs: Connection, level: int) -> Fork:
        self._begin(level)
        self._asked.send(("fork",))
        send_handle(self._asked, theirs.fileno(), None)
        pid = self._asked.recv()
        self._asked.recv()  # now it is a child of ours
        return Fork(pid, frozenset(self._loaded))

    def end_loading(self) -> None:
        """Ends it if it is loading: nobody else is answered meanwhile."""
        if self._loading and self._process is not None:
            self._process.kill()

    def end(self) -> None:
        """Ends it, and not those that it forked."""
        with self._lock:
            self._kill()
            self._stays = False

    def _kill(self) -> None:
        """It may have ended already: then nobody has heard of it yet, perhaps."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def _is_there(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def _begin(self, level: int) -> None:
        if self._is_there():
            return
        _adopt_orphans()
        self._asked, theirs = Pipe()
        self._loaded = set()
        with theirs:
            self._process = begin(__name__, theirs, level)

    def _ask(self, level: int, *question: Any) -> Any:
        self._begin(level)
        self._asked.send(question)
        return self._asked.recv()


@cache
def _adopt_orphans() -> None:
    """Makes this process the parent of those below it whose own has ended; prctl(2), PR_SET_CHILD_SUBREAPER."""
    if ctypes.CDLL(None, use_errno=True).prctl(36, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "this system gives no orphans to us")


class Fork:
    """A process that was forked, as far as `subprocess.Popen` is like it."""

    def __init__(self, pid: int, loaded: frozenset[Load]) -> None:
        self.pid = pid
        self.loaded = loaded
        self._lock = Lock()
        self._code: int | None = None  # once its end was waited for: till then its number is nobody else's

    def kill(self) -> None:
        """Ends it."""
        with self._lock:
            if self._code is None:
                os.kill(self.pid, signal.SIGKILL)

    def wait(self) -> int:
        """Its exit code, when it has ended; that of a killed one, where somebody else has waited for it."""
        with self._lock:
            if self._code is None:
                try:
                    self._code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
                except ChildProcessError:
                    self._code = -signal.SIGKILL
            return self._code


# In the process -------------------------------------------------------------------------------------------------------


def be_forked(asked: Connection, level: int) -> None:
    """Does what `Template` asks for until nobody is there to ask; it never does a task itself."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    with suppress(EOFError):
        while True:
            question, *given = asked.recv()
            if question == "load":
                _load(*given)
                asked.send(None)
            else:
                with Connection(recv_handle(asked)) as tasks:
                    os.waitpid(_fork(asked, tasks, level), 0)
                asked.send(None)


def _fork(asked: Connection, tasks: Connection, level: int) -> int:
    """A process that forks the one that does the tasks, and ends: the asker adopts what is an orphan then."""
    if pid := os.fork():
        return pid
    with _leaving():
        if pid := os.fork():
            asked.send(pid)
        else:
            asked.close()
            serve(tasks, level)
    raise AssertionError("it has left")


@contextmanager
def _leaving() -> Iterator[None]:
    """Ends the process with the block: whatever is raised there is not to be met by the template's own loop."""
    code = 1
    try:
        yield
        code = 0
    finally:
        os._exit(code)


def _load(seconds: float, load: Load) -> None:
    _map_from(_PAGES)  # weights come with room for training, which takes no memory as long as nobody writes there
    signal.setitimer(signal.ITIMER_REAL, seconds)
    with suppress(Exception):
        load()
    signal.setitimer(signal.ITIMER_REAL, 0)
    _map_from(_NEVER)
    gc.collect()
    gc.freeze()  # else looking for garbage would write into each process's memory, and so part it


def _map_from(size: int) -> None:
    """Has glibc take blocks of so many bytes from the system, and give them back; no matter where it is another libc.

    Of smaller ones it keeps what it had once, which is fast for texts, whose arithmetic asks for the same again.
    """
    if mallopt := getattr(ctypes.CDLL(None), "mallopt", None):
        mallopt(_MMAP_THRESHOLD, size)
        mallopt(_TRIM_THRESHOLD, _KEPT)


if __name__ == "__main__":
    be_forked(Connection(sys.stdin.fileno()), int(sys.argv[1]))
