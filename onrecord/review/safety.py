"""Who may ask for what, and what browsers are told about every answer.

Served on this machine (the rule), anybody at it may read and review. Served elsewhere (`hosted`), reading is for
everybody, writing for those who have logged in. Neither way does a page of another site get anything: not by naming us
otherwise (DNS rebinding), not by posting to us, not by taking us into its pages.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Collection
from http.cookies import CookieError, SimpleCookie
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from datasette.plugins import pm
from datasette.utils import await_me_maybe
from datasette.utils.asgi import Request, Response

from onrecord.review.hook import hook, last_hook
from onrecord.review.markup import begin_page

SETTINGS = "onrecord"  # under `plugins` of the metadata: {"hosted": bool, "hosts": [names]}

_SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
_HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
# No value in the file is larger than the largest page that is stored, and none that a query makes may be.
_LARGEST_VALUE = 16 * 1024 * 1024
# Of Datasette's own pages, those that others may see: how we are set up is nobody's business.
_PUBLIC = ("/-/static/", "/-/static-plugins/", "/-/login", "/-/logout")
_BETWEEN_LOGINS = 1.0  # seconds: a password takes a third of one to check, and nobody types faster


@hook
def register_routes() -> list[Any]:
    return [(r"^/robots\.txt$", _robots)]


def _robots() -> Response:
    return Response.text("User-agent: *\nDisallow: /\n")


@hook
def prepare_connection(conn: sqlite3.Connection) -> None:
    conn.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LARGEST_VALUE)


@last_hook  # last to wrap: first to be asked
def asgi_wrapper(datasette: Any) -> Any:
    return lambda app: _Guard(app, datasette)


class _Guard:
    """Stands before the whole application."""

    def __init__(self, app: Any, datasette: Any) -> None:
        self._app = app
        self._datasette = datasette
        settings = datasette.plugin_config(SETTINGS) or {}
        self._hosted: bool = settings.get("hosted", False)
        self._hosts: Collection[str] = settings.get("hosts", ())
        self._next_login = 0.0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if self._hosted:
            # One way in: the form, which is guarded against other sites and against guessing.
            scope = {**scope, "headers": [header for header in scope["headers"] if header[0] != b"authorization"]}
        nonce = begin_page()

        async def send_told(message: Any) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": _told(message.get("headers", ()), nonce())}
            await send(message)

        if refusal := await self._refusal(Request(scope, receive)):
            await refusal.asgi_send(send_told)
        else:
            await self._app(scope, receive, send_told)

    async def _refusal(self, request: Any) -> Response | None:
        host = request.headers.get("host", "")
        if not self._is_us(host):
            return _refused(421, "This is not the site you asked for.")
        site = request.headers.get("sec-fetch-site", "none")
        if request.method in _SAFE_METHODS:
            # A link from elsewhere may lead here; an image, a script or a frame from elsewhere may not.
            if site == "cross-site" and request.headers.get("sec-fetch-mode") != "navigate":
                return _refused(403, "Other sites can't take this into their pages.")
            if self._hosted and request.path.startswith("/-/") and not request.path.startswith(_PUBLIC):
                return _refused(404, "There is no such page.")
            return None
        origin = request.headers.get("origin")
        if site not in ("same-origin", "none") or (origin is not None and urlsplit(origin).netloc != host):
            return _refused(403, "Only pages of this site may change anything.")
        # Without a cookie, Datasette would ask for no token.
        if "ds_csrftoken" not in request.cookies:
            return _refused(403, "Open the page again: its token is missing.")
        if not self._hosted:
            return None
        if request.path == "/-/login":
            return self._too_soon()
        return None if await self._actor(request) else _refused(403, "Log in to review.")

    def _is_us(self, host: str) -> bool:
        """Names that another site could have pointed at us are not ours; addresses can't be pointed anywhere."""
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        if name == "localhost" or name in self._hosts:
            return True
        try:
            address = ip_address(name)
        except ValueError:
            return False
        return self._hosted or address.is_loopback

    def _too_soon(self) -> Response | None:
        now = asyncio.get_running_loop().time()
        if now < self._next_login:
            return _refused(429, "Somebody has just tried to log in: wait a second.")
        self._next_login = now + _BETWEEN_LOGINS
        return None

    async def _actor(self, request: Any) -> Any:
        for found in pm.hook.actor_from_request(datasette=self._datasette, request=request):
            if actor := await await_me_maybe(found):
                return actor
        return None


def _refused(status: int, sentence: str) -> Response:
    return Response.text(sentence, status=status)


def _told(headers: Any, nonce: str | None) -> list[tuple[bytes, bytes]]:
    """The answer's headers and ours."""
    ours = {**_HEADERS, "content-security-policy": _policy(nonce)}
    kept = [
        (name, _hidden(value) if name.lower() == b"set-cookie" else value)
        for name, value in headers
        if name.decode("latin-1").lower() not in ours
    ]
    return kept + [(name.encode(), value.encode()) for name, value in ours.items()]


def _policy(nonce: str | None) -> str:
    """Nothing from elsewhere; no inline script or style but what Datasette's own templates bring."""
    own = f"'self' 'nonce-{nonce}'" if nonce else "'self'"
    return (
        f"default-src 'self'; script-src {own}; style-src {own}; img-src 'self' data:; object-src 'none';"
        " base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )


def _hidden(set_cookie: bytes) -> bytes:
    """Who is logged in is no script's business."""
    try:
        named = SimpleCookie(set_cookie.decode("latin-1"))
    except CookieError:
        return set_cookie
    hide = "ds_actor" in named and not named["ds_actor"]["httponly"]
    return set_cookie + b"; HttpOnly" if hide else set_cookie
