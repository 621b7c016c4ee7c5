"""/archived/<page id>: what a site answered, as it came, as plain text: nothing in it is drawn or run."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from datasette.utils.asgi import NotFound, Response

from onrecord.review.page import read
from pipelines.archive import read_archive
from pipelines.charset import decode
from pipelines.page import Page

_TEXT = ("text/", "application/json", "application/xml", "application/xhtml", "application/rss", "application/atom")


async def page(datasette: Any, request: Any) -> Response:
    """The headers and the body; of a body that is no text, how long it is."""
    id = int(request.url_vars["id"])
    row = await read(datasette, request, lambda connection: place(connection, id))
    if row is None:
        raise NotFound("No answer was archived for this page.")
    name, offset = row
    # The archive lies beside the file; a name in the file is a name, and no way out of the folder.
    path = Path(datasette.get_database().path).parent / "archive" / Path(name).name
    try:
        answer = next(read_archive(path, offset), None)
    except OSError:
        answer = None
    if answer is None:
        raise NotFound(f"{path.name} is not there any more, or is cut short.")
    return Response.text(as_text(answer))


def place(connection: sqlite3.Connection, id: int) -> tuple[str, int] | None:
    """The archive that holds the page's answer, and where in it."""
    sql = "SELECT archive_file, archive_offset FROM pages WHERE id = ? AND archive_file IS NOT NULL"
    row = connection.execute(sql, [id]).fetchone()
    return tuple(row) if row else None


def as_text(answer: Page) -> str:
    """The answer as it came: address, time, status, headers, and the body where it is text."""
    media = answer.headers.get("content-type", "text/html")
    head = [
        f"{answer.url}, {answer.fetched_at}",
        f"HTTP {answer.status}",
        *(f"{name}: {value}" for name, value in answer.headers.items()),
    ]
    shown = decode(answer.body, media) if media.startswith(_TEXT) else f"[{len(answer.body):,} bytes of {media}]"
    return "\n".join([*head, "", shown])
