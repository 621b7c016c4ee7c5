"""A process that others are forked from: what it has loaded is in memory once, and a new one is there at once.

Only on Linux: elsewhere the system's libraries don't bear it, and every process is begun, and loads, by itself.
"""

from __future__ import annotations

import ctypes
import gc
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection, Pipe
from multiprocessing.reduction import recv_handle, send_handle
from subprocess import DEVNULL, Popen
from threading import Lock
from typing import Any, NoReturn

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
    """Begun when it is first needed, and anew if it has ended. Threads may share it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._process: Popen[bytes] | None = None
        self._asked: Connection
        self._loaded: set[Load] = set()
        self._loading = False

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
            return True

    def fork(self, theirs: Connection, level: int) -> Fork:
        """A process that does the tasks that come from a connection. Raises OSError or EOFError where it can't."""
        with self._lock:
            try:
                return self._fork(theirs, level)
            except (EOFError, OSError):  # it has ended just now
                self._kill()
                return self._fork(theirs, level)

    def _fork(self, theirs: Connection, level: int) -> Fork:
        self._begin(level)
        self._asked.send(("fork",))
        send_handle(self._asked, theirs.fileno(), None)
        assert self._process is not None
        return Fork(self, self._process, self._asked.recv(), frozenset(self._loaded))

    def code_of(self, fork: Fork) -> int:
        """Waits for the end of a process that it forked; gives its exit code: -9, too, where nobody knows it."""
        with self._lock, suppress(EOFError, OSError):
            if fork.code is None and fork.has_parent():
                self._asked.send(("wait", fork.pid))
                fork.code = int(self._asked.recv())
        return -signal.SIGKILL if fork.code is None else fork.code

    def end_loading(self) -> None:
        """Ends it if it is loading: nobody else is answered meanwhile."""
        if self._loading and self._process is not None:
            self._process.kill()

    def end(self) -> None:
        """Ends it, and not those that it forked."""
        with self._lock:
            self._kill()

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
        self._asked, theirs = Pipe()
        self._loaded = set()
        with theirs:
            self._process = begin(__name__, theirs, level)

    def _ask(self, level: int, *question: Any) -> Any:
        self._begin(level)
        self._asked.send(question)
        return self._asked.recv()


class Fork:
    """A process that was forked, as far as `subprocess.Popen` is like it."""

    def __init__(self, template: Template, parent: Popen[bytes], pid: int, loaded: frozenset[Load]) -> None:
        self.pid = pid
        self.loaded = loaded
        self._template = template
        self._parent = parent
        self.code: int | None = None  # once its end was waited for

    def has_parent(self) -> bool:
        """Whether the process is there that it was forked from: as long, its number is nobody else's."""
        return self._parent.poll() is None

    def kill(self) -> None:
        """Ends it; where its parent has ended, it will by itself, when nobody has tasks for it."""
        if self.code is None and self.has_parent():
            os.kill(self.pid, signal.SIGKILL)

    def wait(self) -> int:
        """Its exit code, when it has ended."""
        return self._template.code_of(self)


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
            elif question == "wait":
                asked.send(os.waitstatus_to_exitcode(os.waitpid(given[0], 0)[1]))
            else:
                tasks = Connection(recv_handle(asked))
                if not (pid := os.fork()):
                    asked.close()
                    _serve(tasks, level)
                tasks.close()
                asked.send(pid)


def _serve(tasks: Connection, level: int) -> NoReturn:
    code = 1
    try:
        serve(tasks, level)
        code = 0
    finally:  # whatever it raised is not to be met by the template's own loop
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
