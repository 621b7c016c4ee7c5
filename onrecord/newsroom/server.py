"""Serves every site of the newsroom on its own loopback port, and remembers who asked for what."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self

from onrecord.newsroom.committees import Committees
from onrecord.newsroom.content import Article
from onrecord.newsroom.govuk import GovUk
from onrecord.newsroom.open_platform import OpenPlatform
from onrecord.newsroom.parliament import Parliament
from onrecord.newsroom.register import Register
from onrecord.newsroom.sitemaps import Sitemaps
from onrecord.newsroom.sites import SHAPES, Expected, Reply, Site
from onrecord.newsroom.wordpress import WordPress

_BUILT_APART: Mapping[str, type[Site]] = {
    "inspectorate-govuk": GovUk,
    "national-paper": OpenPlatform,
    "parliament-record": Parliament,
    "council-democracy": Committees,
    "chief-executives-guild": WordPress,
    "national-daily": Sitemaps,
    "inspection-register": Register,
}


@dataclass(frozen=True, slots=True)
class Request:
    """One request as answered; `path` has its query, `conditional` is whether it asked only for what is new."""

    site: str
    path: str
    status: int
    conditional: bool


class Newsroom:
    """The sites, served while the context lasts.

    `night` says which content they serve: 1, or 2 (one article corrected). `requests` holds every request answered,
    in order; clear it to start counting anew. `more` are articles that a site carries on every night, beside its own.
    """

    def __init__(self, more: Mapping[str, Sequence[Article]] | None = None) -> None:
        self.night = 1
        self.requests: list[Request] = []
        self._servers = [_Server(self, site) for site in SHAPES]
        self.addresses: Mapping[str, str] = {server.site: server.address for server in self._servers}
        self._sites: Mapping[tuple[str, int], Site] = {
            (id, night): _BUILT_APART.get(id, Site)(id, night, address, (more or {}).get(id, ()))
            for id, address in self.addresses.items()
            for night in (1, 2)
        }

    def __enter__(self) -> Self:
        for server in self._servers:
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for server in self._servers:
            server.shutdown()
            server.server_close()

    @property
    def registry(self) -> str:
        """The text of a registry (as data/sources.toml) in which the sites' addresses stand."""
        text = Path(__file__).with_name("sources.toml").read_text(encoding="utf-8")
        for site, address in self.addresses.items():
            text = text.replace(f"{{{site}}}", address)
        return text

    def expected(self, site: str) -> list[Expected]:
        """What a perfect reader finds on a site tonight, in the order of its listing."""
        return self.site(site).expected()

    def site(self, id: str) -> Site:
        """A site as it stands tonight."""
        return self._sites[id, self.night]


class _Server(ThreadingHTTPServer):
    def __init__(self, newsroom: Newsroom, site: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.newsroom = newsroom
        self.site = site
        self.address = f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Says nothing: a client may go at any moment."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    timeout = 10  # seconds that an idle connection is kept
    wbufsize = -1  # head and body leave in one piece: two would wait 40 ms for each other
    server_version = "newsroom"
    sys_version = ""

    def do_GET(self) -> None:
        reply = self.server.newsroom.site(self.server.site).reply(self.path)
        conditional = "If-None-Match" in self.headers or "If-Modified-Since" in self.headers
        status = 304 if reply.status == 200 and self._has_it(reply) else reply.status
        self.server.newsroom.requests.append(Request(self.server.site, self.path, status, conditional))
        self.send_response(status)
        if reply.status == 200:
            self.send_header("ETag", reply.etag)
            if reply.modified:
                self.send_header("Last-Modified", _http_date(reply.modified))
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if status != 304:
            self.send_header("Content-Type", f"{reply.media}; charset=utf-8")
            self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        if status != 304:
            self.wfile.write(reply.body)

    def _has_it(self, reply: Reply) -> bool:
        """Whether the client holds these bytes already; an entity tag counts before a date (RFC 9110, 13.2.2)."""
        if tags := self.headers.get("If-None-Match"):
            return tags.strip() == "*" or reply.etag in [tag.strip().removeprefix("W/") for tag in tags.split(",")]
        if since := self.headers.get("If-Modified-Since"):
            try:
                return reply.modified is not None and reply.modified <= parsedate_to_datetime(since)
            except (TypeError, ValueError):  # not a date, or one without a zone: ignored, as the standard says
                return False
        return False

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing: `Newsroom.requests` is the log."""


def _http_date(time: datetime) -> str:
    return format_datetime(time.astimezone(UTC), usegmt=True)
