"""Whose view each stretch of a text is: a quotation's speaker, whoever a clause reports, the body whose site it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import takewhile
from typing import Literal, NamedTuple

from spacy.tokens import Doc

from nlp.governing import GovernorReader, Holder
from nlp.own_site import OwnSite
from nlp.records import Mention, Quote
from nlp.spans import text_of, within
from nlp.words import reporting_verbs

Source = Literal["quote", "reported", "narrator"]

_BETWEEN = r"has|have|had|also|again|now|still|itself|themselves|will|would|\w+ly"
_OTHERS = r"(?:they|critics|some|many|others|opponents|people|parents|campaigners)"
_WHOLE = 5  # spaces: a quote of so few words is a fragment of the reporter's sentence
_GRANTING = re.compile(r"\W*(?:despite|although|though|while|whilst)\s", re.IGNORECASE)
_OWN_SITE = 0.9  # how sure it is that a body's site speaks for it


@dataclass(frozen=True, slots=True)
class Statement:
    """Characters from start to end that are the view of the holders (several: a joint statement).

    `sentence` is the sentence around it, where its pronouns may look for what they mean; `said` where the verb that
    reports it stands: words before that name who holds it, not what it is about; `verb` the passive of which they are
    the agents ("backed by X"), -1 where there is none. `sure` is how sure the holders are.
    """

    start: int
    end: int
    sentence: tuple[int, int]
    said: int
    holders: tuple[Holder, ...]
    source: Source
    sure: float = 1.0
    quote: int | None = None
    verb: int = -1


class _Part(NamedTuple):
    """A stretch of the reporter's own words, with its holders."""

    start: int
    end: int
    said: int
    holders: tuple[Holder, ...]
    source: Source
    sure: float
    verb: int = -1


@cache
def _told() -> re.Pattern[str]:
    """A reporting verb right behind its subject."""
    printed = (form for form, verb in reporting_verbs().items() if form != verb.verb and not form.endswith("ing"))
    forms = sorted(printed, key=len, reverse=True)
    verbs = "|".join(map(re.escape, [*forms, "say", "argue", "claim", "think", "believe"]))
    return re.compile(rf"(?:\s+(?:{_BETWEEN}))*\s+(?:{verbs})\b", re.IGNORECASE)


@cache
def _others() -> re.Pattern[str]:
    return re.compile(rf"\b{_OTHERS}(?={_told().pattern})", re.IGNORECASE)


def statements(doc: Doc) -> Iterator[Statement]:
    """Every stretch of the text that is somebody's view, in order."""
    reader = _Reader(doc)
    for sentence in doc.sents:
        yield from reader.read(sentence.start_char, sentence.end_char)


