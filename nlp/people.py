"""People: who is named, in which post and of which body.

A run of capitalised words is a person's name if a title, a post or a reporting verb stands beside it, if it starts
with a given name, or if the entity recogniser takes it for one; surnames (and given names) alone then mean the person
already named in full.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from spacy.tokens import Doc

from nlp.committees import names_with_commas
from nlp.confidence import confidences
from nlp.gazetteer import by_place
from nlp.name_lists import BODY, PLACE, SURNAME, listed_as
from nlp.names import Named, doubtful_words, given_names, name_words, names_in, titles
from nlp.posts import PostReader, is_past, wards
from nlp.records import Mention, Person, Post
from nlp.scoring import component, score_people
from nlp.spans import text_of
from nlp.syntax import Parse
from nlp.syntax import others as recognised_others
from nlp.syntax import people as recognised_people
from nlp.words import Word, is_reporting_verb, reporting_verbs, words_of

_BEFORE_GIVEN_NAMES = {None, "Sir", "Dame", "Lady", "Prince", "Princess", "Pope"}
_CONFIDENCE = confidences("people")
_MOST_OF_A_NAME = 50  # people of one surname that are told apart

# Somebody known only as a case is not a person of this record.
_CASE = r"deaths?|murders?|killings?|case|abuse|manslaughter|funeral|torture"
_CASE_BEFORE = re.compile(rf"\b(?:(?:{_CASE}) of (?:\w+[- ]){{0,3}}|(?:baby|toddler)\s)$", re.IGNORECASE)
_CASE_AFTER = re.compile(rf"['’]s? (?:{_CASE}|mother|father|stepmother|stepfather|siblings|law)\b", re.IGNORECASE)
# `Jane Roe said`, `Jane Roe has also said`, `Jane Roe, a mother of two, said`
_VERB_AFTER = re.compile(r"(?:,[^.:;!?“”\"\n]{2,120},|,)?\s+(?:(?:[a-z]+ly|also|has|had|then|later)\s+){0,2}([a-z]+)\b")
_NO_NAME_BEHIND = re.compile(r"(?:\b(?:the|an?|this|that)|['’]s?)\s+$", re.IGNORECASE)  # "the Hill said"
_PEER_WITHIN = 60  # characters
_COMPASS = {"North", "South", "East", "West", "Central"}
_PEER_OF = re.compile(r"\b(?:Lord|Lady|Baroness|Baron|Viscount|Viscountess|Earl|Countess) [A-Z][\w'’-]+ of $")
_IN = re.compile(r"\b(?:[Ii]n|[Aa]cross|[Nn]ear|[Aa]round)\s+$")  # a place
_PLACED = re.compile(r"\b(?:from|in|of|at|near|across)\s+$", re.IGNORECASE)  # "a mother from Ely, who …"
_WHO = re.compile(r",\s+who\b")
_VERB_BEFORE = re.compile(r"[”’\"'],?\s+([a-z]+) $")


@component("people", score_people)
def people(doc: Doc) -> Doc:
    """Sets `doc._.people` and `doc._.person_mentions`."""
    text = text_of(doc)
    words = words_of(text)
    taken = {at for m in doc._.organisation_mentions for at in range(m.start, m.end)}
    taken |= {at for start, end in [*names_with_commas(text), *wards(text)] for at in range(start, end)}
    namings = list(names_in(text, words, taken))
    cases = {named.text for named in namings if _is_case(text, named)}
    posts = PostReader(doc)
    recognised = _Recognised(doc)
    read = [(named, _read(text, named, posts, recognised)) for named in namings]
    sure = {p.name: p for _, p in read if p is not None and " " in p.name and (p.role or p.name not in cases)}
    found = [(named, person or sure[named.text]) for named, person in read if _counts(named, person, sure)]
    known = _People()
    # A full name first, so that a title and a surname join it wherever it stands.
    for _, person in sorted(found, key=lambda one: " " not in one[1].name):
        known.add(person)
    mentions = [_mention(text, n.start, n.end, known.fullest(p).name, p.rule) for n, p in found]
    taken.update(word.start for named, _ in found for word in named.words)
    mentions += known.short_forms(text, words, taken, sorted(mentions, key=lambda m: m.start))
    doc._.people = list(dict.fromkeys(known.fullest(person) for _, person in found))
    doc._.person_mentions = sorted(mentions, key=lambda m: m.start)
    return doc


def _counts(named: Named, person: Person | None, sure: Mapping[str, Person]) -> bool:
    """Somebody who was told to be a person here, or is told so elsewhere."""
    return named.text in sure or (person is not None and " " not in person.name)


def _mention(text: str, start: int, end: int, name: str, rule: str) -> Mention:
    return Mention(start, end, text[start:end], person=name, confidence=_CONFIDENCE[rule], rule=rule)


def _is_case(text: str, named: Named) -> bool:
    before = text[max(0, named.before - 60) : named.before]
    return bool(_CASE_BEFORE.search(before) or _CASE_AFTER.match(text, named.end))


# One naming


class _Recognised:
    """What the entity recogniser says of names: it takes titles into them, or leaves them out."""

    def __init__(self, doc: Doc) -> None:
        self._people = {span.end_char: span.start_char for span in recognised_people(doc)}
        self._others = recognised_others(doc)
        self._other_starts = [span.start_char for span in self._others]
        self._elsewhere = {span.text for span in self._others}
        self._parse = Parse.of(doc)

    def person(self, named: Named) -> bool:
        """It takes this name, or its end, for somebody's."""
        return self._people.get(named.end, named.end) <= named.words[-1].start

    def whole(self, named: Named) -> bool:
        """It takes this name, and no more or less, for somebody's."""
        return self._people.get(named.end) == named.start

    def acts(self, named: Named) -> bool:
        """It takes this surname for somebody's, everywhere, and the parse for the subject of a verb."""
        return (
            self.person(named)
            and named.first not in given_names()
            and named.text not in self._elsewhere
            and not listed_as(named.text) & PLACE
            and not self._is_none(named)
            and not self._are_several(named)
            and self._parse.is_subject(named.words[-1].start, named.end)
        )

    def _is_none(self, named: Named) -> bool:
        token = self._parse.token(named.start)
        return token is not None and (token.is_stop or token.like_num)  # "Ours", "Fourteen"

    def _are_several(self, named: Named) -> bool:
        """What it does is in the plural: "Files get tidied"."""
        token = self._parse.token(named.words[-1].start)
        if token is None or any(child.dep_ == "conj" for child in token.children):
            return False  # "Roe and Pike have left"
        return any(verb.tag_ == "VBP" for verb in (token.head, *token.head.lefts) if verb.i > token.i)

    def proper(self, named: Named) -> bool:
        """It is one proper name, and no body's or place's."""
        token = self._parse.token(named.start)
        return token is not None and token.tag_ == "NNP" and not self.other(named)

    def single(self, named: Named) -> bool:
        """It is nothing in the plural: "Roe, who left", not "Senators, who left"."""
        token = self._parse.token(named.start)
        return token is not None and token.tag_ not in {"NNS", "NNPS"}

    def plural(self, named: Named) -> bool:
        """It ends as no surname does: "Young People"."""
        token = self._parse.token(named.words[-1].start)
        return token is not None and token.tag_ in {"NNS", "NNPS"}

    def other(self, named: Named) -> bool:
        """It takes this name, as it stands or with words beside it, for a body's or a place's."""
        i = bisect_right(self._other_starts, named.start)
        beside = self._others[max(0, i - 1) : i + 1]
        return any(span.start_char < named.end and named.start < span.end_char for span in beside)

    def more(self, named: Named) -> bool:
        """The name is only a part of what it takes for a body's or a place's."""
        i = bisect_right(self._other_starts, named.start)
        return any(
            named.end <= span.end_char and len(span.text) > len(named.text) for span in self._others[max(0, i - 1) : i]
        )


