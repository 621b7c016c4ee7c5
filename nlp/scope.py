"""What stands before a cue and changes what it says: negation, wishes, hedges (data/lexicon/stance_scope.csv)."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from functools import cache

from data import FOLDER
from nlp import phrases
from nlp.lexicon import read_rows
from nlp.phrases import Hit, Phrases, Row

KINDS = {
    "negation", "absence", "idle", "less", "hedge", "wish", "duty", "cure", "contrast", "concession", "condition",
    "question",
}  # fmt: skip
_FURTHEST = 120  # characters
_WORD = re.compile(r"[\w'-]+")
_EMPTY = {"a", "an", "the", "any", "been", "very", "more", "all", "so", "too", "longer", "being", "of", "by"}


def check(row: Row) -> str | None:
    """A complaint about one line of stance_scope.csv, or None."""
    if row["kind"] not in KINDS:
        return f"{row['kind']!r} is no kind"
    if not row["reach"].isdecimal():
        return f"reach {row['reach']!r} is no number of words"
    return phrases.complaint(row["phrase"])


@cache
def _rows() -> tuple[Row, ...]:
    path = FOLDER / "lexicon" / "stance_scope.csv"
    return read_rows(path, required=("phrase", "kind", "reach"), check=check)


def words_of_kind(kind: str) -> list[str]:
    """The phrases of one kind, as written."""
    return [row["phrase"] for row in _rows() if row["kind"] == kind]


@cache
def _phrases() -> Phrases:
    return Phrases(_rows(), "phrase")


class Scope:
    """The words of a `plain` text that change what others say."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._hits = _phrases().find(text)

    def over(self, start: int, cue: int) -> frozenset[str]:
        """The kinds of words that reach the cue from within start:cue; "beside" where a negation stands right there."""
        kinds = set()
        for hit in self._before(max(start, cue - _FURTHEST), cue):
            between = _WORD.findall(self._text, hit.end, cue)
            if len(between) <= int(hit.row["reach"]):
                kinds.add(hit.row["kind"])
                if hit.row["kind"] == "negation" and not set(between) - _EMPTY:
                    kinds.add("beside")
        return frozenset(kinds)

    def hedged(self, start: int, end: int) -> bool:
        """Whether start:end hedges."""
        return any(hit.row["kind"] == "hedge" for hit in self._before(start, end))

    def _before(self, start: int, end: int) -> Iterator[Hit]:
        first = bisect_left(self._hits, start, key=lambda hit: hit.start)
        last = bisect_left(self._hits, end, lo=first, key=lambda hit: hit.start)
        return (hit for hit in self._hits[first:last] if hit.end <= end)
