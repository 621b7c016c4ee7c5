"""Whose people are who are introduced without a body: "its director", "her colleague", "branch secretary Jane Roe".

What stands beside a name is for `posts`; here speaks what stands around it. The rule is named in the person's record.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache, cached_property

from spacy.tokens import Doc

from nlp.confidence import confidences, where_no_body_is_told
from nlp.gazetteer import by_id
from nlp.lexicon import lexicon
from nlp.names import titles
from nlp.posts import BECAME, LOCAL_PARTY, group_led, implied, role_words, telling_post
from nlp.records import Mention, Organisation, Person, Post
from nlp.references import body_meant, in_focus, is_kind, office
from nlp.scoring import component, score_people
from nlp.spans import first_from, first_in, text_of, within
from nlp.text import fold

_CONFIDENCE = confidences("affiliations")
_FURTHEST = 160  # characters between a name and its post
_OWNED = re.compile(r"\b(?P<whose>its|their|our)\s+[^.:;!?\n]{0,80}$", re.IGNORECASE)
_OWNED_AFTER = re.compile(r",\s+(?:who\s+\w+\s+)?(?P<whose>its|their|our)\s", re.IGNORECASE)
_WHO = re.compile(r",?\s+(?:who\s+)?(?P<clause>[^.:;!?“”\"\n]{3,160})")
_WORKS = re.compile(
    r"\b(?:(?:is|was|are|been|now|currently|also|works?|working|studies|teaches|leads?|runs?|heads?|chairs?|manages?"
    r"|sits|serves|speaks|represents|advises)\b[^,]{0,60}?\s(?:of|at|for|with|on)|(?:represents|leads?|runs?|heads?|chairs?)"
    r"|(?:appointed|commissioned|employed|sent\s+in|brought\s+in|seconded)\s+by)\s+(?:the\s+)?(?:[a-z]+\s+)?$"
)
_IS_POST = re.compile(
    r"\b(?:is\s+(?:now\s+|currently\s+|also\s+)?(?:an?|the)\s+(?=[^,]{3,55}\s(?:of|at|for|with)\s)"
    r"|(?:works|serves|sits\s(?:[a-z-]+\s){2,4})\s*as\s+an?\s+)"
    r"(?P<role>[a-z][a-z ’'-]{2,50}?)(?=\s+(?:of|at|for|with|in|on)\s|,|$)"
)
# Callings that a verb tells: "who now volunteers with Barnardo's", "who has fostered for the council".
_CALLING = re.compile(
    r"^(?:now\s+|also\s+)?(?:(?P<volunteer>volunteers\s+(?:with|for|at))|(?P<adviser>advises)|"
    r"(?P<carer>(?:has\s+fostered|fosters|has\s+been\s+fostering)\s+(?:for|with|in)))\s+(?:the\s+)?(?:[a-z]+\s+)?"
)
_CALLED = {"volunteer": "volunteer", "adviser": "adviser", "carer": "foster carer"}
# "appointed Dame Jane Roe as commissioner", "named Jane Roe, a former head teacher, as its adviser".
_INDEPENDENT = re.compile(r"independent\s+(?:\w+\s+)?(?:consultant|adviser|advisor|expert|reviewing)\b", re.IGNORECASE)
_APPOINTED = re.compile(r"\b(?:appointed|named|chosen|hired|recruited|brought\s+in|installed|elected)\s+$")
_AS = re.compile(
    r"(?:,\s+[^,.:;!?\n]{3,80},)?\s+as\s+(?:(?:(?P<its>its|their)|the|an?|his|her)\s+)?(?:(?:new|interim|first|next)\s+)*"
    r"(?P<role>[^,.:;!?“”\"()\n]{3,90})"
)
_PAST_THE_POST = re.compile(
    r"\s(?:for\s(?:the|an?|\d)|(?:to|on|in|at|from|until|by|after|since|who|which|when|last|this|next)\s).*$"
)
_BY_THE_BODY = re.compile(
    r"\b(?:(?:appointed|commissioned|employed|sent\s+in|brought\s+in)\s+by|(?:speaks|works)\s+for)\s+the\s+([a-z]+)\b"
)
_MINISTER = re.compile(r"\b(?:minister|secretary)\b", re.IGNORECASE)  # theirs is a department, which they seldom name
_FOR = re.compile(r"(?P<for>\b(?:For|On behalf of)\s)[^,.:;\n]{2,80},\s*$")
_RUNS = re.compile(r"\s+(?:runs|leads|heads|chairs|founded|represents|directs|works\s+(?:for|at))\s+(?:the\s+)?")
_BECAME = re.compile(rf"(?:,\s+who)?\s+{BECAME}(?:(?:the|its|an?|interim|new|permanent)\s+)*")
_POST_ALONE = re.compile(r"[A-Za-z][^.:;!?“”\"()\n]{3,100}")
_ROLE_AT = re.compile(r"(?P<role>[A-Za-z][A-Za-z ’'-]{2,80})\s+(?:of|at|for)\s+(?:the\s+)?")
_BETWEEN = re.compile(r"\b(?:with|by|like|from|than|not|to|about|in|who|that)\s")  # "is angry with the director of"
# "who chairs the town's Children in Care Council": the name of a kind of body, of which every town has one.
_CHAIRS = re.compile(
    r",?\s+who\s+(?:also\s+|now\s+)?(?:co-?)?(?P<verb>chairs|leads|heads)\s+(?:the|its|their|our)\s+[a-z]+['’]s\s+"
    r"(?P<name>(?:[A-Z][\w’'-]+\s+(?:(?:in|of|for|and)\s+)?){1,6}"
    r"(?:Council|Parliament|Assembly|Forum|Network|Alliance|Association|Federation|Union|Society))\b(?!\s+[A-Z])"
)
_HEADING = ("president", "general secretary", "ceo")  # nobody heads what is no body
_HEADS = {"chairs": "chair", "leads": "leader", "heads": "head"}
_RESEARCHERS = re.compile(
    r"\b(?:[Aa]cademics|[Rr]esearchers|[Ss]cientists|[Ee]conomists|[Ss]ociologists|[Ee]xperts|[Aa]nalysts|team)\s+(?:at|from)\s+(?:the\s+)?$"
)
_ROOM = re.compile(r"['’]s?\s+(?:office|desk|team|staff)\s+(?:at|in)\s+(?:the\s+)?")
_STUDY = r"(?:study|research|project|analysis|work|paper|report|survey|evaluation)"
_RESEARCHED = re.compile(
    r",?\s+who\s+(?:co-)?(?:led|leads|directed|ran|conducted|carried\s+out|wrote|authored)\s+"
    rf"(?:the|this)\s+(?:new\s+)?{_STUDY}\b(?!\s+(?:of|that|which|by)\b)"
    rf"|,\s+(?:(?:the|a|one\s+of\s+the)\s+)?(?:{_STUDY}['’]s\s+)?(?:lead\s+|co-|joint\s+)?"
    rf"(?:authors?|researchers?|investigator)\b(?!\s+of\s+(?!the\s+{_STUDY}\b))"
)
_REPORTED = ("inspectorate", "regulator", "government", "parliament")
_RESEARCHING = ("lead author", "co-author", "lead researcher", "principal investigator")
_FOR_IT = re.compile(r"\b(?:leads|speaks|works)\s+for\s+(?:it|them)\b")
_COLLEAGUE = re.compile(r"\b(?:his|her|their|party|group|fellow)\s+(?:\w+\s){0,2}colleague,?\s*$", re.IGNORECASE)
_DEPUTY = re.compile(r"^(?:deputy|vice|vice-|co-|assistant|interim|acting)[\s-]+(?=\w)", re.IGNORECASE)
_NOT_ITS_VOICE = re.compile(r"\b(?:former|ex|past|previous|then|retired|shadow|opposition)\b", re.IGNORECASE)


@component("affiliations", score_people)
def affiliations(doc: Doc) -> Doc:
    """Sets `organisation`, `rule` and `confidence` of those of `doc._.people` who have no body yet."""
    reader = _Reader(doc)
    untold = where_no_body_is_told(doc._.organisation_mentions)
    found = map(reader.affiliated, doc._.people)
    doc._.people = [p if p.organisation else replace(p, confidence=round(p.confidence * untold, 3)) for p in found]
    return doc


@cache
def _belonging() -> frozenset[str]:
    """Head nouns of posts that nobody holds but in a body, lower case."""
    return frozenset(row["role"].lower() for row in lexicon("roles") if row["belongs"])


@cache
def _party() -> re.Pattern[str]:
    """A party's label right before a name: "Liberal Democrat Cllr ", "Labour councillor "."""
    labels = "|".join(
        re.escape(row["label"]) for row in sorted(lexicon("party_labels"), key=lambda r: -len(r["label"]))
    )
    return re.compile(
        rf"\b(?:(?P<label>{labels})|{LOCAL_PARTY})\s+(?:group\s+)?(?:councillor|member|candidate|politician)?\s*$"
    )


