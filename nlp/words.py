"""Words of a text with their offsets, and the verbs that report speech."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from nlp.lexicon import lexicon
from nlp.text import fold

_WORD = re.compile(r"[^\W\d_]+(?:['’\-‑][^\W\d_]+)*")
_POSSESSIVE = ("'s", "’s")


class Word(NamedTuple):
    """A word without a possessive ending; `possessive` says that one follows."""

    start: int
    end: int
    text: str
    possessive: bool = False


def words_of(text: str, start: int = 0, end: int | None = None) -> list[Word]:
    """The words of text[start:end], letters only, hyphens and apostrophes inside included, in order."""
    found = []
    for match in _WORD.finditer(text, start, len(text) if end is None else end):
        word, at = match.group(), match.start()
        owning = word.endswith(_POSSESSIVE)
        bare = word[:-2] if owning else word
        stop = at + len(bare)
        found.append(Word(at, stop, bare, owning or (bare.endswith("s") and text[stop : stop + 2] in {"' ", "’ "})))
    return found


@dataclass(frozen=True, slots=True)
class ReportingVerb:
    """A verb of data/lexicon/reporting_verbs.csv; a weak form is also a noun, an adjective or another sense."""

    verb: str
    kind: str
    weak: bool


@cache
def reporting_verbs() -> Mapping[str, ReportingVerb]:
    """Printed form (lower case, one word or more) to its verb."""
    forms: dict[str, ReportingVerb] = {}
    for row in lexicon("reporting_verbs"):
        for form in row["forms"].split("|"):
            if form:
                forms[form] = ReportingVerb(row["verb"], row["kind"], weak=False)
        for form in (*row["weak_forms"].split("|"), row["verb"]):
            if form:
                forms.setdefault(form, ReportingVerb(row["verb"], row["kind"], weak=True))
    return forms


def is_reporting_verb(word: str) -> bool:
    """Whether the word is a form of a reporting verb."""
    return word.lower() in reporting_verbs()


@cache
def small_words(use: str) -> frozenset[str]:
    """The words of data/lexicon/small_words.csv of one use, lower case."""
    return frozenset(row["word"] for row in lexicon("small_words") if use in row["uses"].split("|"))


class Phrases:
    """Entries of a word list, of one word or more, looked up in a run of words, the longest first."""

    def __init__(self, entries: Iterable[str]) -> None:
        self._entries = frozenset(entries)
        self._longest: dict[str, int] = {}  # first word to the most words of an entry that it begins
        for entry in self._entries:
            first = words_of(entry)[0].text
            self._longest[first] = max(self._longest.get(first, 0), len(words_of(entry)))

    def at(self, text: str, words: Sequence[Word], i: int) -> tuple[str, int]:
        """The entry that words[i] begins and how many words it has, or ("", 0)."""
        most = self._longest.get(words[i].text.lower(), 0)
        for n in range(min(most, len(words) - i), 0, -1):
            entry = fold(text[words[i].start : words[i + n - 1].end]).lower()
            if entry in self._entries:
                return entry, n
        return "", 0
