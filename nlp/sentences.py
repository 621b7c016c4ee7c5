"""Sentence boundaries by rule: paragraphs always part sentences, and marks stay with the sentence they belong to."""

from __future__ import annotations

from typing import Any

import numpy
from spacy.attrs import SENT_START
from spacy.language import Language
from spacy.tokens import Doc

_ENDS = {".", "!", "?", "…", "..."}
_CLOSERS = {"”", "’", '"', "'", ")", "]", "''"}
_OPENERS = {"“", "‘", "(", "[", "``"}
_ABBREVIATIONS = {
    "cllr.", "cllrs.", "dr.", "mr.", "mrs.", "ms.", "prof.", "rev.", "hon.", "rt.", "st.", "vs.",
    "e.g.", "i.e.", "etc.", "inc.", "ltd.", "co.", "jr.", "sr.", "gen.", "sen.", "rep.", "gov.", "lt.", "col.",
}  # fmt: skip


@Language.component("sentences", assigns=["token.is_sent_start"])
def sentences(doc: Doc) -> Doc:
    """Sets `token.is_sent_start` for every token."""
    starts = [False] * len(doc)
    state = "start"  # start: the next word opens a sentence; ended: a stop was read; within
    for token in doc:
        text = token.text
        if "\n" in text:
            state = "start"
            continue
        if state == "start":
            starts[token.i] = True
            state = "within"
        elif state == "ended":
            glued = not doc[token.i - 1].whitespace_
            if text in _CLOSERS and (glued or text in {"”", ")", "]"}):
                continue
            if text in _ENDS:
                continue
            if (
                text in _OPENERS
                or text in {'"', "'"}
                or text[0].isupper()
                or text[0].isdigit()
                or not text[0].isalpha()
            ):
                starts[token.i] = not glued or text in _OPENERS
            state = "within"
        if text in _ENDS or (text.endswith(".") and text.lower() in _ABBREVIATIONS):
            state = "ended" if _closes(doc, token.i) else "within"
    if starts:
        starts[0] = True
    # All at once: setting token.is_sent_start one by one costs time in proportion to the document each.
    values: Any = numpy.array([1 if start else -1 for start in starts], dtype="int64").astype("uint64")
    return doc.from_array([SENT_START], values)


def _closes(doc: Doc, i: int) -> bool:
    """A stop ends the sentence unless it belongs to an abbreviation or an initial, or a lower-case word follows."""
    before = doc[i - 1] if i else None
    text = doc[i].text.lower()
    if text in _ABBREVIATIONS:
        return False
    if text == "." and before is not None and not before.whitespace_:
        if f"{before.lower_}." in _ABBREVIATIONS:
            return False
        if len(before.text) == 1 and before.is_upper and before.is_alpha:
            return False
    for after in doc[i + 1 : i + 4]:
        if after.text in _CLOSERS | _OPENERS | _ENDS:
            continue
        return not after.is_lower
    return True
