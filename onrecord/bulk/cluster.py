"""The processes that do the work: all cores of this machine, or a Dask cluster that somebody runs."""

from __future__ import annotations

import logging
import os
import signal
import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from importlib.util import find_spec
from typing import Any, Self

from distributed import Client, LocalCluster, Worker, WorkerPlugin, as_completed
from distributed.security import Security

from onrecord.bulk.version import fingerprint
from onrecord.errors import CannotRun
from onrecord.terminal import say

_PATIENCE = 5  # seconds for a scheduler to answer, and to have a worker
# Where Dask shows what it does; the dashboard is bokeh's, and without that there is a plain page.
_PAGE = "status" if find_spec("bokeh") else "info/main/workers.html"


class Cluster:
    """The one at `address`, or one on this machine that ends with the `with`; there once there is something to do."""

    def __init__(self, address: str | None, workers: int | None) -> None:
        self._cluster = _local(workers) if address is None else _at(address)
        self._stack = ExitStack()
        self._client: Client | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def results(self, tasks: Mapping[str, tuple[Any, ...]]) -> Iterator[tuple[str, Any]]:
        """What each task (a function and its arguments) gives, or the error that it raises, as it comes.

        Raises CannotRun where there is nobody to do them.
        """
        if not tasks:
            return
        if self._client is None:
            logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what a lost worker had is done by another
            self._client = self._stack.enter_context(self._cluster)
        run = uuid.uuid4().hex  # tasks of another run are others, though they do the same
        names = {f"{name}-{run}": name for name in tasks}
        futures = [self._client.submit(*tasks[name], key=key, pure=False, retries=1) for key, name in names.items()]
        for future in as_completed(futures):  # type: ignore[no-untyped-call]
            yield names[future.key], future.result() if future.status == "finished" else future.exception()
            future.release()


@contextmanager
def _local(workers: int | None) -> Iterator[Client]:
    """Processes on this machine, one part at a time each; nobody without this run's certificate may hand them code."""
    with (
        LocalCluster(  # type: ignore[no-untyped-call]
            n_workers=workers or len(os.sched_getaffinity(0)),
            threads_per_worker=1,
            processes=True,
            dashboard_address="127.0.0.1:0",
            silence_logs=logging.CRITICAL,
            security=Security.temporary(),  # type: ignore[no-untyped-call]
        ) as ours,
        Client(ours) as client,  # type: ignore[no-untyped-call]
    ):
        client.register_plugin(_Deaf())
        where = f"http://127.0.0.1:{ours.scheduler.http_server.port}/{_PAGE}"
        say(f"Dask is at {where} (workers: {len(ours.workers)}).", err=True)
        yield client


class _Deaf(WorkerPlugin):
    """A Ctrl-C at the terminal is for us, who end the workers."""

    def setup(self, worker: Worker) -> None:  # noqa: ARG002
        signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextmanager
def _at(address: str) -> Iterator[Client]:
    try:
        client = Client(address, timeout=_PATIENCE)  # type: ignore[no-untyped-call]
    except (OSError, ValueError, TypeError, RuntimeError) as error:
        raise CannotRun(f"There is no Dask scheduler at {address}.") from error
    with client:
        _insist_on_workers(client, address)
        try:
            yield client
        finally:
            with suppress(Exception):  # the cluster may be gone
                client.run(_rest, wait=False)


def _insist_on_workers(client: Client, address: str) -> None:
    """Raises CannotRun unless there are workers, of one thread each, and all of them have this very onrecord."""

    def theirs() -> str | None:  # sent as it stands: a worker may have none of our modules
        try:
            from onrecord.bulk.version import fingerprint
        except ImportError:
            return None
        return fingerprint()

    try:
        client.wait_for_workers(1, timeout=_PATIENCE)
    except TimeoutError as error:
        raise CannotRun(f"The Dask scheduler at {address} has no workers.") from error
    for worker, threads in client.nthreads().items():  # type: ignore[no-untyped-call]
        if threads > 1:  # which would wait for one another: one process beside reads for all of them
            raise CannotRun(f"The Dask worker {worker} has {threads} threads: start several with --nthreads 1.")
    for worker, version in client.run(theirs, on_error="return").items():
        if not isinstance(version, str):
            raise CannotRun(f"The Dask worker {worker} has no onrecord, or an old one: install this one there.")
        if version != fingerprint():
            raise CannotRun(f"The Dask worker {worker} has another version of onrecord: install this one there.")


def _rest() -> None:
    """Ends the processes beside a worker when they have done their task; a later part gets new ones."""
    from pipelines.worker import shared_worker

    shared_worker().rest()
