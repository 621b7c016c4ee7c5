"""Who is meant by the subject of a reporting verb: pronouns, surnames, "the inspectorate", "a council spokesperson"."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

from spacy.tokens import Doc

from nlp.confidence import confidences
from nlp.joint import joint_bodies
from nlp.name_lists import SURNAME, listed_as
from nlp.names import given_names
from nlp.posts import role_words
from nlp.private import age, age_behind, gender, is_private
from nlp.records import Mention, Organisation, Person
from nlp.references import body_meant, body_nouns, in_focus, in_view, is_kind, office
from nlp.spans import first_from, last_in, text_of, within
from nlp.syntax import Parse
from nlp.units import ARTICLES, PREPOSITIONS, PRONOUNS, Kind, Unit, epithets, speaking_nouns
from nlp.words import reporting_verbs

_LONGEST_POST = 100  # characters
_POST_WORDS = 6  # before a name that opens its sentence
_LOOK_BACK = 60  # mentions: nobody is "she" who was named last longer ago
_LONGEST_PARAGRAPH = 5000  # characters
_CANDIDATES = 3  # people last named among whom "she" is looked for
_OWNER_WITHIN = 5  # words between a body and what is its own: "Ofsted's third annual report"
_PUBLISHED_WITHIN = 140  # characters between a body and the document that it publishes
_HIS, _ITS = {"his", "her"}, {"its", "their"}
_ONE_PERSON = {"role", "outsider"}
_OFFICE = re.compile(r"(?:\b\w+['’]s?\s+)?\b(?:commissioner|ombudsman)\b", re.IGNORECASE)  # a body of one person
_SEVERAL = re.compile(
    r"(?:(?:The|[A-Z][a-z]+|\d+|[a-z]+)\s+){0,2}?(?P<noun>[Ii]nspectors|[Ii]nvestigators|[Aa]uditors)\s+(?:also\s+)?"
    r"(?:have|had|were|spent|read|met|saw|[a-z]+ed)\b"
)
_ARE_SEVERAL = re.compile(r"^they$|s$", re.IGNORECASE)
_OF_THE_UK = {"uk", "british", "labour", "conservative", "tory", "coalition"}
_ITS_OWN = {"the", "its", "their"}
_PREPOSITIONS_TO_BODIES = {"for", "of", "from", "at", "by"}
_THE_BODY = re.compile(
    r"\b(?:the|when|after|while|as|if|and|but)\s+([\w’'-]+)\s+(?:has|had|have|is|was|will|also|[a-z]+(?:ed|s))\b",
    re.IGNORECASE,
)
_ONE_OF_THEM = re.compile(
    r"(?:One\s+of\s+(?:the|our|its|their)|One|An?|Another)\s+(?P<who>(?:[a-z-]+\s+){0,2}?[a-z-]+)"
    r"(?=,?\s+(?:who|we|they|it|the|at|in|from|of|to|put|was|were|is|had|has|told|described|recalled|remembers?|[a-z]+ed)\b)"
)
_ONE = re.compile(r"(?:One|Another),?\s+(?:(?:from|in|at|with|who|whose)\b|said\b|told\b|described\b|recalled\b)")
_ANYBODY = {"woman": "f", "man": "m", "girl": "f", "boy": "m", "women": "f", "men": "m"}
_GENDERS = {
    **_ANYBODY,
    "mother": "f",
    "father": "m",
    "grandmother": "f",
    "grandfather": "m",
    "sister": "f",
    "brother": "m",
}
# Of a gender of their own, so that "he" behind "her husband" is nobody who was named.
_KIN = re.compile(
    r"(?:(?P<f>Her)|(?P<m>His)|Their)\s+(?:[a-z-]+\s+){0,2}?"
    r"(?:(?P<he>husband|boyfriend|son|brother|father|dad|grandfather|uncle|stepfather|stepson)"
    r"|(?P<she>wife|girlfriend|daughter|sister|mother|mum|grandmother|aunt|stepmother|stepdaughter))(?=,?\s+[a-z])"
)
_BEFORE_NAMES = re.compile(
    r"(?:(?:For|To|Like|Unlike|Take|Meet|Ask|With)\s+)?(?:(?:[A-Z]\w*\.?|[a-z-]+-of-[a-z]+)\s+){0,2}"
)
_LONGEST_BEFORE_NAMES = 40  # characters
_TOLD = re.compile(r",\s+(?:an?|the|who|whose|now|from|of|aged|\d{1,3})\b")
_THEIRS = re.compile(r"\b(?:she|he|her|his|him)\b", re.IGNORECASE)
_BY_THEM = re.compile(r"\b(?:by|from|with)\s+(?:her|him|his)\b")  # "A parent was sent away by her staff."
_OWNS = re.compile(r"['’]s?\s")
_FURTHEST_NOUN = 400  # characters
_LONGEST_TELLING = 400  # characters of a sentence that brings somebody in
_RULES = {"guidance", "framework", "handbook", "code", "act", "bill", "charter", "regulation", "agreement", "website"}
_MESSAGES = {"letter", "statement", "response", "submission", "briefing", "release", "press release"}
_BESIDE = 4  # characters at most between a quotation and what stands beside it


@dataclass(frozen=True, slots=True)
class Subject:
    """Who speaks, as worded in the text and as resolved; `sure` is how sure the resolving is.

    `others` are the bodies that speak together with `organisation`; `together`: so do other people with `person`.
    """

    start: int
    end: int
    text: str
    kind: Kind
    person: str | None = None
    organisation: Organisation | None = None
    role: str | None = None
    sure: float = 1.0
    others: tuple[Organisation, ...] = ()
    together: bool = False

    def said_by(self, bodies: Sequence[Organisation]) -> Subject:
        """The same as words of these bodies, of which the first one is named first."""
        return replace(self, organisation=bodies[0], others=tuple(bodies[1:]))


class Resolver:
    """Resolves subjects in reading order; `spoke` is the last one who did, as the reader of the clauses tells."""

    def __init__(self, doc: Doc, quoted: Sequence[tuple[int, int]], parse: Parse) -> None:
        self.spoke: Subject | None = None
        self.answering = False  # the verb whose subject is looked for is an answer to `spoke`
        self._spoke_before: Subject | None = None  # the one before, who is somebody else
        self._one: Subject | None = None  # who spoke last of those who are surely "she" or "he": no body, no document
        self._doc = doc
        self._text = text_of(doc)
        self._parse = parse
        self._quoted = quoted
        self._quote_starts = [start for start, _ in quoted]
        self._sentence_starts = [sentence.start_char for sentence in doc.sents]
        self._people: dict[str, Person] = {person.name: person for person in doc._.people}
        # Whom a speaker names is not whom the reporter's "she" means.
        self._named = _outside(doc._.person_mentions, quoted)
        self._first = {mention.person: mention.start for mention in reversed(self._named)}  # where somebody comes in
        self._bodies = _outside(doc._.organisation_mentions, quoted)
        self._gender: dict[str, str] = {name: told for name, p in self._people.items() if (told := _gender(p))}
        self._writers: dict[str, Subject] = {}
        self._joint = joint_bodies(doc)
        self._documents = _documents(doc)
        self._document_ends = [end for end, _ in self._documents]

    def resolve(
        self, units: Sequence[Unit], k: int, owner: Organisation | None = None, sentence: int | None = None
    ) -> Subject:
        """Whom units[k] means; `owner` is the body it is said to be of, `sentence` where its sentence begins."""
        unit = units[k]
        plain = Subject(unit.start, unit.end, unit.text, unit.kind)
        match unit.kind:
            case "person":
                return self._is(plain, (unit.mention and unit.mention.person) or "", 1.0)
            case "organisation":
                bodies = self._joint.get(unit.mention.start) if unit.mention else None
                if bodies is not None:
                    return plain.said_by(bodies)
                return replace(plain, organisation=unit.mention.organisation if unit.mention else None)
            case "pronoun":
                return self._pronoun(plain, units[0].start if sentence is None else sentence)
            case "document":
                return self._document(plain, units, k, owner)
            case "group":
                body = self._possessor(units, k)
                if body is None and (unit.lower.endswith("s") or not _is_indefinite(units, k)):
                    body = body_meant(self._doc, unit.lower, unit.start)
                return replace(plain, organisation=body, sure=0.9 if body else 0.6)
            case _:
                return self._unnamed(plain, units, k, owner)

    def heard(self, subject: Subject) -> None:
        """Remembers who spoke last."""
        spoke = self.spoke
        if spoke is not None and subject.text.lower() == "it" and spoke.kind == "role":
            return  # "A spokesman for the council said it regretted that": whoever speaks is the spokesman
        if spoke is not None and spoke.person != subject.person:
            self._spoke_before = spoke
        if subject.person is not None or _is_spokesperson(subject):
            self._one = subject
        self.spoke = subject

    def wrote(self, document: str, writer: Subject) -> None:
        """Remembers who said something "in a letter": "the letter" is theirs from here on."""
        self._writers[document.lower()] = writer

    def _is(self, plain: Subject, name: str, sure: float) -> Subject:
        person = self._people.get(name)
        if person is not None:
            sure *= confidences("affiliations").get(person.rule, 1.0)  # of the body
        return replace(plain, person=name or None, organisation=person.organisation if person else None, sure=sure)

    def holds(self, unit: Unit, post: str) -> bool:
        """The person named there holds the post: "branded late by the council's leader, Jane Roe"."""
        person = self._people.get((unit.mention and unit.mention.person) or "")
        return person is not None and post in (person.role or "").lower()

    # Bodies and documents

    def _document(self, plain: Subject, units: Sequence[Unit], k: int, owner: Organisation | None) -> Subject:
        """A document speaks for whoever owns it, else for whoever the text said publishes such a document."""
        author = units[k - 1] if k else None
        if author is not None and author.kind == "person" and author.possessive and author.mention:
            return self._is(plain, author.mention.person or "", 0.9)  # "Jane Roe's letter"
        if author is not None and author.lower in _HIS and self.spoke is not None and self.spoke.person:
            return self._is(plain, self.spoke.person, 0.85)
        body = owner or self._possessor(units, k) or self._following_body(units, k)
        if body is None and author is not None and author.lower in _ITS and self.spoke is not None:
            body = self.spoke.organisation
        if body is None and not _is_another(units, k):
            if (writer := self._writers.get(plain.text.lower())) is not None:
                return replace(plain, person=writer.person, organisation=writer.organisation, sure=0.85)
            rules = plain.text.lower() in _RULES
            body = self._spoke_here(plain.start) if rules else self._publisher(plain.end) or self._committee()
            if body is None and plain.text.lower() in _MESSAGES:
                body = self._doc._.context.publisher
            body = body or body_meant(self._doc, plain.text, plain.start)
        return replace(plain, organisation=body, sure=0.95 if body else 0.5)

    def _spoke_here(self, position: int) -> Organisation | None:
        """The body that spoke last, in this paragraph: it points to guidance of its own."""
        spoke = self.spoke
        return spoke.organisation if spoke is not None and "\n" not in self._text[spoke.start : position] else None

    def _committee(self) -> Organisation | None:
        """The committee whose chair or members spoke last: "the report" after them is theirs."""
        body = self.spoke.organisation if self.spoke is not None else None
        return body if body is not None and is_kind(body, ("parliament",)) else None

    def _possessor(self, units: Sequence[Unit], k: int) -> Organisation | None:
        """ "Ofsted's report", "the council's spokesperson", "a Department for Education spokesman"."""
        for j in range(k - 1, max(-1, k - _OWNER_WITHIN), -1):
            unit = units[j]
            if units[j + 1].after_comma:
                return None
            if unit.kind == "organisation" and unit.mention is not None:
                return unit.mention.organisation
            if unit.kind == "group" and (unit.possessive or j == k - 1):
                return body_meant(self._doc, unit.lower, unit.start)
            if unit.kind != "word" or unit.lower in ARTICLES | PREPOSITIONS:
                return None
        return None

    def _following_body(self, units: Sequence[Unit], k: int) -> Organisation | None:
        """ "a spokesperson for the LGA", "the letter from the council"."""
        if k + 2 >= len(units) or units[k + 1].lower not in _PREPOSITIONS_TO_BODIES:
            return None
        for unit in units[k + 2 : k + 5]:
            if unit.mention is not None and unit.mention.organisation is not None:
                return unit.mention.organisation
            if unit.kind == "group":
                return body_meant(self._doc, unit.lower, unit.start)
        return None

    def _publisher(self, position: int) -> Organisation | None:
        """Whose document was last spoken of."""
        i = bisect_right(self._document_ends, position)
        return self._documents[i - 1][1] if i else None

    # People

    def _unnamed(self, plain: Subject, units: Sequence[Unit], k: int, owner: Organisation | None) -> Subject:
        """ "the chief inspector" is the person who holds the post; "a council spokesperson" has a role and no name."""
        first = k
        while first and k - first < 3 and not units[first].after_comma and _modifies(units[first - 1]):
            first -= 1
        before = units[first - 1] if first else None
        if before is not None and (before.lower in _ITS_OWN or before.possessive) and (holder := self._holder(plain)):
            return self._is(plain, holder, 0.9)
        if first >= 1 and units[first].after_comma and units[first - 1].kind == "person":
            mention = units[first - 1].mention  # "Jane Roe, chair of the LGA said": a comma is missing
            return self._is(plain, (mention.person if mention else None) or "", 0.9)
        if is_private(plain.text):
            return self._private(plain) if _has_article(units, k) else replace(plain, role=plain.text, sure=0.7)
        if _is_epithet(units, k) and (named := self._in_view(plain.start)):
            meant = self._is(plain, named, 0.75)
            told = units[k - 1].mention  # "the Labour councillor"
            return meant if meant.organisation or told is None else replace(meant, organisation=told.organisation)
        if self._is_of_government(units, k):
            publisher = self._doc._.context.publisher
            body = publisher if publisher is not None and is_kind(publisher, ("government",)) else None
            role = self._text[units[first].start : plain.end].removeprefix("government ")
            return replace(plain, kind="outsider", organisation=body, role=role, sure=0.9)
        body = owner or self._possessor(units, k) or self._following_body(units, k)
        its = next((u for u in units[max(0, first - 2) : k + 3] if u.lower in _ITS), None)
        if body is None and its is not None:
            body = in_focus(self._doc, its.start)
            if body is not None and (person := self._without_post(body, plain.start)) is not None:
                return self._is(plain, person, 0.75)  # "The LGA's Jane Roe disagrees. The chair of its board said …"
        if body is None:
            body = office(self._doc, plain.text)
        if body is None and before is not None and before.lower == "our":
            body = self._doc._.context.publisher
        role = self._text[units[first].start : plain.end]
        if body is None and (body := self._spoke_for(plain)) is not None:
            return replace(plain, organisation=body, role=role, sure=0.8)
        return replace(plain, organisation=body, role=role, sure=0.9 if body else 0.7)

    def _private(self, plain: Subject) -> Subject:
        """The mum-of-three", "the 34-year-old": who is told to be so old, else the only one in view without a post."""
        wanted, old = gender(plain.text), age(plain.text)
        since = in_view(self._text, plain.start)
        names, others = set(), set()  # others: of another age
        i = first_from(self._named, plain.start)
        for mention in self._named[max(0, i - _LOOK_BACK) : i]:
            name = mention.person or ""
            if old is not None and (told := age_behind(self._text, mention.end)) is not None:
                if told == old:
                    return self._is(plain, name, 0.9)
                others.add(name)
            if mention.start >= since and self._is_anybody(name, wanted):
                names.add(name)
        spoke = self.spoke.person if self.spoke is not None else None
        if spoke is not None and self._is_anybody(spoke, wanted) and (spoke in names or not names):
            names = {spoke}
        names -= others
        if len(names) != 1:
            return replace(plain, role=plain.text, sure=0.7)
        (name,) = names
        return self._he_or_she(plain, name, wanted, 0.8) if wanted else self._is(plain, name, 0.75)

    def _is_anybody(self, name: str, wanted: str | None) -> bool:
        """Somebody who holds no post, and whom a word of this gender can mean."""
        person = self._people.get(name)
        if person is None or person.organisation is not None or (wanted and not self._can_be(name, wanted)):
            return False
        return not role_words().intersection((person.role or "").lower().split())

    @staticmethod
    def _is_of_government(units: Sequence[Unit], k: int) -> bool:
        """ "A government spokesperson", "a spokesman for the government": of no department that is told."""
        nation = units[k - 2].text if k > 1 else ""
        if nation[:1].isupper() and nation.lower() not in ARTICLES | _OF_THE_UK:
            return False  # "a Scottish government spokesperson"
        before = units[k - 1] if k and not units[k].after_comma else None
        behind = next((u for u in units[k + 2 : k + 4] if u.lower not in ARTICLES), None)
        for_it = k + 1 < len(units) and units[k + 1].lower in _PREPOSITIONS_TO_BODIES
        return any(
            unit is not None and unit.kind == "group" and unit.lower == "government"
            for unit in (before, behind if for_it else None)
        )

    def _without_post(self, body: Organisation, position: int) -> str | None:
        """Who of this body was named in the paragraph, and with no post yet."""
        paragraph = self._text.rfind("\n", max(0, position - _LONGEST_PARAGRAPH), position) + 1
        named = [person for person in self._named_before(position, paragraph) if person.organisation == body]
        return named[0].name if named and named[0].role is None else None

    def _spoke_for(self, plain: Subject) -> Organisation | None:
        """`The LGA rejected the plan. “…,” a spokesperson said`: whoever spoke last in the paragraph."""
        spoke = self.spoke
        if not plain.text.lower().startswith("spokes"):
            return None
        if spoke is not None and "\n" not in self._text[spoke.start : plain.start]:
            again = spoke.kind == "role" and spoke.text.lower() == plain.text.lower()
            if spoke.kind in {"organisation", "group"} or (again and spoke.organisation):
                return spoke.organisation
        return in_focus(self._doc, plain.start)

    def _holder(self, plain: Subject) -> str | None:
        """Who was named before as holding this post."""
        for person in self._named_before(plain.start):
            if person.role and plain.text.lower() in person.role.lower():
                return person.name
        return None

    def _pronoun(self, plain: Subject, sentence: int) -> Subject:
        wanted = PRONOUNS[plain.text.lower()]
        if wanted in {"it", "they"}:
            return self._it_or_they(plain, wanted)
        if (nobody := self._unnamed_before(plain.start, wanted)) is not None:
            return replace(plain, kind="outsider", role=nobody[0], sure=0.85)
        spoke = self._last_one(plain.start)
        if self.answering and spoke is not None and (other := self._answers(spoke, plain.start, wanted)):
            return self._he_or_she(plain, other, wanted, 0.85)
        if spoke is None or spoke.start < sentence:  # nobody has spoken yet in the pronoun's own sentence
            if nearer := self._nearer(sentence, plain.start, wanted):
                return self._he_or_she(plain, nearer, wanted, 0.85)
            if topic := self._topic(plain.start, wanted) or self._topic(sentence, wanted):
                return self._he_or_she(plain, topic, wanted, 0.9)
        if spoke is not None and not spoke.person and not self._named_since(spoke.end, plain.start, wanted):
            if spoke.kind in _ONE_PERSON:
                return replace(plain, role=spoke.role, organisation=spoke.organisation, sure=0.75)
            if office := self._one_in_office(spoke):
                return replace(plain, kind="role", role=office, organisation=spoke.organisation, sure=0.75)
        if new := self._brought_in(spoke.end if spoke is not None else 0, plain.start, wanted):
            return self._he_or_she(plain, new, wanted, 0.85)
        name = spoke.person if spoke is not None else None
        if name and self._can_be(name, wanted) and not self._rival(name, plain.start, wanted):
            return self._he_or_she(plain, name, wanted, 0.95)
        paragraph = self._text.rfind("\n", max(0, plain.start - _LONGEST_PARAGRAPH), plain.start) + 1
        could_be = [p for p in self._named_before(plain.start, paragraph) if self._can_be(p.name, wanted)]
        could_be = could_be or [p for p in self._named_before(plain.start) if self._can_be(p.name, wanted)]
        candidates = list(dict.fromkeys(could_be))[:_CANDIDATES]
        if not candidates:
            return replace(plain, sure=0.4)
        # Whom the text took the trouble to introduce.
        introduced = next((person for person in candidates if person.role), candidates[0])
        return self._he_or_she(plain, introduced.name, wanted, 0.85)

    def _last_one(self, position: int) -> Subject | None:
        """Who spoke last; where that is a body or a thing, the last one in view who can be "she"."""
        spoke, one = self.spoke, self._one
        if spoke is None or one is None or spoke.kind in _ONE_PERSON:
            return spoke
        return one if one.start >= in_view(self._text, position) else spoke

    def _one_in_office(self, spoke: Subject) -> str | None:
        """The office that is a body of one person whom the text does not name: "the Children's Commissioner"."""
        office = _OFFICE.search(spoke.text)
        held = office is None or any(person.organisation == spoke.organisation for person in self._people.values())
        return None if held or office is None else office.group()

    def _brought_in(self, since: int, position: int, wanted: str) -> str | None:
        """Whom a paragraph opens with and tells of since somebody spoke last: "For Jane Roe, a driver from Hull, …"."""
        since = max(since, in_view(self._text, position))
        for mention in reversed(within(self._named, since, position)):
            if self._first[mention.person] != mention.start or not _TOLD.match(self._text, mention.end):
                continue
            begins = self._text.rfind("\n", max(0, mention.start - _LONGEST_BEFORE_NAMES), mention.start) + 1
            opens = begins or mention.start < _LONGEST_BEFORE_NAMES
            if opens and _BEFORE_NAMES.fullmatch(self._text, begins, mention.start):
                return mention.person if self._can_be(mention.person or "", wanted) else None
        return None

    def _answers(self, spoke: Subject, position: int, wanted: str) -> str | None:
        """Who answers a question: who spoke before the one who asked it."""
        i = bisect_right(self._quote_starts, spoke.start) - 1
        asked = i >= 0 and self._text[self._quoted[i][1] - 1] == "?" and "\n\n" in self._text[spoke.end : position]
        other = self._spoke_before.person if self._spoke_before is not None else None
        return other if asked and other and self._can_be(other, wanted) else None

    def _it_or_they(self, plain: Subject, wanted: str) -> Subject:
        spoke = self.spoke
        new_sentence = spoke is None or spoke.start < self._sentence_start(plain.start)
        if wanted == "it" and new_sentence and (owner := self._owner_of_subject(plain.start)) is not None:
            return replace(plain, kind="document", organisation=owner, sure=0.85)
        if wanted == "they" and new_sentence and (body := self._several_before(plain.start)) is not None:
            return replace(plain, kind="document", organisation=body, sure=0.85)
        if wanted == "they" and (same := self._same_speakers(plain.start)) is not None:
            return self._they(plain, same)
        if new_sentence and (meant := self._group_before(plain.start)) is not None:
            return replace(plain, organisation=meant, sure=0.8)
        if spoke is not None and spoke.together and wanted == "they":
            return replace(self._is(plain, spoke.person or "", 0.85), others=spoke.others, together=True)
        if spoke is not None and spoke.person is None:
            return self._they(plain, spoke)
        if wanted == "they":
            person = spoke.person if spoke is not None else None
            if (
                spoke is not None
                and person
                and person not in self._gender
                and not self._several(spoke.end, plain.start)
            ):
                return self._is(plain, person, 0.6)
            topic = self._topic(plain.start, wanted)
            return self._is(plain, topic, 0.6) if topic and topic not in self._gender else replace(plain, sure=0.4)
        i = first_from(self._bodies, plain.start)
        # "The LGA agrees. A gap between Ofsted's visits, it says, …": what owns something else is not meant.
        bodies = self._bodies[max(0, i - _LOOK_BACK) : i]
        last = next((m for m in reversed(bodies) if not _OWNS.match(self._text, m.end)), None)
        return replace(plain, organisation=last.organisation, sure=0.7) if last else replace(plain, sure=0.4)

    def _sentence_start(self, position: int) -> int:
        return self._sentence_starts[max(0, bisect_right(self._sentence_starts, position) - 1)]

    def _owner_of_subject(self, position: int) -> Organisation | None:
        """Whose document a sentence opens with: "Ofsted's report also tells of what it calls …"."""
        start = self._sentence_start(position)
        i = bisect_right(self._document_ends, start)
        if i == len(self._documents) or self._document_ends[i] > position:
            return None
        end, owner = self._documents[i]
        named = within(self._bodies, start, position)
        if len(named) != 1 or named[0].end >= end or self._text[start : named[0].start] not in {"", "The "}:
            return None
        return owner if _OWNS.match(self._text, named[0].end) else None

    def _several_before(self, position: int) -> Organisation | None:
        """The body of those of whom the sentence before tells: "Six inspectors read 200 files. They found …"."""
        i = bisect_right(self._sentence_starts, position) - 1
        start, own = self._sentence_starts[max(0, i - 1)], self._sentence_starts[max(0, i)]
        several = _SEVERAL.match(self._text, start, own)
        parted = "\n" in self._text[start:own] and position > own  # "They" opens the next paragraph
        if several is None or parted or within(self._named, start, position):
            return None
        return body_meant(self._doc, several["noun"], several.start("noun"))

    @staticmethod
    def _they(plain: Subject, spoke: Subject) -> Subject:
        kind: Kind = "document" if spoke.kind == "document" else plain.kind
        body, others = spoke.organisation, spoke.others
        return replace(plain, kind=kind, organisation=body, others=others, role=spoke.role, sure=0.85)

    def _same_speakers(self, position: int) -> Subject | None:
        """Who goes on as "they" in the paragraph: several who spoke last there, or the spokesperson of who did."""
        spoke, one = self.spoke, self._one
        paragraph = self._text.rfind("\n", max(0, position - _LONGEST_PARAGRAPH), position) + 1
        if spoke is None or spoke.person is not None or spoke.start < paragraph:
            return None
        if _ARE_SEVERAL.search(spoke.text):
            return spoke
        same = one is not None and spoke.organisation == one.organisation and one.start >= paragraph
        return one if same else None

    def _group_before(self, position: int) -> Organisation | None:
        """The body that the sentence up to "it" speaks of by a noun: "The council has replied that it …"."""
        start = max(self._sentence_start(position), position - _FURTHEST_NOUN)
        if within(self._bodies, start, position):
            return None
        noun = _THE_BODY.search(self._text, start, position)
        return body_meant(self._doc, noun[1], noun.start()) if noun and noun[1].lower() in body_nouns() else None

    def _can_be(self, name: str, wanted: str) -> bool:
        return self._gender.get(name, wanted) == wanted

    def _nearer(self, start: int, end: int, wanted: str) -> str | None:
        """Whom the pronoun could mean in its own sentence: the last subject, else the last one who is no object."""
        here = [m for m in within(self._named, start, end) if self._can_be(m.person or "", wanted)]
        subjects = [m for m in here if self._parse.is_subject(m.start, m.end)]
        others = [m for m in here if not self._parse.is_object(m.start, m.end)]
        return next((m.person for m in reversed(subjects or others)), None)

    def _topic(self, position: int, wanted: str) -> str | None:
        """Whom the pronoun could mean as the subject of the reporter's last sentence: `Roe smiled. “…,” he said`."""
        start, end = self._sentence_before(position)
        if self.spoke is not None and self.spoke.start >= start:
            return None
        here = [m for m in within(self._named, start, end) if self._can_be(m.person or "", wanted)]
        subjects = [m for m in here if self._parse.is_subject(m.start, m.end) or self._opens(start, m.start)]
        if subjects:
            return subjects[0].person
        # Brought in there: `That did not satisfy Jane Roe. “…,” she said.`
        new = [m for m in here if " " in m.text and self._first.get(m.person) == m.start]
        if end - start > _LONGEST_TELLING or _THEIRS.search(self._text, start, end):
            return None  # "Her deputy will be Jane Roe."
        return (
            new[0].person if len({m.person for m in here}) == 1 and new and "\n" not in self._text[start:end] else None
        )

    def _opens(self, start: int, end: int) -> bool:
        """Nothing but a post and titles stands before a name in its sentence: "Labour group leader Cllr Roe"."""
        words = self._text[start : min(end, start + _LONGEST_POST)].split()
        return len(words) <= _POST_WORDS and all(w[0].isupper() or w.lower() in {*role_words(), "group"} for w in words)

    def _unnamed_before(self, position: int, wanted: str) -> tuple[str | None] | None:
        """Of whom nothing but what they are is told: `One of the grandmothers put it bluntly. “…,” she said.`

        Gives their role, (None,) where the text has none for them: "one woman".
        """
        start, end = self._sentence_before(position)
        if end - start > _LONGEST_TELLING:
            return None
        if within(self._named, start, end) or _BY_THEM.search(self._text, start, end):
            return None
        if kin := _KIN.match(self._text, start, end):
            told = kin["he"] if wanted == "m" else kin["she"]
            return (told,) if told and not kin[wanted] else None  # "Her mother died. “…,” she said": the daughter
        if "\n" in self._text[start:end]:
            return None
        if _ONE.match(self._text, start, end):
            return (None,)
        told = _ONE_OF_THEM.match(self._text, start, end)
        words = told["who"].lower().split() if told else []
        for i in range(len(words)):
            for noun in (" ".join(words[i:]), " ".join(words[i:]).removesuffix("s")):
                if _GENDERS.get(noun, wanted) != wanted:
                    return None
                if noun in _ANYBODY:
                    return (None,)
                if speaking_nouns().get(noun) == "outsider":
                    return (noun,)
        return None

    def _sentence_before(self, position: int) -> tuple[int, int]:
        """The reporter's last sentence before `position` and the quotations right before it."""
        i = bisect_right(self._quote_starts, position) - 1
        while i >= 0 and self._quoted[i][1] >= position - _BESIDE:
            position = self._quote_starts[i]
            i -= 1
        at = bisect_right(self._sentence_starts, max(0, position - _BESIDE)) - 1
        return self._sentence_starts[max(0, at)], position

    def _named_since(self, start: int, end: int, wanted: str) -> bool:
        return any(self._can_be(m.person or "", wanted) for m in within(self._named, start, end))

    def _several(self, start: int, end: int) -> bool:
        """Several people or things are the subject of something: "they" may mean them."""
        return self._parse.has_plural_subject(start, end)

    def _in_view(self, position: int) -> str | None:
        """Of whom the text speaks: who spoke last, or was named last, in this paragraph or the one before."""
        since = in_view(self._text, position)
        if self.spoke is not None and self.spoke.start >= since and self.spoke.person:
            return self.spoke.person
        last = last_in(self._named, since, position)
        return last.person if last is not None else None

    def _rival(self, name: str, position: int, wanted: str) -> bool:
        """Somebody else whom the pronoun could mean was introduced with a post after `name` was named last."""
        i = first_from(self._named, position)
        paragraph = self._text.rfind("\n", max(0, position - _LONGEST_PARAGRAPH), position) + 1
        for mention in reversed(self._named[max(0, i - _LOOK_BACK) : i]):
            if mention.person == name:
                return False
            other = self._people.get(mention.person or "")
            if other is None or " " not in mention.text or not self._can_be(other.name, wanted):
                continue
            if other.role or (name not in self._gender and other.name in self._gender):
                return True
            if mention.start >= paragraph and self._parse.is_subject(mention.start, mention.end):
                return True  # the paragraph begins to speak of somebody else
        return False

    def _named_before(self, position: int, since: int = 0) -> Iterator[Person]:
        """Who was named before, the last one first."""
        i = first_from(self._named, position)
        for mention in reversed(self._named[max(0, i - _LOOK_BACK, first_from(self._named, since)) : i]):
            if person := self._people.get(mention.person or ""):
                yield person

    def _he_or_she(self, plain: Subject, name: str, wanted: str, sure: float) -> Subject:
        self._gender.setdefault(name, wanted)
        return self._is(plain, name, sure)


