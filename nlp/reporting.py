"""Reporting clauses: who is the subject of each verb that reports speech, outside quotations.

A sentence is read as units (a person, a body, a pronoun, a noun that speaks, a verb, any other word); the subject is
looked for beside the verb, past appositions and adverbs, and is shared across conjunctions. Pronouns and nouns such as
"the inspectorate" are resolved in reading order.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

from spacy.tokens import Doc

from nlp.lexicon import lexicon
from nlp.records import Mention, Organisation
from nlp.references import body_meant
from nlp.words import ReportingVerb, reporting_verbs, words_of

Kind = Literal["person", "organisation", "pronoun", "group", "document", "role", "verb", "word"]

SPEAKING: frozenset[Kind] = frozenset({"person", "pronoun", "organisation", "group", "document", "role"})
_PRONOUNS = {"he": "m", "she": "f", "it": "it", "they": "they"}
_ADVERBS = {"also", "later", "then", "now", "further", "still", "even", "both", "has", "had", "have", "is", "was", "were", "are", "been", "recently", "today", "yesterday", "again", "once", "since", "who", "which", "never", "not", "just", "all", "will", "would", "did", "do", "does", "previously", "instead", "on", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}  # fmt: skip
_BOUNDARIES = {"but", "while", "that", "although", "though", "whereas", "when", "because", "if", "as", "after", "before", "how", "what", "where", "whether", "so", "since"}  # fmt: skip
_PREPOSITIONS = {"of", "by", "with", "from", "for", "at", "in", "against", "to", "on", "about", "over", "between"}
_ARTICLES = {"the", "a", "an", "its", "his", "her", "their", "this", "that", "one", "another", "some"}
_BEFORE_NOUN = _ARTICLES | _PREPOSITIONS | {"no", "any", "these", "those", "every", "each", "annual", "new", "and", "first", "second", "third", "latest", "recent"}  # fmt: skip
_FURTHEST = 40  # units to the left of a verb


@dataclass(frozen=True, slots=True)
class Subject:
    """Who speaks, as worded in the text and as resolved; `sure` is how sure the resolving is."""

    start: int
    end: int
    text: str
    kind: Kind
    person: str | None = None
    organisation: Organisation | None = None
    role: str | None = None
    sure: float = 1.0


@dataclass(frozen=True, slots=True)
class ReportingClause:
    """A reporting verb (start, end, cue as printed) with its subject; `inverted` where that follows ("said Jane Roe")."""

    start: int
    end: int
    cue: str
    verb: ReportingVerb
    subject: Subject
    inverted: bool = False

    @property
    def first(self) -> int:
        """Where the clause's subject or verb begins."""
        return min(self.start, self.subject.start)

    @property
    def last(self) -> int:
        """Where the clause's subject or verb ends."""
        return max(self.end, self.subject.end)


@dataclass(frozen=True, slots=True)
class _Unit:
    start: int
    end: int
    text: str
    kind: Kind
    after_comma: bool  # a comma, dash or bracket stands before it
    after_quote: bool  # quoted words stand before it
    before_comma: bool
    possessive: bool
    mention: Mention | None = None

    @property
    def lower(self) -> str:
        return self.text.lower()


def reporting_clauses(doc: Doc, quoted: Iterable[tuple[int, int]]) -> list[ReportingClause]:
    """The reporting clauses of a Doc in reading order; `quoted` are (start, end) of its quotations, in order."""
    reader = _Reader(doc, list(quoted))
    for sentence in doc.sents:
        reader.read(sentence.start_char, sentence.end_char)
    return reader.clauses


@cache
def speaking_nouns() -> dict[str, Kind]:
    """Nouns that speak (lower case, one or two words) and what they are: group, document or role."""
    kinds: dict[str, Kind] = {"group": "group", "document": "document", "role": "role"}
    return {row["noun"].lower(): kinds[row["type"]] for row in lexicon("speaker_nouns")}


