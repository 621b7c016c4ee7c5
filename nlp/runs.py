"""Runs of words that may be a body's name: capitals, and the small words that join them."""

from __future__ import annotations

import re
from collections.abc import Set

from spacy.tokens import Span, Token

from nlp.gazetteer import by_place
from nlp.unlisted import words

JOINTS = {"of", "for", "and", "&", "-", "'s", "’s", "'", "’"}
_ORDINAL = re.compile(r"\d{1,2}(?:st|nd|rd|th)")
NO_BODY = {  # what bodies run, fund or write
    "act",
    "bill",
    "programme",
    "scheme",
    "project",
    "fund",
    "review",
    "inquiry",
    "framework",
    "strategy",
    "plan",
}


def is_part(token: Token, taken: Set[int]) -> bool:
    """Whether a name can hold the word."""
    if token.i in taken or is_outside(token):
        return False
    return token.lower_ in JOINTS or _is_own(token) or _ORDINAL.fullmatch(token.text) is not None


def is_outside(token: Token) -> bool:
    """Whether no name holds the word: a title, a post, a day."""
    return words().get(token.text) == "outside"


def named(run: Span) -> Span | None:
    """The name in a run of its parts: without the small words at its ends, and no place's."""
    own = [token.i for token in run if _is_own(token) and not token.is_stop]
    if not own:
        return None
    last = own[-1] + 1
    if last < run.end and _ORDINAL.fullmatch(run.doc[last].text):
        last += 1  # "Harbour 1st"
    name = run.doc[own[0] : last]
    return None if name.text in by_place() else name


def _is_own(token: Token) -> bool:
    return token.text[0].isupper() and not token.is_punct
