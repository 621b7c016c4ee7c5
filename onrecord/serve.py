"""Datasette over the file, with our pages, settings and descriptions; on this machine, or elsewhere with passwords."""

from __future__ import annotations

import os
import re
import socket
import webbrowser
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import datasette_auth_passwords
import uvicorn
from datasette.app import Datasette
from datasette.plugins import pm
from datasette.utils import parse_metadata

from onrecord import review
from onrecord.errors import CannotRun
from onrecord.review import feeds, grades, markup, safety, spreadsheet
from pipelines.schema import open_database

METADATA = Path(__file__).with_name("metadata.yaml")
SETTINGS = {
    "suggest_facets": False,  # counting what could be a facet takes seconds on a million rows
    "default_page_size": 25,
    "sql_time_limit_ms": 1000,
}
PASSWORDS, HOSTS = "ONRECORD_PASSWORDS", "ONRECORD_HOSTS"
_ACCOUNT = re.compile(r"([\w.-]+):(pbkdf2_sha256\$\d+\$[^$\s]+\$[\w+/=]+)")


class ServeError(CannotRun):
    """The file can't be served; the message is one plain sentence."""


@dataclass(frozen=True, slots=True)
class Hosted:
    """What it takes to serve others: hashes of passwords by name, and the names by which the site may be asked for."""

    passwords: Mapping[str, str]
    hosts: Collection[str] = field(default=())


def datasette(path: Path | str, hosted: Hosted | None = None) -> Any:
    """The Datasette application over the file, brought up to date. Raises DatabaseError for a file that is not ours."""
    path = Path(path)
    open_database(path, create=False).close()
    for plugin in (review, feeds, grades, markup, safety, spreadsheet):
        _register(plugin, True)
    _register(datasette_auth_passwords, hosted is not None)  # it offers a login, wherever it is installed
    # It would print every page that is not found in colour, with all that was in memory, cookies too.
    pm.get_plugin("datasette.handle_exception").rich = None
    metadata = parse_metadata(METADATA.read_text(encoding="utf-8"))
    # Datasette calls a database by the name of its file, whatever our metadata calls it.
    metadata["databases"] = {path.stem: metadata["databases"]["onrecord"]}
    settings = dict(SETTINGS)
    if hosted:
        accounts = {f"{name}_password_hash": hashed for name, hashed in hosted.passwords.items()}
        metadata["plugins"] = {
            "datasette-auth-passwords": accounts,
            safety.SETTINGS: {"hosted": True, "hosts": list(hosted.hosts)},
        }
        settings |= {"default_allow_sql": False, "allow_download": False}
    return Datasette([str(path)], metadata=metadata, settings=settings)


def hosted_at(host: str) -> Hosted | None:
    """What the environment says; nothing for this machine's own addresses, unless passwords are set. Raises ServeError.

    Whoever sets passwords has others in mind, whom a proxy on this machine lets in: to us, they come from here.
    """
    path = os.environ.get(PASSWORDS)
    try:
        is_own, names = host == "localhost" or ip_address(host).is_loopback, []
    except ValueError:
        is_own, names = False, [host]
    if not path:
        if is_own:
            return None
        raise ServeError(
            f"Serving on {host} lets others in: name a file of passwords in {PASSWORDS}, with a line NAME:HASH for"
            " everybody who may review (`datasette hash-password` makes a hash)."
        )
    names += os.environ.get(HOSTS, "").replace(",", " ").split()
    return Hosted(_passwords(Path(path)), [name.lower() for name in names])


def serve(path: Path | str, host: str = "127.0.0.1", port: int = 8001, open_browser: bool = False) -> None:
    """Serves the file until interrupted.

    Raises DatabaseError, or ServeError: where the address is taken, or is not this machine's own and no passwords are
    set.
    """
    application = datasette(path, hosted_at(host))
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = socket.create_server((host, port), family=family)
    except OSError as error:
        raise ServeError(f"Can't serve on {host}:{port}: {error.strerror or error}.") from error
    with listener:
        shown = f"[{host}]" if ":" in host else host
        url = f"http://{shown}:{listener.getsockname()[1]}/"
        print(f"{path} is at {url} (Ctrl+C ends it)", flush=True)
        if open_browser:
            webbrowser.open(url)  # it waits in the listener's queue until the server answers
        config = uvicorn.Config(application.app(), log_level="warning", lifespan="on", server_header=False)
        uvicorn.Server(config).run(sockets=[listener])


def _register(plugin: Any, wanted: bool) -> None:
    if wanted and not pm.is_registered(plugin):
        pm.register(plugin)
    elif not wanted and pm.is_registered(plugin):
        pm.unregister(plugin)


def _passwords(path: Path) -> dict[str, str]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ServeError(f"{PASSWORDS} names {path}, which can't be read.") from error
    accounts = {}
    for number, line in enumerate(lines, start=1):
        if line.strip() and not line.startswith("#"):
            if not (account := _ACCOUNT.fullmatch(line.strip())):
                raise ServeError(f"{path}, line {number}, is not NAME:HASH as `datasette hash-password` makes a hash.")
            accounts[account[1]] = account[2]
    if not accounts:
        raise ServeError(f"{path} holds no passwords.")
    return accounts
