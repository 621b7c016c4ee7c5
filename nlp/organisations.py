"""Finds the organisations a text names: listed ones by name, place or acronym, others by the words of their names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache, cached_property
from itertools import takewhile
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc, Span, Token
from spacy.training import Example

from nlp.appositions import DescribedBodies
from nlp.commissioners import commissioners
from nlp.committees import names_with_commas
from nlp.confidence import confidences
from nlp.council_places import CouncilPlaces, place_of_the_text
from nlp.gazetteer import GazetteerEntry, organisations, the_one, with_own
from nlp.lexicon import lexicon
from nlp.listed import ListedForms, listed_variant
from nlp.records import Mention, Organisation
from nlp.references import ASIDE, is_kind
from nlp.scoring import Scores, score_organisations
from nlp.short_forms import short_forms
from nlp.spans import text_of
from nlp.syntax import others, people
from nlp.unlisted import care_boards, council_key, is_distinctive, lower_case_councils, unlisted_bodies, words

_CONFIDENCE = confidences("organisations")
_COUNCIL = ("local_authority",)
_APPOSING = {"which", "the", "a", "an"}
_MOST_BEHIND = 4  # words
_LONGEST_POST = 6  # words: "Become's interim director of policy and research"
_SAYS = {"said", "says", "told", "warned", "argued", "welcomed", "urged"}
_NATIONS = {"UK", "England", "Scotland", "Wales", "Cymru", "Ireland", "Northern"}  # a charity's branches


@Language.factory("organisations", assigns=["doc._.organisation_mentions"])
class OrganisationFinder:
    """Sets `doc._.organisation_mentions`, in order, none overlapping; needs sentences."""

    def __init__(self, nlp: Language, name: str) -> None:
        self.name = name
        self._nlp = nlp
        self._listed = ListedForms(nlp, organisations())
        self._own: tuple[GazetteerEntry, ...] = ()  # for which `_with_own` was built
        self._with_own = self._listed
        self._council_places = CouncilPlaces(nlp)
        self._described = DescribedBodies(nlp)

    def __call__(self, doc: Doc) -> Doc:
        """The first claim to a token wins: full names, places, unlisted bodies, then acronyms, which hang on those."""
        found = _Found(doc)
        known = self._known(doc._.context.bodies)
        recognised = {name.start: name for name in others(doc)}
        committees = {end for _, end in names_with_commas(text_of(doc))}
        for span, form, entries in known.spans(doc, "name"):
            if span.end_char in committees and span.start and doc[span.start - 1].lower_ in {"and", "&"}:
                continue  # the end of another's name: "Chair of the Children, Families and Education Committee"
            longer = max(recognised.get(span.start, span), _title_words(span), key=len)
            if _is_another(span, longer, entries):
                found.add(longer, Organisation(longer.text), "longer-name")
            elif _means_it(span, form, entries, doc._.context.published):
                found.add(span, the_one(entries, doc._.context.published).organisation, "name")
        for span, office in commissioners(doc):
            found.add(span, office, "name")
        for span, full in care_boards(doc):
            found.add(span, Organisation(full), "head-word")
        places = {span.start: (span, entries) for span, _, entries in known.spans(doc, "place") if found.is_free(span)}
        for place, span, rule in self._council_places(doc, [span for span, _ in places.values()]):
            council = the_one(places[place.start][1], doc._.context.published)
            found.add(span, council.organisation, rule)
        acronyms = known.spans(doc, "acronym")
        short = {i for span, _, _ in acronyms for i in range(span.start, span.end)}
        for span in self._described(doc, found.taken | short):
            found.add(span, Organisation(span.text), "apposition")
        _add_unlisted(found, short)
        if not any(is_kind(body, _COUNCIL) for body in (*found.spoken_of(), doc._.context.publisher) if body):
            own = place_of_the_text(doc, [span for span, _ in places.values() if found.is_free(span)])
            if own is not None:
                council = the_one(places[own.start][1], doc._.context.published)
                found.add(own, council.organisation, "place-text")
        introduced = found.introductions()
        for span, form, entries in acronyms:
            if form not in introduced and (entry := _meant_by(form, entries, found)):
                found.add(span, entry.organisation, "acronym")
        for token in doc:
            if token.text in introduced:
                found.add(doc[token.i : token.i + 1], introduced[token.text], "introduced")
        doc._.organisation_mentions = found.mentions()
        return doc

    def _known(self, own: tuple[GazetteerEntry, ...]) -> ListedForms:
        """The forms of all bodies known to a text; the last ones are kept, for the next text is of the same file."""
        if not own:
            return self._listed
        if own != self._own:
            self._own, self._with_own = own, ListedForms(self._nlp, with_own(own))
        return self._with_own

    def score(self, examples: Iterable[Example], **_: Any) -> Scores:
        """What `Language.evaluate` asks every component for."""
        return score_organisations(examples)


class _Found:
    """What was found so far: the first claim to a token stands."""

    def __init__(self, doc: Doc) -> None:
        self.doc = doc
        self.taken: set[int] = set()
        self.bodies: set[Organisation] = set()
        self._all: list[tuple[Span, Organisation, str]] = []

    @cached_property
    def stems(self) -> set[str]:
        """The words of the text: "prisons" tells which inspectorate HMIP is."""
        return {_stem(token.lower_) for token in self.doc}

    def is_free(self, span: Span) -> bool:
        return self.taken.isdisjoint(range(span.start, span.end))

    def add(self, span: Span, organisation: Organisation, rule: str) -> None:
        if self.is_free(span):
            self.taken.update(range(span.start, span.end))
            self._all.append((span, organisation, rule))
            self.bodies.add(organisation)

    def spoken_of(self) -> set[Organisation]:
        """The bodies that the text is about, as councils named for comparison are not."""
        return {organisation for _, organisation, rule in self._all if rule not in ASIDE}

    def introductions(self) -> dict[str, Organisation]:
        """Short forms that stand in brackets behind a full name: "Westmere Children's Partnership (WCP)"."""
        introduced = {}
        for span, organisation, _ in self._all:
            if short := _bracketed(span):
                introduced[short] = organisation
        return introduced

    def mentions(self) -> list[Mention]:
        return [
            _mention(span, organisation, rule)
            for span, organisation, rule in sorted(self._all, key=lambda found: found[0].start)
        ]


def _add_unlisted(found: _Found, acronyms: set[int]) -> None:
    """Bodies by the words of their names, each under its fullest form ("Westmere Borough Council")."""
    named = []
    inside = {i for start, end in names_with_commas(text_of(found.doc)) for i in _tokens(found.doc, start, end)}
    for span in unlisted_bodies(found.doc, found.taken | acronyms | inside):
        if entry := listed_variant(span.text):
            found.add(span, entry.organisation, "misspelt-name")
        elif is_distinctive(span):
            named.append((span, span.text, "head-word-introduced" if _bracketed(span) else "head-word"))
    certain = {council_key(name) for _, name, _ in named}
    for span, name in lower_case_councils(found.doc):
        # A capital at the start of a sentence makes no name: "Failing council".
        if not span[0].is_sent_start or council_key(name) in certain:
            named.append((span, name, "lower-case-council"))
    fullest: dict[str, str] = {}
    for _, name, _ in named:
        key = council_key(name)
        fullest[key] = max(fullest.get(key, ""), name, key=len)
    for span, name, rule in named:
        found.add(span, Organisation(fullest[council_key(name)]), rule)
    for name in {name for _, name, rule in named if rule != "lower-case-council"}:
        for span in short_forms(found.doc, name):
            found.add(span, Organisation(fullest[council_key(name)]), "head-word")


def _tokens(doc: Doc, start: int, end: int) -> range:
    span = doc.char_span(start, end, alignment_mode="expand")
    return range(span.start, span.end) if span is not None else range(0)


def _title_words(name: Span) -> Span:
    """A name with the capitalised words behind it, if these are several: "Harbour Lantern Project"."""
    doc, end = name.doc, name.end
    while end < len(doc) and doc[end].is_title and not doc[end].is_stop and end - name.end < _MOST_BEHIND:
        end += 1
    return doc[name.start : end] if end - name.end > 1 else name


def _is_another(name: Span, longer: Span, entries: Sequence[GazetteerEntry]) -> bool:
    """Whether a listed charity's name of one word begins that of another body: "Harbour Voice" is not Harbour."""
    if longer.end <= name.end or len(name) > 1 or entries[0].kind != "charity":
        return False
    behind = longer[1]
    if name.text.isupper() or name.text in _needs() or not behind.is_title or behind.is_stop:
        return False  # "NSPCC Helpline" is a part of it, "Kinship Care Week" nobody
    return behind.text not in _NATIONS and words().get(behind.text) != "outside"


