"""Serves a file on loopback, for tests that ask as a browser or another site would."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from socket import create_server
from threading import Thread
from typing import Any

import httpx
import uvicorn


class _Server(uvicorn.Server):
    def install_signal_handlers(self) -> None:
        """Signals are pytest's."""


@contextmanager
def served(application: Any) -> Iterator[httpx.Client]:
    """A client of the application, which keeps cookies and follows no redirects."""
    with create_server(("127.0.0.1", 0)) as listener:
        server = _Server(uvicorn.Config(application.app(), log_level="critical", lifespan="on"))
        thread = Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        with httpx.Client(base_url=f"http://127.0.0.1:{listener.getsockname()[1]}", timeout=20) as client:
            yield client
        server.should_exit = True
        thread.join(10)
        application.executor.shutdown()
