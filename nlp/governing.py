"""Verbs with whoever holds what they govern: those that report speech, and those that take a stand themselves.

Who says what is read once, by `speakers`. Added here are the subjects of verbs that take a stand without reporting
speech (data/lexicon/stand_verbs.csv): "the union wants …", "the council is committed to …".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

from spacy.tokens import Doc

from nlp.confidence import where_no_body_is_told
from nlp.joint import joint_bodies
from nlp.lexicon import lexicon
from nlp.records import Mention, Organisation
from nlp.references import body_meant, body_nouns
from nlp.reporting import ReportingClause
from nlp.spans import first_from, text_of, within
from nlp.subjects import Subject
from nlp.syntax import Parse

_CITING = "according to"
_BESIDE = re.compile(
    r"(?:'s|’s)?(?:\s+(?:has|have|had|also|again|now|still|itself|themselves|will|would|is|are|was|were|been|\w+ly))*\s+$"
)
_ASKED = re.compile(r"\b(?:should|must|ought|could|cannot|can't|needs? to)\b", re.IGNORECASE)
_IN_WHICH = re.compile(r"\bwhich\s+$")
_MADE_BY = re.compile(r"\b(?:by|from|for|of)\s+(?:[\w'’-]+\s+){0,6}$")
_TRAILING = re.compile(r"\W*(?:\w+\W*)?")  # after a verb that closes what is reported
_NEAR = 100  # characters
_STANDING = 0.9  # how sure the subject of a verb is that takes a stand


class Holder(NamedTuple):
    """A person speaking for a body (or for nobody named), or a body alone."""

    speaker: str | None
    organisation: Organisation | None


class Governor(NamedTuple):
    """A verb with whoever holds what follows its subject, or (`backward`) what stands before its end."""

    first: int
    verb: int
    last: int
    holders: tuple[Holder, ...]
    sure: float
    backward: bool = False


@cache
def _stands() -> re.Pattern[str]:
    forms = sorted((row["form"] for row in lexicon("stand_verbs")), key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, forms))})\b", re.IGNORECASE)


class GovernorReader:
    """Reads the governors of the sentences of a Doc, in order; is told who else holds something (`hear`)."""

    def __init__(self, doc: Doc, mentions: Sequence[Mention]) -> None:
        self._doc = doc
        self._text = text_of(doc)
        self._parse = Parse.of(doc)
        self._mentions = mentions
        self._clauses: Sequence[ReportingClause] = doc._.reporting_clauses
        self._bodies: dict[str, Organisation | None] = {person.name: person.organisation for person in doc._.people}
        self._untold = where_no_body_is_told(doc._.organisation_mentions)
        self._joint = joint_bodies(doc)
        self._person: Holder | None = None  # who held something last, for "he" and "she"
        self._body: Holder | None = None  # the same for "it"
        self._sentence = 0

    def hear(self, holders: tuple[Holder, ...]) -> None:
        """Notes who holds something: whom a pronoun may mean."""
        for holder in holders:
            if holder.speaker:
                self._person = holder
            if holder.organisation:
                self._body = Holder(None, holder.organisation)

    def holder(self, mention: Mention) -> Holder:
        """Whom a mention names."""
        return Holder(mention.person, self._bodies.get(mention.person) if mention.person else mention.organisation)

    def governors(self, start: int, end: int, sentence: int) -> list[Governor]:
        """Those of the reporter's words at start:end, by their verbs; `sentence` is where their sentence begins."""
        self._sentence = sentence
        found: list[Governor] = []
        low = start  # where the words not yet governed begin
        first = first_from(self._clauses, start)
        last = first_from(self._clauses, end)
        for clause in self._clauses[first:last]:
            if clause.first >= start and clause.last <= end and not self._is_asked(clause):
                found.append(self._reported(clause, low, end, alone=not found))
                low = clause.last
        found += self._standing(start, end, found)
        return sorted(found, key=lambda governor: governor.verb)

    def _reported(self, clause: ReportingClause, low: int, end: int, *, alone: bool) -> Governor:
        subject = clause.subject
        passive = not clause.inverted and subject.start >= clause.end
        if clause.verb.verb == _CITING:
            backward = bool(re.search(r"\w", self._text[low : clause.first]))
        else:
            backward = passive or clause.inverted or (alone and self._closes(clause, low, end))
        holders = self._who(subject, clause.start)
        first = clause.first if subject.start >= low or passive else clause.start  # not where a shared subject stands
        told = self._untold if holders and not holders[0].organisation else 1.0
        return Governor(first, clause.start, clause.last, holders, subject.sure * told, backward)

    def _is_asked(self, clause: ReportingClause) -> bool:
        """Who "should say so" hasn't said it."""
        return bool(_ASKED.search(self._text, clause.subject.end, clause.start))

    def _closes(self, clause: ReportingClause, low: int, end: int) -> bool:
        """As in "…, the report found.": what is reported stands before it."""
        return bool(
            _TRAILING.fullmatch(self._text, clause.end, end) and self._text[low : clause.first].rstrip().endswith(",")
        )

    def _who(self, subject: Subject, verb: int) -> tuple[Holder, ...]:
        if subject.person:
            return (Holder(subject.person, subject.organisation or self._bodies.get(subject.person)),)
        if _IN_WHICH.search(self._text, self._near(subject.start), subject.start) and (
            last := self._last_body(subject.start)
        ):
            return (Holder(None, last),)
        if subject.organisation is None:
            maker = self._maker(subject, verb) if subject.kind == "document" else None
            return (Holder(None, maker),) if maker else ()
        if subject.kind != "organisation":
            return (Holder(None, subject.organisation),)
        together = self._joint.get(subject.start) or (subject.organisation,)
        return tuple(Holder(None, body) for body in together)

    def _last_body(self, position: int) -> Organisation | None:
        """The body named last in the sentence: "it" in "Ofsted's report, in which it …"."""
        named = [m.organisation for m in within(self._mentions, self._sentence, position) if m.organisation]
        return named[-1] if named else None

    def _maker(self, subject: Subject, verb: int) -> Organisation | None:
        """Whose report it is in "a report last week from the think-tank X said"."""
        for mention in within(self._mentions, subject.end, verb):
            near = max(subject.end, mention.start - _NEAR)
            if mention.organisation and _MADE_BY.search(self._text, near, mention.start):
                return mention.organisation
        return None

    def _near(self, position: int) -> int:
        """Where the words right before a position begin, in its sentence, which may not end for pages."""
        return max(self._sentence, position - _NEAR)

    def _standing(self, start: int, end: int, reported: list[Governor]) -> Iterator[Governor]:
        """Subjects of verbs that take a stand, where nobody is said to say that they do."""
        for match in _stands().finditer(self._text, start, end):
            verb = match.start()
            if any(governor.verb <= verb < governor.last for governor in reported):
                continue
            before = [g for g in reported if not g.backward and g.verb < verb]
            if before and not self._parse.is_joined(verb, before[-1].verb):
                continue
            if (subject := self._subject(start, verb)) is not None:
                at, holder = subject
                if not any(at < governor.verb < verb for governor in reported):
                    yield Governor(at, verb, match.end(), (holder,), _STANDING)

    def _subject(self, start: int, verb: int) -> tuple[int, Holder] | None:
        """Who is the subject of the verb, and where: by the parse, else by what stands right before it."""
        token = self._parse.subject(verb)
        if token is not None and start <= token.idx < verb:
            if (mention := self._mention_at(token.idx)) is not None:
                return mention.start, self.holder(mention)
            holder = {"he": self._person, "she": self._person, "it": self._body}.get(token.lower_)
            if holder is None and token.lower_ in body_nouns():
                body = body_meant(self._doc, token.lower_, token.idx)
                holder = Holder(None, body) if body else None
            return (token.idx, holder) if holder else None
        i = first_from(self._mentions, verb)
        named = self._mentions[i - 1] if i else None
        if named is None or named.start < start or not _BESIDE.fullmatch(self._text, named.end, verb):
            return None
        return named.start, self.holder(named)

    def _mention_at(self, position: int) -> Mention | None:
        i = first_from(self._mentions, position + 1)
        return self._mentions[i - 1] if i and self._mentions[i - 1].end > position else None
