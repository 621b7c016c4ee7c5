"""What a stretch of text is about: topic words of data/lexicon/topics.csv, weighed by how near they stand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from functools import cache

from data import FOLDER
from nlp import phrases
from nlp.lexicon import read_rows
from nlp.phrases import Hit, Phrases, Row

TOPICS = (
    "inspection-framework", "inspectorate", "inspection-findings", "service-quality", "leadership", "workforce",
    "funding", "demand", "government-policy", "intervention", "partnership", "improvement-support", "other",
)  # fmt: skip

# A word this many characters away counts half: an object stands near, a subject may stand far before what is said of
# it. A word on the side where the argument stands counts more.
_HALF, _HALF_LEFT = 30, 120
_ON_SIDE, _OFF_SIDE = 1.0, 0.4
_ENOUGH = 0.3


def check(row: Row) -> str | None:
    """A complaint about one line of topics.csv, or None."""
    if row["topic"] not in TOPICS:
        return f"{row['topic']!r} is no topic"
    if not row["weight"].replace(".", "", 1).isdigit():
        return f"weight {row['weight']!r} is no number"
    return phrases.complaint(row["term"])


@cache
def _terms() -> Phrases:
    path = FOLDER / "lexicon" / "topics.csv"
    return Phrases(read_rows(path, required=("term", "topic", "weight"), check=check), "term")


def find_terms(text: str) -> list[Hit]:
    """The topic words of a `plain` text, in order."""
    return _terms().find(text)


def choose(terms: Iterable[Hit], cue: Hit, arrow: str, allowed: Collection[str] = TOPICS) -> str | None:
    """The topic of a cue's argument: most weight near the cue, on the side the arrow points to; None if too little."""
    score: dict[str, float] = defaultdict(float)
    for term in terms:
        right, inside = term.start >= cue.start, cue.start <= term.start and term.end <= cue.end
        gap = max(term.start - cue.end, cue.start - term.end, 0)
        side = _ON_SIDE if arrow == "both" or right == (arrow == "right") or inside else _OFF_SIDE
        near = 1 / (1 + gap / (_HALF_LEFT if arrow == "left" else _HALF))
        score[term.row["topic"]] += float(term.row["weight"]) * side * near
    best = max((topic for topic in score if topic in allowed), key=lambda topic: (score[topic], topic), default=None)
    return best if best and score[best] >= _ENOUGH else None
