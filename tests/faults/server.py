"""A site on loopback that misbehaves as it is told to, and remembers who asked for what."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self


@dataclass(frozen=True, slots=True)
class Answer:
    """What stands at an address. With an `etag`, who has it is told so (304).

    With `sends`, nothing but what that writes to the connection, which is closed after it.
    """

    body: bytes | str = b""
    status: int = 200
    type: str = "text/html; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)
    etag: str | None = None
    wait: float = 0.0  # seconds until the answer begins
    breaks_after: int | None = None  # bytes of the body, then the connection is dropped
    sends: Callable[[socket.socket], None] | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it came; `at` is in seconds of a clock that only goes forward."""

    path: str
    headers: Mapping[str, str]
    at: float


def leads_to(url: str) -> Answer:
    """A redirect."""
    return Answer(status=302, headers={"Location": url})


def drips(first: bytes, piece: bytes, every: float, times: int = 1_000) -> Answer:
    """Sends the first bytes at once, and then a piece at a time, `every` so many seconds."""

    def send(connection: socket.socket) -> None:
        connection.sendall(first)
        for _ in range(times):
            time.sleep(every)
            connection.sendall(piece)

    return Answer(sends=send)


def resets(first: bytes) -> Answer:
    """Sends some bytes and resets the connection (RST)."""

    def send(connection: socket.socket) -> None:
        connection.sendall(first)
        time.sleep(0.05)  # else they would be dropped on the way
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()

    return Answer(sends=send)


class FaultySite:
    """Serves `answers` by path (with its query) while the context lasts; what is not there is 404.

    A list of answers is given in turn, its last one for ever. It is at `host`, which is of this machine, and speaks
    https with a `tls` context.
    """

    def __init__(
        self,
        answers: Mapping[str, Answer | list[Answer]] | None = None,
        host: str = "127.0.0.1",
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.answers: dict[str, Answer | list[Answer]] = dict(answers or {})
        self.asked: list[Asked] = []
        self._server = _Server(self, host, tls)
        self.address = f"{'https' if tls else 'http'}://{host}:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def paths(self) -> list[str]:
        """What was asked for, robots.txt apart, in order."""
        return [asked.path for asked in self.asked if asked.path != "/robots.txt"]

    def answer(self, path: str) -> Answer:
        """The answer that is next at an address."""
        answer = self.answers.get(path, Answer(status=404))
        if isinstance(answer, list):
            return answer.pop(0) if len(answer) > 1 else answer[0]
        return answer


class _Server(ThreadingHTTPServer):
    block_on_close = False  # answers that wait need not be waited for

    def __init__(self, site: FaultySite, host: str, tls: ssl.SSLContext | None) -> None:
        super().__init__((host, 0), _Handler)
        self.site = site
        if tls is not None:
            # The handshake is left to the thread of the connection: some clients break it off.
            self.socket = tls.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def handle_error(self, request: object, client_address: object) -> None:
        """Says nothing: clients that go in the middle of an answer are what some tests are about."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body leave in one piece

    def do_GET(self) -> None:
        self.server.site.asked.append(Asked(self.path, dict(self.headers), time.monotonic()))
        answer = self.server.site.answer(self.path)
        time.sleep(answer.wait)
        if answer.sends is not None:
            self.close_connection = True
            with suppress(OSError):
                answer.sends(self.connection)
            return
        body = answer.body.encode() if isinstance(answer.body, str) else answer.body
        unchanged = answer.etag is not None and self.headers.get("If-None-Match") == answer.etag
        self.send_response(304 if unchanged else answer.status)
        if answer.etag is not None:
            self.send_header("ETag", answer.etag)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if unchanged:
            self.end_headers()
            return
        self.send_header("Content-Type", answer.type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: answer.breaks_after])
        if answer.breaks_after is not None:
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing: `asked` is the log."""
