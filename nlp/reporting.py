"""Reporting clauses: who is the subject of each verb that reports speech, outside quotations.

The subject is looked for beside the verb, past appositions and adverbs, and is shared across conjunctions.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from spacy.lang.en.stop_words import STOP_WORDS
from spacy.tokens import Doc

from nlp.names import name_words
from nlp.spans import text_of
from nlp.subjects import Resolver, Subject
from nlp.syntax import Parse
from nlp.together import joined, opens_clause
from nlp.units import ARTICLES, PREPOSITIONS, SPEAKING, Unit, UnitReader
from nlp.words import ReportingVerb, reporting_verbs, small_words

_ADVERBS = small_words("adverb")
_BOUNDARIES = small_words("boundary")
_JOINING = small_words("joining")
_BE = small_words("being")
_NAMING = {"call", "label", "dub", "brand"}  # "a user labelled “X”" says nothing
_MADE_BY = {"published", "written", "issued", "commissioned", "produced", "released", "prepared", "carried"}
_NOT_NAMES = STOP_WORDS | {"whilst"}
_TO_BODIES = {"of", "at", "for"}
_FURTHEST = 40  # units to the left of a verb
_DOCUMENT_WITHIN = 5  # units from "In" to "letter"
_INSIDE_WITHIN = 6  # units between a verb of saying and the subject of what is said
_NOUN_PHRASE = 6  # units from "that" to the subject behind it
_AGENT_WITHIN = 10  # units between a passive and its "by"
_ADDRESSED_WITHIN = 8  # units between "to" and "who"
_DOUBTFUL = 0.7  # a subject less sure than this is held against the parse
_AUXILIARIES = {"did", "does", "do", "has", "had", "have", "would", "will"}
_JOINT = {"joint", "jointly"}
_OF_THEIR_OWN = {"group", "organisation", "pronoun"}
_ANSWERING = {"answer", "reply", "respond"}
_HOLDING = {"accept", "acknowledge", "agree", "recognise"}  # what people think, and need not say
_CITING = ReportingVerb("according to", "neutral", weak=False)


@dataclass(frozen=True, slots=True)
class ReportingClause:
    """A reporting verb (start, end, cue as printed), its subject, and whether that follows: "said Jane Roe"."""

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


def reporting_clauses(doc: Doc, quoted: Iterable[tuple[int, int]]) -> list[ReportingClause]:
    """The reporting clauses of a Doc in reading order; `quoted` are (start, end) of its quotations, in order."""
    spans = list(quoted)
    parse = Parse.of(doc)
    reader, resolver = UnitReader(doc, spans), Resolver(doc, spans, parse)
    text = text_of(doc)
    clauses: list[ReportingClause] = []
    for sentence in doc.sents:
        units = reader.units(sentence.start_char, sentence.end_char)
        clauses += _Sentence(text, units, resolver, parse).clauses()
    return clauses


class _Sentence:
    """One sentence, read from left to right."""

    def __init__(self, text: str, units: Sequence[Unit], resolver: Resolver, parse: Parse) -> None:
        self._text, self._units, self._resolver, self._parse = text, units, resolver, parse
        self._shared: Subject | None = None  # the subject that "and added" goes on with
        self._opening = next((i for i, u in enumerate(units) if u.lower not in _ADVERBS), len(units))

    def clauses(self) -> list[ReportingClause]:
        found: list[ReportingClause] = []
        last = 0  # the verb of the clause before
        for v, unit in enumerate(self._units):
            if unit.kind == "citing":
                subject = self._after(v)
                clause = ReportingClause(unit.start, unit.end, unit.text, _CITING, subject, True) if subject else None
            else:
                clause = self._clause(v) if unit.kind == "verb" else None
            if clause is None:
                continue
            clause = self._together(v, clause)
            if found and self._inside(found[-1], last, clause):
                if clause.verb.weak or _is_of_anybody(clause):
                    continue  # "she said the findings show …" is what she said
                clause = replace(clause, subject=_in_her_voice(found[-1], clause))
            else:
                self._shared = clause.subject
            found.append(clause)
            last = v
            self._remember_writer(v, clause.subject)
            self._resolver.heard(clause.subject)
        return found

    def _remember_writer(self, v: int, subject: Subject) -> None:
        """`In a letter to the minister, she wrote …`, `Roe wrote to the minister`"""
        if self._units[v].lower in {"wrote", "written"}:
            self._resolver.wrote("letter", subject)
        if self._units[0].lower != "in":
            return
        for unit in self._units[1 : min(v, _DOCUMENT_WITHIN)]:
            if unit.kind == "document":
                self._resolver.wrote(unit.text, subject)

    def _inside(self, outer: ReportingClause, at: int, clause: ReportingClause) -> bool:
        """The clause is what somebody says: "Jane Roe said [that] her party supported …"; `at` is the verb "said"."""
        if outer.verb.weak or outer.inverted or clause.inverted or clause.subject.start < outer.end:
            return False
        for unit in self._units[at + 1 : at + 1 + _INSIDE_WITHIN]:
            if unit.start >= clause.subject.start:
                return True
            if unit.after_comma or unit.after_quote or unit.lower in _JOINING:
                break
        return _is_of_anybody(clause) and self._behind_that(at, clause.subject)

    def _behind_that(self, at: int, subject: Subject) -> bool:
        """ "Roe told the hall in Hull that managers recognised …", "she said …, and that a trust offered …"."""
        units = self._units
        own = bisect_right(units, subject.start, key=lambda unit: unit.start)
        that = next((k for k in range(own - 1, max(at, own - _NOUN_PHRASE), -1) if units[k].lower == "that"), None)
        if that is None:
            return False
        first = that if units[that - 1].lower in _JOINING else at  # from there on nothing else begins
        return not any(unit.after_comma for unit in units[first + 1 : own])

    def _clause(self, v: int) -> ReportingClause | None:
        unit = self._units[v]
        verb = reporting_verbs()[unit.lower]
        self._resolver.answering = verb.verb in _ANSWERING
        if v and self._units[v - 1].lower in {"to", "be"}:
            return None
        if not unit.lower.endswith("ing") and self._passive(v):
            agent = self._agent(v)
            return ReportingClause(unit.start, unit.end, unit.text, verb, agent) if agent else None
        opens = unit.after_quote or v <= self._opening
        if opens and not unit.lower.endswith("ing") and (not verb.weak or unit.after_quote):
            subject = self._after(v)
            if subject is not None:
                return ReportingClause(unit.start, unit.end, unit.text, verb, subject, inverted=True)
        subject = self._before(v, verb)
        if subject is None or subject.sure < _DOUBTFUL:
            subject = self._parsed(v, verb) or subject
        return ReportingClause(unit.start, unit.end, unit.text, verb, subject) if subject else None

    # By the parse, where the words tell nothing

    def _parsed(self, v: int, verb: ReportingVerb) -> Subject | None:
        """The subject that the parse gives the verb, if it is one that speaks or a name."""
        k = self._parsed_unit(v)
        if k is None:
            return None
        if self._units[k].kind in SPEAKING:
            return self._resolver.resolve(self._units, k)
        if _is_capital(self._units[k]):
            return self._name(k)
        return self._worded(k, k, 0.5) if _is_modifier(self._units[k]) and not verb.weak else None

    def _parsed_unit(self, v: int) -> int | None:
        """Which unit the parse takes for the subject of the verb."""
        head = self._parse.subject(self._units[v].start)
        if head is None:
            return None
        k = bisect_right(self._units, head.idx, key=lambda unit: unit.start) - 1
        return k if k >= 0 and k != v and head.idx < self._units[k].end else None

    # The passive

    def _passive(self, v: int) -> bool:
        """ "was described", "has been widely criticised"; "criticised by"."""
        if v + 1 < len(self._units) and self._units[v + 1].lower == "by":
            return True
        j = v - 1
        while j >= 0 and (self._units[j].lower in _ADVERBS or self._units[j].lower.endswith("ly")):
            if self._units[j].lower in _BE:
                return True
            j -= 1
        return False

    def _agent(self, v: int) -> Subject | None:
        for k in range(v + 1, min(len(self._units), v + 1 + _AGENT_WITHIN)):
            if self._units[k].lower == "by":
                return self._after(k)
            if self._units[k].kind == "verb" or self._units[k].lower in _BOUNDARIES - {"as"}:
                return None
        return None

    # To the left of the verb

    def _before(self, v: int, verb: ReportingVerb) -> Subject | None:
        units = self._units
        comma, j = units[v].after_comma, v - 1
        while j >= 0 and (units[j].lower in _ADVERBS or units[j].lower.endswith("ly")):
            comma = comma or units[j].after_comma
            j -= 1
        if j < 0:
            return self._shared
        if comma and j + 1 < v and units[j + 1].lower in _AUXILIARIES and not units[j + 1].after_comma:
            comma = False  # "she did, however, credit": nothing parts the subject from its verb
        if self._is_honour(j):
            j -= 1
        here = units[j]
        if here.lower in {"to", "by"}:
            return None
        if not comma and not here.possessive:
            if here.kind in SPEAKING:
                return self._head(j)
            if here.lower in _JOINING and not verb.weak and self._shared:
                return self._shared
            if verb.weak:
                return self._name(j)
        participle = units[v].lower.endswith("ing")
        if participle and self._shared and not self._has_own_subject(j):
            return self._shared
        found = self._past_apposition(j, comma)
        if found is None and (participle or here.lower in _BOUNDARIES | _JOINING):
            found = self._shared
        if found is not None or comma or (participle and not self._has_own_subject(j)):
            return found
        return self._name(j) or (None if verb.verb in _NAMING else self._noun(j))

    def _is_honour(self, j: int) -> bool:
        """Letters behind a name: "Jane Roe MP said"."""
        beside = j > 0 and self._units[j - 1].kind == "person" and not self._units[j].after_comma
        return beside and self._units[j].text in name_words("honour")

    def _has_own_subject(self, j: int) -> bool:
        """ "…, with one poster writing": a participle that "with" gives a subject of its own."""
        for k in range(j, max(-1, j - 4), -1):
            if self._units[k].lower == "with":
                return True
            if self._units[k].after_comma:
                return False
        return False

    def _head(self, j: int) -> Subject:
        """The subject of a noun phrase that ends with units[j]: left of its preposition ("a spokesperson for X")."""
        units = self._units
        here = units[j]
        k = j - 1
        plain_noun = here.kind not in {"person", "organisation", "pronoun"}
        while k >= 0 and (units[k].lower in ARTICLES or (plain_noun and k > j - 3 and _is_modifier(units[k]))):
            k -= 1
        parted = here.after_comma or (k >= 0 and units[k].after_comma)
        if here.kind == "pronoun" or k < 1 or units[k].lower not in PREPOSITIONS or parted:
            return self._resolver.resolve(units, j)
        for h in range(k - 1, max(-1, k - 8), -1):
            if units[h].kind == "verb" or units[h + 1].after_comma or units[h].lower in _BOUNDARIES:
                break
            if units[h].kind in SPEAKING - {"pronoun", "organisation"} and not units[h].possessive:
                # "a letter from the LGA" and "a letter written by it" are its own; "a letter seen by it" is not.
                own = h == k - 1 or units[k - 1].lower in _MADE_BY
                owner = here.mention.organisation if here.mention else None
                if owner is None and here.kind == "group":
                    owner = self._resolver.resolve(units, j).organisation
                return self._resolver.resolve(units, h, owner if own else None)
        return self._resolver.resolve(units, j)

    def _past_apposition(self, j: int, comma: bool) -> Subject | None:
        """The subject of a verb behind a comma or behind other words: "Jane Roe, chair of X, said"."""
        units = self._units
        first = max(0, j - _FURTHEST)
        if comma and (told := self._told_of(j, first)) is not None:
            return self._resolver.resolve(units, told)
        for k in range(j - 1, first - 1, -1):
            if units[k].lower in _BOUNDARIES and not units[k + 1].after_comma:
                first = k + 1
                break
        people = [k for k in range(first, j + 1) if units[k].kind == "person" and not units[k].possessive]
        beside = [k for k in people if units[k].before_comma and not self._hangs(k)]
        if comma and beside:
            told = self._parsed_unit(j + 1) if len(people) > 1 else None
            return self._resolver.resolve(units, told if told in people else beside[-1])
        if people:
            return self._resolver.resolve(units, people[0] if comma else people[-1])
        for k in range(first, j + 1):
            speaks = units[k].kind in SPEAKING and self._leads(k, first) and not units[k].possessive
            if speaks and (units[k].before_comma or not comma or units[k].kind == "document"):
                return self._resolver.resolve(units, k)
        return None

    def _told_of(self, j: int, first: int) -> int | None:
        """Whom a clause between commas tells of: "Jane Roe, who sits on the board as a member, said"."""
        for k in range(j, first, -1):
            if self._units[k].after_comma:
                told = self._units[k].lower == "who" and self._units[k - 1].kind in {"person", "role", "outsider"}
                return k - 1 if told and not self._is_addressed(k - 1) else None
        return None

    def _is_addressed(self, k: int) -> bool:
        """The name or noun hangs on a preposition: "in a letter to the manager, who …"."""
        first = max(0, k - _ADDRESSED_WITHIN)
        while k > first and (_is_modifier(self._units[k]) or self._units[k].kind != "word"):
            k -= 1
        while k > first and self._units[k].lower in ARTICLES:
            k -= 1
        return self._units[k].lower in PREPOSITIONS

    def _hangs(self, k: int) -> bool:
        """The name hangs on a preposition, its post between them or not: "under President Jane Roe"."""
        k -= 1
        while k > 0 and (self._units[k].kind == "role" or _is_capital(self._units[k])):
            k -= 1
        return k >= 0 and self._units[k].lower in PREPOSITIONS

    def _leads(self, k: int, first: int) -> bool:
        """A noun phrase ends here that can be a subject: nothing but its own words stands before it."""
        while k > first and not self._units[k].after_comma and _is_modifier(self._units[k - 1]):
            k -= 1
        if k == first or self._units[k].after_comma:
            return True
        before = self._units[k - 1]
        return before.possessive or before.lower in ARTICLES | _BOUNDARIES or before.kind in {"organisation", "group"}

    def _name(self, j: int) -> Subject | None:
        """A capitalised name that is no person and no listed body: given as worded, and as nobody else."""
        units = self._units
        first = j
        while first and _is_capital(units[first - 1]) and not units[first].after_comma:
            first -= 1
        return self._worded(first, j, 0.6) if _is_capital(units[j]) else None

    def _noun(self, j: int) -> Subject | None:
        """Somebody told by a noun that no list has: "neighbours said", "one poster wrote"."""
        unit = self._units[j]
        if not _is_modifier(unit) or self._text[max(0, unit.start - 1) : unit.start].isdigit():
            return None  # a unit of measure: "the £9m announced in May"
        first = j
        while first and j - first < 3 and not self._units[first].after_comma and _is_modifier(self._units[first - 1]):
            first -= 1
        opens = first == 0 or self._units[first].after_comma or self._units[first - 1].lower in ARTICLES | _BOUNDARIES
        return self._worded(j, j, 0.4) if opens else None

    def _worded(self, first: int, last: int, sure: float) -> Subject:
        start, end = self._units[first].start, self._units[last].end
        return Subject(start, end, self._text[start:end], "name", sure=sure)

    # To the right of the verb

    def _after(self, v: int) -> Subject | None:
        """The subject to the right of the verb: "said council leader Jane Roe", "found the report"."""
        units = self._units
        best: int | None = None
        behind = False  # a preposition that follows a post: "the leader of the council, Jane Roe"
        for k in range(v + 1, min(len(units), v + 12)):
            unit = units[k]
            if (
                unit.after_quote
                or unit.kind == "verb"
                or unit.lower in _BOUNDARIES
                or (unit.after_comma and k == v + 1)
            ):
                break
            if unit.kind == "person" and not unit.possessive:
                beside = best is None or not (behind or unit.after_comma)
                if beside or self._resolver.holds(unit, units[best or 0].lower):
                    return self._resolver.resolve(units, k)
                if best is not None and self._names(best, k):
                    post, named = self._resolver.resolve(units, best), self._resolver.resolve(units, k)
                    return replace(named, role=post.role, organisation=named.organisation or post.organisation)
            if unit.after_comma and best is not None:
                break
            if unit.kind == "pronoun":
                return self._resolver.resolve(units, k) if k == v + 1 else None
            if unit.kind in SPEAKING and not unit.possessive:
                if best is None or (
                    units[best].kind in {"organisation", "group"}
                    and unit.kind in {"document", "role"}
                    and k <= best + 4
                ):
                    best = k
            elif unit.lower in PREPOSITIONS:
                if best is None or units[best].kind != "role" or unit.lower not in _TO_BODIES:
                    break
                behind = True
        return None if best is None else self._resolver.resolve(units, best)

    def _names(self, noun: int, k: int) -> bool:
        """The name tells who the one is that stands before it: "Unison's organiser, Jane Roe."; nothing follows it."""
        units = self._units
        if k != noun + 1 or units[noun].kind not in {"role", "outsider"}:
            return False
        return k + 1 == len(units) or units[k].before_comma or units[k + 1].after_quote

    # People who speak together

    @cached_property
    def _is_joint(self) -> bool:
        """ "In a joint statement, …"."""
        return any(unit.lower in _JOINT for unit in self._units)

    def _together(self, v: int, clause: ReportingClause) -> ReportingClause:
        """What several people say is told as the words of the first: "Jane Roe, the chair, and Jo Lamb said"."""
        units, subject = self._units, clause.subject
        if subject.kind != "person" or subject.together:
            return clause
        k = bisect_right(units, subject.start, key=lambda unit: unit.start) - 1
        if units[k].start != subject.start:
            return clause  # who went before goes on
        people = joined(units, k, self._parse)
        if len(people) < 2 or not (clause.inverted or opens_clause(units, people[0], self._parse)):
            return clause
        if not (k == people[0] if clause.inverted else self._parsed_unit(v) == people[0] or self._is_joint):
            return clause
        said_by = [self._resolver.resolve(units, one) for one in people]
        bodies = dict.fromkeys(one.organisation for one in said_by if one.organisation is not None)
        first = said_by[0]
        others = tuple(body for body in bodies if body != first.organisation) if first.organisation else ()
        return replace(clause, subject=replace(first, others=others, together=True))


def _is_of_anybody(clause: ReportingClause) -> bool:
    """What a thing, any body or people in general show or think: "an independent trust offered", "managers accept"."""
    subject = clause.subject
    named = subject.person is not None or subject.organisation is not None or not subject.text.islower()
    return (clause.verb.weak or clause.verb.verb in _HOLDING) and not named


def _in_her_voice(outer: ReportingClause, clause: ReportingClause) -> Subject:
    """Who speaks where somebody says what their own body thinks: "Jane Roe said the council welcomed …, “…”"."""
    speaker, told = outer.subject, clause.subject
    if speaker.person is None or outer.verb.kind not in {"neutral", "concession"}:
        return told
    if told.person is not None or told.kind not in _OF_THEIR_OWN or (told.kind == "group" and told.text.endswith("s")):
        return told
    known = told.organisation is not None and told.organisation == speaker.organisation
    unknown = told.organisation is None and speaker.organisation is not None
    if clause.verb.kind == "neutral" or not (known or (unknown and clause.verb.kind in {"praise", "concession"})):
        return told
    return replace(told, person=speaker.person, organisation=speaker.organisation, sure=min(told.sure, speaker.sure))


def _is_modifier(unit: Unit) -> bool:
    """A lower-case word that can stand in a noun phrase."""
    other = ARTICLES | PREPOSITIONS | _BOUNDARIES | _ADVERBS | _JOINING
    return unit.kind == "word" and unit.text.islower() and unit.text not in other and not unit.possessive


def _is_capital(unit: Unit) -> bool:
    return unit.kind == "word" and unit.text[0].isupper() and unit.lower not in _NOT_NAMES and not unit.possessive
