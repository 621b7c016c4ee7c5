"""Runs `onrecord` as a user does: a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
LOCAL = {"ONRECORD_LOOPBACK": "1", "ONRECORD_DELAY": "0", "NEWSROOM_API_KEY": "demo"}


def onrecord(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """What the command printed, and its exit code; the environment's own ONRECORD_… settings are left out."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("ONRECORD_")}
    return subprocess.run(
        [sys.executable, "-m", "onrecord", *map(str, arguments)],
        env={**inherited, **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
