"""Reports as PDF, printed as an office program prints them: a running head and foot, wrapped and hyphenated lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

_WIDTH, _HEIGHT = 595, 842  # A4, in points
_LEFT, _TOP, _BOTTOM = 72, 770, 90
_HEAD, _FOOT = 800, 50
_COLUMNS = 64  # characters of a line of _SIZE
_SIZE, _LEADING = 11, 16
_ESCAPED = str.maketrans({"\\": r"\\", "(": r"\(", ")": r"\)"})
_BREAKABLE = re.compile(r"[a-z]{12,}[.,]?")


class Line(NamedTuple):
    """One printed line; `x` and `y` in points from the lower left corner of the page."""

    text: str
    x: float
    y: float
    size: float = _SIZE
    bold: bool = False


def print_report(title: str, blocks: Iterable[tuple[str, str]], head: str, foot: str) -> bytes:
    """A report as PDF: the title, then its blocks, each a kind (paragraph, heading, note) and its words.

    `head` stands above every page but the first, `foot` and the page's number below every page.
    """
    pages: list[list[Line]] = [[]]
    y = float(_TOP)
    for line, gap in _lines(title, blocks):
        y -= gap
        if y < _BOTTOM:
            pages.append([])
            y = float(_TOP)
        pages[-1].append(line._replace(y=y))
    for number, page in enumerate(pages, 1):
        if number > 1:
            page.insert(0, Line(head, _LEFT, _HEAD, 9))
        page.append(Line(f"{foot} {number}", _LEFT, _FOOT, 9))
    return write_pdf(pages)


def write_pdf(pages: Sequence[Sequence[Line]]) -> bytes:
    """A PDF of these pages: the same bytes for the same lines. Raises UnicodeEncodeError for what is not cp1252."""
    kids = " ".join(f"{5 + 2 * i} 0 R" for i in range(len(pages)))
    fonts = "<< /F1 3 0 R /F2 4 0 R >>"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        *(
            f"<< /Type /Font /Subtype /Type1 /BaseFont /{name} /Encoding /WinAnsiEncoding >>".encode()
            for name in ("Helvetica", "Helvetica-Bold")
        ),
    ]
    for i, lines in enumerate(pages):
        stream = b"\n".join(map(_shown, lines))
        objects += [
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {_WIDTH} {_HEIGHT}] /Resources << /Font {fonts} >>"
            f" /Contents {6 + 2 * i} 0 R >>".encode(),
            b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        ]
    body, offsets = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        offsets.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    count = len(objects) + 1
    trailer = f"trailer\n<< /Size {count} /Root 1 0 R >>\nstartxref\n{len(body)}\n%%EOF\n"
    return body + f"xref\n0 {count}\n0000000000 65535 f \n{table}{trailer}".encode()


def _shown(line: Line) -> bytes:
    text = line.text.translate(_ESCAPED).encode("cp1252")
    return b"BT /F%d %g Tf 1 0 0 1 %g %g Tm (%s) Tj ET" % (1 + line.bold, line.size, line.x, line.y, text)


def _lines(title: str, blocks: Iterable[tuple[str, str]]) -> Iterator[tuple[Line, float]]:
    """Every line of the report, still without its height, and how far below the line before it stands."""
    for text in _wrapped(title, _COLUMNS // 2):
        yield Line(text, _LEFT, 0, 2 * _SIZE, bold=True), 2 * _LEADING
    for kind, words in blocks:
        heading, note = kind == "heading", kind == "note"
        for i, text in enumerate(_wrapped(words, _COLUMNS - 4 * note)):
            size = _SIZE + 3 * heading
            x = _LEFT + 18 * note * bool(i)
            bullet = "• " if note and not i else ""
            yield Line(bullet + text, x, 0, size, bold=heading), _LEADING if i else 2 * _LEADING


def _wrapped(text: str, columns: int) -> Iterator[str]:
    """The text in lines; a long word that does not fit is broken by a hyphen, as is one at a hyphen of its own."""
    line = ""
    for word in text.split():
        line = f"{line} {word}" if line else word
        while len(line) > columns:
            cut = _cut(line, columns)
            yield line[:cut].rstrip() + ("-" if line[cut - 1].isalpha() and line[cut : cut + 1].isalpha() else "")
            line = line[cut:].lstrip()
    if line:
        yield line


def _cut(line: str, columns: int) -> int:
    start = line.rindex(" ") + 1 if " " in line else 0
    word, room = line[start:], columns - start - 1
    if "-" in word[: room + 1]:
        return start + word.index("-") + 1
    if _BREAKABLE.fullmatch(word) and 4 <= room <= len(word) - 4:
        return start + room
    return start or columns
