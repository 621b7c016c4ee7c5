"""Which pages are read together: a part is one task, and one set of Parquet files.

Parts follow from the inputs alone, so that whoever does them, and how often, makes the same files. An archive is cut
where a walk over it has counted so many pages, a table at row numbers; files of one page each are cut where a hash of
an address says so, which moves no other cut when files are added.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pyarrow.parquet as pq  # type: ignore[import-untyped]
from pyarrow import ArrowException

from onrecord.bulk.find import TABLES, File, open_file
from onrecord.bulk.warc import Damaged, responses
from onrecord.inputs import ARCHIVES

_UNFIT = re.compile(r"[^A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Part:
    """A run of pages: of an archive by the offsets of records, of a table by its rows, else by the files they are."""

    name: str
    files: tuple[File, ...]
    first: int = 0
    end: int = 0

    @property
    def suffix(self) -> str:
        """What kind of files it is of."""
        return self.files[0].suffix


def is_many(file: File) -> bool:
    """Whether a file holds many pages, so that somebody has to look into it before it is cut."""
    return file.suffix in (*ARCHIVES, *TABLES)


def parts_of(file: File, pages: int) -> list[Part]:
    """The parts of an archive or a table, of so many pages each. Raises OSError."""
    with open_file(file.address) as stream:
        is_archive = file.suffix in ARCHIVES
        cuts = list(_cuts_of_archive(stream, pages, file.size) if is_archive else _cuts_of_table(stream, pages))
    return [
        Part(_name(file, f"{number:05}", file.address, str(first), str(end), seal), (file,), first, end)
        for number, ((first, seal), (end, _)) in enumerate(pairwise(cuts), 1)
    ]


def parts_of_pages(files: Iterable[File], pages: int) -> Iterator[Part]:
    """The parts of files that are one page each, of so many on average."""
    run: list[File] = []
    for file in files:
        if run and int.from_bytes(hashlib.sha256(file.address.encode()).digest()[:8]) % pages == 0:
            yield _of_pages(run)
            run = []
        run.append(file)
    if run:
        yield _of_pages(run)


def _of_pages(run: list[File]) -> Part:
    return Part(_name(run[0], "pages", *(f"{file.address} {file.size} {file.modified}" for file in run)), tuple(run))


def _cuts_of_archive(stream: Any, pages: int, size: int) -> Iterator[tuple[int, str]]:
    """Where each part begins, with a seal of the records in it (another record there is another part), and the end."""
    first, count, seal = 0, 0, hashlib.sha256()
    try:
        for record in responses(stream):
            if count == pages:
                yield first, seal.hexdigest()
                first, count, seal = record.offset, 0, hashlib.sha256()
            count += 1
            seal.update(record.headers.encode())
    except Damaged as damage:  # which the last part meets, too, and tells
        seal.update(str(damage.offset).encode())
    yield first, seal.hexdigest()
    yield size, ""


def _cuts_of_table(stream: Any, pages: int) -> Iterator[tuple[int, str]]:
    """The same by rows; the seal is the table's footer, which has sums of what is in it."""
    try:
        footer = pq.ParquetFile(stream).metadata
    except ArrowException as error:  # which its part meets, too, and tells
        yield from ((0, str(error)), (0, ""))
        return
    seal = hashlib.sha256(repr(footer.to_dict()).encode()).hexdigest()
    yield from ((first, seal) for first in range(0, max(footer.num_rows, 1), pages))
    yield footer.num_rows, ""


def _name(file: File, which: str, *of: str) -> str:
    stem = file.address.rpartition("/")[2][: -len(file.suffix)]
    sealed = hashlib.sha256("\n".join(of).encode(errors="surrogatepass")).hexdigest()[:12]
    return f"{_UNFIT.sub('-', stem)[:60]}.{which}.{sealed}"
