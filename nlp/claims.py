"""Who says a figure: the speaker of its quote or of its reporting clause, the body on whose site it stands, or nobody.

Never the nearest name: what a reporter tells in his own words has neither a person nor a body.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import replace

from spacy.tokens import Doc

from nlp.lexicon import lexicon
from nlp.records import Figure, Organisation, Quote
from nlp.reporting import ReportingClause
from nlp.spans import first_in, last_in, text_of

_STATING = {row["verb"] for row in lexicon("figure_claims")}
# What may stand between a verb that doesn't state and its "that": whom it was told.
_THAT = re.compile(r"[^.,;:!?\n]{0,60}?\bthat\b")
# Where the reporter goes on in his own words.
_OWN = re.compile(r";|,? (?:but|although|though|yet) |, and (?:the|its?|they|he|she|this|these) |, (?:which|who) ")
_FURTHEST = 250  # characters between a figure and the clause after it that says whose it is


def claimed(doc: Doc, figures: Iterable[Figure]) -> list[Figure]:
    """The figures of a Doc, each with who says it."""
    text = text_of(doc)
    quotes: Sequence[Quote] = doc._.quotes
    clauses: Sequence[ReportingClause] = doc._.reporting_clauses
    publisher: Organisation | None = doc._.context.publisher
    sentences = [(sentence.start_char, sentence.end_char) for sentence in doc.sents]
    said = []
    for figure in figures:
        n = bisect_right(quotes, figure.start, key=lambda quote: quote.start) - 1
        if n >= 0 and figure.end <= quotes[n].end:
            quote = quotes[n]
            body = quote.organisation or (publisher if quote.form == "document" else None)
            said.append(replace(figure, quote=n, speaker=quote.speaker, organisation=body))
            continue
        start, end = sentences[bisect_right(sentences, figure.start, key=lambda sentence: sentence[0]) - 1]
        if clause := _reports(text, clauses, figure, start, end):
            subject = clause.subject
            said.append(replace(figure, speaker=subject.person, organisation=subject.organisation))
        else:
            said.append(replace(figure, organisation=publisher))
    return said


def _reports(
    text: str, clauses: Sequence[ReportingClause], figure: Figure, start: int, end: int
) -> ReportingClause | None:
    """The clause of the sentence text[start:end] that reports the figure, if one does."""
    before = last_in(clauses, start, figure.start)
    if before is not None and before.last <= figure.start and _leads_to(text, before, figure.start):
        return before
    after = first_in(clauses, figure.end, min(end, figure.end + _FURTHEST))
    return after if after is not None and _follows(text, figure.end, after) else None


def _leads_to(text: str, clause: ReportingClause, at: int) -> bool:
    """As in "she said that 12 councils", "according to Ofsted, 12 councils": no clause of the reporter's between."""
    if clause.verb.verb == "according to":
        return text[clause.last : clause.last + 1] == "," and not _OWN.search(text, clause.last, at)
    if clause.inverted or not (clause.verb.verb in _STATING or _THAT.match(text, clause.end, at)):
        return False
    return not _OWN.search(text, clause.end, at)


def _follows(text: str, at: int, clause: ReportingClause) -> bool:
    """As in "12 councils are failing, the report found" or "… according to Ofsted", which ends what it reports."""
    gap = text[at : clause.first]
    if _OWN.search(gap) or "“" in gap or '"' in gap:
        return False
    return clause.verb.verb == "according to" or (clause.verb.verb in _STATING and gap.rstrip().endswith(","))
