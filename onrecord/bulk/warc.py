"""The records of a WARC file, walked from member to member: where each begins is counted, never searched for.

A page may hold the bytes of a whole archive; only a walk from the beginning tells those from the archive's own.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import redirect_stderr
from io import StringIO
from typing import Any, NamedTuple

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

_DAMAGE = (ArchiveLoadFailed, EOFError, ValueError, zlib.error)


class Record(NamedTuple):
    """A response as it stands in the file: headers of the record, and its first bytes (all of them if `whole`)."""

    offset: int
    url: str
    date: str
    headers: str
    block: bytes
    whole: bool


class Damaged(Exception):
    """What begins at `offset` is no whole record, and nothing behind it can be found."""

    def __init__(self, offset: int, reason: str, url: str = "") -> None:
        super().__init__(reason)
        self.offset = offset
        self.url = url


def responses(stream: Any, first: int = 0, most: int = 0) -> Iterator[Record]:
    """The responses of http(s) from the record at `first` on, with `most` bytes of each. Raises Damaged, OSError."""
    stream.seek(first)
    archive = ArchiveIterator(stream, no_record_parse=True)
    while True:
        with redirect_stderr(StringIO()):  # warcio prints what it makes of damage
            try:
                record = next(archive)
                offset = archive.offset
                block = record.raw_stream.read(most)
                archive.read_to_end()
            except StopIteration:
                return
            except _DAMAGE as error:
                raise Damaged(archive.offset, f"the archive is damaged here: {' '.join(str(error).split())}") from error
        headers = record.rec_headers
        url = headers.get_header("WARC-Target-URI") or ""
        if getattr(record.raw_stream, "limit", 1):  # bytes should have come and did not, or the line that counts them
            raise Damaged(offset, "the archive is cut short here", url)
        if record.rec_type == "response" and url.startswith(("http:", "https:")):
            whole = (record.length or 0) <= most
            yield Record(offset, url, headers.get_header("WARC-Date") or "", headers.to_str(), block, whole)