def _read(text: str, named: Named, posts: PostReader, recognised: _Recognised) -> Person | None:
    """The person named here, if something says that it is one."""
    several = len(named.words) > 1
    told = named.title or several or recognised.proper(named) or recognised.person(named)
    if not told and not (_WHO.match(text, named.end) and recognised.single(named)):
        return None
    if not named.title and _PEER_OF.search(text, max(0, named.start - _PEER_WITHIN), named.start):
        return None  # "Baroness Roe of Great Westmere"
    post = posts.beside(named.before, named.end)
    holds_post = post is not None and bool(post.role)
    rule = (_of_name if several or named.title else _of_surname)(text, named, holds_post, recognised)
    if rule is None:
        return None
    gender = titles().get(named.title or "") or (given_names().get(named.first) if several else None)
    person = Person(named.text, title=named.title, gender=gender, rule=rule, confidence=_CONFIDENCE[rule])
    return person if post is None else _with_posts(person, post, list(posts.all_behind(named.before, named.end)))


def _of_name(text: str, named: Named, holds_post: bool, recognised: _Recognised) -> str | None:
    """The rule that says that a name of several words, or behind a title, is a person's."""
    if named.title:
        return "title"
    if named.plainly_a_name:
        return "given-name"
    if holds_post and not recognised.more(named) and not _IN.search(text, max(0, named.start - 10), named.start):
        return "post"
    if _beside_verb(text, named) and not recognised.other(named) and not _is_seat(named):
        return "reporting-verb"
    if recognised.whole(named) and named.words[-1].text not in name_words("either") and not recognised.plural(named):
        return "recogniser"
    return None


