"""/archived/<page id>: what a site answered, as it came, as plain text: nothing in it is drawn or run."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from datasette.utils.asgi import NotFound, Response
from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from onrecord.review.page import read
from pipelines.charset import decode

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
        text = answer(path, offset)
    except (OSError, ArchiveLoadFailed):
        raise NotFound(f"{path.name} is not there any more, or is cut short.") from None
    return Response.text(text)


def place(connection: sqlite3.Connection, id: int) -> tuple[str, int] | None:
    """The archive that holds the page's answer, and where in it."""
    sql = "SELECT archive_file, archive_offset FROM pages WHERE id = ? AND archive_file IS NOT NULL"
    row = connection.execute(sql, [id]).fetchone()
    return tuple(row) if row else None


def answer(path: Path, offset: int) -> str:
    """The answer of that record as text. Raises OSError, ArchiveLoadFailed."""
    with path.open("rb") as stream:
        stream.seek(offset)
        record = next(ArchiveIterator(stream), None)
        if record is None or record.http_headers is None:
            raise ArchiveLoadFailed(f"no answer at {offset}")
        body = record.content_stream().read()
        record.raw_stream.read()  # what follows the last chunk
        if record.raw_stream.limit:
            raise ArchiveLoadFailed("bytes that should have come and did not")
    media = record.http_headers.get_header("Content-Type", "text/html")
    head = [
        f"{record.rec_headers.get_header('WARC-Target-URI')}, {record.rec_headers.get_header('WARC-Date')}",
        f"HTTP {record.http_headers.get_statuscode()}",
        *(f"{name}: {value}" for name, value in record.http_headers.headers),
    ]
    shown = decode(body, media) if media.startswith(_TEXT) else f"[{len(body):,} bytes of {media}]"
    return "\n".join([*head, "", shown])
