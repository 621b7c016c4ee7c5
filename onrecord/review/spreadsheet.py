"""CSV that a spreadsheet takes as words: a cell that it would take as a formula gets an apostrophe before it."""

from __future__ import annotations

import codecs
import re
from typing import Any

from onrecord.review.hook import hook

# One cell that is not empty: in quotation marks, doubled inside, or without.
_CELL = re.compile(r'"[^"]*(?:""[^"]*)*"?|[^",\r\n]+')
# What begins a formula, or is dropped before one; full-width characters are taken for plain ones.
_FORMULA = re.compile(r'"?[=+\-@\t\r\n＝＋－＠]')
_NUMBER = re.compile(r'"?[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?"?')


def harmless(rows: str) -> str:
    """Whole rows of CSV, with an apostrophe before what would be a formula. Numbers stay numbers."""
    return _CELL.sub(_quoted, rows)


def _quoted(cell: re.Match[str]) -> str:
    text = cell.group()
    if not _FORMULA.match(text) or _NUMBER.fullmatch(text):
        return text
    return f"\"'{text[1:]}" if text.startswith('"') else f"'{text}"


class Rows:
    """Takes a body bit by bit and gives whole rows of it."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._text = ""

    def take(self, body: bytes, *, last: bool) -> bytes:
        """The rows that are whole now, harmless; with the last bit, all that there is."""
        self._text += self._decoder.decode(body, last)
        # Inside quotation marks a line break ends no row.
        if not last and (not self._text.endswith("\n") or self._text.count('"') % 2):
            return b""
        rows, self._text = self._text, ""
        return harmless(rows).encode()


@hook
def asgi_wrapper() -> Any:
    """Datasette writes every table, view and query as CSV at the same address with `.csv` behind it."""
    return _wrap


def _wrap(app: Any) -> Any:
    async def wrapped(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or not scope["path"].endswith(".csv"):
            await app(scope, receive, send)
            return
        rows: Rows | None = None

        async def send_rows(message: Any) -> None:
            nonlocal rows
            if message["type"] == "http.response.start":
                kind = dict(message["headers"]).get(b"content-type", b"")
                rows = Rows() if kind.startswith((b"text/plain", b"text/csv")) else None  # an error is a page
            elif rows:
                last = not message.get("more_body", False)
                message = {**message, "body": rows.take(message.get("body", b""), last=last)}
            await send(message)

        await app(scope, receive, send_rows)

    return wrapped
