"""Pairs quotation marks within one paragraph: curly, straight, single, and two single ones in place of a double.

Nothing is decided here about what a quotation is worth; a mark that does not fit costs its own paragraph at most.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass

_MARK = re.compile("``|''|‘‘|’’|‘’(?=\\w)|[“”„«»\"]|[‘’']")
_ELISIONS = re.compile(r"(?:em|til|tis|twas|cause|n|round|\d\ds)\b", re.IGNORECASE)
_FURTHEST_SINGLE = 100  # single marks between the two of a pair: apostrophes
_OPENERS = {"“", "„", "«", "``", "‘‘", "‘’"}
_CLOSERS = {"”", "»"}
_SINGLES = {"‘", "’", "'"}


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
        return self.text in _SINGLES


def marked_spans(text: str, start: int, end: int) -> list[Marked]:
    """The outermost quoted stretches of the paragraph text[start:end], in order.

    A stretch whose opening mark is missing starts with the paragraph (`opened` False); one whose closing mark is
    missing ends with it, or where the next one opens (`closed` False).
    """
    marks = [_mark(text, match, start, end) for match in _MARK.finditer(text, start, end)]
    singles = [mark for mark in marks if mark.single]
    single_starts = [mark.start for mark in singles]
    spans: list[Marked] = []
    open_at: _Mark | None = None
    resume = start
    for mark in marks:
        if mark.start < resume or (open_at is not None and open_at.single):
            continue
        if mark.single:
            # Inside double marks singles are nested or apostrophes: the outer pair holds them.
            if open_at is None and mark.can_open and not _ELISIONS.match(text, mark.end):
                i = bisect_left(single_starts, mark.end)
                close = _closing_single(text, mark, singles[i : i + _FURTHEST_SINGLE])
                if close is not None:
                    spans.append(Marked(mark.end, close))
                    resume = close + 1
                elif _left_open(text, mark, start):
                    open_at = mark
        elif open_at is None:
            if mark.can_open:
                open_at = mark
            elif mark.can_close and not spans and not text[mark.start - 1 : mark.start].isdigit():
                spans.append(Marked(start, mark.start, opened=False))
        elif mark.can_close and mark.text not in _OPENERS:
            spans.append(Marked(open_at.end, mark.start))
            open_at = None
        elif mark.can_open and mark.text not in _CLOSERS:
            spans.append(Marked(open_at.end, mark.start, closed=False))
            open_at = mark
    if open_at is not None:
        spans.append(Marked(open_at.end, end, closed=False))
    return [span for span in spans if text[span.start : span.end].strip()]


def _mark(text: str, match: re.Match[str], start: int, end: int) -> _Mark:
    """A mark with what it can be, from what stands on its two sides."""
    before = text[match.start() - 1] if match.start() > start else " "
    after = text[match.end()] if match.end() < end else " "
    mark = match.group()
    opens = not after.isspace() and (before.isspace() or before in "([{—–-/“‘\"'…")
    closes = not before.isspace() and not after.isalnum()
    if mark in _OPENERS:
        opens, closes = True, closes and not opens
    elif mark in _CLOSERS:
        opens, closes = opens and not closes and match.start() > start, not opens or closes
    elif mark == '"' and opens == closes:
        # Between two words it closes; before a mark of punctuation it closes, before a word it opens.
        opens = opens and (after.isalnum() or after in "[(.…")
        closes = not opens
    return _Mark(match.start(), match.end(), mark, opens, closes)


def _left_open(text: str, mark: _Mark, start: int) -> bool:
    """A single mark opens a quotation that the next paragraph goes on with: after a lead, or opening the paragraph."""
    if mark.text == "‘" and mark.start == start:
        return True
    return mark.text != "’" and text[max(start, mark.start - 2) : mark.start] == ": "


def _closing_single(text: str, opening: _Mark, following: list[_Mark]) -> int | None:
    """Where the single quotation that opens here closes; None if it was an apostrophe, or is left open."""
    closers = {"’", "'"} if opening.text == "‘" else {opening.text}
    possessive: int | None = None
    for mark in following:
        if mark.text == "‘" or (mark.can_open and not mark.can_close):
            break  # another one opens
        if mark.text not in closers or not mark.can_close:
            continue
        if (
            text[mark.start - 1] == "s"
            and text[mark.end : mark.end + 1] == " "
            and text[mark.end + 1 : mark.end + 2].islower()
        ):
            possessive = mark.start if possessive is None else possessive  # "councils’ plans": if nothing better comes
            continue
        return mark.start
    return possessive
