"""Cuts a statement into clauses by conjunctions and commas: what a parse would do better, and may do later."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import NamedTuple

_BREAK = re.compile(
    r"[;:!?]\s|\s-\s|(?<=[a-z\"')])\.\s"
    r"|,?\s(?=(?:but|yet|however|although|though|while|whilst|whereas|because|despite|nevertheless|unless)\b)"
    r"|,\s(?=(?:and|so|which|who|where|when|with|as|or|it|we|they|he|she|i|this|there)\b)"
    r"|,\s(?=(?:add|argu|call|claim|describ|insist|not|prais|say|stress|urg|warn|welcom)ing\b)"
    r"|(?<!\bin)(?<!\bof)(?<!\bto)(?<!\bby)\s(?=which\b)"
    r"|\s(?=(?:and|so) (?:also|we|it|they|he|she|i|this|that|there)\b)"
)
# A clause that only grants something, or supposes it, in passing: up to its comma where it opens the statement.
_ASIDE = re.compile(
    r"\W*(?:and |but )?(?:even )?(?:while|whilst|although|though|despite|in spite of|notwithstanding|if)\b"
)
_TRAILING_ASIDE = re.compile(r"\W*(?:despite|in spite of|notwithstanding)\b")


_LONGEST = 1000  # characters


class Clause(NamedTuple):
    """Characters from start to end; `aside` where its view is only conceded or supposed."""

    start: int
    end: int
    aside: bool = False


def split(text: str, start: int, end: int) -> list[Clause]:
    """The clauses of a `plain` text between two offsets, in order, blank ones left out."""
    body = start
    clauses = []
    if _ASIDE.match(text, start, end):
        comma = text.find(",", start, end)
        body = comma + 1 if comma >= 0 else end
        clauses.append(Clause(start, body, aside=True))
    at = body
    for found in _BREAK.finditer(text, body, end):
        clauses.append(Clause(at, found.start()))
        at = found.end()
    clauses.append(Clause(at, end))
    clauses = [piece for clause in clauses for piece in _pieces(clause)]
    return [
        clause._replace(aside=clause.aside or bool(_TRAILING_ASIDE.match(text, clause.start, clause.end)))
        for clause in clauses
        if text[clause.start : clause.end].strip()
    ]


def _pieces(clause: Clause) -> list[Clause]:
    """A clause, or what it is cut into where nobody could read that far."""
    edges = [*range(clause.start, clause.end, _LONGEST), clause.end]
    return [Clause(a, b, clause.aside) for a, b in pairwise(edges)]
