"""What the trained pipeline says of a Doc, in one form for all schemes of labels.

Our own pipeline labels as Universal Dependencies and Universal NER do (nsubj:pass, PER), spaCy's English ones as
ClearNLP and OntoNotes do (nsubjpass, PERSON).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from typing import NamedTuple

from spacy.tokens import Doc, Span, Token

_PERSON = {"PER", "PERSON"}
_SUBJECT = {"nsubj", "csubj", "nsubj:pass", "csubj:pass", "nsubjpass", "csubjpass", "nsubj:outer"}
_PASSIVE = {"nsubj:pass", "csubj:pass", "nsubjpass", "csubjpass", "aux:pass", "auxpass"}
_AGENT = {"obl:agent", "agent"}
_OBLIQUE = {"obl", "prep"}
_SHARED = {"conj", "xcomp", "advcl"}  # "she rose and said", "she went on to say", "she rose, saying"
_OBJECT = {"obj", "iobj", "dobj", "dative"}
_PLURAL = {"NNS", "NNPS"}
_FINITE = {"VBD", "VBP", "VBZ", "MD"}
_RELATIVE = {"who", "which", "that"}
_PASSIVE_SUBJECT = _PASSIVE & _SUBJECT
_COMPLEMENTS = _OBJECT | {"obl", "prep", "nmod", "ccomp", "xcomp", "advcl", "acl", "pcomp", "pobj"}
_MODIFIERS = {"amod", "compound", "acl", "nmod:poss", "poss", "advmod"}  # of the noun that they are said of
_GOING_ON = {"conj", "parataxis", "advcl"}
_DEEPEST = 8  # steps up a tree


class Phrase(NamedTuple):
    """The characters of a word with all that hangs on it."""

    start: int
    end: int


def people(doc: Doc) -> list[Span]:
    """The names of people that the entity recogniser sees."""
    return [span for span in doc.ents if span.label_ in _PERSON]


def others(doc: Doc) -> list[Span]:
    """The names of all else: bodies and places."""
    return [span for span in doc.ents if span.label_ not in _PERSON]


def subject_of(verb: Token) -> Token | None:
    """The head of the subject of a verb: its own, or the one that it shares with the verb it is joined to."""
    if any(child.dep_ in _PASSIVE for child in verb.children):
        return agent_of(verb)
    return grammatical_subject(verb)


def grammatical_subject(verb: Token) -> Token | None:
    """The same for a passive, too, of which it is what something was done to."""
    for _ in range(4):
        for child in verb.children:
            if child.dep_ in _SUBJECT:
                return verb.head if child.lower_ in _RELATIVE and verb.dep_.startswith("acl") else child
        if verb.dep_ not in _SHARED:
            return _behind(verb)
        verb = verb.head
    return None


def _behind(verb: Token) -> Token | None:
    """A name right behind a verb that the parse takes for a clause, though nothing in it says so: "…, said Ofsted"."""
    for child in verb.rights:
        if child.dep_ == "ccomp" and child.tag_ == "NNP" and child.left_edge.i == verb.i + 1:
            clause = any(c.dep_ in _SUBJECT | {"cop", "aux"} for c in child.children)
            return None if clause else child
    return None


def agent_of(verb: Token) -> Token | None:
    """Who did what a passive says was done: "praised by inspectors"."""
    for child in verb.children:
        if child.dep_ in _AGENT | _OBLIQUE:
            if child.lower_ == "by":  # ClearNLP hangs the noun on the preposition
                return next((noun for noun in child.children if noun.dep_ == "pobj"), None)
            if any(word.lower_ == "by" for word in child.children):
                return child
    return None


def _said_of(head: Token) -> Iterator[Token]:
    """What a predicate or a modifier is said of."""
    subject = grammatical_subject(head)
    if subject is not None:
        yield subject
    elif head.dep_ in _MODIFIERS or head.dep_.startswith("acl"):
        yield head.head
        yield from (child for child in head.head.children if child.dep_ in _SUBJECT)
    elif head.dep_ in _OBJECT | {"obl", "nmod", "pobj"} and (subject := grammatical_subject(head.head)) is not None:
        yield subject


def _phrase(token: Token) -> Phrase:
    last = token.right_edge
    return Phrase(token.left_edge.idx, last.idx + len(last))


class Parse:
    """The parse of a Doc, asked by character."""

    def __init__(self, doc: Doc) -> None:
        self._doc = doc
        self._starts = [token.idx for token in doc] if doc.has_annotation("DEP") else []

    @classmethod
    def of(cls, doc: Doc) -> Parse:
        """The one of this Doc."""
        parse: Parse = doc.user_data.setdefault("parse", None) or cls(doc)
        doc.user_data["parse"] = parse
        return parse

    def token(self, position: int) -> Token | None:
        """The word at a character of the text; None where nothing was parsed."""
        return self._doc[bisect_right(self._starts, position) - 1] if self._starts else None

    def subject(self, verb: int) -> Token | None:
        """The head of the subject of the verb that begins at a character."""
        token = self.token(verb)
        return subject_of(token) if token is not None else None

    def arguments(self, start: int, end: int, *, before: bool, after: bool) -> list[Phrase]:
        """What the words at start:end are said of: the phrases of their subject and of the noun that they stand before
        (`before`), of their object and of what hangs on them (`after`). A passive's subject is its object.
        """
        head = self._head(start, end)
        if head is None:
            return []
        found = [*_said_of(head)] if before else []
        if after:
            found += (child for child in head.children if child.idx >= end and child.dep_ in _COMPLEMENTS)
            found += (child for child in head.children if child.dep_ in _PASSIVE_SUBJECT)
        return [_phrase(token) for token in found if not start <= token.idx < end]

    def is_joined(self, verb: int, other: int) -> bool:
        """Whether the verb at a character goes on from the other one, or from its own subject: it is no part of what
        the other says.
        """
        token, above = self.token(verb), self.token(other)
        for _ in range(_DEEPEST):
            if token is None or above is None or token.dep_ == "ROOT":
                return token is not None and above is not None
            if token.head.i == above.i:
                return token.dep_ in _GOING_ON
            token = token.head
        return False

    def is_verb(self, position: int) -> bool:
        """Whether the word there is a finite verb or an infinitive."""
        token = self.token(position)
        return token is not None and token.tag_ in _FINITE | {"VB"}

    def is_noun(self, position: int) -> bool:
        """Whether the word there is a noun in the singular."""
        token = self.token(position)
        return token is not None and token.tag_ == "NN"

    def is_predicate(self, position: int) -> bool:
        """Whether the word there is a finite verb."""
        token = self.token(position)
        return token is not None and token.tag_ in _FINITE

    def is_subject(self, start: int, end: int) -> bool:
        """Whether the name at start:end is the subject of a verb."""
        token = self._head(start, end)
        return token is not None and token.dep_ in _SUBJECT

    def is_agent(self, start: int, end: int) -> bool:
        """Whether the name at start:end is who did what a passive says was done."""
        token = self._head(start, end)
        if token is not None and token.dep_ == "pobj":  # ClearNLP hangs the noun on the preposition
            return token.head.dep_ == "agent"
        return token is not None and token.dep_ in _AGENT | _OBLIQUE and agent_of(token.head) == token

    def is_object(self, start: int, end: int) -> bool:
        """Whether the name at start:end is the object of a verb."""
        token = self._head(start, end)
        return token is not None and token.dep_ in _OBJECT

    def has_plural_subject(self, start: int, end: int) -> bool:
        """Whether several people or things are the subject of a sentence in start:end."""
        first = self.token(start)
        for token in first.doc[first.i :] if first is not None else ():
            if token.idx >= end:
                break
            if token.dep_ in _SUBJECT and token.tag_ in _PLURAL and token.head.dep_ == "ROOT":
                return True
        return False

    def _head(self, start: int, end: int) -> Token | None:
        """The word of start:end that hangs on a word outside it, or on none."""
        token = self.token(start)
        while token is not None and token.idx < end:
            if token.head.i == token.i or not start <= token.head.idx < end:
                return token
            token = token.nbor() if token.i + 1 < len(self._doc) else None
        return None
