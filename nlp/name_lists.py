"""What lists say of a word: given name, surname, place, title, word that heads or ends a body's name, known body.

The entity recogniser reads it as a feature of each word, so that a name that no training text has is known for one. It
stands in spaCy's LEMMA, which nothing else of ours uses, with the first letter: an attribute of a word in its place,
where PREFIX is one of the word everywhere. A name of a body is looked up over all its words, however they are
cut ("Wal-Mart", "Lloyd's of London").
"""

from __future__ import annotations

from functools import cache

from spacy.language import Language
from spacy.tokens import Doc

from nlp.lexicon import lexicon

GIVEN, SURNAME, PLACE, PLACE_PART, TITLE, BODY, ENDING = (1 << bit for bit in range(7))
FIRST, INSIDE, MAYBE = "b", "i", "a"  # word of a known body; of one whose name says something else as often
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
    for row in lexicon("body_endings"):
        note(row["word"], ENDING)
    for row in lexicon("world_places"):
        words = row["name"].split()
        for word in words:
            if word.lower() not in _NO_PART:
                note(word, PLACE if len(words) == 1 else PLACE_PART)
    return listed


@cache
def _bodies() -> tuple[dict[str, bool], frozenset[str]]:
    """Names of known bodies without their blanks, and whether each says something else as often; their beginnings."""
    names: dict[str, bool] = {}
    for row in lexicon("world_bodies"):
        name, also = row["name"].replace(" ", ""), row["use"] == "also"
        names[name] = also
        if not also and name.isupper() and len(name) > 3:
            names.setdefault(name.title(), also)  # "Nasa", as newspapers print it
    for name, also in list(names.items()):
        if len(name) > 3:
            names.setdefault(name.upper(), also)  # in headings
    return names, frozenset(name[:end] for name in names for end in range(1, len(name) + 1))


def listed_as(word: str) -> int:
    """The sum of GIVEN … ENDING; 0 for a word on no list, or in lower case."""
    if not word[:1].isupper():
        return 0
    word = word.rstrip(".")
    return _lists().get(word, 0) or (_lists().get(word.title(), 0) if len(word) > 3 and word.isupper() else 0)


def known_bodies(words: list[str]) -> list[tuple[int, int, bool]]:
    """Start and end of the bodies among words that are known by name, the longest first, and whether in doubt."""
    names, beginnings = _bodies()
    words = [word.replace("’", "'") for word in words]
    found, start = [], 0
    while start < len(words):
        run, best = "", 0
        for end in range(start, len(words)):
            run += words[end]
            if run not in beginnings:
                break
            if run in names:
                best, also = end + 1, names[run]
        if best:
            found.append((start, best, also))
        start = best or start + 1
    return found


@Language.component("listed_names")
def listed_names(doc: Doc) -> Doc:
    """Gives every word what the lists say of it."""
    words = [token.text for token in doc]
    marks = [""] * len(words)
    for start, end, also in known_bodies(words):
        for i in range(start, end):
            marks[i] = MAYBE if also else FIRST if i == start else INSIDE
    for token, word, mark in zip(doc, words, marks, strict=True):
        token.lemma_ = f"{word[:1]}{listed_as(word) or ''}{mark}"
    return doc
