"""Cuts a statement into clauses by its conjunctions and commas, and says which of them only grant or suppose."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from nlp.scope import words_of_kind

_LONGEST = 1000  # characters


class Clause(NamedTuple):
    """Characters from start to end; `aside` where its view is only conceded or supposed."""

    start: int
    end: int
    aside: bool = False


def split(text: str, start: int, end: int) -> list[Clause]:
    """The clauses of a `plain` text between two offsets, in order, blank ones left out."""
    found = _leading_aside(text, start, end)
    at = found[-1].end if found else start
    for match in _break().finditer(text, at, end):
        found.append(_clause(text, at, match.start()))
        at = match.end()
    found.append(_clause(text, at, end))
    return [piece for clause in found for piece in _pieces(clause) if text[piece.start : piece.end].strip()]


def _leading_aside(text: str, start: int, end: int) -> list[Clause]:
    """ "While there are green shoots, …": up to the comma."""
    if not _aside().match(text, start, end):
        return []
    comma = text.find(",", start, end)
    return [Clause(start, comma + 1 if comma >= 0 else end, aside=True)]


def _clause(text: str, start: int, end: int) -> Clause:
    return Clause(start, end, aside=bool(_trailing_aside().match(text, start, end)))


def _pieces(clause: Clause) -> list[Clause]:
    """A clause, or what it is cut into where nobody could read that far."""
    edges = [*range(clause.start, clause.end, _LONGEST), clause.end]
    return [Clause(a, b, clause.aside) for a, b in pairwise(edges)]


def _any_of(*kinds: str) -> str:
    return "|".join(word for kind in kinds for word in sorted(words_of_kind(kind), key=len, reverse=True))


@cache
def _break() -> re.Pattern[str]:
    opening = _any_of("contrast", "concession")
    return re.compile(
        r"[;:!?]\s|\s-\s|(?<=[a-z\"')])\.\s"
        rf"|,?\s(?=(?:{opening})\b)|(?<!\bas)(?<!\beven)\s(?=(?:unless|if)\b)"
        r"|,\s(?=(?:and|so|which|who|where|when|with|as|or|it|we|they|he|she|i|this|there)\b)"
        r"|,\s(?=(?:add|argu|call|claim|describ|insist|not|prais|say|stress|urg|warn|welcom)ing\b)"
        r"|(?<!\bin)(?<!\bof)(?<!\bto)(?<!\bby)(?<!\bon)(?<!\bfor)(?<!\bwith)(?<!\bfrom)\s(?=which\b)"
        r"|\s(?=(?:and|so) (?:also|we|it|they|he|she|i|this|that|there)\b)"
    )


@cache
def _aside() -> re.Pattern[str]:
    return re.compile(rf"\W*(?:and |but )?(?:{_any_of('concession', 'condition')})\b")


@cache
def _trailing_aside() -> re.Pattern[str]:
    """What is granted at the end in a phrase of its own; "although" there opens a main point."""
    return re.compile(r"\W*(?:despite|in spite of|notwithstanding|if|unless)\b")
