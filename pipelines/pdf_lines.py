"""A PDF to its printed lines, page by page, each with its place and its type: what pypdf tells, put in order."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from io import BytesIO
from itertools import pairwise
from typing import Any, NamedTuple

from pypdf import Configuration, PageObject, PdfReader, apply_configuration

from nlp.text import clean_paragraph
from pipelines.reading import NotAnArticle

MOST_PAGES = 400
MOST_OPERATORS = 1_000_000  # of the drawing language in all pages; a page of text has some thousands
LONGEST = 60.0  # seconds, for what counting operators does not bound

# pypdf's own limits, set for pages of text: a picture or a bomb goes over them and is refused.
_LIMITS = Configuration(
    stream_parsing_work_maximum_count=300_000,
    zlib_maximum_output_length=20_000_000,
    xform_maximum_invocations_per_extraction=200,
    page_tree_maximum_entries=10 * MOST_PAGES,
)
_LIGATURES = str.maketrans({"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"})

# What pypdf has to say of files that are not as they should be is no news: they are read or refused.
logging.getLogger("pypdf").setLevel(logging.CRITICAL)


class Line(NamedTuple):
    """One printed line: where it begins, in points from the lower left corner of its page, and its type."""

    text: str  # as `nlp.text.clean_paragraph` gives it, but for a soft hyphen at its end
    x: float
    y: float
    size: float  # points
    bold: bool


def read_lines(body: bytes) -> list[list[Line]]:
    """The lines of each page in reading order. Raises NotAnArticle for a PDF that is locked, broken or too much."""
    try:
        with apply_configuration(_LIMITS):
            return _read(body)
    except NotAnArticle:
        raise
    except Exception as error:  # of a broken file nobody can tell what pypdf will trip over
        said = clean_paragraph(str(error))[:100] or type(error).__name__
        raise NotAnArticle(f"a PDF that cannot be read: {said}") from error


def _read(body: bytes) -> list[list[Line]]:
    reader = PdfReader(BytesIO(body))
    if reader.is_encrypted and not reader.decrypt(""):  # most locked ones only forbid printing
        raise NotAnArticle("a PDF that asks for a password")
    if len(reader.pages) > MOST_PAGES:
        raise NotAnArticle(f"a PDF of more than {MOST_PAGES} pages")
    budget = _Budget()
    pages = []
    for page in reader.pages:
        budget.check()
        pages.append(_in_reading_order(_Page(budget).read(page)))
    return pages


class _Budget:
    """What a whole file may cost."""

    def __init__(self) -> None:
        self.operators = 0
        self.until = time.monotonic() + LONGEST

    def spend(self, *_: Any) -> None:
        """Called by pypdf before every operator."""
        self.operators += 1
        if self.operators > MOST_OPERATORS:
            raise NotAnArticle("a PDF that draws more than text")

    def check(self) -> None:
        """Called before every page."""
        if time.monotonic() > self.until:
            raise NotAnArticle(f"a PDF that takes more than {LONGEST:.0f} seconds to read")


class _Piece(NamedTuple):
    text: str
    x: float
    y: float
    size: float
    bold: bool


class _Page:
    """Collects the pieces of text that pypdf finds on a page into lines."""

    def __init__(self, budget: _Budget) -> None:
        self.budget = budget
        self.lines: list[Line] = []
        self.pieces: list[_Piece] = []

    def read(self, page: PageObject) -> list[Line]:
        """The lines as they are drawn; what stands upside down or on its side (a watermark, a tab) is left out."""
        page.extract_text(orientations=(0,), visitor_text=self.piece, visitor_operand_before=self.budget.spend)
        self.end_line()
        return self.lines

    def piece(self, text: str, ctm: Sequence[float], tm: Sequence[float], font: Any, size: float) -> None:
        """Called by pypdf with text that is drawn in one go, and with a line's end."""
        bold = "bold" in str((font or {}).get("/BaseFont", "")).lower()
        x = tm[4] * ctm[0] + tm[5] * ctm[2] + ctm[4]
        y = tm[4] * ctm[1] + tm[5] * ctm[3] + ctm[5]
        for i, part in enumerate(text.split("\n")):
            if i:
                self.end_line()
            if part:
                self.pieces.append(_Piece(part, x, y, abs(size * tm[3] * ctm[3]), bold))

    def end_line(self) -> None:
        """What was collected is a line, if it says anything."""
        said = [piece for piece in self.pieces if piece.text.strip()]
        if said:
            # A bullet or a footnote's number is set otherwise than the line that it begins.
            longest = max(said, key=lambda piece: len(piece.text))
            text = "".join(piece.text for piece in self.pieces).translate(_LIGATURES)
            hyphen = "\u00ad" if text.rstrip().endswith("\u00ad") else ""
            if text := clean_paragraph(text):
                self.lines.append(Line(text + hyphen, said[0].x, said[0].y, longest.size, longest.bold))
        self.pieces = []


def _in_reading_order(lines: list[Line]) -> list[Line]:
    """From top to bottom, unless some stand side by side: columns are read as they are drawn."""
    down = sorted(lines, key=lambda line: -line.y)
    beside = any(above.y - below.y < min(above.size, below.size) / 2 for above, below in pairwise(down))
    return lines if beside else down
