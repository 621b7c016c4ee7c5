"""A night in a process of its own, as `onrecord nightly` runs it, with settings that let faults show soon.

As a program it is that process: registry, database, settings as JSON, and names with the addresses that they lead to.
"""

from __future__ import annotations

import json
import os
import re
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from spiders.registry import Source
from tests.command import LOCAL, ROOT


@dataclass(frozen=True, slots=True)
class Night:
    """What a night left behind; `peak` is the memory in MB that crawling took above what the program takes."""

    code: int
    said: str
    log: str
    database: Path
    peak: float
    seconds: float

    def rows(self, sql: str, *values: object) -> list[dict[str, Any]]:
        with sqlite3.connect(self.database) as db:
            db.row_factory = sqlite3.Row
            return [dict(row) for row in db.execute(sql, values)]

    def source(self, id: str) -> dict[str, Any]:
        """What the ledger says of a source, on its last night."""
        return self.rows("SELECT * FROM run_sources WHERE source_id = ? ORDER BY run_id", id)[-1]

    def stored(self, id: str) -> list[dict[str, Any]]:
        """The articles of a source."""
        return self.rows("SELECT * FROM articles WHERE source_id = ? ORDER BY id", id)


def night(
    sources: Iterable[Source],
    folder: Path,
    settings: Mapping[str, Any],
    names: Mapping[str, list[str]] | None = None,
    **environment: str,
) -> Night:
    """Runs a night over the sources into `folder`."""
    registry, database = folder / "sources.toml", folder / "onrecord.db"
    registry.write_text("".join(map(_toml, sources)), encoding="utf-8")
    inherited = {name: value for name, value in os.environ.items() if not re.match("ONRECORD_|https?_proxy", name)}
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.night", registry, database, json.dumps(settings), json.dumps(names or {})],
        env={**inherited, **LOCAL, "ONRECORD_CONTACT": "tests", "COLUMNS": "500", **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert done.stdout.count("\n") == 1, done.stderr
    log = database.with_name("nightly.log").read_text(encoding="utf-8")
    return Night(done.returncode, done.stderr, log, database, **json.loads(done.stdout))


def _toml(source: Source) -> str:
    """The source as a part of a registry."""
    top = {"name": source.name, "hosts": list(source.hosts), "floor": source.floor, "insecure": source.insecure}
    parts = [(f"[{source.id}]", top), (f"[{source.id}.article]", dict(source.article))]
    parts += [(f"[[{source.id}.listing]]", asdict(listing)) for listing in source.listing]
    return "".join(
        f"{head}\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in table.items() if value)
        for head, table in parts
    )


def broken(*_: Any) -> Any:
    """A reader of listings with a fault of its own."""
    raise ZeroDivisionError("a reader with a fault of its own")


def _main(registry: str, database: str, settings: str, names: str) -> int:
    import tests.faults.night
    from onrecord.crawl import crawl_settings
    from onrecord.nightly import run_night
    from pipelines.schema import open_database
    from spiders.registry import read_registry
    from spiders.source import READERS

    addresses: dict[str, list[str]] = json.loads(names)

    def resolved(name: str) -> str:
        """As told, the last answer for ever; nobody is asked."""
        known = [name] if name.startswith("127.") else addresses.get(name)
        if not known:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return known.pop(0) if len(known) > 1 else known[0]

    socket.gethostbyname = resolved
    READERS["moderngov"] = tests.faults.night.broken  # by this name, for another process may have to find it
    given = crawl_settings(Path(database), Path(registry))
    for name, value in json.loads(settings).items():
        given.set(name, value, priority="cmdline")
    sources = list(read_registry(Path(registry)).values())
    open_database(Path(database)).close()
    before, began = _memory(), time.monotonic()
    code = run_night(Path(database), sources, given, verbose=False)
    print(json.dumps({"peak": _memory() - before, "seconds": time.monotonic() - began}))
    return code


def _memory() -> float:
    """The most memory that this process has had, in MB; getrusage would count its parent's, too."""
    status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


if __name__ == "__main__":
    sys.exit(_main(*sys.argv[1:]))
