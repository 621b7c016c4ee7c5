"""`onrecord bulk extract`: archived pages to Parquet, part by part, on as many processes as there are."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from onrecord.bulk.cluster import Cluster
from onrecord.bulk.find import File, find
from onrecord.bulk.folder import Folder, Unwritable
from onrecord.bulk.plan import Part, is_many, parts_of_pages
from onrecord.bulk.shown import shown, summary, totals
from onrecord.bulk.task import cut, extract_part
from onrecord.bulk.version import fingerprint
from onrecord.errors import CannotRun
from onrecord.extraction import insist_on_extraction
from onrecord.lock import AlreadyRunning, only_one
from onrecord.terminal import say

_OK, _TROUBLE, _INTERRUPTED = 0, 1, 130


def extract(
    inputs: Sequence[str], out: str, dask: str | None = None, workers: int | None = None, pages: int | None = None
) -> int:
    """Makes of the pages in `inputs` a folder of Parquet files, or goes on with it; exit 1 where some were lost.

    Raises CannotRun, also where it can't go on.
    """
    from nlp.build import EXTRACTOR  # with spaCy

    insist_on_extraction()
    files = find(inputs)
    folder = Folder(out)
    run = _Run(folder)
    try:
        with _alone(folder), Cluster(dask, workers) as cluster:
            signal.signal(signal.SIGTERM, signal.default_int_handler)
            run.plan_all(cluster, files, folder.begin(EXTRACTOR, pages))
            run.do_all(cluster)
    except KeyboardInterrupt:
        say(f"Stopped: {run.so_far}", err=True)
        return _INTERRUPTED
    except Unwritable as error:
        raise CannotRun(f"{error} {run.so_far}") from error
    except OSError as error:
        raise CannotRun(f"{out} can't be used: {error.strerror or error}.") from error
    return run.report()


class _Run:
    """One call: what is planned, what is done, and what could not be."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._plan: list[Part] = []
        self._done: dict[str, dict[str, Any]] = {}
        self._before = 0  # how many of these an earlier call did
        self._trouble: list[str] = []

    @property
    def so_far(self) -> str:
        """How far it has come, and how it goes on; what workers have finished meanwhile counts."""
        done = self._folder.whole().keys() & {part.name for part in self._plan}
        return f"{len(done)} of {len(self._plan)} parts are done; the same command goes on."

    def plan_all(self, cluster: Cluster, files: Sequence[File], pages: int) -> None:
        """Cuts the files into parts, and sees which of these are there."""
        known = self._folder.planned()
        plan = list(parts_of_pages((file for file in files if not is_many(file)), pages))
        plan += [part for file in files for part in known.get(file, ())]
        new = {file.address: file for file in files if is_many(file) and file not in known}
        tasks = {address: (cut, file, pages, fingerprint()) for address, file in new.items()}
        for address, parts in self._results(cluster, "archives", tasks):
            self._folder.plan(new[address], parts)
            plan += parts
        self._plan = sorted(plan, key=lambda part: part.name)
        kept = self._folder.tidy(self._plan)
        self._done = {part.name: kept[part.name] for part in plan if part.name in kept}
        self._before = len(self._done)

    def do_all(self, cluster: Cluster) -> None:
        """Does what is not done."""
        out, version = self._folder.address, fingerprint()
        tasks = {it.name: (extract_part, it, out, version) for it in self._plan if it.name not in self._done}
        for name, told in self._results(cluster, "parts", tasks):
            self._done[name] = told

    def _results(self, cluster: Cluster, what: str, tasks: dict[str, tuple[Any, ...]]) -> Iterator[tuple[str, Any]]:
        """What tasks give; where one fails, that is noted. Raises Unwritable, which fails all."""
        with shown(what, len(tasks)) as tick:
            for name, result in cluster.results(tasks):
                if isinstance(result, Unwritable):
                    raise result
                if isinstance(result, BaseException):
                    reason = " ".join(str(result).split())
                    self._trouble.append(f"{name} could not be done: {type(result).__name__}: {reason}")
                else:
                    yield name, result
                tick(self._done)

    def report(self) -> int:
        """Says what there is now; gives the exit code."""
        say(summary(self._done, self._before))
        for trouble in self._trouble:
            say(f"onrecord: {trouble}", err=True)
        failed = totals(self._done)["failed"]
        if failed:
            say(f"{self._folder.address.rstrip('/')}/failures/ says which pages failed, and why.", err=True)
        return _TROUBLE if self._trouble or failed else _OK


@contextmanager
def _alone(folder: Folder) -> Iterator[None]:
    """Nobody else on this machine writes to the folder meanwhile. Raises CannotRun."""
    if not folder.is_local:
        yield
        return
    path = Path(folder.path)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with only_one(path):
            yield
    except AlreadyRunning as error:
        raise CannotRun(f"Another extraction is writing to {folder.address}.") from error
