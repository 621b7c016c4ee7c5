"""What a stretch of text is about: topic words of data/lexicon/topics.csv, weighed by how near they stand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from functools import cache

from data import FOLDER
from nlp import phrases
from nlp.lexicon import read_rows
from nlp.phrases import Hit, Phrases, Row
from nlp.syntax import Phrase

TOPICS = (
    "inspection-framework", "inspectorate", "inspection-findings", "service-quality", "leadership", "workforce",
    "funding", "demand", "government-policy", "intervention", "partnership", "improvement-support", "other",
)  # fmt: skip

# A word this many characters away counts half: an object stands near, a subject may stand far before what is said of
# it. What the parse gives as the cue's argument counts most, then a word on the side where the argument stands.
_HALF, _HALF_LEFT = 30, 120
_ARGUMENT, _ON_SIDE, _OFF_SIDE = 2.0, 1.0, 0.4
_ENOUGH = 0.3
_DEGREES = {"", "good", "bad"}


def check(row: Row) -> str | None:
    """A complaint about one line of topics.csv, or None."""
    if row["topic"] not in TOPICS:
        return f"{row['topic']!r} is no topic"
    if not row["weight"].replace(".", "", 1).isdecimal():
        return f"weight {row['weight']!r} is no number"
    if row.get("more", "") not in _DEGREES:
        return f"more of it is neither good nor bad but {row['more']!r}"
    return phrases.complaint(row["term"])


@cache
def _terms() -> Phrases:
    path = FOLDER / "lexicon" / "topics.csv"
    return Phrases(read_rows(path, required=("term", "topic", "weight"), check=check), "term")


def find_terms(text: str) -> list[Hit]:
    """The topic words of a `plain` text, in order."""
    return _terms().find(text)


def choose(
    terms: Iterable[Hit],
    cue: Hit,
    arrow: str,
    arguments: Sequence[Phrase] = (),
    allowed: Collection[str] = TOPICS,
) -> Hit | None:
    """The word that names the topic of a cue: of the topic with most weight in its arguments and near it, on the side
    the arrow points to, the heaviest word; None where all weigh too little.
    """
    score: dict[str, float] = defaultdict(float)
    heaviest: dict[str, tuple[float, Hit]] = {}
    for term in terms:
        topic = term.row["topic"]
        if topic not in allowed:
            continue
        weight = float(term.row["weight"]) * _nearness(term, cue, arrow, arguments)
        score[topic] += weight
        if topic not in heaviest or weight > heaviest[topic][0]:
            heaviest[topic] = weight, term
    best = max(score, key=lambda topic: (score[topic], topic), default=None)
    return heaviest[best][1] if best is not None and score[best] >= _ENOUGH else None


def _nearness(term: Hit, cue: Hit, arrow: str, arguments: Sequence[Phrase]) -> float:
    inside = cue.start <= term.start and term.end <= cue.end
    gap = max(term.start - cue.end, cue.start - term.end, 0)
    near = 1 / (1 + gap / (_HALF_LEFT if arrow == "left" else _HALF))
    if any(phrase.start <= term.start and term.end <= phrase.end for phrase in arguments):
        return _ARGUMENT * near
    right = term.start >= cue.start
    return near * (_ON_SIDE if arrow == "both" or right == (arrow == "right") or inside else _OFF_SIDE)