@cache
def _parties() -> dict[str, Organisation]:
    return {row["label"]: by_id()[row["organisation"]].organisation for row in lexicon("party_labels")}


class _Reader:
    def __init__(self, doc: Doc) -> None:
        self._doc = doc
        self._text = text_of(doc)
        self._people: list[Person] = doc._.people
        self._bodies: list[Mention] = doc._.organisation_mentions
        self._publisher: Organisation | None = doc._.context.publisher
        self._mentions: list[Mention] = doc._.person_mentions
        self._first: dict[str, Mention] = {}
        self._named: dict[str, list[Mention]] = {}
        for mention in self._mentions:
            self._named.setdefault(mention.person or "", []).append(mention)
            if " " in mention.text or mention.person == mention.text:
                self._first.setdefault(mention.person, mention)

    def affiliated(self, person: Person) -> Person:
        """The person with a body, where something tells it."""
        mention = self._first.get(person.name)
        if mention is None:
            return person
        past = _NOT_ITS_VOICE.search(person.role or "")
        if (person.role is None or past) and (post := self._became(person.name) or self._appointed(mention)):
            return replace(
                person,
                role=post.role,
                organisation=post.organisation or person.organisation,
                rule="became",
                confidence=min(person.confidence, _CONFIDENCE["became"]),
            )
        if (person.role is None or (past and not person.organisation)) and (role := self._told_later(person.name)):
            person = replace(person, role=role)
        elif past:
            return person
        if person.organisation is not None:
            return person
        for rule, body in self._readings(person, mention):
            if body is not None:
                sure = min(person.confidence, _CONFIDENCE[rule])
                if rule == "party" and person.title == "councillor":  # "Labour councillor Jane Roe", and no "Cllr"
                    person = replace(person, role=person.role or person.title)
                return replace(person, organisation=body, rule=rule, confidence=sure)
        return person

    def _readings(self, person: Person, mention: Mention) -> Iterator[tuple[str, Organisation | None]]:
        """Rules in the order of their say, each with the body that it tells."""
        start, before = self._before(mention)
        if room := _ROOM.match(self._text, mention.end):
            body = first_in(self._bodies, room.end(), room.end() + 1)
            yield "who", body.organisation if body is not None else None
        if party := _party().search(before):
            yield "party", Organisation(party["local"]) if party["local"] else _parties()[party["label"]]
        if spoken_for := _FOR.search(before):
            at = start + spoken_for.end("for")
            body = first_in(self._bodies, at, at + 5)
            yield "for", body.organisation if body is not None else None
        yield "who", self._of_the_clause(mention.end)
        if _RESEARCHED.match(self._text, mention.end) or (person.role or "").lower().startswith(_RESEARCHING):
            yield "research", self._researchers
        if _COLLEAGUE.search(before):
            yield "colleague", self._of_the_one_before(mention)
        publisher = self._publisher
        owned = _OWNED_AFTER.match(self._text, mention.end) or (_OWNED.search(before) if person.role else None)
        if owned is not None and self._holds(person, before, owned):
            if owned["whose"].lower() == "our":
                yield "our", publisher or self._writing()
            else:
                yield "its", in_focus(self._doc, owned.start() + (start if owned.string is before else 0))
            return  # whoever "its" means, it is not the body whose site this is; nor "our" the body spoken of
        if person.role is None:
            return
        yield "office", office(self._doc, person.role)
        if person.role.lower().endswith("author"):
            yield "own-site", publisher
        yield "deputy", self._of_the_head(person.role)
        if _INDEPENDENT.match(person.role):
            return  # of whoever is spoken of
        if self._belongs(person.role):
            yield "focus", in_focus(self._doc, mention.start)
        minister = _MINISTER.search(person.role)
        if publisher is not None and (is_kind(publisher, ("government",)) if minister else self._belongs(person.role)):
            yield "own-site", publisher

    def _before(self, mention: Mention) -> tuple[int, str]:
        """What stands before the name and its titles, in its line: where that begins, and the words."""
        start = max(self._text.rfind("\n", 0, mention.start) + 1, mention.start - _FURTHEST)
        words = self._text[start : mention.start]
        while (last := words.rstrip(" .").rpartition(" ")[2]) in titles():
            words = words.rstrip(" .").removesuffix(last)
        return start, words

    @staticmethod
    def _holds(person: Person, before: str, owned: re.Match[str]) -> bool:
        """What is owned is the post, and nothing else: "its director, Jane Roe", not "its report, Jane Roe"."""
        if owned.string is not before:
            return True
        post = fold(owned.group().partition(" ")[2]).lower().strip(" ,")
        return post == fold(person.role or "").lower()

    def _told_later(self, name: str) -> str | None:
        """The post in the clause behind the first of somebody's names that has one."""
        return next((role for m in self._named[name] if (role := self._role_of_the_clause(m.end))), None)

    def _became(self, name: str) -> Post | None:
        """The post that somebody is said to hold: "Roe is, or arrived as, director of finance at Westmere Council"."""
        for mention in self._named[name]:
            if chairs := _CHAIRS.match(self._text, mention.end):
                return Post(_HEADS[chairs["verb"]], Organisation(chairs["name"]))
            came = _BECAME.match(self._text, mention.end)
            if came is not None and (post := self._implied(came.end())) is not None:
                return post
            body = first_in(self._bodies, came.end(), came.end() + _FURTHEST) if came is not None else None
            if came is None or body is None or body.organisation is None:
                continue
            told = _ROLE_AT.fullmatch(self._text, came.end(), body.start)
            if (
                told is None
                or _BETWEEN.search(told["role"])
                or not role_words().intersection(fold(told["role"]).lower().split())
            ):
                continue
            role = told["role"]
            heads = self._belongs(role) or role.lower().endswith(_HEADING)
            if came["now"] and (not heads or _NOT_ITS_VOICE.search(role)):
                continue  # "is a foster carer for Westmere Council", "is a former director of Ofsted"
            return Post(role, body.organisation)
        return None

    def _implied(self, start: int) -> Post | None:
        """The post at `start`, where it says by itself whose it is: "Roe is His Majesty's Chief Inspector"."""
        told = _POST_ALONE.match(self._text, start)
        if told is None or first_in(self._bodies, *told.span()) is not None:
            return None
        return telling_post(self._doc, told.group())

    def _appointed(self, mention: Mention) -> Post | None:
        """The post that others are said to have given: "appointed Jane Roe as its improvement adviser"."""
        told = _AS.match(self._text, mention.end) if _APPOINTED.search(self._before(mention)[1]) else None
        if told is None:
            return None
        role = _PAST_THE_POST.sub("", told["role"])
        body = first_in(self._bodies, told.start("role"), told.start("role") + len(role))
        if body is not None or not role_words().intersection(fold(role).lower().split()):
            return None
        if (post := implied(self._doc, role)) is not None:
            return post
        return Post(role, in_focus(self._doc, mention.start) if told["its"] and self._belongs(role) else None)

    @cached_property
    def _researchers(self) -> Organisation | None:
        """The body whose researchers the text tells of, where it is one: "Academics at the University of Westmere"."""
        bodies = {
            body.organisation
            for body in self._bodies
            if _RESEARCHERS.search(self._text, max(0, body.start - len("sociologists from the  ")), body.start)
        }
        return bodies.pop() if len(bodies) == 1 else None

    def _role_of_the_clause(self, end: int) -> str | None:
        """The post in the clause behind a name: "…, who is a trustee of the charity", "…, who leads the opposition"."""
        clause = _WHO.match(self._text, end)
        if clause is None or not clause.group().lstrip(", ").startswith("who "):
            return None
        if calling := _CALLING.match(clause["clause"]):
            return _CALLED[calling.lastgroup or ""]
        if (told := _IS_POST.search(clause["clause"])) and told["role"].split()[-1] in role_words():
            return told["role"]
        led = group_led(clause["clause"])
        return led.role if led is not None else None

    def _of_the_clause(self, end: int) -> Organisation | None:
        """The body in the clause behind a name: "…, who works at the LGA", "…, appointed by the department"."""
        if runs := _RUNS.match(self._text, end):
            body = first_in(self._bodies, runs.end(), runs.end() + 1)
            return body.organisation if body is not None else None
        clause = _WHO.match(self._text, end)
        if clause is None or not (clause.group().lstrip(", ").startswith("who ") or " by " in clause["clause"][:20]):
            return None
        if (led := group_led(clause["clause"])) and led.organisation:
            return led.organisation
        if (calling := _CALLING.match(clause["clause"])) is not None:
            at = clause.start("clause") + calling.end()
            body = first_in(self._bodies, at, at + 1)
            return body.organisation if body is not None and calling.lastgroup != "carer" else None
        for mention in within(self._bodies, clause.start(), clause.end()):
            if _WORKS.search(self._text, clause.start("clause"), mention.start):
                return mention.organisation
        if _FOR_IT.search(clause["clause"]):
            return in_focus(self._doc, end)
        noun = _BY_THE_BODY.search(self._text, clause.start(), clause.end())
        return body_meant(self._doc, noun[1], noun.start()) if noun else None

    def _writing(self) -> Organisation | None:
        """The body that a text opens with and that writes of itself, where no other is known to have written it.

        Not one that is reported on: its name owns nothing, and its kind has its findings told by others.
        """
        first = self._bodies[0] if self._bodies else None
        if (
            first is None
            or first.organisation is None
            or first.start > len("The ")
            or is_kind(first.organisation, _REPORTED)
        ):
            return None
        return None if self._text.startswith(("'", "’"), first.end) else first.organisation

    def _of_the_one_before(self, mention: Mention) -> Organisation | None:
        """The body of whoever was named last before."""
        i = first_from(self._mentions, mention.start)
        before = self._mentions[i - 1].person if i else None
        return next((p.organisation for p in self._people if p.name == before), None)

    def _of_the_head(self, role: str) -> Organisation | None:
        """The body whose head has the post that this one is the deputy of."""
        head = _DEPUTY.sub("", fold(role).lower())
        if head == fold(role).lower():
            return None
        bodies = {p.organisation for p in self._people if p.organisation and fold(p.role or "").lower() == head}
        return bodies.pop() if len(bodies) == 1 else None

    @staticmethod
    def _belongs(role: str) -> bool:
        plain = f" {fold(role).lower()} "
        return any(f" {post} " in plain for post in _belonging())
