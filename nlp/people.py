"""People: who is named, in which post and of which body.

A run of capitalised words is a person's name if a title, a post or a reporting verb stands beside it, or if it
starts with a given name; surnames (and given names) alone then mean the person already named in full.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal, cast

from spacy.language import Language
from spacy.tokens import Doc

from nlp.gazetteer import organisations
from nlp.lexicon import lexicon
from nlp.posts import Post, post_after, post_before
from nlp.records import Mention, Organisation, Person
from nlp.words import Word, is_reporting_verb, words_of

Gender = Literal["f", "m"]

_PARTICLES = {"de", "da", "di", "du", "del", "della", "der", "den", "van", "von", "bin", "ibn", "al", "el", "la", "le", "ap", "dos"}  # fmt: skip
_POST_NOMINALS = {"CBE", "OBE", "MBE", "KBE", "DBE", "QC", "KC", "MP", "MPs", "MSP", "MS", "AM", "MEP", "PhD", "QPM", "JP", "Jr", "Sr"}  # fmt: skip
# Capitalised words that end no name: with one of these the run is a place, a work or a body.
_NOT_NAMES = set(
    """Street Road Avenue Lane House Hospital School College Academy Park Court Centre Center Hall Square Bridge Green Hill's
    University Council County City Town Village Borough Report Review Act Bill Inquiry Award Awards Prize Award Foundation
    Trust Charity Association Society Committee Commission Board Department Office Service Services Police Constabulary
    Church Abbey Cathedral Library Museum Theatre Stadium Club United Rovers Airport Station Week Day Month Year Project
    Programme Programmes Framework Inspection Inspections Strategy Plan Fund Group Party Press Times Guardian Mail Post
    News Journal Gazette Express Herald Standard Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February
    March April May June July August September October November December Christmas Easter Children Families Family Care
    Social Education Health England Wales Scotland Ireland Britain Kingdom States America Europe London Government Island
    Islands River Valley Lake Beach Bay Mount Mountains North South East West Northern Southern Eastern Western Royal
    Annual National Local Single Joint Independent""".split()
)
_NEVER_FIRST = set(
    """The A An This That These Those It He She They We You I In On At By For From To Of And But Or As If When While
    Although Though After Before Since Because Meanwhile However Also Speaking Responding According Our Their His Her Its
    My Your No Not So Then There Here What Which Who Why How Today Yesterday Last Next New Former Chief Dear Mr's""".split()
)
# Somebody known only as a case is not a person of this record.
_CASE_BEFORE = re.compile(r"\b(?:deaths?|murders?|killings?|case|abuse|manslaughter|funeral|torture) of (?:\w+[- ]){0,3}$|\b(?:baby|toddler)\s$", re.IGNORECASE)  # fmt: skip
_CASE_AFTER = re.compile(r"^['’]s? (?:death|murder|killing|case|abuse|mother|father|stepmother|stepfather|siblings)\b")
_BESIDE = re.compile(r"^,?\s+(?:[a-z]+ly\s+|also\s+|has\s+|had\s+)?")


@dataclass(slots=True)
class _Named:
    """One naming: the words of the name, what stands before it, and where."""

    words: list[Word]
    title: str | None
    before: int  # where titles and the name begin

    @property
    def start(self) -> int:
        return self.words[0].start

    @property
    def end(self) -> int:
        return self.words[-1].end

    @property
    def name(self) -> str:
        return " ".join(word.text for word in self.words)


@cache
def titles() -> dict[str, Gender | None]:
    """Title as printed to the gender it tells."""
    return {row["title"]: cast("Gender | None", row["gender"] or None) for row in lexicon("titles")}


@cache
def given_names() -> dict[str, Gender | None]:
    """Given name in lower case to the gender it tells, None where either."""
    return {
        row["name"].lower(): cast("Gender", row["gender"]) if row["gender"] in {"f", "m"} else None
        for row in lexicon("given_names")
    }


