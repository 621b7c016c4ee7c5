"""Whose view each stretch of a text is: quotes, reported speech, and a body's own words on its own site.

Subjects are found by tokens: what stands right before the verb, before its apposition, or after its "by".
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import takewhile
from typing import Literal, NamedTuple

from spacy.tokens import Doc

from nlp.lexicon import lexicon
from nlp.records import Organisation, Quote
from nlp.references import body_meant, body_nouns
from nlp.words import reporting_verbs

Source = Literal["quote", "reported", "narrator"]

_BE = {"is", "are", "was", "were", "be", "been", "being", "'s", "'re"}
_SKIPPED = _BE | {
    "has", "have", "had", "'ve", "'d", "will", "would", "'ll", "do", "does", "did", "must", "may", "could", "should",
    "also", "again", "now", "then", "later", "today", "yesterday", "not", "still", "only", "just", "never",
}  # fmt: skip
_JOINS = {"and", "but", "or", "then", "yet"}
_LEADS_IN = {
    "in",
    "after",
    "following",
    "responding",
    "despite",
    "while",
    "at",
    "on",
    "under",
    "with",
    "for",
    "as",
    "to",
}
_CONCEDING = {",", "despite", "although", "though", "while", "whilst"}
_OTHERS = {"they", "critics", "some", "many", "others", "opponents", "people"}
_BY_REACH, _POST_REACH, _NOUN_REACH, _LOOKS_BACK = 9, 14, 8, 40


class Holder(NamedTuple):
    """A person speaking for a body (or for nobody named), or a body alone."""

    speaker: str | None
    organisation: Organisation | None


@dataclass(frozen=True, slots=True)
class Statement:
    """Characters from start to end that are the view of the holders (several: a joint statement).

    `sentence` is the sentence around it, where its pronouns may look for what they mean; `said` where the verb that
    reports it stands: words before that name who holds it, not what it is about.
    """

    start: int
    end: int
    sentence: tuple[int, int]
    said: int
    holders: tuple[Holder, ...]
    source: Source
    quote: int | None = None


class _Named(NamedTuple):
    """A mention in tokens, end excluded."""

    start: int
    end: int
    holder: Holder


class _Attribution(NamedTuple):
    """A verb with whoever is said to say it: governs from `start` to the next one, or (backward) up to `end`."""

    start: int
    verb: int
    end: int
    holders: tuple[Holder, ...]
    backward: bool = False


@dataclass(slots=True)
class _Memory:
    """Who spoke last, for pronouns and common nouns."""

    person: Holder | None = None
    body: Organisation | None = None
    group: Organisation | None = None  # whom "they" means: the body of "inspectors"
    documents: dict[str, Organisation] = field(default_factory=dict)  # "report" to whose it is

    def hear(self, holder: Holder) -> None:
        if holder.speaker:
            self.person = holder
        if holder.organisation:
            self.body = holder.organisation
        if holder.organisation != self.group:
            self.group = None


@cache
def _stand_verbs() -> frozenset[str]:
    return frozenset(row["form"] for row in lexicon("stand_verbs"))


@cache
def _plain_verbs() -> frozenset[str]:
    """Forms that may come before their subject ("said Jane Smith", "found the report")."""
    others = {"tell", "call", "ask"}
    return frozenset(form for form, v in reporting_verbs().items() if v.kind == "neutral" and v.verb not in others)


@cache
def _documents() -> frozenset[str]:
    """Nouns for a text that speaks for whoever wrote it."""
    return frozenset(row["noun"] for row in lexicon("speaker_nouns") if row["type"] == "document")


@cache
def _roles() -> frozenset[str]:
    """Nouns for somebody unnamed who speaks for the body named beside them."""
    return frozenset(row["noun"] for row in lexicon("speaker_nouns") if row["type"] == "role")


def statements(doc: Doc) -> Iterator[Statement]:
    """Every stretch of the text that is somebody's view, in order."""
    reader = _Reader(doc)
    for sentence in doc.sents:
        yield from reader.read(sentence.start, sentence.end)