def _of_surname(text: str, named: Named, holds_post: bool, recognised: _Recognised) -> str | None:
    """The same of one word that stands alone."""
    person = recognised.person(named)
    if holds_post and person and not (named.text in by_place() and text.startswith(",", named.end)):
        return "post-surname"  # "President Roe", but "Essex, our partner"
    if _NO_NAME_BEHIND.search(text, max(0, named.start - 5), named.start):
        return None
    speaks = _beside_verb(text, named)
    if holds_post and speaks:
        return "post-surname"
    if _WHO.match(text, named.end) and not _PLACED.search(text, max(0, named.start - 10), named.start):
        return "who"  # "Roe, who resigned in May"
    if text.startswith(",", named.end) and _PLACED.search(text, max(0, named.start - 10), named.start):
        return None  # "a mother of two, from Ely, said"
    if speaks and (person or _is_listed(named)):
        return "surname-speaks"  # "Roe said"
    return "surname-acts" if recognised.acts(named) else None  # "Roe left for the coast"


def _with_posts(person: Person, post: Post, told: Sequence[Post]) -> Person:
    """The person with the post told first that is not past, and those at other bodies."""
    if is_past(post):
        post = next((it for it in told if not is_past(it)), post)
    person = replace(person, role=post.role, organisation=post.organisation)
    return _elsewhere(person, told)


def _elsewhere(person: Person, posts: Iterable[Post]) -> Person:
    """The person with those of the posts, one for each body, that are at other bodies than the one of its own post."""
    told = {post.organisation: post for post in (*posts, *person.other_posts) if post.role and post.organisation}
    return replace(person, other_posts=tuple(post for body, post in told.items() if body != person.organisation))


def _is_seat(named: Named) -> bool:
    """ "Westmere South": a constituency, unless a given name opens it."""
    return named.words[-1].text in _COMPASS and named.first not in given_names()


def _is_listed(named: Named) -> bool:
    """A surname, and no word of which names of bodies are made."""
    return bool(listed_as(named.text) & SURNAME) and not listed_as(named.text) & BODY


def _beside_verb(text: str, named: Named) -> bool:
    """`Jane Roe said` or `…” said Jane Roe`."""
    if _before_verb(text, named.end):
        return True
    before = _VERB_BEFORE.search(text[max(0, named.start - 30) : named.start])
    return bool(before and is_reporting_verb(before.group(1)))


def _before_verb(text: str, end: int) -> bool:
    after = _VERB_AFTER.match(text, end, end + 180)
    verb = reporting_verbs().get(after.group(1)) if after else None
    return verb is not None and not verb.weak


# All namings of one person


