"""Datasette over the file, on this machine, with our settings and descriptions."""

from __future__ import annotations

import socket
import webbrowser
from pathlib import Path
from typing import Any

import uvicorn
from datasette.app import Datasette
from datasette.utils import parse_metadata

from pipelines.schema import open_database

METADATA = Path(__file__).with_name("metadata.yaml")
SETTINGS = {
    "suggest_facets": False,  # counting what could be a facet takes seconds on a million rows
    "default_page_size": 25,
    "sql_time_limit_ms": 1000,
    "allow_download": True,
}


class ServeError(Exception):
    """The address can't be served; the message is one plain sentence."""


def datasette(path: Path | str) -> Any:
    """The Datasette application over the file, brought up to date. Raises DatabaseError for a file that is not ours."""
    path = Path(path)
    open_database(path, create=False).close()
    metadata = parse_metadata(METADATA.read_text(encoding="utf-8"))
    # Datasette calls a database by the name of its file, whatever our metadata calls it.
    metadata["databases"] = {path.stem: metadata["databases"]["onrecord"]}
    return Datasette([str(path)], metadata=metadata, settings=SETTINGS)


def serve(path: Path | str, host: str = "127.0.0.1", port: int = 8001, open_browser: bool = False) -> None:
    """Serves the file until interrupted. Raises DatabaseError, or ServeError where the address is taken."""
    application = datasette(path)
    try:
        listener = socket.create_server((host, port))
    except OSError as error:
        raise ServeError(f"Can't serve on {host}:{port}: {error.strerror or error}.") from error
    with listener:
        url = f"http://{host}:{listener.getsockname()[1]}/{Path(path).stem}"
        print(f"{path} is at {url} (Ctrl+C ends it)", flush=True)
        if open_browser:
            webbrowser.open(url)  # it waits in the listener's queue until the server answers
        config = uvicorn.Config(application.app(), log_level="warning", lifespan="on")
        uvicorn.Server(config).run(sockets=[listener])
