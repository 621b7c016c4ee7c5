"""Somebody told by what everybody is: "the mum-of-three", "the father of two", "the 34-year-old said"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nlp.words import Word, reporting_verbs, small_words

_GENDERS = {
    **dict.fromkeys(("mum", "mam", "mom", "mother", "gran", "nan", "grandmother"), "f"),
    **dict.fromkeys(("dad", "father", "grandad", "grandfather"), "m"),
    "parent": None,
}
_NUMBER = r"(?:one|two|three|four|five|six|seven|eight|nine|ten|\d\d?)"
_PARENT = rf"(?P<parent>{'|'.join(_GENDERS)})(?:-of-|\s+of\s+){_NUMBER}\b(?!-)"
_TOLD = re.compile(rf"{_PARENT}|(?<=\d-)year-old\b", re.IGNORECASE)
_AGE = re.compile(r"\b(\d{1,3})-(?=year-old$)")
_AGE_BEFORE = re.compile(r"\b\d{1,3}-$")
_AGE_WITHIN = 4  # characters
_NO_NOUN = re.compile(r"['’]?s?\s*(?:[^\w\s]|$)")  # nothing follows of which the age is told
_BEHIND = frozenset().union(*map(small_words, ("adverb", "boundary", "joining", "preposition")))
_AGED = re.compile(r",\s+(?:who\s+is\s+|aged\s+|now\s+)?(\d{1,3})\b")


def private_at(text: str, words: Sequence[Word], i: int) -> tuple[int, int] | None:
    """From where to where such words go, of which words[i] is the first one with letters."""
    told = _TOLD.match(text, words[i].start)
    if told is None:
        return None
    age = _AGE_BEFORE.search(text, max(0, told.start() - _AGE_WITHIN), told.start())
    if told["parent"] is None and not _NO_NOUN.match(text, told.end()):
        behind = words[i + 1].text.lower() if i + 1 < len(words) else ""
        if behind not in _BEHIND and behind not in reporting_verbs():
            return None  # "the 34-year-old man"
    return (age or told).start(), told.end()


def is_private(words: str) -> bool:
    """Whether these are such words."""
    told = _TOLD.search(words)
    return told is not None and told.end() == len(words)


def gender(words: str) -> str | None:
    """The gender that they tell."""
    told = _TOLD.match(words)
    return _GENDERS[told["parent"].lower()] if told is not None and told["parent"] else None


def age(words: str) -> str | None:
    """The age that they tell, as printed."""
    told = _AGE.match(words)
    return told[1] if told is not None else None


def age_behind(text: str, end: int) -> str | None:
    """The age printed behind a name that ends there: "Jane Roe, 34,"."""
    told = _AGED.match(text, end)
    return told[1] if told is not None else None
