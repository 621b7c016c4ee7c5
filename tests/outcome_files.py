"""Files of outcomes in the shapes that Ofsted publishes, with numbers of our own."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

Table = Sequence[Sequence[str]]

_SPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
)
YEARLY_HEADER = (
    "Area code", "Local authority name", "Region", "Inspection date", "Inspection type", "Overall effectiveness",
    "Impact of leaders", "Experiences and progress of children who need help and protection",
)  # fmt: skip
WIDE_HEADER = (
    "Web link", "Local authority name", "LA region",
    "Safeguarding & Looked After Children (SLAC) Inspection publication date",
    "SLAC Safeguarding Overall effectiveness (OE)", "SLAC Looked After Children Overall Effectiveness (OE)",
    "SLAC re-inspection of Safeguarding publication date", "SLAC re-inspection Safeguarding OE",
    "Single Inspection of LA Children's Services (SIF) First SIF publication date", "First SIF Overall Judgement\n(OE)",
    "First SIF leadership, management and governance", "LSCB Overall Effectiveness",
    "Single Inspection of LA Children's Services (SIF) SIF Re-inspection publication date",
    "SIF Re-inspection Overall Judgement (OE)", "ILACS framework inspection type", "ILACS framework publication date",
    "ILACS framework overall effectiveness",
)  # fmt: skip


def write_csv(path: Path, table: Table, encoding: str = "utf-8-sig") -> Path:
    """A CSV file with a byte order mark, as spreadsheets save it."""
    text = io.StringIO()
    csv.writer(text).writerows(table)
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def write_ods(path: Path, tables: Mapping[str, Table]) -> Path:
    """An ODS file; empty cells at the end of a row and empty rows at the end of a table are repeated by number."""
    body = "".join(
        f"<table:table table:name={quoteattr(name)}>{''.join(_row(row) for row in table)}"
        '<table:table-row table:number-rows-repeated="1048000"><table:table-cell'
        ' table:number-columns-repeated="16384"/></table:table-row></table:table>'
        for name, table in tables.items()
    )
    return write_content(
        path,
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {_SPACES}><office:body><office:spreadsheet>'
        f"{body}</office:spreadsheet></office:body></office:document-content>",
    )


def write_content(path: Path, content: str) -> Path:
    """An ODS file with this content.xml."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
    return path


def _row(row: Sequence[str]) -> str:
    return (
        f"<table:table-row>{''.join(map(_cell, row))}"
        '<table:table-cell table:number-columns-repeated="16000"/></table:table-row>'
    )


def _cell(cell: str) -> str:
    if len(cell) == 10 and cell[4] == cell[7] == "-":
        shown = "/".join(reversed(cell.split("-")))
        return (
            f'<table:table-cell office:value-type="date" office:date-value="{cell}T00:00:00">'
            f"<text:p>{shown}</text:p></table:table-cell>"
        )
    lines = "".join(f"<text:p>{escape(line)}</text:p>" for line in cell.split("\n")) if cell else ""
    return f"<table:table-cell>{lines}</table:table-cell>"


def yearly(*rows: Sequence[str]) -> Table:
    """A row for each inspection, under two lines of notes."""
    notes = [["Invented outcomes of councils"], ["This sheet contains one table."]]
    return [*notes, YEARLY_HEADER, *rows]


def wide(*rows: Sequence[str]) -> Table:
    """A row for each council."""
    notes = [["Invented outcomes 2009 to 2020"], ["Table 10"]]
    return [*notes, WIDE_HEADER, *rows, [], ["Source: invented"]]


def first_sif(council: str, day: str, grade: str, again: str = "", regrade: str = "") -> Sequence[str]:
    """A council's row in the wide table with its first SIF inspection, and perhaps a re-inspection."""
    return ["Page", council, "North", *[""] * 5, day, grade, grade, "Good", again, regrade]
