"""Looks records up by where they stand. Every list here is in order of `start`, so that no look-up reads all of it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from spacy.tokens import Doc


class _Spanning(Protocol):
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


S = TypeVar("S", bound=_Spanning)


def text_of(doc: Doc) -> str:
    """The text of a Doc, kept on it: spaCy puts it together anew, token by token, at every look at `doc.text`."""
    text: str | None = doc.user_data.get("text")
    if text is None:
        text = doc.user_data["text"] = doc.text
    return text


def first_from(records: Sequence[S], position: int) -> int:
    """Index of the first record that starts at `position` or later."""
    return bisect_left(records, position, key=lambda record: record.start)


def within(records: Sequence[S], start: int, end: int) -> list[S]:
    """The records inside start:end."""
    found = records[first_from(records, start) : first_from(records, end)]
    return [record for record in found if record.end <= end]


def last_in(records: Sequence[S], start: int, end: int) -> S | None:
    """The last record that starts in start:end."""
    i = first_from(records, end)
    return records[i - 1] if i and records[i - 1].start >= start else None


def first_in(records: Sequence[S], start: int, end: int) -> S | None:
    """The first record that starts in start:end."""
    i = first_from(records, start)
    return records[i] if i < len(records) and records[i].start < end else None