def _gender(person: Person) -> str | None:
    """What the text says, else a given name that stands alone: "Danielle", but not "Grant"."""
    if person.gender or person.title or " " in person.name or listed_as(person.name) & SURNAME:
        return person.gender
    return given_names().get(person.name.lower())


def _is_spokesperson(subject: Subject) -> bool:
    """ "A DfE spokesman": somebody, and nobody who is named."""
    return subject.person is None and subject.kind == "role" and "spokes" in (subject.role or "").lower()


def _has_article(units: Sequence[Unit], k: int) -> bool:
    """ "The", with a word or a place behind it or not: "the Hull mum-of-three"."""
    first = max(0, k - _OWNER_WITHIN)
    while k > first and not units[k].after_comma and units[k - 1].lower not in ARTICLES | PREPOSITIONS:
        k -= 1
    return k > 0 and units[k - 1].lower == "the"


def _modifies(unit: Unit) -> bool:
    """A lower-case word that can stand between an article and its noun."""
    other = ARTICLES | PREPOSITIONS | {"and", "but", "or"}
    return unit.kind == "word" and unit.text.islower() and unit.text not in other and not unit.possessive


def _is_epithet(units: Sequence[Unit], k: int) -> bool:
    """ "The Westmere senator", "the former minister": says once more of somebody who was named who that is."""
    first = k
    while first and k - first < _OWNER_WITHIN and not units[first].after_comma and _is_told_with(units[first - 1]):
        first -= 1
        if units[first].lower == "the":
            told = k + 1 < len(units) and units[k + 1].lower in _PREPOSITIONS_TO_BODIES and not units[k + 1].after_comma
            return units[first + 1].lower == "former" or (units[k].lower in epithets() and not told)
    return False


