"""Bodies that no list has, known by what is said beside their names: "Harbour, a charity", "the union Anchor"."""

from __future__ import annotations

import re
from collections.abc import Set

from spacy.language import Language
from spacy.matcher import PhraseMatcher
from spacy.tokens import Doc, Span, Token
from spacy.util import filter_spans

from nlp.headed import headed_bodies
from nlp.lexicon import lexicon
from nlp.runs import JOINTS, NO_BODY, is_outside, is_part, named
from nlp.spans import text_of
from nlp.syntax import people

_LONGEST = 6  # tokens of a name
_BETWEEN = 5  # words between the article and the noun: "the Scottish children's charity"
_ARTICLES = {"the", "a", "an"}
_OWNERS = {"his", "her", "their", "our", "my"}
_POSSESSIVE = {"'s", "’s"}
_GOING_ON = {"for", "of", "in", "that", "which", "who", "and", "based", "with", "working", "representing", "supporting"}
# What bodies do, of all that "which" may be said of: "Harbour Care, which runs 12 homes".
_WHICH_DOES = re.compile(r",\s+(?P<word>which)\s+(?:runs|operates|owns|employs|represents|campaigns|advises|lobbies)\b")
_AT = re.compile(r"\b(?P<word>At)\s+[A-Z][^.;:!?\n]{1,60}?,?\s+(?:we|our)\b")
_NO_OBJECT = {"IN", "TO", "RB", "RP", "EX", ",", "."}
_WHERE_OR_WHEN = {"in", "near", "across", "around", "outside", "on", "since", "until", "last", "next", "this"}


class DescribedBodies:
    """Finds names that a text introduces as a charity, a union, a company …: by data/lexicon/body_descriptions.csv."""

    def __init__(self, nlp: Language) -> None:
        self._nouns = PhraseMatcher(nlp.vocab)
        self._nouns.add("noun", [nlp.make_doc(row["noun"]) for row in lexicon("body_descriptions")])

    def __call__(self, doc: Doc, known: Set[int]) -> list[Span]:
        """Every mention of such a name, wherever it stands; `known` tokens name something else."""
        # Of one word alone, "Harbour" may be a surname for all the recogniser knows.
        taken = known | {i for name in people(doc) if len(name) > 1 for i in range(name.start, name.end)}
        nouns = filter_spans(self._nouns(doc, as_spans=True))  # "think tank", "law firm": the longest
        introduced = [name for noun in nouns if (name := _before(noun, taken) or _behind(noun, taken))]
        for pattern, read in ((_WHICH_DOES, _doing), (_AT, _speaking)):
            for told in pattern.finditer(text_of(doc)):
                span = doc.char_span(*told.span("word"))
                if span is not None and (name := read(span[0], taken)):
                    introduced.append(name)
        introduced.extend(headed_bodies(doc, taken))
        if not introduced:
            return []
        names = PhraseMatcher(doc.vocab)
        names.add("name", [Doc(doc.vocab, words=[token.text for token in name]) for name in introduced])
        mentions = [span for span in names(doc, as_spans=True) if taken.isdisjoint(range(span.start, span.end))]
        return [span for span in filter_spans(mentions) if not _goes_on(span)]


def _before(noun: Span, taken: Set[int]) -> Span | None:
    """The name in "NAME, the Scottish children's charity, …"."""
    doc = noun.doc
    goes_on = doc[noun.end] if noun.end < len(doc) else None
    if goes_on is not None and not (goes_on.is_punct or goes_on.is_space or goes_on.lower_ in _GOING_ON):
        return None  # "a charity worker"
    article = _opener(noun, _ARTICLES)
    if article is None or article < 2 or doc[article - 1].text != ",":
        return None
    stop = start = article - 1
    while start and stop - start < _LONGEST and is_part(doc[start - 1], taken):
        start -= 1
    name = named(doc[start:stop])
    if name is None or (name.start and doc[name.start - 1].lower_ in _WHERE_OR_WHEN):
        return None  # "In May, a charity …"
    adverb = len(name) == 1 and (name[0].tag_ != "NNP" or name[0].text.endswith("ly"))
    return None if adverb else name  # "Sadly, the charity, which …"


def _behind(noun: Span, taken: Set[int]) -> Span | None:
    """The name in "the children's charity NAME", "her company, NAME,", "the council's company, NAME,"."""
    doc, start = noun.doc, noun.end
    opener = _opener(noun, _ARTICLES | _OWNERS | _POSSESSIVE)
    if opener is None:
        return None
    owned = doc[opener].lower_ in _POSSESSIVE
    comma = start < len(doc) and doc[start].text == ","
    if comma and (owned or _opener(noun, _OWNERS) is not None):
        start += 1
    stop = start
    while stop < len(doc) and stop - start < _LONGEST and is_part(doc[stop], taken):
        stop += 1
    if stop < len(doc) and is_outside(doc[stop]):
        return None  # "the union General Secretary"
    name = named(doc[start:stop])
    # "Asked about the council's company, Roe said …"
    return None if name is not None and comma and owned and len(name) == 1 else name


def _doing(which: Token, taken: Set[int]) -> Span | None:
    """The name of two words or more in "NAME, which runs 12 homes"."""
    doc, stop = which.doc, which.i - 1
    if stop < 1 or which.i + 2 >= len(doc) or doc[which.i + 2].tag_ in _NO_OBJECT:
        return None  # a road runs through a town, a course for a year, a rule counter to another
    start = stop
    while start and stop - start < _LONGEST and is_part(doc[start - 1], taken):
        start -= 1
    name = named(doc[start:stop])
    return name if name is not None and len(name) > 1 and name[-1].lower_ not in NO_BODY else None


def _speaking(at: Token, taken: Set[int]) -> Span | None:
    """The name of two words or more in "At NAME we …", "At NAME, we …"."""
    doc, stop = at.doc, at.i + 1
    while stop < len(doc) and stop - at.i <= _LONGEST and is_part(doc[stop], taken):
        stop += 1
    behind = stop + 1 if stop < len(doc) and doc[stop].text == "," else stop
    if stop == at.i + 1 or behind >= len(doc) or doc[behind].lower_ not in {"we", "our"}:
        return None
    name = named(doc[at.i + 1 : stop])
    return name if name is not None and len(name) > 1 else None


def _goes_on(name: Span) -> bool:
    """Whether it begins another name: "Anchor Housing" is not Anchor."""
    behind = name.doc[name.end] if name.end < len(name.doc) else None
    return behind is not None and behind.is_title and not behind.is_stop and not is_outside(behind)


def _opener(noun: Span, openers: Set[str]) -> int | None:
    """Where the phrase begins that ends with the noun: at the nearest of these words before it, no comma between."""
    for i in range(noun.start - 1, max(-1, noun.start - 2 - _BETWEEN), -1):
        token = noun.doc[i]
        if token.lower_ in openers:
            return i
        if token.is_punct and token.text not in JOINTS:
            return None
    return None
