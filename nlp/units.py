"""A sentence as units: a person, a body, a pronoun, a noun that speaks, a reporting verb, or any other word.

Quoted words are left out: what is read is the reporter's own sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

from spacy.tokens import Doc

from nlp.lexicon import lexicon
from nlp.private import private_at
from nlp.records import Mention
from nlp.spans import text_of
from nlp.syntax import Parse
from nlp.text import fold
from nlp.words import Phrases, ReportingVerb, Word, reporting_verbs, small_words, words_of

# outsider: somebody unnamed who speaks for nobody ("a parent"); citing: "according to".
Kind = Literal[
    "person", "organisation", "pronoun", "group", "document", "role", "outsider", "name", "citing", "verb", "word"
]

SPEAKING: frozenset[Kind] = frozenset({"person", "pronoun", "organisation", "group", "document", "role", "outsider"})
PRONOUNS = {"he": "m", "she": "f", "it": "it", "they": "they"}
CITING = ("according to", "in the words of")

ARTICLES = small_words("article")
PREPOSITIONS = small_words("preposition")
_ADVERBS = small_words("adverb")
_BEFORE_NOUN = ARTICLES | PREPOSITIONS | small_words("determiner")
_PARTING = re.compile(r"[,()]|\s[-–—]")
_PARTED = re.compile(r"['’]?s?[,(]|\s[(–—]|\s-\s")


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit of a sentence, with what stands beside it."""

    start: int
    end: int
    text: str
    lower: str  # in plain lower case, marks and spaces folded
    kind: Kind
    after_comma: bool  # a comma, dash or bracket stands before it
    after_quote: bool  # quoted words stand before it
    before_comma: bool
    possessive: bool
    mention: Mention | None = None


@cache
def speaking_nouns() -> dict[str, Kind]:
    """Nouns that speak (lower case, one word or more) and what they are: group, document, role or outsider."""
    kinds: dict[str, Kind] = {"group": "group", "document": "document", "role": "role", "outsider": "outsider"}
    return {row["noun"].lower(): kinds.get(row["type"], "role") for row in lexicon("speaker_nouns")}


@cache
def epithets() -> frozenset[str]:
    """Those of the nouns that mean somebody named before: "the Westmere senator said"."""
    return frozenset(row["noun"].lower() for row in lexicon("speaker_nouns") if row["type"] == "epithet")


@cache
def _phrases() -> Phrases:
    return Phrases([*CITING, *speaking_nouns(), *reporting_verbs()])


class UnitReader:
    """Reads the sentences of a Doc, which must be asked for in order."""

    def __init__(self, doc: Doc, quoted: Iterable[tuple[int, int]]) -> None:
        self._text = text_of(doc)
        self._parse = Parse.of(doc)
        self._mentions: list[Mention] = sorted(
            doc._.person_mentions + doc._.organisation_mentions, key=lambda mention: mention.start
        )
        self._quoted = list(quoted)
        self._mention = self._quote = 0  # the first ones not yet passed

    def units(self, start: int, end: int) -> list[Unit]:
        """The sentence text[start:end] without its quotations."""
        words, quote_ends = self._unquoted(words_of(self._text, start, end))
        units: list[Unit] = []
        i = 0
        while i < len(words):
            before = units[-1].end if units else start
            unit, n = self._unit(words, i, max(before, quote_ends[i]), quote_ends[i] >= before, units)
            if units and self._is_short_form(unit, units[-1]):
                units[-1] = replace(units[-1], end=unit.end + 1)  # "the Department for Education (DfE)" is one body
            else:
                units.append(unit)
            i += n
        return units

    def _is_short_form(self, unit: Unit, before: Unit) -> bool:
        """A body's short form in brackets, right behind its name."""
        here, there = unit.mention, before.mention
        if here is None or there is None or here.organisation is None or here.organisation != there.organisation:
            return False
        return self._text[before.end : unit.start] == " (" and self._text[unit.end : unit.end + 1] == ")"

    def _unquoted(self, words: list[Word]) -> tuple[list[Word], list[int]]:
        """The words outside quotations, and where the quotation before each of them ended (-1: nowhere)."""
        kept, quote_ends = [], []
        for word in words:
            while self._quote < len(self._quoted) and self._quoted[self._quote][1] <= word.start:
                self._quote += 1
            if self._quote == len(self._quoted) or word.start < self._quoted[self._quote][0]:
                kept.append(word)
                quote_ends.append(self._quoted[self._quote - 1][1] if self._quote else -1)
        return kept, quote_ends

    def _unit(self, words: list[Word], i: int, before: int, after_quote: bool, units: list[Unit]) -> tuple[Unit, int]:
        """The unit that words[i] begins, and how many words it has; what stands before it ends at `before`."""
        word = words[i]
        mention = self._mention_at(word)
        kind: Kind = "word"
        n = 1
        first, stop = word.start, word.end
        if mention is not None:
            kind, stop = ("person" if mention.person else "organisation"), max(mention.end, word.end)
            while i + n < len(words) and words[i + n].start < stop:
                n += 1
        elif word.text.lower() in PRONOUNS:
            kind = "pronoun"
        elif (private := private_at(self._text, words, i)) is not None:
            kind, (first, stop) = "outsider", private
            while i + n < len(words) and words[i + n].start < stop:
                n += 1
        else:
            phrase, length = _phrases().at(self._text, words, i)
            if phrase:
                kind = self._kind(phrase, word, units, after_quote)
                n = 1 if kind == "word" else length
                stop = words[i + n - 1].end
        parting = self._text[before : word.start]
        unit = Unit(
            first,
            stop,
            self._text[first:stop],
            fold(self._text[first:stop]).lower(),
            kind,
            after_comma=bool(units) and bool(_PARTING.search(parting)),
            after_quote=after_quote,
            before_comma=bool(_PARTED.match(self._text, stop)),
            possessive=words[i + n - 1].possessive,
            mention=mention,
        )
        return unit, n

    def _mention_at(self, word: Word) -> Mention | None:
        while self._mention < len(self._mentions) and self._mentions[self._mention].end <= word.start:
            self._mention += 1
        mention = self._mentions[self._mention] if self._mention < len(self._mentions) else None
        return mention if mention is not None and mention.start < word.end else None

    def _kind(self, phrase: str, word: Word, units: list[Unit], after_quote: bool) -> Kind:
        if phrase in CITING:
            return "citing"
        verb = reporting_verbs().get(phrase)
        if verb is not None and not (verb.weak and self._is_noun(phrase, verb, word, units, after_quote)):
            return "verb"
        return speaking_nouns().get(phrase, "word")

    def _is_noun(self, phrase: str, verb: ReportingVerb, word: Word, units: list[Unit], after_quote: bool) -> bool:
        if phrase == verb.verb and _follows_did(units):
            return False
        return _is_noun(word, units, after_quote) or (phrase == verb.verb and self._parse.is_noun(word.start))


def _follows_did(units: list[Unit]) -> bool:
    """An infinitive comes next: "she did, however, credit"."""
    for unit in reversed(units):
        if unit.lower in {"did", "does"}:
            return True
        if unit.lower not in _ADVERBS and not unit.lower.endswith("ly"):
            return False
    return False


def _is_noun(word: Word, units: list[Unit], after_quote: bool) -> bool:
    """After an article, a preposition or a possessive a weak form is a noun: "the claims", "Ofsted's reports"."""
    if word.text[0].isupper():
        return True
    return not after_quote and bool(units) and (units[-1].lower in _BEFORE_NOUN or units[-1].possessive)