@cache
def _needs() -> dict[str, str]:
    return {row["name"]: row["needs"] for row in lexicon("ambiguous_names")}


def _means_it(span: Span, form: str, entries: Sequence[GazetteerEntry], day: str | None) -> bool:
    """Whether a name that is also an ordinary word or phrase names the body here."""
    if _needs().get(form) != "alone":
        return True
    doc = span.doc
    before = doc[span.start - 1] if span.start else None
    after = doc[span.end] if span.end < len(doc) else None
    if after is not None and after.text == "," and span.end + 1 < len(doc) and doc[span.end + 1].lower_ in _APPOSING:
        return True  # "Become, which supports children in care, said …", "Become, the charity for …"
    opens = span[0].is_sent_start or (before is not None and before.is_punct and before.is_sent_start)
    if len(span) == 1 and opens and not _acts(doc, span.end):
        return False
    beside = [token for token in (before, after) if token is not None]
    if len(span) > 1 and after is not None and after.i in _names_begin(doc):
        beside.remove(after)  # "chair of the Education Committee Jane Roe"
    if any((token.text[0].isupper() and not token.is_stop) or token.text == "-" for token in beside):
        return False
    return day is None or any(entry.existed(day) for entry in entries)


def _names_begin(doc: Doc) -> set[int]:
    """Where the names of people begin that the recogniser sees."""
    return {name.start for name in people(doc)}


