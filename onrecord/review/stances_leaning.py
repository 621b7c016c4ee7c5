"""What counts of stances add up to, in a word and a sign, so that no page tells it by colour alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

POLARITIES = ("supportive", "critical", "mixed", "neutral")


@dataclass(frozen=True, slots=True)
class Leaning:
    """`kind` is the class that gives it its colour."""

    kind: str
    word: str
    sign: str


# From which share of what is for it, a mixed one counting as half.
_BY_SHARE = (
    (0.8, Leaning("supportive", "supportive", "▲")),
    (0.6, Leaning("rather-supportive", "rather supportive", "△")),
    (0.4, Leaning("divided", "divided", "◆")),
    (0.2, Leaning("rather-critical", "rather critical", "▽")),
    (0.0, Leaning("critical", "critical", "▼")),
)
_NEUTRAL = Leaning("neutral", "neutral", "○")
LEANINGS = (*(leaning for _, leaning in _BY_SHARE), _NEUTRAL)


def leaning(counts: Mapping[str, int]) -> Leaning:
    """Where so many stances of each polarity lean."""
    backing = counts["supportive"] + counts["mixed"] / 2
    whole = counts["supportive"] + counts["critical"] + counts["mixed"]
    if not whole:
        return _NEUTRAL
    return next(it for least, it in _BY_SHARE if backing / whole >= least)


def tally(counts: Mapping[str, int]) -> str:
    """“9 supportive, 3 critical”: those that there are."""
    return ", ".join(f"{counts[name]:,} {name}" for name in POLARITIES if counts[name])
