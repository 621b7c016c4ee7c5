"""Pairs quotation marks within one paragraph: curly, straight, single, and `''…''`.

Nothing is decided here about what a quotation is worth; a mark that does not fit costs its own paragraph at most.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_MARK = re.compile("``|''|[“”„«»\"]|[‘’']")
_ELISIONS = re.compile(r"(?:em|til|tis|twas|cause|n|round|\d\ds)\b", re.IGNORECASE)
_MAX_SINGLE = 2_000  # characters between single marks


@dataclass(frozen=True, slots=True)
class Marked:
    """A quoted stretch: offsets of the words inside the marks, and which of the two marks are there."""

    start: int
    end: int
    opened: bool = True
    closed: bool = True


@dataclass(frozen=True, slots=True)
class _Mark:
    start: int
    end: int
    text: str
    can_open: bool
    can_close: bool

    @property
    def single(self) -> bool:
        return self.text in "‘’'"


def marked_spans(text: str, start: int, end: int) -> list[Marked]:
    """The outermost quoted stretches of the paragraph text[start:end], in order.

    A stretch whose opening mark is missing starts with the paragraph (`opened` False); one whose closing mark is
    missing ends with it, or where the next one opens (`closed` False).
    """
    spans: list[Marked] = []
    open_at: _Mark | None = None
    resume = start
    for mark in _marks(text, start, end):
        if mark.start < resume:
            continue
        if mark.single:
            # Inside double marks singles are nested or apostrophes: the outer pair holds them.
            if open_at is None and mark.can_open and not _ELISIONS.match(text, mark.end):
                close = _closing_single(text, mark, end)
                if close is not None:
                    spans.append(Marked(mark.end, close))
                    resume = close + 1
                elif mark.text == "‘" and mark.start == start:
                    open_at = mark  # left open: the next paragraph opens again
            continue
        if open_at is None:
            if mark.can_open:
                open_at = mark
            elif mark.can_close and not spans and not _inch(text, mark):
                spans.append(Marked(start, mark.start, opened=False))
        elif mark.can_close and mark.text not in "“„«``":
            spans.append(Marked(open_at.end, mark.start))
            open_at = None
        elif mark.can_open and mark.text != "”":
            spans.append(Marked(open_at.end, mark.start, closed=False))
            open_at = mark
    if open_at is not None:
        spans.append(Marked(open_at.end, end, closed=False))
    return [span for span in spans if text[span.start : span.end].strip()]


def _marks(text: str, start: int, end: int) -> Iterator[_Mark]:
    for match in _MARK.finditer(text, start, end):
        before = text[match.start() - 1] if match.start() > start else " "
        after = text[match.end()] if match.end() < end else " "
        mark = match.group()
        opens = not after.isspace() and (before.isspace() or before in "([{—–-/“‘\"'…")
        closes = not before.isspace() and not after.isalnum()
        if mark in {"“", "„", "«", "``"}:
            opens, closes = True, closes and not opens
        elif mark in {"”", "»"}:
            opens, closes = opens and not closes and match.start() > start, not opens or closes
        elif mark == '"' and not opens and not closes:
            # `word"word`: closes what is open, opens nothing.
            closes = True
        if mark == '"' and opens and closes:
            # Before a mark of punctuation a straight mark closes; before a word it opens.
            closes = not (after.isalnum() or after in "[(.…")
            opens = not closes
        yield _Mark(match.start(), match.end(), mark, opens, closes)


def _inch(text: str, mark: _Mark) -> bool:
    return text[mark.start - 1].isdigit() if mark.start else False


def _closing_single(text: str, opening: _Mark, end: int) -> int | None:
    """Where the single quotation that opens here closes; None if it was an apostrophe, or is left open."""
    limit = min(end, opening.end + _MAX_SINGLE)
    closers = "’'" if opening.text == "‘" else opening.text
    possessive: int | None = None
    for at in range(opening.end, limit):
        char = text[at]
        if char == "‘" or (char == "“" and opening.text == "'"):
            break
        if char not in closers:
            continue
        before, after = text[at - 1], text[at + 1] if at + 1 < end else " "
        if before.isspace() and after.isalnum():
            break  # another one opens
        if before.isspace() or after.isalnum():
            continue
        if before == "s" and after == " " and text[at + 2 : at + 3].islower():
            possessive = at if possessive is None else possessive  # "councils’ plans": only if nothing better comes
            continue
        return at
    return possessive
