"""Runs a program as a user does, and says how long it took and how much memory it and its children had at most."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, sleep

from onrecord.newsroom.sites import KEY

ROOT = Path(__file__).parents[2]
_LOCAL = {"ONRECORD_LOOPBACK": "1", "ONRECORD_DELAY": "0", "NEWSROOM_API_KEY": KEY}
_LOOK = 0.1  # seconds between two looks at its memory


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of a program; `memory` has the MB of each of its processes, its own first, when they had most in all.

    Memory that several processes share is parted among them (Linux: the proportional set size), so that their sum is
    what the machine gives.
    """

    seconds: float
    memory: tuple[float, ...]
    output: str


def run(*command: object) -> Ran:
    """`python -m` with the command, in an environment without settings but those for loopback.

    Raises RuntimeError where its exit code is not 0.
    """
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("ONRECORD_")}
    most: dict[int, float] = {}
    with tempfile.TemporaryFile("w+", encoding="utf-8") as output:
        begun = perf_counter()
        program = subprocess.Popen(  # noqa: S603 (ourselves)
            [sys.executable, "-m", *map(str, command)],
            cwd=ROOT,
            env={**inherited, **_LOCAL},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        while program.poll() is None:
            now: dict[int, float] = {}
            _look(program.pid, now)
            most = max(most, now, key=lambda of: sum(of.values()))
            sleep(_LOOK)
        seconds = perf_counter() - begun
        output.seek(0)
        said = output.read()
    if program.returncode:
        raise RuntimeError(f"{command[0]} ended with exit code {program.returncode}: {said}")
    return Ran(seconds, tuple(most.values()), said)


def start(*command: str) -> float:
    """Seconds of a Python program that says nothing of interest, looked at as little as possible."""
    begun = perf_counter()
    subprocess.run([sys.executable, *command], cwd=ROOT, stdout=subprocess.DEVNULL, check=True)  # noqa: S603 (ourselves)
    return perf_counter() - begun


def _look(pid: int, now: dict[int, float]) -> None:
    """Notes the memory of a process and its descendants, where the system tells it (Linux)."""
    try:
        told = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii", errors="replace")
        now[pid] = int(_fields(told)["Pss"].split()[0]) / 1024
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text(encoding="ascii").split():
                _look(int(child), now)
    except (OSError, KeyError):  # it has ended
        return


def _fields(told: str) -> Mapping[str, str]:
    return {name: value for name, _, value in (line.partition(":") for line in told.splitlines())}
