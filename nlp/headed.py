"""Bodies that no list has, known by a post: "co-chair of Harbour Voices", "the auditor, Marl Oakley, which"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from functools import cache

from spacy.tokens import Doc, Span, Token

from nlp.gazetteer import by_place
from nlp.lexicon import lexicon
from nlp.name_lists import PLACE, PLACE_PART, listed_as
from nlp.runs import JOINTS, NO_BODY, is_outside, is_part, named
from nlp.spans import text_of
from nlp.unlisted import words

_LONGEST = 8  # tokens of a name
# Posts of which what follows "of" is a body: a "director of Strategy" is of none of that name, and a film has one too.
_HEADS = re.compile(
    r"\b(?:chief\s+executive(?:\s+officer)?|ceo|managing\s+director|director\s+general|general\s+secretary"
    r"|(?:vice[\s-]|co-|deputy\s+)?(?:chair|president)(?:man|woman|person)?|(?:co-)?founder)"
    r"(?:\s+and\s+(?:co-)?(?:founder|trustee|chair|director))?\s+(?:of|at)\s+(?:the\s+)?"
    r"|\bwho\s+(?:also\s+|now\s+)?(?:co-?)?(?:chairs|founded)\s+(?:the\s+)?",
    re.IGNORECASE,
)
# Any auditor may be a person whom the recogniser does not know; nobody is one "which", and few an external one.
_AUDITOR = re.compile(r"\b(?P<firm>external\s+)?auditors?,?\s+", re.IGNORECASE)
_PARTS = {"governors", "trustees", "directors", "governing", "division", "court", "bench", "tribunal"}
_EVENTS = {"week", "day", "month", "year", "awards", "festival", "conference", "summit", "prize"}
_BY_HEAD_WORD = {"closes", "ends", "either", "opens"}


def headed_bodies(doc: Doc, taken: Set[int]) -> Iterator[Span]:
    """Names of two words or more behind the post of a head or an auditor; `taken` tokens name something else."""
    text = text_of(doc)
    for post in _HEADS.finditer(text):
        if (name := _run(doc, post.end(), taken)) is not None and _is_body(name):
            yield name
    for auditor in _AUDITOR.finditer(text) if "uditor" in text else ():
        if (name := _run(doc, auditor.end(), taken)) is not None and (
            auditor["firm"] or [token.lower_ for token in doc[name.end : name.end + 2]] == [",", "which"]
        ):
            yield name


def _run(doc: Doc, position: int, taken: Set[int]) -> Span | None:
    """The name that begins at `position`, as far as it may go."""
    first = doc.char_span(position, position + 1, alignment_mode="expand")
    if first is None or first.start_char != position or not first[0].text[0].isupper():
        return None
    start = stop = first.start
    while stop < len(doc) and stop - start < _LONGEST and _goes_on(doc, start, stop, taken):
        stop += 1
    if stop < len(doc) and (is_outside(doc[stop]) or stop - start == _LONGEST):
        return None  # "chair of Harbour Voices Councillor Roe"; a line of capitals
    name = named(doc[start:stop])
    return name if name is not None and name.start == start and len(name) > 1 else None


def _goes_on(doc: Doc, start: int, i: int, taken: Set[int]) -> bool:
    token = doc[i]
    if i > start and token.lower_ == "in":  # "Children in Need", but "Harbour Voices in Leeds"
        return i + 1 < len(doc) and is_part(doc[i + 1], taken) and not _is_place(doc[i + 1])
    return is_part(token, taken)


def _is_body(name: Span) -> bool:
    """Not a place, a committee, a part or a task of a body, nor two names."""
    own = [token for token in name if token.lower_ not in JOINTS and token.text[0].isalpha()]
    lower = {token.lower_ for token in own}
    if lower & (NO_BODY | _PARTS | _EVENTS) or any(words().get(token.text) in _BY_HEAD_WORD for token in own):
        return False  # what has a head word is for `unlisted`
    if all(_is_place(token) or token.lower_ in _concerns() for token in own):
        return False  # "president of South Africa", "chief executive of Leeds Children's Services"
    return not _is_two(name)


def _is_place(token: Token) -> bool:
    return token.text in by_place() or listed_as(token.text) & (PLACE | PLACE_PART) != 0


def _is_two(name: Span) -> bool:
    """ "Harbour Voices and Tidewater Living" may be two."""
    for i in range(1, len(name) - 1):
        if name[i].lower_ in {"and", "&"}:
            sides = name[:i], name[i + 1 :]
            if all(sum(token.text[0].isupper() for token in side) > 1 for side in sides):
                return True
    return False


@cache
def _concerns() -> frozenset[str]:
    """Words of what a post is about."""
    return frozenset(row["word"] for row in lexicon("portfolio_words"))