class _Reader:
    """Reads sentence after sentence, and keeps who spoke and who was named last."""

    def __init__(self, doc: Doc, quoted: list[tuple[int, int]]) -> None:
        self.doc = doc
        self.text = doc.text
        self.quoted = quoted
        self.people = {person.name: person for person in doc._.people}
        self.mentions: list[Mention] = sorted(doc._.person_mentions + doc._.organisation_mentions, key=lambda m: m.start)
        self.named = [m for m in self.mentions if m.person]
        self.gender: dict[str, str] = {name: p.gender for name, p in self.people.items() if p.gender}
        self.documents = _documents(doc)
        self.clauses: list[ReportingClause] = []
        self.spoke: Subject | None = None  # the last subject
        self.next_quote = self.next_mention = 0

    # Reading

    def units(self, start: int, end: int) -> list[_Unit]:
        """The sentence text[start:end] without its quotations."""
        while self.next_quote < len(self.quoted) and self.quoted[self.next_quote][1] <= start:
            self.next_quote += 1
        while self.next_mention < len(self.mentions) and self.mentions[self.next_mention].end <= start:
            self.next_mention += 1
        holes = [span for span in self.quoted[self.next_quote : self.next_quote + 60] if span[0] < end]
        named = {m.start: m for m in self.mentions[self.next_mention : self.next_mention + 400] if m.start < end}
        words = [w for w in words_of(self.text, start, end) if not any(a <= w.start < b for a, b in holes)]
        units: list[_Unit] = []
        i = 0
        while i < len(words):
            word, stop, n = words[i], words[i].end, 1
            kind: Kind = "word"
            mention = next((named[at] for at in range(word.start, word.end) if at in named), None)
            before = units[-1].end if units else start
            after_quote = any(before <= b <= word.start for _, b in holes)
            pair = self.text[word.start : words[i + 1].end].lower() if i + 1 < len(words) else ""
            if mention is not None:
                kind, stop = ("person" if mention.person else "organisation"), max(mention.end, word.end)
                while i + n < len(words) and words[i + n].start < stop:
                    n += 1
            elif word.text.lower() in _PRONOUNS:
                kind = "pronoun"
            elif pair in speaking_nouns():
                kind, stop, n = speaking_nouns()[pair], words[i + 1].end, 2
            elif word.text.lower() in reporting_verbs() and (after_quote or not self.is_noun(units, word.text)):
                kind = "verb"
            else:
                kind = speaking_nouns().get(word.text.lower(), "word")
            units.append(
                _Unit(
                    word.start,
                    stop,
                    self.text[word.start : stop],
                    kind,
                    after_comma=bool(units) and bool(re.search(r"[,()]|\s[-–—]", self.text[before : word.start])),
                    after_quote=after_quote,
                    before_comma=bool(re.match(r"['’]?s?[,(]|\s[(–—]|\s-\s", self.text[stop : stop + 4])),
                    possessive=words[i + n - 1].possessive,
                    mention=mention,
                )
            )
            i += n
        return units

    @staticmethod
    def is_noun(units: list[_Unit], word: str) -> bool:
        """After an article, a preposition or a possessive a weak form is a noun: "the claims", "Ofsted's reports"."""
        if not reporting_verbs()[word.lower()].weak:
            return False
        return word[0].isupper() or bool(units and (units[-1].lower in _BEFORE_NOUN or units[-1].possessive))

    def read(self, start: int, end: int) -> None:
        """Adds the clauses of one sentence."""
        units = self.units(start, end)
        earlier: list[ReportingClause] = []
        for v, unit in enumerate(units):
            clause: ReportingClause | None = None
            if unit.lower == "according" and v + 1 < len(units) and units[v + 1].lower == "to":
                subject = self.after(units, v + 1)
                verb = ReportingVerb("according to", "neutral", weak=False)
                if subject:
                    clause = ReportingClause(unit.start, units[v + 1].end, "according to", verb, subject, inverted=True)
            elif unit.kind == "verb":
                clause = self.clause(units, v, earlier)
            if clause is not None:
                earlier.append(clause)
                self.clauses.append(clause)
                self.spoke = clause.subject

    def clause(self, units: list[_Unit], v: int, earlier: list[ReportingClause]) -> ReportingClause | None:
        unit = units[v]
        verb = reporting_verbs()[unit.lower]
        if v and units[v - 1].lower in {"to", "be"}:
            return None
        if v + 1 < len(units) and units[v + 1].lower == "by" and unit.lower.endswith(("ed", "en")):
            agent = self.after(units, v + 1)  # passive: the agent speaks
            return ReportingClause(unit.start, unit.end, unit.text, verb, agent) if agent else None
        opens = v == 0 or unit.after_quote or all(u.lower in _ADVERBS for u in units[:v])
        if opens and not unit.lower.endswith("ing") and (not verb.weak or unit.after_quote):
            subject = self.after(units, v)
            if subject is not None:
                return ReportingClause(unit.start, unit.end, unit.text, verb, subject, inverted=True)
        subject = self.before(units, v, verb, earlier)
        return ReportingClause(unit.start, unit.end, unit.text, verb, subject) if subject else None

    # Where the subject stands

    def before(self, units: list[_Unit], v: int, verb: ReportingVerb, earlier: list[ReportingClause]) -> Subject | None:
        """The subject to the left of the verb."""
        comma, j = units[v].after_comma, v - 1
        while j >= 0 and (units[j].lower in _ADVERBS or units[j].lower.endswith("ly")):
            comma = comma or units[j].after_comma
            j -= 1
        shared = earlier[-1].subject if earlier else None
        if j < 0:
            return shared
        here = units[j]
        participle = units[v].lower.endswith("ing")
        if here.lower in {"to", "by"}:
            return None
        if not comma and not here.possessive:
            if here.kind in SPEAKING:
                return self.head(units, j)
            if here.lower in {"and", "or", "but"} and not verb.weak and shared:
                return shared
            if verb.weak:
                return None
        if participle and shared:
            return shared
        found = self.past_apposition(units, j, comma)
        return found or (shared if participle or here.lower in _BOUNDARIES | {"and"} else None)

    def head(self, units: list[_Unit], j: int) -> Subject:
        """The subject of a noun phrase that ends with units[j]: left of its preposition ("a spokesperson for X")."""
        here = units[j]
        k = j - 1
        plain_noun = here.kind in {"group", "document", "role"}
        while k >= 0 and (units[k].lower in _ARTICLES or (plain_noun and k > j - 3 and units[k].kind == "word" and units[k].text.islower() and units[k].text not in _PREPOSITIONS)):  # fmt: skip
            k -= 1
        if here.kind == "pronoun" or k < 1 or units[k].lower not in _PREPOSITIONS or here.after_comma or units[k].after_comma:
            return self.resolve(units, j)
        for h in range(k - 1, max(-1, k - 8), -1):
            if units[h].kind == "verb" or units[h + 1].after_comma or units[h].lower in _BOUNDARIES:
                break
            if units[h].kind in {"person", "role", "group", "document"} and not units[h].possessive:
                owner = here.mention.organisation if here.mention else None
                if owner is None and here.kind == "group":
                    owner = self.resolve(units, j).organisation
                return self.resolve(units, h, owner)
        return self.resolve(units, j)

    def past_apposition(self, units: list[_Unit], j: int, comma: bool) -> Subject | None:
        """The subject of a verb behind a comma or behind other words: "Jane Roe, chair of X, said"."""
        first = max(0, j - _FURTHEST)
        for k in range(j - 1, first - 1, -1):
            if units[k].lower in _BOUNDARIES and not units[k + 1].after_comma:
                first = k + 1
                break
        people = [k for k in range(first, j + 1) if units[k].kind == "person" and not units[k].possessive]
        beside = [k for k in people if units[k].before_comma and not (k and units[k - 1].lower in _PREPOSITIONS)]
        if comma and beside:
            return self.resolve(units, beside[-1])
        if people:
            return self.resolve(units, people[0] if comma else people[-1])
        for k in range(first, j + 1):
            leads = k == first or units[k].after_comma or units[k - 1].lower in _ARTICLES or units[k - 1].kind in {"organisation", "group"} or units[k - 1].lower in _BOUNDARIES  # fmt: skip
            speaks = units[k].kind in SPEAKING and leads and not units[k].possessive
            if speaks and (units[k].before_comma or not comma or units[k].kind == "document"):
                return self.resolve(units, k)
        return None

    def after(self, units: list[_Unit], v: int) -> Subject | None:
        """The subject to the right of the verb: "said council leader Jane Roe", "found the report"."""
        best: int | None = None
        for k in range(v + 1, min(len(units), v + 12)):
            unit = units[k]
            if unit.after_quote or unit.kind == "verb" or unit.lower in _BOUNDARIES or (unit.after_comma and k == v + 1):
                break
            if unit.kind == "person" and not unit.possessive:
                return self.resolve(units, k)
            if unit.after_comma and best is not None:
                break
            if unit.kind == "pronoun":
                return self.resolve(units, k) if k == v + 1 else None
            if unit.kind in SPEAKING and not unit.possessive:
                if best is None or (units[best].kind == "organisation" and unit.kind in {"document", "role"} and k <= best + 4):
                    best = k
            elif unit.lower in _PREPOSITIONS:
                break
        return None if best is None else self.resolve(units, best)

    # Who is meant

    def resolve(self, units: list[_Unit], k: int, owner: Organisation | None = None) -> Subject:
        unit = units[k]
        plain = Subject(unit.start, unit.end, unit.text, unit.kind)
        if unit.kind == "person" and unit.mention is not None:
            return self.is_person(plain, unit.mention.person or "", 1.0)
        if unit.kind == "organisation" and unit.mention is not None:
            return replace(plain, organisation=unit.mention.organisation)
        if unit.kind == "pronoun":
            return self.pronoun(plain)
        if unit.kind == "document":
            body = owner or self.possessor(units, k) or self.publisher_of_document(unit)
            return replace(plain, organisation=body, sure=0.95 if body else 0.5)
        if unit.kind == "group":
            body = self.possessor(units, k) or body_meant(self.doc, unit.lower, unit.start)
            return replace(plain, organisation=body, sure=0.9 if body else 0.6)
        return self.unnamed(plain, units, k, owner)

    def is_person(self, plain: Subject, name: str, sure: float) -> Subject:
        person = self.people.get(name)
        return replace(plain, person=name, organisation=person.organisation if person else None, sure=sure)

    def possessor(self, units: list[_Unit], k: int) -> Organisation | None:
        """ "Ofsted's report", "the council's spokesperson", "a Department for Education spokesman"."""
        for j in range(k - 1, max(-1, k - 5), -1):
            if units[j + 1].after_comma:
                return None
            mention = units[j].mention
            if units[j].kind == "organisation" and mention is not None:
                return mention.organisation
            if units[j].kind == "group" and (units[j].possessive or j == k - 1):
                return body_meant(self.doc, units[j].lower, units[j].start)
            if units[j].kind != "word" or units[j].lower in _ARTICLES | _PREPOSITIONS:
                return None
        return None

    def publisher_of_document(self, unit: _Unit) -> Organisation | None:
        earlier = [body for start, body in self.documents if start <= unit.end]
        return earlier[-1] if earlier else None

    def unnamed(self, plain: Subject, units: list[_Unit], k: int, owner: Organisation | None) -> Subject:
        """ "the chief inspector" is the person who holds the post; "a council spokesperson" has a role and no name."""
        body = owner or self.possessor(units, k)
        if body is None and k + 2 < len(units) and units[k + 1].lower in {"for", "of", "from", "at"}:
            for following in units[k + 2 : k + 5]:
                if following.mention is not None and following.mention.organisation is not None:
                    body = following.mention.organisation
                elif following.kind == "group":
                    body = body_meant(self.doc, following.lower, following.start)
                else:
                    continue
                break
        first = k
        while first and k - first < 3 and not units[first].after_comma and self.modifies(units[first - 1]):
            first -= 1
        before = units[first - 1] if first else None
        if before is not None and (before.lower in {"the", "its", "their"} or before.possessive):
            for mention in reversed([m for m in self.named if m.start < plain.start]):
                person = self.people.get(mention.person or "")
                if person and person.role and plain.text.lower() in person.role.lower():
                    return self.is_person(plain, person.name, 0.9)
        return replace(plain, organisation=body, role=self.text[units[first].start : plain.end], sure=0.9 if body else 0.7)

    @staticmethod
    def modifies(unit: _Unit) -> bool:
        other = _ARTICLES | _PREPOSITIONS | _BOUNDARIES | _ADVERBS
        return unit.kind == "word" and unit.text.islower() and unit.text not in other and not unit.possessive

    def pronoun(self, plain: Subject) -> Subject:
        wanted, spoke = _PRONOUNS[plain.text.lower()], self.spoke
        if wanted not in {"m", "f"}:
            if spoke is not None and (wanted == "they" or spoke.person is None):
                return replace(plain, person=spoke.person, organisation=spoke.organisation, role=spoke.role, sure=0.85)
            bodies = [m for m in self.mentions if m.organisation and m.start < plain.start]
            return replace(plain, organisation=bodies[-1].organisation, sure=0.7) if bodies else replace(plain, sure=0.4)
        if spoke is not None and spoke.person and self.gender.get(spoke.person, wanted) == wanted and not self.rival(spoke.person, plain.start, wanted):  # fmt: skip
            return self.he_or_she(plain, spoke.person, wanted, 0.95)
        for mention in reversed([m for m in self.named if m.start < plain.start]):
            if self.gender.get(mention.person or "", wanted) == wanted:
                return self.he_or_she(plain, mention.person or "", wanted, 0.85)
        return replace(plain, sure=0.4)

    def rival(self, name: str, position: int, wanted: str) -> bool:
        """Somebody else whom the pronoun could mean was introduced with a post after `name` was named last."""
        for mention in reversed([m for m in self.named if m.start < position]):
            if mention.person == name:
                return False
            other = self.people.get(mention.person or "")
            if other and other.role and " " in mention.text and self.gender.get(other.name, wanted) == wanted:
                return True
        return False

    def he_or_she(self, plain: Subject, name: str, wanted: str, sure: float) -> Subject:
        self.gender.setdefault(name, wanted)
        return self.is_person(plain, name, sure)


def _documents(doc: Doc) -> list[tuple[int, Organisation]]:
    """Where the text says whose document it speaks of: "Ofsted's report", "a study by the LGA", "the LGA letter"."""
    text = doc.text
    nouns = "|".join(sorted((re.escape(noun) for noun, kind in speaking_nouns().items() if kind == "document"), key=len, reverse=True))  # fmt: skip
    owned = re.compile(rf"['’]?s?\s+(?:[\w'’-]+\s+){{0,4}}?(?:{nouns})\b", re.IGNORECASE)
    made = re.compile(rf"\b(?:{nouns})\b(?:\s+[\w'’-]+){{0,5}}?,?\s+(?:by|from|of)\s+(?:[\w'’-]+\s+){{0,6}}$", re.IGNORECASE)
    found = []
    for mention in doc._.organisation_mentions:
        match = owned.match(text, mention.end, mention.end + 60)
        if match or made.search(text[max(0, mention.start - 110) : mention.start]):
            found.append((match.end() if match else mention.end, mention.organisation))
    return found
