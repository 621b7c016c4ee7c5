"""What lists say of a word: given name, surname, place, title, body, word that heads a body's name.

The entity recogniser reads it as a feature of each word, so that a name that no training text has is known for one. It
stands in spaCy's lexical attribute PREFIX, beside the first letter that is there by default: an attribute of its own
would cost a fifth more time.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from spacy.attrs import PREFIX
from spacy.language import Language
from spacy.util import registry

from nlp.lexicon import lexicon

GIVEN, SURNAME, PLACE, PLACE_PART, TITLE, BODY, KNOWN_BODY = (1 << bit for bit in range(7))
_NO_PART = {"of", "the", "and", "upon", "on", "de", "la", "le", "in", "al", "by"}


@cache
def _lists() -> dict[str, int]:
    """Word in title case to the sum of what it is listed as."""
    listed: dict[str, int] = {}

    def note(word: str, kind: int) -> None:
        listed[word] = listed.get(word, 0) | kind

    for row in lexicon("given_names"):
        note(row["name"], GIVEN)
    for row in lexicon("census_names"):
        note(row["name"], {"given": GIVEN, "surname": SURNAME, "both": GIVEN | SURNAME}[row["use"]])
    for row in lexicon("titles"):
        note(row["title"].rstrip("."), TITLE)
    for row in lexicon("organisation_words"):
        if row["use"] in {"closes", "ends", "either", "opens"}:
            note(row["word"], BODY)
    for row in lexicon("world_bodies"):
        note(row["name"], KNOWN_BODY)
        note(row["name"].title(), KNOWN_BODY)  # "Nasa", as newspapers print it
    for row in lexicon("world_places"):
        words = row["name"].split()
        for word in words:
            if word.lower() not in _NO_PART:
                note(word, PLACE if len(words) == 1 else PLACE_PART)
    return listed


def listed_as(word: str) -> int:
    """The sum of GIVEN … KNOWN_BODY; 0 for a word on no list, or in lower case but for a body that is printed so."""
    found = _lists().get(word.rstrip("."), 0)
    if not word[:1].isupper():
        return found & KNOWN_BODY
    return found or (_lists().get(word.title(), 0) if len(word) > 3 and word.isupper() else 0)


def _prefix(word: str) -> str:
    return f"{word[:1]}{listed_as(word) or ''}"


@registry.callbacks("onrecord.name_lists.v1")  # type: ignore[untyped-decorator]
def name_lists() -> Callable[[Language], Language]:
    """For a config's `nlp.after_creation`: gives the pipeline's words their lists."""

    def set_lists(nlp: Language) -> Language:
        nlp.vocab.lex_attr_getters[PREFIX] = _prefix  # type: ignore[attr-defined]
        for lexeme in nlp.vocab:  # those that stand in the vocabulary already
            lexeme.prefix_ = _prefix(lexeme.orth_)
        return nlp

    return set_lists