@cache
def _role_words() -> frozenset[str]:
    return frozenset(row["role"].lower() for row in lexicon("roles"))


@cache
def _post_bodies() -> dict[str, Organisation]:
    by_id = {entry.id: Organisation(entry.name, entry.id) for entry in organisations()}
    return {row["post"].lower(): by_id[row["organisation"]] for row in lexicon("posts")}


@Language.component("people", assigns=["doc._.people", "doc._.person_mentions"], requires=["doc._.organisation_mentions"])
def people(doc: Doc) -> Doc:
    """Sets `doc._.people` and `doc._.person_mentions`."""
    text = doc.text
    words = words_of(text)
    taken = _covered(doc._.organisation_mentions)
    found: list[tuple[_Named, Person]] = []
    for run in _runs(words, taken, text):
        for named in _names(run, text):
            if _CASE_BEFORE.search(text[max(0, named.before - 60) : named.before]) or _CASE_AFTER.match(text[named.end : named.end + 20]):
                continue
            person = _read(doc, named)
            if person is not None:
                found.append((named, person))
    full = _merge(person for _, person in found)
    mentions: list[Mention] = []
    for named, person in found:
        whole = _same(full, person)
        if whole is not None:
            mentions.append(
                Mention(named.start, named.end, text[named.start : named.end], person=whole.name, confidence=whole.confidence, rule=person.rule)  # fmt: skip
            )
    mentions += _short_forms(full, words, taken | _covered(mentions), text)
    doc._.people = full
    doc._.person_mentions = sorted(mentions, key=lambda m: m.start)
    return doc


def _covered(mentions: Iterable[Mention]) -> set[int]:
    return {at for mention in mentions for at in range(mention.start, mention.end)}


def _runs(words: list[Word], taken: set[int], text: str) -> Iterator[list[Word]]:
    """Longest stretches of capitalised words parted by single spaces, particles between them included."""
    run: list[Word] = []
    for word in words:
        capital = (word.text[0].isupper() or word.text[:3].lower() in {"al-", "el-"} or word.text in titles()) and word.start not in taken  # fmt: skip
        joined = bool(run) and text[run[-1].end : word.start] in {" ", ". "} and not run[-1].possessive
        if joined and text[run[-1].end : word.start] == ". " and not (len(run[-1].text) == 1 or f"{run[-1].text}." in titles()):
            joined = False
        if run and not (joined and (capital or word.text in _PARTICLES)):
            yield run
            run = []
        if capital or (run and word.text in _PARTICLES):
            run.append(word)
    if run:
        yield run


def _names(run: list[Word], text: str) -> Iterator[_Named]:
    """The names in a run of capitalised words: what is left when titles, posts and sentence openers are taken off."""
    while run and (run[-1].text in _PARTICLES or run[-1].text in _POST_NOMINALS):
        run = run[:-1]
    title: str | None = None
    begin = 0
    before = run[0].start if run else 0
    for i, word in enumerate(run):
        if word.text in titles() or f"{word.text}." in titles():
            title, begin = word.text, i + 1
            before = run[i].start if title is None or i == 0 or run[i - 1].text not in titles() else before
        elif word.text.lower() in _role_words() or word.text in _NEVER_FIRST:
            title, begin, before = None, i + 1, word.end + 1
    name = run[begin:]
    if not title:
        # "Environment Canada Sujata Roe": the name begins with its given name, if one is there.
        first = next((i for i, word in enumerate(name) if word.text.lower() in given_names()), 0)
        if first and len(name) - first >= 2:
            name = name[first:]
            before = name[0].start
    if name and not title and begin == 0:
        before = name[0].start
    if name and len(name) <= 5 and not any(word.text in _NOT_NAMES for word in name):
        yield _Named(name, title, before if title else name[0].start)


