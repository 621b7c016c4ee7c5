"""The pages of a part, as they came."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

import pyarrow.parquet as pq  # type: ignore[import-untyped]
from pyarrow import ArrowException

from onrecord.bulk.find import TABLES, File, moment, open_file
from onrecord.bulk.plan import Part
from onrecord.bulk.warc import Damaged, responses
from onrecord.inputs import ARCHIVES, TYPES
from pipelines.article import LARGEST
from pipelines.page import Page

# A column with the page in it, and what kind of page that is where no column says so.
_BODIES = {"body": "", "html": "text/html; charset=utf-8", "text": "text/plain; charset=utf-8"}
_BATCH = 64  # rows of a table that are in memory at once
_HEADERS = 100_000  # bytes that a response may have before its body


class Came(NamedTuple):
    """A page, or why there is none; `packed` if its body is a response as it was sent, of which `whole` came."""

    page: Page
    file: str
    offset: int | None = None
    packed: bool = False
    whole: bool = True
    failure: str | None = None


def pages_of(part: Part) -> Iterator[Came]:
    """Every page of a part, in order. Raises OSError."""
    if part.suffix in ARCHIVES:
        return _archived(part)
    return _rows(part) if part.suffix in TABLES else _files(part)


def _files(part: Part) -> Iterator[Came]:
    for file in part.files:
        with open_file(file.address) as stream:
            body = stream.read(LARGEST + 1)
        headers = {"content-type": TYPES[file.suffix]}
        yield Came(Page(url=file.url, body=body, headers=headers, fetched_at=file.modified), file.address)


def _archived(part: Part) -> Iterator[Came]:
    (file,) = part.files
    name = file.address.rpartition("/")[2]
    nothing = True
    with open_file(file.address) as stream:
        try:
            for record in responses(stream, part.first, LARGEST + _HEADERS):
                if record.offset >= part.end:
                    return
                nothing = False
                fetched = moment(record.date) or file.modified
                page = Page(record.url, record.block, fetched_at=fetched)
                page.archive_file, page.archive_offset = name, record.offset
                yield Came(page, file.address, record.offset, packed=True, whole=record.whole)
        except Damaged as damage:
            yield Came(Page(damage.url, b""), file.address, damage.offset, failure=str(damage))
            return
    if nothing:
        yield Came(Page("", b""), file.address, 0, failure="the archive holds no page")


def _rows(part: Part) -> Iterator[Came]:
    (file,) = part.files
    with open_file(file.address) as stream:
        try:
            yield from _rows_in(pq.ParquetFile(stream), part, file)
        except ArrowException as error:
            yield Came(Page("", b""), file.address, failure=f"the table can't be read: {error}")


def _rows_in(table: Any, part: Part, file: File) -> Iterator[Came]:
    named = table.schema_arrow.names
    body = next((name for name in _BODIES if name in named), None)
    if body is None or "url" not in named:
        why = f"the table has no column url, or none of {', '.join(_BODIES)}"
        yield Came(Page("", b""), file.address, failure=why)
        return
    columns = [name for name in ("url", body, "content_type", "fetched_at", "status") if name in named]
    groups, number = _groups_from(table.metadata, part.first, part.end)
    for batch in table.iter_batches(batch_size=_BATCH, row_groups=groups, columns=columns):
        if number + len(batch) > part.first:
            for place, row in enumerate(batch.to_pylist(), number):
                if part.first <= place < part.end:
                    yield _row(row, body, place, file)
        number += len(batch)
        if number >= part.end:
            return


def _groups_from(footer: Any, first: int, end: int) -> tuple[list[int], int]:
    """The groups of rows that hold some of those wanted, and the number of the first row in them."""
    groups: list[int] = []
    begin = row = 0
    for group in range(footer.num_row_groups):
        behind = row + footer.row_group(group).num_rows
        if row < end and behind > first:
            begin = begin if groups else row
            groups.append(group)
        row = behind
    return groups, begin


def _row(row: dict[str, Any], body: str, place: int, file: File) -> Came:
    url, content = row["url"], row[body]
    if not isinstance(url, str) or not isinstance(content, str | bytes):
        return Came(Page(str(url or ""), b""), file.address, place, failure=f"the row has no url, or no {body}")
    kind = row.get("content_type") or _BODIES[body]
    if isinstance(content, str):
        kind = f"{kind.split(';')[0]}; charset=utf-8" if kind else ""
        content = content.encode(errors="replace")
    fetched = row.get("fetched_at")
    page = Page(
        url,
        content,
        status=200 if row.get("status") is None else int(row["status"]),
        headers={"content-type": kind} if kind else {},
        fetched_at=(moment(fetched) if isinstance(fetched, str | datetime) else "") or file.modified,
    )
    return Came(page, file.address, place)
