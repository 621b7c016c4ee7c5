"""Pages as they came, in WARC files: every extraction can be replayed from them.

One file per process and night, `onrecord-DATE-TIME-PID-LOT.warc.gz`: by lot, for processes on two machines, whose
archives may be one folder or be merged, can have begun in one second under one number. Each record is a gzip member of
its own, so a file that is cut short is readable up to its last whole record. Bodies are stored with their content
coding undone.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from io import BytesIO
from pathlib import Path

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from pipelines.page import Page

# The body is stored as read, so these would lie about it.
_CODINGS = {"content-encoding", "transfer-encoding", "content-length"}


class Archive:
    """Writes one WARC file in a folder; nothing is made before the first page."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        lot = secrets.token_hex(3)
        self.path = folder / f"onrecord-{datetime.now(UTC):%Y%m%d-%H%M%S}-{os.getpid()}-{lot}.warc.gz"

    def write(self, page: Page) -> tuple[str, int]:
        """Appends a page; gives the file's name and the offset of its record. Raises OSError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        sent = page.headers.items()
        headers = [(name, _plain(value)) for name, value in sent if name not in _CODINGS and name.isascii()]
        written = BytesIO()
        writer = WARCWriter(written, gzip=True)
        record = writer.create_warc_record(
            _plain(page.url),
            "response",
            payload=BytesIO(page.body),
            length=len(page.body),
            http_headers=StatusAndHeaders(str(page.status), headers, protocol="HTTP/1.1"),
            warc_headers_dict={"WARC-Date": page.fetched_at} if page.fetched_at else {},
        )
        writer.write_record(record)
        offset = self.path.stat().st_size if self.path.exists() else 0
        try:
            with self.path.open("ab") as stream:
                stream.write(written.getbuffer())
                stream.flush()
                os.fsync(stream.fileno())  # before any row says that it is there
        except OSError:
            with suppress(OSError):
                os.truncate(self.path, offset)  # half a record would hide those behind it
            raise
        return self.path.name, offset


@cache
def archive_in(folder: Path) -> Archive:
    """The process's archive in a folder, whatever the number of spiders that write to it."""
    return Archive(folder)


def read_archive(path: Path, offset: int = 0) -> Iterator[Page]:
    """The pages of a WARC file, in order, from the record at `offset` on.

    Raises OSError; stops at a record that is cut short or is none.
    """
    with path.open("rb") as stream, suppress(ArchiveLoadFailed):
        stream.seek(offset)
        for record in ArchiveIterator(stream):
            if record.rec_type != "response" or record.http_headers is None:
                continue
            body = record.content_stream().read()
            record.raw_stream.read()  # what follows the last chunk
            if record.raw_stream.limit:  # bytes that should have come and did not
                return
            yield Page(
                url=record.rec_headers.get_header("WARC-Target-URI"),
                body=body,
                status=int(record.http_headers.get_statuscode() or 0),
                headers={name.lower(): value for name, value in record.http_headers.headers},
                fetched_at=record.rec_headers.get_header("WARC-Date") or "",
            )


def _plain(value: str) -> str:
    """A header's value that can't end its line."""
    return " ".join(value.splitlines())