def _read(doc: Doc, named: _Named) -> Person | None:
    """The person named here, if something says that it is one."""
    text = doc.text
    first = named.words[0].text
    post = post_after(doc, named.end) or post_before(doc, named.before)
    known = first.lower() in given_names()
    several = len(named.words) > 1
    if any(word.text.isupper() and len(word.text) > 2 for word in named.words):
        return None
    if named.title:
        rule, confidence = "title", 0.97
    elif several and known:
        rule, confidence = "given-name", 0.95
    elif several and post is not None:
        rule, confidence = "post", 0.9
    elif several and _beside_verb(text, named):
        rule, confidence = "reporting-verb", 0.75
    else:
        return None
    if not several and not named.title:
        return None
    gender = titles().get(named.title or "") or given_names().get(first.lower())
    person = Person(named.name, title=named.title, gender=gender, confidence=confidence, rule=rule)
    return _with_post(person, post)


def _with_post(person: Person, post: Post | None) -> Person:
    if post is None:
        return person
    body = post.organisation
    if body is None and post.role:
        body = _post_bodies().get(post.role.lower())
    return replace(person, role=post.role, organisation=body)


def _beside_verb(text: str, named: _Named) -> bool:
    """`Jane Roe said` or `said Jane Roe`."""
    after = text[named.end : named.end + 40]
    after = after[_BESIDE.match(after).end() :] if _BESIDE.match(after) else after  # type: ignore[union-attr]
    follows = re.match(r"[a-z]+", after)
    if follows and is_reporting_verb(follows.group()):
        return True
    precedes = re.search(r"([a-z]+) $", text[max(0, named.start - 20) : named.start])
    return bool(precedes and is_reporting_verb(precedes.group(1)) and text[max(0, named.start - 60) : named.start].rfind("”") + 1)  # fmt: skip


def _surname(name: str) -> str:
    return name.split()[-1].lower()


def _merge(people: Iterable[Person]) -> list[Person]:
    """One person per name: the fullest form first seen, with the first post that is told."""
    merged: list[Person] = []
    pending: list[Person] = []
    for person in people:
        if len(person.name.split()) == 1:
            pending.append(person)
            continue
        _join(merged, person)
    for person in pending:
        _join(merged, person)
    return merged


def _join(merged: list[Person], person: Person) -> None:
    known = _same(merged, person)
    if known is None:
        merged.append(person)
        return
    fuller = person.name if len(person.name.split()) > len(known.name.split()) else known.name
    merged[merged.index(known)] = replace(
        known,
        name=fuller,
        role=known.role or person.role,
        organisation=known.organisation or person.organisation,
        title=known.title or person.title,
        gender=known.gender or person.gender,
        confidence=max(known.confidence, person.confidence),
    )


def _same(people: list[Person], person: Person) -> Person | None:
    """Who of these the name means: the same surname, and given names that do not differ."""
    parts = person.name.lower().split()
    for known in people:
        theirs = known.name.lower().split()
        if parts[-1] != theirs[-1]:
            continue
        if len(parts) == 1 or len(theirs) == 1:
            if person.gender and known.gender and person.gender != known.gender:
                continue
            return known
        if parts[0] == theirs[0] or parts[0][0] == theirs[0][0] and min(len(parts[0]), len(theirs[0])) == 1:
            return known
    return None


def _short_forms(full: list[Person], words: list[Word], taken: set[int], text: str) -> list[Mention]:
    """Surnames alone, and given names alone that only one of the people bears."""
    surnames: dict[str, list[Person]] = {}
    givens: dict[str, list[Person]] = {}
    for person in full:
        surnames.setdefault(_surname(person.name), []).append(person)
        if len(person.name.split()) > 1:
            givens.setdefault(person.name.split()[0].lower(), []).append(person)
    mentions = []
    for word in words:
        if word.start in taken or not word.text[0].isupper():
            continue
        key = word.text.lower()
        bearers = surnames.get(key) or givens.get(key) or []
        if len(bearers) == 1:
            mentions.append(Mention(word.start, word.end, text[word.start : word.end], person=bearers[0].name, confidence=0.9, rule="surname"))  # fmt: skip
    return mentions
