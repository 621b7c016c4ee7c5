"""Tells pull quotes from quotations: words that were lifted out of the body, and stand there as well.

A pull quote is a block quotation, an element classed as one, or a paragraph wholly in marks; a heading is none.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from pipelines.furniture import plain
from pipelines.reading import Paragraph

_MOST_SET_OFF = 100  # paragraphs; a page with more of them has no pull quotes but is made of quotations
_LEAST_PULLED = 4  # words; fewer may well come twice by chance
_CUT = re.compile(r"…|\.\.\.|\[…\]")


class Line(NamedTuple):
    """A paragraph; how far it is set off from the text, 0 to 2; whether it says who speaks a block quotation."""

    paragraph: Paragraph
    set_off: int
    names_speaker: bool


def without_pull_quotes(found: list[Line]) -> list[Paragraph]:
    """The paragraphs without pull quotes, and without the names below those.

    Each set-off line is held against those that are set off less, and against its equals before it.
    What a line announces with a colon is said there, and is no pull quote.
    """
    if sum(line.set_off > 0 for line in found) > _MOST_SET_OFF:
        return [line.paragraph for line in found]
    told = [" ".join(_words(line.paragraph.text) for line in found if line.set_off <= level) for level in (0, 1)]
    kept: list[Paragraph] = []
    pulled = False
    for paragraph, set_off, names_speaker in found:
        if set_off:
            announced = bool(kept) and kept[-1].text.endswith(":")
            pulled = not announced and _is_told(paragraph.text, told[set_off - 1])
            told[1] += f" {_words(paragraph.text)}" if set_off == 2 else ""
        elif not names_speaker:
            pulled = False
        if not (pulled and (set_off or names_speaker)):  # with a pull quote goes the name below it
            kept.append(paragraph)
    return kept


def _is_told(text: str, told: str) -> bool:
    parts = [words for part in _CUT.split(text) if (words := _words(part))]
    return len(" ".join(parts).split()) >= _LEAST_PULLED and all(f" {words} " in f" {told} " for words in parts)


def _words(text: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", plain(text)))
