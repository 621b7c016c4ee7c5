"""Bodies that no list has, known by the words their names are made of: "Westmere Borough Council"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Set
from functools import cache

from spacy.tokens import Doc, Span, Token

from nlp.lexicon import lexicon
from nlp.spans import text_of
from nlp.text import fold

_LONGEST = 14  # tokens of a name: what is longer is a line of capitals
_OF = {"of", "for"}
_AND = {"and", "&"}
_OPENERS = {"opens", "either"}
_ENDERS = {"closes", "ends", "either"}
_PARTS = {"Committee", "Sub-Committee", "Board", "Panel", "Group", "Forum", "Directorate"}  # which larger bodies have
_WHOLES = {"council", "association", "union", "charity", "department", "organisation", "federation", "college"}
_STOPS = {".", "?", "!", ";", ","}
# Bodies of the NHS that places joined by commas and "and" name: "NHS Derby and Derbyshire Integrated Care Board".
_CARE_BOARD = re.compile(
    r"\b(?P<short>NHS(?:,? (?:[A-Z][\w’'-]*|and|&|of)){1,12}?) (?P<kind>Integrated Care (?:Board|System|Partnership)"
    r"|Clinical Commissioning Group|ICB|CCG)\b"
)
_KINDS_IN_FULL = {"ICB": "Integrated Care Board", "CCG": "Clinical Commissioning Group"}


@cache
def words() -> Mapping[str, str]:
    """What the words of names are for (see data/lexicon/organisation_words.csv), by word."""
    return {row["word"]: row["use"] for row in lexicon("organisation_words")}


def unlisted_bodies(doc: Doc, known: Set[int]) -> Iterator[Span]:
    """Names of bodies, left to right: capitalised words that end in, or open with, a word such as Council or Ministry.

    `known` holds the indices of tokens that name something already: a name neither holds them nor follows one closely
    ("Ofsted Regional Board" is a part of Ofsted).
    """
    shouting = _title_case(doc)
    i = 0
    while i < len(doc):
        if not _capital(doc[i]) or i in known or i in shouting or _hyphened(doc, i):
            i += 1
            continue
        end = _run_end(doc, i, known)
        if i - 1 not in known and not _belongs(doc, i):
            yield from (name for name in _names(doc, i, end) if len(name) > 1 and not _is_a_part(name, known))
        i = end


def care_boards(doc: Doc) -> Iterator[tuple[Span, str]]:
    """Integrated care boards, and their short names where the text has the full one; each with the full one."""
    text = text_of(doc)
    full: dict[str, str] = {}
    for board in _CARE_BOARD.finditer(text):
        own = board["short"].replace(",", "").split()
        if len(own) > 1 and not any(words().get(word) in _ENDERS | _OPENERS or word == "NHS" for word in own[1:]):
            full.setdefault(board["short"], f"{board['short']} {_KINDS_IN_FULL.get(board['kind'], board['kind'])}")
    for short, name in full.items():
        kind = "|".join((name.removeprefix(f"{short} "), *_KINDS_IN_FULL))
        for mention in re.finditer(rf"\b{re.escape(short)}(?: (?:{kind})\b|\b(?! [A-Z]))", text):
            span = doc.char_span(*mention.span())
            if span is not None:
                yield span, name


def council_key(name: str) -> str:
    """What two names of one body have in common: "Westmere Borough Council" and "Westmere Council", "&" and "and"."""
    plain = fold(name).replace("&", " and ").removeprefix("The ")
    return " ".join(word for word in plain.split() if words().get(word) != "type")


def is_distinctive(name: Span) -> bool:
    """Whether a name says which body it is: "Westmere Board", not "Improvement Board"; a ministry always does."""
    if _use(name[0]) == "opens" and len(name) > 2:
        return True
    return any(
        token.text[0].isalpha() and token.lower_ not in _OF | _AND and _use(token, "'s") is None
        for token in name
        if _use(token) in {None, "nation"}
    )


def lower_case_councils(doc: Doc) -> Iterator[tuple[Span, str]]:
    """A council as newspapers print it, "Westmere council": the words, and the name as the council would."""
    for token in doc:
        if token.text != "council" or token.i == 0:
            continue
        start = token.i
        while start and words().get(doc[start - 1].text.capitalize()) == "type":
            start -= 1
        place = start - 1
        while place >= 0 and place > start - 4 and _capital(doc[place]) and not doc[place].is_upper:
            place -= 1
        place += 1
        own = doc[place:start]
        if not own or any(word.text in words() for word in own) or _belongs(doc, place):
            continue
        span = doc[place : token.i + 1]
        yield span, " ".join(word.text[0].upper() + word.text[1:] for word in span)


def _capital(token: Token) -> bool:
    text = token.text
    return len(text) > 1 and text[0].isupper() and not token.is_stop and words().get(text) != "outside"


def _hyphened(doc: Doc, i: int) -> bool:
    return i > 0 and doc[i - 1].text == "-" and not doc[i - 1].whitespace_


def _use(token: Token, ending: str = "") -> str | None:
    return words().get(token.text + ending)


def _is_of(doc: Doc, i: int) -> bool:
    return i < len(doc) and doc[i].lower_ in _OF


def _belongs(doc: Doc, i: int) -> bool:
    """Whether the word stands behind a possessive: what follows "the LGA's" is a part of it."""
    return i > 1 and doc[i - 1].norm_ in {"'s", "'"} and doc[i - 2].text[0].isupper()


def _is_a_part(name: Span, known: Set[int]) -> bool:
    """Whether it is a committee of a body: "the association's Pay Committee", "the Pay Committee of the ADCS"."""
    doc, behind = name.doc, name.end
    if name[-1].text not in _PARTS:
        return False
    if name.start > 1 and doc[name.start - 1].norm_ == "'s" and doc[name.start - 2].lower_ in _WHOLES:
        return True
    if not _is_of(doc, behind):
        return False
    whole = behind + (2 if doc[behind + 1 : behind + 2].text.lower() == "the" else 1)
    return not known.isdisjoint((behind + 1, whole))  # "the" may be a part of the body's name


def _run_end(doc: Doc, start: int, known: Set[int]) -> int:
    """Where the run of words that may make one name ends, or several joined by "and"."""
    opened = False  # by "Ministry of": from there on, "of" joins more words
    end = start + 1
    while end < min(len(doc), start + _LONGEST):
        token, before = doc[end], doc[end - 1]
        capital_next = end + 1 < len(doc) and end + 1 not in known and _capital(doc[end + 1])
        glued = not before.whitespace_
        if end in known:
            break
        opened = opened or (_use(before) in _OPENERS and token.lower_ in _OF)
        if _capital(token):
            end += 1
        elif (
            glued and token.norm_ == "'s" and (_use(before, "'s") == "possessive" or (opened and _is_of(doc, end + 1)))
        ):
            end += 1  # "Women's Trust"; "Association of Director's of" is a common slip
        elif opened and token.lower_ in _OF | {"in"} and end + 1 < len(doc) and doc[end + 1].is_title:
            end += 2  # a word that parts names elsewhere does not here: "Association of Director of"
        elif capital_next and (
            token.lower_ in _AND  # "Health and Care Trust"
            or (glued and token.norm_ == "'")  # "Teachers' Union"
            or (glued and token.text == "-" and not token.whitespace_)  # "Multi-Agency Trust"
        ):
            end += 2
        elif glued and token.text == "-" and not token.whitespace_ and end - start < _LONGEST - 2:
            end += 2  # "Thornley-on-Sea"
        else:
            break
    return min(end, len(doc))


def _names(doc: Doc, start: int, end: int) -> Iterator[Span]:
    """The name, or the names joined by "and", in a run."""
    head, rest = None, end
    for i in range(start, end):
        if doc[i].lower_ in _AND and _complete(doc[start:i], head):
            rest = i + 1
            break
        use = _use(doc[i])
        if use in _OPENERS and _is_of(doc, i + 1) and i + 2 < end:
            stop = _next_name(doc, i, end)
            yield doc[_own_start(doc, start, i) : stop]
            yield from _names(doc, stop + 1, end)
            return
        if use in _ENDERS and i > start:
            head = i
            if use == "closes":
                break
    if head is not None:
        yield doc[_own_start(doc, start, head) : head + 1]
    if rest < end:
        yield from _names(doc, rest, end)


def _next_name(doc: Doc, start: int, end: int) -> int:
    """The "and" behind which another name stands, or the end: "University of Bristol and Keele University"."""
    for i in range(start, end):
        if doc[i].lower_ in _AND and any(_use(word) in _ENDERS | _OPENERS for word in doc[i + 1 : end]):
            return i
    return end


def _complete(left: Span, head: int | None) -> bool:
    """Whether what stands before an "and" is a name by itself: of a body, or of a person."""
    if head is not None or left[0].is_upper:
        return True
    # "Jo Marsh", and not the beginning of "South West Regional Improvement and Innovation Alliance".
    return words().get(left[-1].text) is None and sum(_capital(word) and word.text not in words() for word in left) > 1


def _own_start(doc: Doc, start: int, head: int) -> int:
    """The name's first word: "Jo Marsh and Westmere Trust" are two."""
    for i in range(head - 1, start, -1):
        if doc[i].lower_ in _AND and _complete(doc[start:i], None):
            return i + 1
    return start


def _title_case(doc: Doc) -> set[int]:
    """Tokens of headlines, where every word that counts is capitalised and a capital says nothing."""
    tokens: set[int] = set()
    for sentence in doc.sents:
        content = [token for token in sentence if token.is_alpha and not token.is_stop]
        ended = any(token.text in _STOPS | {":"} for token in sentence[-3:])
        if len(content) > 3 and not ended and all(token.text[0].isupper() for token in content):
            tokens.update(range(sentence.start, sentence.end))
    return tokens