def _is_told_with(unit: Unit) -> bool:
    """A word before a post, or a party: "the Labour councillor"."""
    body = unit.mention.organisation if unit.mention is not None and not unit.possessive else None
    return unit.kind == "word" or (body is not None and is_kind(body, ("political_party",)))


def _is_another(units: Sequence[Unit], k: int) -> bool:
    """ "a report", "a post by an unknown author": not the document that was spoken of."""
    return _is_indefinite(units, k) or (k + 1 < len(units) and units[k + 1].lower in {"by", "from"})


def _is_indefinite(units: Sequence[Unit], k: int) -> bool:
    """ "A report", "an independent trust"."""
    first = k
    while first and k - first < 3 and (_modifies(units[first - 1]) or units[first - 1].lower in epithets()):
        first -= 1
    return units[first - 1].lower in {"a", "an", "one", "another"} if first else False


def _outside(mentions: Sequence[Mention], quoted: Sequence[tuple[int, int]]) -> list[Mention]:
    """The mentions outside quotations."""
    starts = [start for start, _ in quoted]
    kept = []
    for mention in mentions:
        i = bisect_right(starts, mention.start)
        if not i or quoted[i - 1][1] <= mention.start:
            kept.append(mention)
    return kept


@cache
def _document_patterns() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """What follows a body that owns a document, or publishes one, and what stands before a body that made one."""
    documents = sorted((noun for noun, kind in speaking_nouns().items() if kind == "document"), key=len, reverse=True)
    nouns = "|".join(re.escape(noun) for noun in documents)
    owned = rf"['’]?s?\s+(?P<between>(?:[\w'’-]+\s+){{0,4}}?)(?:{nouns})\b"
    made = rf"\b(?:{nouns})\b(?:,?\s+[\w'’-]+){{0,5}}?,?\s+(?:by|from|of)\s+(?:[\w'’-]+\s+){{0,6}}$"
    published = (
        r"\s*(?:\([A-Z]\w+\)\s*)?(?:(?:has|have|today|yesterday|recently|this\s+\w+)\s+){0,3}"
        r"(?:(?:published|released|launched|issued|produced|unveiled)\s+(?:[^\W\d][\w'’,-]*\s+){0,9}?"
        rf"|(?:says|said|warns|warned|finds|found|concludes|concluded)\s+in\s+(?:[\w'’-]+\s+){{1,4}}?)(?:{nouns})s?\b"
    )
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in (owned, published, made))  # type: ignore[return-value]


def _documents(doc: Doc) -> list[tuple[int, Organisation]]:
    """Where the text says whose document it speaks of: "Ofsted's report", "a study by the LGA", "the LGA letter"."""
    text = text_of(doc)
    owned, published, made = _document_patterns()
    found = []
    last = 0  # "a letter from Unison at the council" is Unison's
    for mention in doc._.organisation_mentions:
        match = owned.match(text, mention.end, mention.end + 60)
        if match is None or not _makes(match["between"]):
            match = published.match(text, mention.end, mention.end + _PUBLISHED_WITHIN)
        if match is not None:
            found.append((match.end(), mention.organisation))
        elif made.search(text[max(last, mention.start - 110) : mention.start]):
            found.append((mention.end, mention.organisation))
        last = mention.end
    return sorted(found, key=lambda one: one[0])


def _makes(between: str) -> bool:
    """A body published the document, or owns it: it did not welcome it, or reply to it."""
    words = between.lower().split()
    verbs = [reporting_verbs()[word] for word in words if word in reporting_verbs()]
    return not any(word in PREPOSITIONS for word in words) and all(verb.weak or verb.verb == "write" for verb in verbs)
