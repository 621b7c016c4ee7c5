"""The program imported once, in a process of its own; each command is a fork of it, and so begins at once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from signal import SIGKILL
from types import TracebackType
from typing import Self

from tests.command import LOCAL, ROOT


class Forked:
    """Runs commands, one at a time, while the context lasts; what they print goes to a file."""

    def __init__(self, printed: Path) -> None:
        self.pid = 0
        self._file = printed.open("w", encoding="utf-8")
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("ONRECORD_")}
        self._parent = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.forked"],
            env={**inherited, **LOCAL},
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._file,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._parent.communicate(timeout=60)  # the end of its input is its end
        self._file.close()

    def start(self, *arguments: object) -> None:
        """Begins `onrecord` with these arguments."""
        assert self._parent.stdin
        print(json.dumps([*map(str, arguments)]), file=self._parent.stdin, flush=True)
        self.pid = self._told()

    def kill(self) -> None:
        """Kills the command as nothing can be refused."""
        os.kill(self.pid, SIGKILL)

    def wait(self) -> int:
        """The command's exit code, once it has ended; -9 where it was killed."""
        return self._told()

    def _told(self) -> int:
        assert self._parent.stdout
        return int(self._parent.stdout.readline())


def serve() -> None:
    """Forks a command for each line of arguments, and tells its process id, then its exit code."""
    from onrecord import cli, nightly  # noqa: F401 (what a night imports is there then)

    for line in sys.stdin:
        if (child := os.fork()) == 0:
            os.dup2(2, 1)
            sys.argv[1:] = json.loads(line)
            cli.main()
        print(child, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


if __name__ == "__main__":
    serve()