class _Reader:
    def __init__(self, doc: Doc) -> None:
        self._text = text_of(doc)
        self._mentions: list[Mention] = sorted(
            doc._.person_mentions + doc._.organisation_mentions, key=lambda mention: (mention.start, mention.end)
        )
        self._quotes = sorted(enumerate(doc._.quotes), key=lambda pair: (pair[1].start, pair[1].end))
        self._next = 0  # the first quote that doesn't end before the sentence
        self._governing = GovernorReader(doc, self._mentions)
        self._site = OwnSite(doc, self._mentions)
        self._sentence = (0, 0)

    def read(self, start: int, end: int) -> Iterator[Statement]:
        """The statements of one sentence: whole quotes apart from the reporter's words around them."""
        self._sentence = start, end
        while self._next < len(self._quotes) and self._quotes[self._next][1].end <= start:
            self._next += 1
        following = (self._quotes[k] for k in range(self._next, len(self._quotes)))
        inside = list(takewhile(lambda pair: pair[1].start < end, following))
        at = start
        for index, quote in inside:
            if not _is_whole(quote):
                continue
            opening, closing = max(quote.start, at), min(quote.end, end)
            yield from self._frame(at, opening, inside)
            if closing > opening:
                yield from self._quoted(opening, closing, index, quote)
            at = max(at, closing)
        yield from self._frame(at, end, inside)

    # Quotations

    def _quoted(self, start: int, end: int, index: int, quote: Quote) -> Iterator[Statement]:
        """A quote's words in one sentence, up to where its speaker tells what somebody else says."""
        holders = _speaking(quote)
        if not holders:
            return
        self._governing.hear(holders)
        end = self._told_of_others(start, end, holders[0])
        if end > start:
            sure = quote.confidence or 1.0
            yield Statement(start, end, self._sentence, start, holders, "quote", sure, index)

    def _told_of_others(self, start: int, end: int, holder: Holder) -> int:
        """Where somebody else begins to say something; `end` where nobody does."""
        if others := _others().search(self._text, start, end):
            end = others.start()
        for mention in within(self._mentions, start, end):
            if self._governing.holder(mention).organisation != holder.organisation and _told().match(
                self._text, mention.end, end
            ):
                return mention.start
        return end

    # The reporter's own words

    def _frame(self, start: int, end: int, quotes: list[tuple[int, Quote]]) -> Iterator[Statement]:
        """The reporter's words from start to end, fragments of quotes in them: each part by what governs it."""
        if not self._text[start:end].strip():
            return
        fragments = [(i, q) for i, q in quotes if not _is_whole(q) and start <= q.start < end]
        for part in self._parts(start, end):
            said_by = next(((i, q) for i, q in fragments if part.start <= q.start < part.end), None)
            if said_by and (speaking := _speaking(said_by[1])):
                part = part._replace(holders=speaking, source="reported", sure=said_by[1].confidence or 1.0)
            self._governing.hear(part.holders)
            if part.holders:
                quote = said_by[0] if said_by else None
                yield Statement(
                    part.start, part.end, self._sentence, part.said,
                    part.holders, part.source, part.sure, quote, part.verb,
                )  # fmt: skip

    def _parts(self, start: int, end: int) -> list[_Part]:
        own = tuple(Holder(None, body) for body in self._site.bodies) if self._site.speaks(start, end) else ()
        at = _Part(start, end, start, own, "narrator", _OWN_SITE)
        parts: list[_Part] = []
        for governor in self._governing.governors(start, end, self._sentence[0]):
            if governor.backward:
                # In "she said the plan was backed by X", her words end where her verb does.
                low = max(at.start, at.said) if at.source == "reported" else at.start
                parts.append(at._replace(end=low))
                low = self._granted(low, governor.verb)
                held = _Part(low, governor.last, low, governor.holders, "reported", governor.sure, governor.verb)
                parts.append(held)
                at = held._replace(start=governor.last, end=end, said=governor.last, verb=-1)
            else:
                parts.append(at._replace(end=max(at.start, governor.first)))
                first = max(at.start, governor.first)
                at = _Part(first, end, max(first, governor.verb), governor.holders, "reported", governor.sure)
        parts.append(at)
        return [part for part in parts if part.end > part.start]

    def _granted(self, start: int, verb: int) -> int:
        """What X holds in "…, despite being backed by X" is no aside, though the sentence sets it aside."""
        granting = _GRANTING.match(self._text, start, verb)
        return granting.end() if granting else start


def _speaking(quote: Quote) -> tuple[Holder, ...]:
    """Whose words a quote is, several where bodies speak jointly; nobody's where no rule found whose."""
    if not (quote.speaker or quote.organisation):
        return ()
    return (Holder(quote.speaker, quote.organisation), *(Holder(None, body) for body in quote.others))


def _is_whole(quote: Quote) -> bool:
    """Whether a quote speaks in sentences of its own, not as a fragment of the reporter's."""
    sentence_like = not quote.text[:1].islower() and quote.text.count(" ") > _WHOLE
    return quote.form == "direct" or (quote.form == "document" and sentence_like)
