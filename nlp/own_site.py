"""On whose own site a text stands, and which of its sentences are that body's view."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence

from spacy.tokens import Doc

from nlp.records import Mention, Organisation, Quote
from nlp.references import is_kind
from nlp.reporting import ReportingClause
from nlp.spans import first_from, text_of

_SPEAKS_FOR_ITSELF = re.compile(r"\b(?:[Ww]e|[Oo]ur|us|I|[Mm]y|me)\b")
_SIGNED = re.compile(r"\n(?:Yours|Kind regards|Best wishes|Signed)\b[^\n]{0,30}\n")
_REPORTING_KINDS = ("inspectorate", "regulator")  # whose texts are their findings, sentence by sentence
_AGAIN = 3  # sentences in which a text says "we"


def _those(body: Organisation | None) -> tuple[Organisation, ...]:
    return (body,) if body else ()


class OwnSite:
    """The bodies that a text calls "we", if there are any: several sign a letter."""

    def __init__(self, doc: Doc, mentions: Sequence[Mention]) -> None:
        self._text = text_of(doc)
        self._mentions = mentions
        self._clauses: Sequence[ReportingClause] = doc._.reporting_clauses
        self._quotes: list[Quote] = sorted(doc._.quotes, key=lambda quote: (quote.start, quote.end))
        self._quote_ends = [quote.end for quote in self._quotes]
        self.bodies = self._signed(doc) or _those(doc._.context.publisher or self._inferred(doc))
        self._tells_of_itself = self._own(doc) >= _AGAIN

    def speaks(self, start: int, end: int) -> bool:
        """Whether the body's own view is told in the sentence at start:end, where nobody else is said to hold it.

        An inspectorate's are all its own, and so are those of a letter or a blog; of other texts, what the body says of
        itself.
        """
        if not self.bodies:
            return False
        if is_kind(self.bodies[0], _REPORTING_KINDS) or self._tells_of_itself or self._says_we(start, end):
            return True
        opening = self._opening(start, end)
        return opening is not None and opening.organisation in self.bodies

    def _signed(self, doc: Doc) -> tuple[Organisation, ...]:
        """The bodies of those who sign a letter."""
        closing = _SIGNED.search(self._text)
        if closing is None:
            return ()
        signing = {mention.person for mention in doc._.person_mentions if mention.start >= closing.end()}
        bodies = (person.organisation for person in doc._.people if person.name in signing)
        return tuple(dict.fromkeys(body for body in bodies if body))

    def _own(self, doc: Doc) -> int:
        """In how many sentences of its own the text says "we" or "I"."""
        told = ((sentence.start_char, sentence.end_char) for sentence in doc.sents)
        return sum(self._says_we(*it) and not self._is_told(*it) for it in told)

    def _inferred(self, doc: Doc) -> Organisation | None:
        """The body that a sentence of its own opens with ("Barnardo's … asked us"), or the only one whose people speak
        in a text that says "we" again and again.
        """
        own = 0
        for sentence in doc.sents:
            start, end = sentence.start_char, sentence.end_char
            if not self._says_we(start, end) or self._is_told(start, end):
                continue
            own += 1
            opening = self._opening(start, end)
            if opening is not None and opening.organisation is not None and self._says_we(opening.end, end):
                return opening.organisation
        speaking = {quote.organisation for quote in self._quotes if quote.speaker}
        return speaking.pop() if own >= _AGAIN and len(speaking) == 1 else None

    def _says_we(self, start: int, end: int) -> bool:
        return bool(_SPEAKS_FOR_ITSELF.search(self._text, start, end))

    def _opening(self, start: int, end: int) -> Mention | None:
        """Who is named first in a sentence, where it begins with a name."""
        i = first_from(self._mentions, start)
        first = self._mentions[i] if i < len(self._mentions) else None
        opens = first is not None and first.end <= end and len(self._text[start : first.start].split()) <= 1
        return first if opens else None

    def _is_told(self, start: int, end: int) -> bool:
        """Whether somebody is quoted, or said to say something, in start:end."""
        i = bisect_left(self._quote_ends, start)
        quoted = i < len(self._quotes) and self._quotes[i].start < end
        return quoted or first_from(self._clauses, start) < first_from(self._clauses, end)