def _acts(doc: Doc, i: int) -> bool:
    """Whether the words at `i` tell of whoever stands before them: "'s chief executive", "said"."""
    if i < len(doc) and doc[i].norm_ in {"'s", "'"} and not doc[i - 1].whitespace_:
        return any(token.lower_ in _roles() for token in takewhile(_in_a_post, doc[i + 1 : i + 1 + _LONGEST_POST]))
    return i < len(doc) and doc[i].lower_ in _SAYS


def _in_a_post(token: Token) -> bool:
    return token.is_alpha or token.text in {"-", "'s", "’s"}


@cache
def _roles() -> frozenset[str]:
    return frozenset(row["role"].lower() for row in lexicon("roles") if row["belongs"])


def _meant_by(acronym: str, entries: Sequence[GazetteerEntry], found: _Found) -> GazetteerEntry | None:
    """The body an acronym means; None where it may be another word and nothing in the text tells."""
    if len(entries) == 1 and acronym not in _needs():
        return entries[0]
    said = [entry for entry in entries if entry.organisation in found.bodies]
    if not said and len(entries) > 1:
        said = [entry for entry in entries if _stem(entry.name.split()[-1].lower()) in found.stems]
    return said[0] if len(said) == 1 else None


def _stem(word: str) -> str:
    return word.rstrip("s")


def _bracketed(span: Span) -> str | None:
    """The short form of a name that follows it in brackets."""
    behind = [token for token in span.doc[span.end : span.end + 5] if token.lower_ != "the" and not token.is_quote]
    match behind[:3]:
        case [Token(text="("), short, Token(text=")")] if _abbreviates(short.text, span.text):
            return str(short.text)
    return None


def _abbreviates(short: str, name: str) -> bool:
    """Two capitals or more, starting as the name does, its capitals coming in the name in this order."""
    capitals = [letter.lower() for letter in short if letter.isupper()]
    letters = iter(name.lower())
    return len(capitals) > 1 and short[0].lower() in _initials(name) and all(letter in letters for letter in capitals)


def _initials(name: str) -> set[str]:
    return {word[0].lower() for word in name.split()[:2]}


def _mention(span: Span, organisation: Organisation, rule: str) -> Mention:
    """The record: "the" belongs to it only where printed as part of the name."""
    printed = span[1:] if span[0].text == "the" else span
    return Mention(
        printed.start_char, printed.end_char, printed.text, organisation, confidence=_CONFIDENCE[rule], rule=rule
    )
