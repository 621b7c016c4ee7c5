"""People: who is named, in which post and of which body.

A run of capitalised words is a person's name if a title, a post or a reporting verb stands beside it, or if it
starts with a given name; surnames (and given names) alone then mean the person already named in full.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import replace

from spacy.tokens import Doc

from nlp.names import Named, doubtful_words, given_names, names_in, titles
from nlp.posts import Post, PostReader
from nlp.records import Mention, Person
from nlp.scoring import component, score_people
from nlp.words import Word, is_reporting_verb, reporting_verbs, words_of

_MOST_OF_A_NAME = 50  # people of one surname that are told apart

# Somebody known only as a case is not a person of this record.
_CASE = r"deaths?|murders?|killings?|case|abuse|manslaughter|funeral|torture"
_CASE_BEFORE = re.compile(rf"\b(?:(?:{_CASE}) of (?:\w+[- ]){{0,3}}|(?:baby|toddler)\s)$", re.IGNORECASE)
_CASE_AFTER = re.compile(rf"['’]s? (?:{_CASE}|mother|father|stepmother|stepfather|siblings|law)\b", re.IGNORECASE)
# `Jane Roe said`, `Jane Roe has also said`, `Jane Roe, a mother of two, said`
_VERB_AFTER = re.compile(r"(?:,[^.:;!?“”\"\n]{2,120},|,)?\s+(?:(?:[a-z]+ly|also|has|had|then|later)\s+){0,2}([a-z]+)\b")
_VERB_BEFORE = re.compile(r"[”’\"'],?\s+([a-z]+) $")


@component("people", score_people)
def people(doc: Doc) -> Doc:
    """Sets `doc._.people` and `doc._.person_mentions`."""
    text = doc.text
    words = words_of(text)
    taken = {at for m in doc._.organisation_mentions for at in range(m.start, m.end)}
    namings = list(names_in(text, words, taken))
    cases = {named.text for named in namings if _is_case(text, named)}
    posts = PostReader(doc)
    read = [(named, _read(text, named, posts)) for named in namings]
    sure = {p.name: p for _, p in read if p is not None and " " in p.name and (p.role or p.name not in cases)}
    found = [(named, person or sure[named.text]) for named, person in read if _counts(named, person, sure)]
    known = _People()
    # A full name first, so that a title and a surname join it wherever it stands.
    for _, person in sorted(found, key=lambda one: " " not in one[1].name):
        known.add(person)
    mentions = [_mention(text, n.start, n.end, known.fullest(p).name, p.confidence, p.rule) for n, p in found]
    taken.update(word.start for named, _ in found for word in named.words)
    mentions += known.short_forms(text, words, taken, sorted(mentions, key=lambda m: m.start))
    doc._.people = list(dict.fromkeys(known.fullest(person) for _, person in found))
    doc._.person_mentions = sorted(mentions, key=lambda m: m.start)
    return doc


def _counts(named: Named, person: Person | None, sure: Mapping[str, Person]) -> bool:
    """Somebody who was told to be a person here, or is told so elsewhere."""
    return named.text in sure or (person is not None and " " not in person.name)


def _mention(text: str, start: int, end: int, name: str, confidence: float, rule: str) -> Mention:
    return Mention(start, end, text[start:end], person=name, confidence=confidence, rule=rule)


def _is_case(text: str, named: Named) -> bool:
    before = text[max(0, named.before - 60) : named.before]
    return bool(_CASE_BEFORE.search(before) or _CASE_AFTER.match(text, named.end))


# One naming


def _read(text: str, named: Named, posts: PostReader) -> Person | None:
    """The person named here, if something says that it is one."""
    post = posts.beside(named.before, named.end)
    several = len(named.words) > 1
    if named.title:
        rule, confidence = "title", 0.97
    elif named.plainly_a_name:
        rule, confidence = "given-name", 0.95
    elif several and post is not None and post.role:
        rule, confidence = "post", 0.9
    elif several and _beside_verb(text, named):
        rule, confidence = "reporting-verb", 0.75
    else:
        return None
    gender = titles().get(named.title or "") or given_names().get(named.first)
    person = Person(named.text, title=named.title, gender=gender, confidence=confidence, rule=rule)
    return person if post is None else _with_post(person, post)


def _with_post(person: Person, post: Post) -> Person:
    return replace(person, role=post.role, organisation=post.organisation)


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

    def add(self, person: Person) -> None:
        i = self._find(person)
        if i is None:
            self._of_surname.setdefault(_surname(person.name), []).append(len(self._known))
            self._known.append(person)
        else:
            self._known[i] = _joined(self._known[i], person)

    def fullest(self, person: Person) -> Person:
        """The person as known by now, who was added before."""
        i = self._find(person)
        return person if i is None else self._known[i]

    def _find(self, person: Person) -> int | None:
        of_surname = self._of_surname.get(_surname(person.name), [])[:_MOST_OF_A_NAME]
        return next((i for i in of_surname if _same(self._known[i], person)), None)

    def short_forms(self, text: str, words: list[Word], taken: set[int], mentions: list[Mention]) -> list[Mention]:
        """Surnames alone, and given names alone: of several bearers the one named last before."""
        bearers: dict[str, list[str]] = {}
        for person in self._known:
            bearers.setdefault(_surname(person.name), []).append(person.name)
        for person in self._known:
            given = person.name.split()[0].lower()
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
                found.append(_mention(text, word.start, word.end, names[0], 0.9, "surname"))
            elif names and (last := _last_named(names, named_at, word.start)):
                found.append(_mention(text, word.start, word.end, last, 0.6, "surname-of-several"))
        return found


def _last_named(names: Iterable[str], named_at: dict[str, list[int]], position: int) -> str | None:
    """Who of these was named last before `position`."""
    last: tuple[int, str] | None = None
    for name in names:
        before = bisect_right(named_at[name], position)
        if before and (last is None or named_at[name][before - 1] > last[0]):
            last = named_at[name][before - 1], name
    return last[1] if last else None


def _surname(name: str) -> str:
    return name.split()[-1].lower()


def _joined(known: Person, person: Person) -> Person:
    return replace(
        known,
        name=max(known.name, person.name, key=lambda name: len(name.split())),
        role=known.role or person.role,
        organisation=known.organisation or person.organisation,
        title=known.title or person.title,
        gender=known.gender or person.gender,
        confidence=max(known.confidence, person.confidence),
    )


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
