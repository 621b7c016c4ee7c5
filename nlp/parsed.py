"""What an amount measures, read off the trained parse: where the words beside the number don't say it.

Only what a parse is mostly right about is read: the subject of a verb that leads to the figure by a preposition
("was overspent by £11m") or that measures ("cost €40m"), and the noun that the figure is told of ("winds of 90 miles").
"""

from __future__ import annotations

from spacy.tokens import Doc, Span, Token

from nlp.lexicon import lexicon
from nlp.syntax import grammatical_subject

_MEASURING = {row["word"] for row in lexicon("counted_words") if "link" in row["kinds"].split()}
_LEADING = {"by", "at", "to", "from", "for", "of"}
_WITHIN_NUMBER = {"nummod", "compound", "advmod", "amod", "quantmod", "fixed", "flat", "det", "nmod:npmod", "obl:npmod"}
_PREMODIFIERS = {"amod", "compound", "nmod:poss", "poss", "nummod", "flat"}
_POSTMODIFIERS = {"nmod", "prep", "flat"}
_SUBJECTS = {"nsubj", "nsubj:pass", "nsubjpass"}
_ON_NOUNS = {"acl", "acl:relcl", "relcl"}
_NO_NOUNS = {"average", "total", "high", "low", "peak"}  # which say nothing of what they are of
_LONGEST = 12  # words of a noun phrase


def measured(doc: Doc, start: int, end: int) -> str | None:
    """What the amount in the characters start:end measures, in the text's words; None where the parse is silent."""
    span = doc.char_span(start, end, alignment_mode="expand") if doc.has_annotation("DEP") else None
    if span is None:
        return None
    unit = _outside(span)
    if any(child.dep_ in {"cop", *_SUBJECTS} for child in unit.children):
        return _subject(unit)
    case = _case(unit)
    head = unit.head
    if unit.dep_ in {"obl", "obl:agent", "nmod", "pobj"} and case in _LEADING:
        if unit.dep_ == "nmod" and case in {"of", "at"}:
            return _said(head)
        return _subject(head) if case != "of" else None
    if unit.dep_ in {"obj", "dobj", "obl", "xcomp"} and head.lower_ in _MEASURING:
        return _subject(head)
    return None


def is_subject(doc: Doc, start: int, end: int) -> bool:
    """Whether the amount in the characters start:end is a subject by itself: "47% work unpaid"."""
    span = doc.char_span(start, end, alignment_mode="expand") if doc.has_annotation("DEP") else None
    return span is not None and _outside(span).dep_ in _SUBJECTS


def _outside(span: Span) -> Token:
    """The word by which the amount hangs on its sentence: "£", "cent", the number itself."""
    unit = span.root
    while unit.dep_ in _WITHIN_NUMBER and span.start <= unit.head.i < span.end:
        unit = unit.head
    return unit


def _case(unit: Token) -> str | None:
    """The preposition of a noun; ClearNLP makes it the noun's head."""
    if unit.dep_ == "pobj":
        return unit.head.lower_
    return next((child.lower_ for child in unit.children if child.dep_ == "case"), None)


def _subject(verb: Token) -> str | None:
    """The subject of a verb, of a passive too, or of the one that it goes on from: "rose and then fell to 5 %"."""
    return _said(grammatical_subject(verb) or (verb.head if verb.dep_ in _ON_NOUNS else None))


def _said(noun: Token | None) -> str | None:
    """A noun with what stands beside it, without its article; None for a pronoun."""
    if (
        noun is None
        or noun.lower_ in _NO_NOUNS
        or noun.tag_ in {"PRP", "PRP$", "WP", "WDT", "DT", "EX", "CD"}
        or noun.tag_.startswith("VB")
        or not noun.is_alpha
    ):
        return None
    first, last = noun.i, noun.i + 1
    for child in noun.children:
        if child.i < noun.i and child.dep_ in _PREMODIFIERS:
            first = min(first, child.left_edge.i)
        elif child.i > noun.i and child.dep_ in _POSTMODIFIERS and child.right_edge.i - noun.i < _LONGEST:
            last = max(last, child.right_edge.i + 1)
    words = noun.doc[first:last]
    while len(words) > 1 and words[0].tag_ in {"DT", "PRP$", "PDT"}:
        words = words[1:]
    return words.text if len(words) <= _LONGEST and "\n" not in words.text else None