class _People:
    """Everybody named so far, by surname, each in the fullest form seen, with the first post that is told."""

    def __init__(self) -> None:
        self._known: list[Person] = []
        self._of_surname: dict[str, list[int]] = {}
        self._of_given: dict[str, list[int]] = {}

    def add(self, person: Person) -> None:
        i = self._find(person)
        if i is None:
            self._of_surname.setdefault(_surname(person.name), []).append(len(self._known))
            self._of_given.setdefault(_given(person.name), []).append(len(self._known))
            self._known.append(person)
        else:
            self._known[i] = _joined(self._known[i], person)

    def fullest(self, person: Person) -> Person:
        """The person as known by now, who was added before."""
        i = self._find(person)
        return person if i is None else self._known[i]

    def _find(self, person: Person) -> int | None:
        of_surname = self._of_surname.get(_surname(person.name), [])[:_MOST_OF_A_NAME]
        found = next((i for i in of_surname if _same(self._known[i], person)), None)
        if found is None and not of_surname and " " not in person.name and person.title in _BEFORE_GIVEN_NAMES:
            of_given = self._of_given.get(_given(person.name), [])
            return of_given[0] if len(of_given) == 1 else None  # "Sir Graham", of Sir Graham Roe
        return found

    def short_forms(self, text: str, words: list[Word], taken: set[int], mentions: list[Mention]) -> list[Mention]:
        """Surnames alone, and given names alone: of several bearers the one named last before."""
        bearers: dict[str, list[str]] = {}
        for person in self._known:
            bearers.setdefault(_surname(person.name), []).append(person.name)
        for person in self._known:
            given = _given(person.name)
            if given not in self._of_surname:
                bearers.setdefault(given, []).append(person.name)
        named_at: dict[str, list[int]] = {}
        for mention in mentions:
            named_at.setdefault(mention.person or "", []).append(mention.start)
        found = []
        for word in words:
            if (
                word.start in taken
                or not word.text[0].isupper()
                or (word.text in doubtful_words() and not _before_verb(text, word.end))
            ):
                continue
            names = bearers.get(word.text.lower(), [])
            if len(names) == 1:
                found.append(_mention(text, word.start, word.end, names[0], "surname"))
            elif names and (last := _last_named(names, named_at, word.start)):
                found.append(_mention(text, word.start, word.end, last, "surname-of-several"))
        return found


def _last_named(names: Iterable[str], named_at: dict[str, list[int]], position: int) -> str | None:
    """Who of these was named last before `position`."""
    last: tuple[int, str] | None = None
    for name in names:
        before = bisect_right(named_at[name], position)
        if before and (last is None or named_at[name][before - 1] > last[0]):
            last = named_at[name][before - 1], name
    return last[1] if last else None


def _given(name: str) -> str:
    return name.split()[0].lower()


def _surname(name: str) -> str:
    return name.split()[-1].lower()


def _joined(known: Person, person: Person) -> Person:
    joined = replace(
        known,
        name=max(known.name, person.name, key=lambda name: len(name.split())),
        role=known.role or person.role,
        organisation=known.organisation or person.organisation,
        title=known.title or person.title,
        gender=known.gender or person.gender,
        confidence=max(known.confidence, person.confidence),
    )
    return _elsewhere(joined, (*person.other_posts, Post(person.role, person.organisation)))


def _same(known: Person, person: Person) -> bool:
    """Two people of one surname are the same unless their given names, or their genders, differ."""
    ours, theirs = person.name.lower().split(), known.name.lower().split()
    if len(ours) == 1 or len(theirs) == 1:
        return not (person.gender and known.gender and person.gender != known.gender)
    initials = min(len(ours[0].rstrip(".")), len(theirs[0].rstrip("."))) == 1
    return ours[0] == theirs[0] or (initials and ours[0][0] == theirs[0][0]) or _misprint(ours[0], theirs[0])


def _misprint(one: str, other: str) -> bool:
    """ "Kristin" and "Kristen": one letter in the middle of a long name differs."""
    if len(one) != len(other) or len(one) < 6 or one[0] != other[0]:
        return False
    return sum(a != b for a, b in zip(one, other, strict=True)) == 1
