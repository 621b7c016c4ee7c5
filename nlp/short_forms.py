"""Names of unlisted bodies without the word that says what they are: "Marl Lantern", of the Marl Lantern Foundation."""

from __future__ import annotations

import re
from collections.abc import Iterator

from spacy.tokens import Doc, Span

from nlp.gazetteer import by_place
from nlp.lexicon import lexicon
from nlp.name_lists import PLACE, PLACE_PART, listed_as
from nlp.names import given_names
from nlp.spans import text_of

_LEFT_OFF = ("Foundation", "Trust", "Charity", "Project", "Fund")


def short_forms(doc: Doc, name: str) -> Iterator[Span]:
    """Where a body that is named in full is named without that word; not what may be a person, a place, a service."""
    short, _, kind = name.rpartition(" ")
    own = short.split()
    if kind not in _LEFT_OFF or len(own) < 2 or not all(word[0].isupper() for word in own):
        return
    if own[0].lower() in given_names() or any(map(_is_ordinary, own)):
        return
    text = text_of(doc)
    for mention in re.finditer(rf"\b{re.escape(short)}\b(?!\s+[A-Z])(?!-)", text):
        if (span := doc.char_span(*mention.span())) is not None:
            yield span


def _is_ordinary(word: str) -> bool:
    """A place's, or what services are called by: "Thornley Children's Trust"."""
    place = word in by_place() or bool(listed_as(word) & (PLACE | PLACE_PART))
    return place or "’" in word or "'" in word or any(row["word"] == word.lower() for row in lexicon("portfolio_words"))
