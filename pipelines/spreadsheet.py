"""Tables of text out of ODS and CSV files as they are downloaded, read row by row within limits.

An ODS file is a zip with one XML file that matters, so lxml, which is here already, reads it as a stream: the packages
that read spreadsheets load the whole of it, and trust its sizes.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import IO, Any

from lxml import etree

GREATEST = 400_000_000  # bytes of a file, unpacked: ten times Ofsted's greatest
COLUMNS, ROWS = 300, 200_000  # of a table: cells that a file repeats beyond them are not made
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"

Row = list[str]


class SpreadsheetError(ValueError):
    """The file can't be read as a spreadsheet: why, as the end of a sentence."""


def tables(path: Path) -> Iterator[tuple[str, Iterator[Row]]]:
    """Each table by its name, with its rows of cells as text, dates as YYYY-MM-DD; rows are to be read in order.

    Raises SpreadsheetError, and OSError.
    """
    with path.open("rb") as file:
        opening = file.read(4)
    if opening == b"PK\3\4":
        yield from _ods(path)
    elif opening.startswith(b"\xd0\xcf\x11\xe0"):
        raise SpreadsheetError("is an old Excel file: save it as ODS or CSV")
    else:
        yield path.name, _csv(path)


def _csv(path: Path) -> Iterator[Row]:
    if path.stat().st_size > GREATEST:
        raise SpreadsheetError("is too large")
    data = path.read_bytes()
    if b"\0" in data:
        raise SpreadsheetError("is neither an ODS nor a CSV file")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    try:
        for row in csv.reader(io.StringIO(text, newline="")):
            yield [" ".join(cell.split()) for cell in row[:COLUMNS]]
    except csv.Error as error:
        raise SpreadsheetError(f"is no readable CSV file ({error})") from error


def _ods(path: Path) -> Iterator[tuple[str, Iterator[Row]]]:
    try:
        with zipfile.ZipFile(path) as archive:
            if "content.xml" not in archive.namelist():
                raise SpreadsheetError("is a zip file, but no ODS file" + _hint(archive))
            with archive.open("content.xml") as content:
                reader = _Reader(_Limited(content))
                for name, rows in groupby(reader, key=lambda row: row[0]):
                    yield name, (row for _, row in rows)
                    reader.done = name
    except (zipfile.BadZipFile, etree.XMLSyntaxError, EOFError, NotImplementedError, RuntimeError) as error:
        raise SpreadsheetError(f"is a damaged ODS file ({error})") from error


def _hint(archive: zipfile.ZipFile) -> str:
    return ": it is an Excel file, save it as ODS or CSV" if "xl/workbook.xml" in archive.namelist() else ""


class _Limited:
    """A stream that ends with an error where a small file unpacks into a huge one."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream, self._left = stream, GREATEST

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size if 0 <= size < 1 << 20 else 1 << 20)
        self._left -= len(data)
        if self._left < 0:
            raise SpreadsheetError("unpacks into too much")
        return data


class _Reader:
    """Each row that has something in it, with the name of its table; what a table caches of other files is left out."""

    def __init__(self, stream: _Limited) -> None:
        self._stream = stream
        self.done = ""  # a table of which nobody wants the rest

    def __iter__(self) -> Iterator[tuple[str, Row]]:
        name, rows, cached = "", 0, False
        table, source, row_tag = (_TABLE + tag for tag in ("table", "table-source", "table-row"))
        events: Iterable[tuple[str, Any]] = etree.iterparse(
            self._stream,
            events=("start", "end"),
            tag=(table, source, row_tag),
            resolve_entities=False,
            no_network=True,
            huge_tree=False,
        )
        for event, element in events:
            if element.tag == table and event == "start":
                name, rows, cached = element.get(_TABLE + "name", ""), 0, False
            elif element.tag == source:
                cached = True
            elif element.tag == row_tag and event == "end":
                row = [] if cached or name == self.done or rows > ROWS else _cells(element)
                rows += 1
                element.clear()
                while element.getprevious() is not None:  # what has been read is let go
                    del element.getparent()[0]
                if any(row):
                    yield name, row


def _cells(row: Any) -> Row:
    cells: Row = []
    for cell in row:
        if cell.tag not in {_TABLE + "table-cell", _TABLE + "covered-table-cell"}:
            continue
        repeated = cell.get(_TABLE + "number-columns-repeated", "1")
        times = min(int(repeated) if repeated.isdigit() else 1, COLUMNS - len(cells))
        cells += [_cell(cell)] * times
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _cell(cell: Any) -> str:
    if day := cell.get(_OFFICE + "date-value"):
        return str(day[:10])
    return " ".join(" ".join("".join(line.itertext()) for line in cell.iter(_TEXT + "p")).split())
