"""Whether a text is about the inspection of children's services: a score that explains itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from nlp.lexicon import lexicon
from nlp.text import fold

ON_TOPIC = 1.0  # a score of this and more is on topic


@dataclass(frozen=True, slots=True)
class Relevance:
    """The sum of the weights of the terms found; `terms` says which, heaviest first."""

    score: float
    terms: tuple[str, ...]

    @property
    def on_topic(self) -> bool:
        return self.score >= ON_TOPIC


@cache
def _terms() -> tuple[re.Pattern[str], dict[str, float]]:
    weights = {row["term"].lower(): float(row["weight"]) for row in lexicon("relevance")}
    longest_first = sorted(weights, key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, longest_first))})\b"), weights


def relevance(title: str | None, text: str) -> Relevance:
    """Each term of data/lexicon/relevance.csv counts once; in the title it counts double."""
    pattern, weights = _terms()
    in_title = set(pattern.findall(fold(title or "").lower()))
    found = in_title | set(pattern.findall(fold(text).lower()))
    score = sum(weights[term] * (2 if term in in_title else 1) for term in found)
    return Relevance(round(score, 2), tuple(sorted(found, key=lambda term: (-abs(weights[term]), term))))
