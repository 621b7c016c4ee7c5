"""Clean text and its paragraphs.

A stored text is made of paragraphs parted by one blank line; inside one, white space is a single space. All
offsets of all records count characters of such a text.
"""

from __future__ import annotations

import re
import unicodedata

# Bidirectional and zero-width marks, soft hyphens, byte-order marks: they change no word and break matching.
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_SPACE = re.compile(r"\s+")

# One character for one character, so that offsets into the folded text are offsets into the text.
_FOLD = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "“": '"', "”": '"', "–": "-", "—": "-", "‑": "-", "\u00a0": " "})


def clean_paragraph(text: str) -> str:
    """One paragraph: NFC, no invisible or control characters, no lone surrogates, single spaces."""
    text = text.encode("utf-8", "replace").decode("utf-8") if not text.isascii() else text
    text = unicodedata.normalize("NFC", _CONTROL.sub(" ", _INVISIBLE.sub("", text)))
    return _SPACE.sub(" ", text).strip()


def clean_text(paragraphs: list[str]) -> str:
    """Cleaned paragraphs parted by a blank line; empty ones left out."""
    return "\n\n".join(clean for paragraph in paragraphs if (clean := clean_paragraph(paragraph)))


def paragraphs(text: str) -> list[tuple[int, int]]:
    """(start, end) of each paragraph of a text: what stands between line breaks, if it is not blank."""
    spans = []
    for match in re.finditer(r"[^\n]+", text):
        words = match.group()
        if stripped := words.strip():
            start = match.start() + len(words) - len(words.lstrip())
            spans.append((start, start + len(stripped)))
    return spans


def fold(text: str) -> str:
    """The text with curly marks, dashes and hard spaces made plain: same length, same offsets."""
    return text.translate(_FOLD)