@dataclass(slots=True)
class _Reader:
    doc: Doc
    words: list[str] = field(init=False)
    at: list[int] = field(init=False)
    named: list[_Named] = field(init=False)
    ends: dict[int, _Named] = field(init=False)
    starts: dict[int, _Named] = field(init=False)
    quotes: list[tuple[int, Quote]] = field(init=False)
    sentence: tuple[int, int] = (0, 0)
    memory: _Memory = field(init=False, default_factory=_Memory)

    def __post_init__(self) -> None:
        doc = self.doc
        self.words = [token.norm_.lower() for token in doc]
        self.at = [token.idx for token in doc]
        bodies = {person.name: person.organisation for person in doc._.people}
        named = [
            self._tokens(m.start, m.end, Holder(m.person, bodies.get(m.person) if m.person else m.organisation))
            for m in (*doc._.person_mentions, *doc._.organisation_mentions)
        ]
        self.named = sorted(named, key=lambda n: (n.start, n.end, n.holder.speaker or ""))
        self.ends = {n.end: n for n in self.named}
        self.starts = {n.start: n for n in self.named}
        self.quotes = sorted(enumerate(doc._.quotes), key=lambda pair: (pair[1].start, pair[1].end))

    def _tokens(self, start: int, end: int, holder: Holder) -> _Named:
        return _Named(bisect_right(self.at, start) - 1, bisect_left(self.at, end), holder)

    def _chars(self, start: int, end: int) -> tuple[int, int]:
        last = self.doc[end - 1]
        return self.at[start], last.idx + len(last)

    def read(self, start: int, end: int) -> Iterator[Statement]:
        """The statements of one sentence (tokens): whole quotes apart from the reporter's words around them."""
        first, last = self.sentence = self._chars(start, end)
        low = bisect_left(self.quotes, first, key=lambda pair: pair[1].end)
        following = (self.quotes[k] for k in range(low, len(self.quotes)))
        inside = list(takewhile(lambda pair: pair[1].start < last, following))
        at = start
        for index, quote in (pair for pair in inside if _whole(pair[1])):
            opening = max(bisect_right(self.at, max(quote.start, first)) - 1, at)
            closing = min(bisect_left(self.at, quote.end), end)
            yield from self._frame(at, opening, inside)
            if closing > opening:
                yield from self._quoted(opening, closing, index, quote)
            at = max(at, closing)
        yield from self._frame(at, end, inside)

    def _quoted(self, start: int, end: int, index: int, quote: Quote) -> Iterator[Statement]:
        """A quote's words in one sentence, up to where its speaker tells what somebody else says."""
        holder = Holder(quote.speaker, quote.organisation)
        if not (holder.speaker or holder.organisation):
            return
        self.memory.hear(holder)
        for told in self._attributions(start, end, quoted=True):
            if not told.holders or told.holders[0].organisation != holder.organisation:
                end = told.start
                break
        if end > start:
            first, last = self._chars(start, end)
            yield Statement(first, last, self.sentence, first, (holder,), "quote", index)

    def _frame(self, start: int, end: int, quotes: list[tuple[int, Quote]]) -> Iterator[Statement]:
        """The reporter's own words, fragments of quotes in them: each part by the verb that governs it."""
        if end <= start:
            return
        fragments = [(i, q) for i, q in quotes if not _whole(q) and self.at[start] <= q.start <= self.at[end - 1]]
        told = self._attributions(start, end)
        self._note_documents(start, end)
        at, holders = start, self._own_voice(start)
        source: Source = "narrator"
        said = start
        parts: list[tuple[int, int, int, tuple[Holder, ...], Source]] = []
        for this in told:
            if this.backward:
                parts.append((at, this.start, said, holders, source))
                parts.append((max(at, this.start), this.end, at, this.holders, "reported"))
                at, said, holders, source = this.end, at, this.holders, "reported"
            else:
                parts.append((at, this.start, said, holders, source))
                at, said, holders, source = this.start, this.verb, this.holders, "reported"
        parts.append((at, end, said, holders, source))
        for opening, closing, verb, who, kind in parts:
            if closing <= opening:
                continue
            first, last = self._chars(opening, closing)
            quote = next(((i, q) for i, q in fragments if first <= q.start < last), None)
            if quote and (quote[1].speaker or quote[1].organisation):
                who, kind = (Holder(quote[1].speaker, quote[1].organisation),), "reported"
                self.memory.hear(who[0])
            if who:
                yield Statement(first, last, self.sentence, self.at[verb], who, kind, quote and quote[0])

    def _own_voice(self, start: int) -> tuple[Holder, ...]:
        """On a body's own site, the body, where the sentence starts with it."""
        publisher: Organisation | None = self.doc._.context.publisher
        if publisher is None:
            return ()
        if self.words[start] in {"we", "our"}:
            return (Holder(None, publisher),)
        opening = (self.starts.get(i) for i in range(start, start + 2))
        return (Holder(None, publisher),) if any(n and n.holder == Holder(None, publisher) for n in opening) else ()

    # Verbs and their subjects

    def _attributions(self, start: int, end: int, quoted: bool = False) -> list[_Attribution]:
        found: list[_Attribution] = []
        for i in range(start, end):
            if self.words[i] == "according" and self.words[i + 1 : i + 2] == ["to"]:
                told = self._according_to(self._low(start, found), i, end)
            elif self.words[i] in reporting_verbs() or self.words[i] in _stand_verbs():
                told = self._told(start, i, end, found, quoted)
            else:
                continue
            if told:
                found.append(told)
                for holder in told.holders:
                    self.memory.hear(holder)
        return found

    def _according_to(self, low: int, i: int, end: int) -> _Attribution | None:
        body = self._after(i + 2, min(i + 2 + _BY_REACH, end))
        if not body:
            return None
        closing = i > low + 2
        return _Attribution(low if closing else i, i, body.end, (body.holder,), backward=closing)

    @staticmethod
    def _low(start: int, before: list[_Attribution]) -> int:
        """Where the words not yet governed by a verb begin."""
        if not before:
            return start
        return before[-1].end if before[-1].backward else before[-1].verb + 1

    def _told(self, start: int, i: int, end: int, before: list[_Attribution], quoted: bool) -> _Attribution | None:
        low = self._low(start, before)
        if i < low:
            return None
        j = i - 1
        passive = False
        while j >= low and j + 1 not in self.ends and (self.words[j] in _SKIPPED or self.words[j].endswith("ly")):
            passive |= self.words[j] in _BE
            j -= 1
        word = self.words[i]
        verb = reporting_verbs().get(word)
        stand = word in _stand_verbs()
        by = next((k for k in (i + 1, i + 2) if self.words[k : k + 1] == ["by"]), None)
        if by is not None and verb and not word.endswith("ing") and word != verb.verb and not stand:
            agent = self._after(by + 1, min(by + 1 + _BY_REACH, end))
            if quoted and not agent:
                return None
            while low < i and self.words[low] in _CONCEDING:
                low += 1  # what the agent says is no aside, though the sentence sets it aside
            return _Attribution(low, i, agent.end if agent else by + 1, (agent.holder,) if agent else (), backward=True)
        if passive and not word.endswith("ing") and not stand:
            return None
        if word.endswith("ing") and not passive:
            return None  # "adding that": still the same holder
        subject = self._subject(low, j, quoted)
        if subject:
            opening, holders = subject
            rest = self.words[i + 1 : min(end, i + 6)]
            trailing = not before and sum(word[0].isalnum() for word in rest) <= 1
            return _Attribution(opening, i, i + 1 if trailing else end, holders, backward=trailing)
        if quoted:
            return _Attribution(j, i, end, ()) if j >= low and self.words[j] in _OTHERS else None
        inverted = self._inverted(start, i, end)
        if inverted:
            return _Attribution(start, i, inverted.end, (inverted.holder,), backward=True)
        if j < low or self.words[j] in _JOINS:
            return None
        nameless = verb and not verb.weak and self.doc[j].is_alpha and not self.doc[j].is_stop
        return _Attribution(j, i, end, ()) if nameless else None

    def _subject(self, low: int, j: int, quoted: bool) -> tuple[int, tuple[Holder, ...]] | None:
        """Who stands before a verb: where they start, and who they are. `j` is the last token before the verb."""
        if j < low:
            return None
        if self.words[j] == ",":
            return self._before_apposition(low, j)
        named = self.ends.get(j + 1)
        if named and named.start >= low:
            if named.holder.speaker is None:
                person = self._person_of(low, named.start)
                if person:
                    return person.start, (person.holder,)
                return self._joint(low, named)
            return named.start, (named.holder,)
        if quoted:
            return None
        return self._stand_in(low, j)

    def _before_apposition(self, low: int, j: int) -> tuple[int, tuple[Holder, ...]] | None:
        """The first name, or document, that a comma follows: "The report, written by X, said"."""
        if self.words[low] not in _LEADS_IN:
            for i in range(low, j):
                if self.words[i + 1] == "," and self.words[i] in _documents():
                    return self._stand_in(low, i)
        first = bisect_left(self.named, low, key=lambda n: n.start)
        last = bisect_left(self.named, j, lo=first, key=lambda n: n.start)
        inside = [n for n in self.named[first:last] if n.end <= j and self.words[n.end] == ","]
        people = [n for n in inside if n.holder.speaker]
        for n in people or inside:
            return n.start, (n.holder,)
        return None

    def _person_of(self, low: int, start: int) -> _Named | None:
        """The person just before a body: "Jane Smith of Barnshire Council"."""
        for i in range(start, max(low, start - _POST_REACH), -1):
            named = self.ends.get(i)
            if named and named.holder.speaker and named.start >= low:
                return named if self.words[i] in {"of", "from", ",", "for", "at", "("} else None
        return None

    def _joint(self, low: int, last: _Named) -> tuple[int, tuple[Holder, ...]]:
        """Bodies in a row: "ADCS, the LGA and Solace"."""
        row = [last]
        i = last.start
        while i > low and self.words[i - 1] in {",", "and", "&", "the"}:
            i -= 1
            named = self.ends.get(i)
            if named and named.holder.speaker is None and named.start >= low:
                row.append(named)
                i = named.start
        row.reverse()
        return row[0].start, tuple(dict.fromkeys(n.holder for n in row))

    def _stand_in(self, low: int, j: int) -> tuple[int, tuple[Holder, ...]] | None:
        """A pronoun or a common noun that stands for somebody named before."""
        word = self.words[j]
        body: Organisation | None = None
        if word in {"he", "she"}:
            person = self.memory.person or self._last_person(j)
            return (j, (person,)) if person else None
        if word == "it":
            body = self._last_body(j) if self.words[j - 1] == "which" else self.memory.body
        elif word == "they":
            body = self.memory.group
        elif word in _documents():
            body = self._beside(low, j) or self.memory.documents.get(word)
            body = body or self.doc._.context.publisher or self.memory.body or self._last_body(j)
        elif word in body_nouns():
            body = self._beside(low, j) or body_meant(self.doc, word, self.at[j])
            if word.endswith("s"):
                self.memory.group = body
        elif word in _roles():
            body = self._beside(low, j)
        while j > low and (self.words[j - 1] in {"the", "a", "an", "'s", "'"} or j in self.ends):
            j = self.ends[j].start if j in self.ends else j - 1
        return (max(low, j), (Holder(None, body),)) if body else None

    def _beside(self, low: int, j: int) -> Organisation | None:
        """The body named just before a noun ("Ofsted's annual report") or after its "by", "from" or "for"."""
        for i in range(j, max(low, j - 5), -1):
            named = self.ends.get(i)
            if named and named.holder.speaker is None:
                return named.holder.organisation
        for i in range(j + 1, min(j + _NOUN_REACH, len(self.words))):
            if self.words[i] in {"by", "from", "for"}:
                named = self._after(i + 1, min(i + _NOUN_REACH, len(self.words)))
                return named.holder.organisation if named else None
        return None

    def _before(self, j: int) -> Iterator[Holder]:
        """Who was named before token j, the last first, as far as a reader remembers."""
        last = bisect_left(self.named, j, key=lambda n: n.start)
        return (n.holder for n in reversed(self.named[max(0, last - _LOOKS_BACK) : last]))

    def _last_person(self, j: int) -> Holder | None:
        return next((holder for holder in self._before(j) if holder.speaker), None)

    def _last_body(self, j: int) -> Organisation | None:
        return next((holder.organisation for holder in self._before(j) if not holder.speaker), None)

    def _note_documents(self, start: int, end: int) -> None:
        for i in range(start, end):
            if self.words[i] in _documents() and (body := self._beside(start, i)):
                self.memory.documents[self.words[i]] = body

    def _inverted(self, start: int, i: int, end: int) -> _Named | None:
        """Whoever follows a verb that closes what is reported: ", said Jane Smith", ", found the report"."""
        if self.words[i] not in _plain_verbs() or (i > start and self.words[i - 1] not in {",", '"', "'", "''"}):
            return None
        for j in range(i + 1, min(i + 4, end)):
            if self.words[j] in _documents() | body_nouns().keys():
                known = self._stand_in(i + 1, j)
                return _Named(j, j + 1, known[1][0]) if known else None
        return self._after(i + 1, min(i + 6, end))

    def _after(self, start: int, end: int) -> _Named | None:
        """The first name that starts here, a person before a body: "children's secretary Ed Balls"."""
        bodies = None
        for i in range(start, end):
            if self.words[i] in {",", ";", "."}:
                break
            named = self.starts.get(i)
            if named and named.holder.speaker:
                return named
            bodies = bodies or named
        return bodies


def _whole(quote: Quote) -> bool:
    """Whether a quote speaks in sentences of its own, not as a fragment of the reporter's."""
    sentence_like = not quote.text[:1].islower() and quote.text.count(" ") > 5
    return quote.form == "direct" or (quote.form == "document" and sentence_like)
