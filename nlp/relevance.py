"""Whether a text is about the inspection of children's services: a score that explains itself.

Each term of data/lexicon/relevance.csv counts once, double in the title. A paragraph that names both an inspection and
a service for children is worth one term more: a school's report may name the council's children's services, and a
council's report its schools, but seldom in one breath.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from data import FOLDER
from nlp import phrases
from nlp.lexicon import read_rows
from nlp.phrases import Phrases, Row, plain

ON_TOPIC = 1.0  # a score of this and more is on topic

_PAIRED = ("inspection", "service")  # the uses of terms that tell more together
_PAIR = 0.5  # how much more
_TITLE = 2  # how many times more a title tells than the text
_SHOWN = 6
_WEIGHT = re.compile(r"-?\d+(\.\d+)?")


class Term(NamedTuple):
    """Words that count, folded and in lower case, and how much they count."""

    words: str
    weight: float


@dataclass(frozen=True, slots=True)
class Relevance:
    """The sum of the weights of the terms found, without unit; `terms` says which, heaviest first."""

    score: float
    terms: tuple[Term, ...]

    @property
    def on_topic(self) -> bool:
        """Whether the score is enough."""
        return self.score >= ON_TOPIC

    @property
    def reason(self) -> str:
        """The score and what made it, for people: `-0.9: pupils -0.8, school -0.4, ofsted +0.3`."""
        shown = [f"{term.words} {term.weight:+g}" for term in self.terms[:_SHOWN]]
        more = len(self.terms) - len(shown)
        return f"{self.score:g}: {', '.join(shown) or 'no term'}{f', {more} more' if more else ''}"


def relevance(title: str | None, text: str) -> Relevance:
    """The relevance of a text of any length, in one pass; line breaks part its paragraphs."""
    counted = {key: Term(words, _TITLE * weight) for key, (words, weight) in _found(plain(title or ""))}
    for paragraph in plain(text).split("\n"):
        for key, term in _found(paragraph):
            counted.setdefault(key, term)
    terms = sorted(counted.values(), key=lambda term: (-abs(term.weight), term.words))
    return Relevance(round(sum(term.weight for term in terms), 2), tuple(terms))


def _found(paragraph: str) -> Iterator[tuple[str, Term]]:
    """What counts in a `plain` paragraph, each with the key under which it counts once."""
    first: dict[str, str] = {}  # words of each use
    for hit in _terms().find(paragraph):
        words = paragraph[hit.start : hit.end]
        first.setdefault(hit.row["use"], words)
        yield hit.row["term"], Term(words, float(hit.row["weight"]))
    if all(use in first for use in _PAIRED):
        yield "a pair", Term(" with ".join(first[use] for use in _PAIRED), _PAIR)


def check(row: Row) -> str | None:
    """A complaint about one line of relevance.csv, or None."""
    if row["use"] not in (*_PAIRED, ""):
        return f"use {row['use']!r} is none of {', '.join(_PAIRED)}"
    if not _WEIGHT.fullmatch(row["weight"]):
        return f"weight {row['weight']!r} is no number"
    return phrases.complaint(row["term"])


@cache
def _terms() -> Phrases:
    path = FOLDER / "lexicon" / "relevance.csv"
    return Phrases(read_rows(path, required=("term", "weight"), check=check), "term")
