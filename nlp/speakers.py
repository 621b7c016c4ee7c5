"""Speakers: whose words each quote is, by which rule, and how sure that is. No speaker is better than a wrong one."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import replace

from spacy.language import Language
from spacy.tokens import Doc

from nlp.reporting import ReportingClause, Subject, reporting_clauses
from nlp.quotes import BLOCK, CONTINUED, INTRODUCED
from nlp.records import Mention, Person, Quote
from nlp.text import paragraphs

# How sure each rule is before the subject's own doubt is counted in.
CONFIDENCE = {
    "lead": 0.97,  # said: "…"
    "clause-after": 0.96,  # "…," she said
    "clause-before": 0.92,  # she said that it was "…"
    "colon": 0.93,  # Jane Roe, chair of the board: "…"
    "lead-paragraph": 0.95,  # the paragraph before ends: … said:
    "signature": 0.9,  # "…" – Jane Roe
    "continued": 0.95,
    "same-paragraph": 0.88,
    "paragraph-before": 0.75,  # the paragraph before reports what somebody said
    "next-sentence": 0.65,  # "…" Jane Roe said the plan would …
    "carried": 0.7,  # a paragraph of quotation after one by the same speaker
    "publisher": 0.5,
    "none": 0.3,
}
_MARKS = "\"“”„«»'‘’`"
_SHORT = 4  # words: a fragment no longer than this that nobody is heard to say is a label
_DOCUMENT_CUES = {"found", "finds", "reported", "concluded", "concludes", "reads", "read", "states"}


@Language.component("speakers", assigns=["doc._.quotes"], requires=["doc._.quotes", "doc._.people"])
def speakers(doc: Doc) -> Doc:
    """Sets speaker, role, organisation, cue, form, rule and confidence of `doc._.quotes`; drops labels nobody says."""
    found: list[Quote] = doc._.quotes
    clauses = reporting_clauses(doc, [(q.start, q.end) for q in found])
    linker = _Linker(doc, clauses, found)
    linked = [linker.link(i) for i in range(len(found))]
    doc._.quotes = [quote for quote in linked if quote is not None]
    return doc


class _Linker:
    def __init__(self, doc: Doc, clauses: list[ReportingClause], quotes: list[Quote]) -> None:
        self.doc, self.text, self.clauses, self.quotes = doc, doc.text, clauses, quotes
        self.starts = [clause.start for clause in clauses]
        self.paragraphs = paragraphs(doc.text)
        self.paragraph_starts = [start for start, _ in self.paragraphs]
        self.sentence_starts = [sentence.start_char for sentence in doc.sents]
        self.people: dict[str, Person] = {person.name: person for person in doc._.people}
        self.done: list[tuple[Subject | None, str | None, str]] = []  # subject, cue and rule of each quote so far

    # Where things stand

    def paragraph(self, at: int) -> int:
        return bisect_right(self.paragraph_starts, at) - 1

    def sentence(self, at: int) -> int:
        return self.sentence_starts[max(0, bisect_right(self.sentence_starts, at) - 1)]

    def between(self, start: int, end: int) -> list[ReportingClause]:
        return self.clauses[bisect_right(self.starts, start - 1) : bisect_right(self.starts, end - 1)]

    # Linking

    def link(self, i: int) -> Quote | None:
        quote = self.quotes[i]
        subject, cue, rule = self.attribution(i)
        short = len(quote.text.split()) <= _SHORT and quote.form == "partial"
        if subject is None and short:
            self.done.append((None, None, "none"))
            return None
        if short and rule in {"same-paragraph", "carried", "paragraph-before", "next-sentence"}:
            self.done.append((None, None, "none"))
            return None
        self.done.append((subject, cue, rule))
        return self.filled(quote, subject, cue, rule)

    def attribution(self, i: int) -> tuple[Subject | None, str | None, str]:
        quote = self.quotes[i]
        before = self.before(i)
        after = self.after(i)
        if before is not None and self.tight(before, quote):
            return before.subject, before.cue, "lead"
        if after is not None:
            return after.subject, after.cue, "clause-after"
        if quote.rule == CONTINUED and i and self.done[-1][0] is not None:
            return self.done[-1][0], self.done[-1][1], "continued"
        if before is not None:
            return before.subject, before.cue, "clause-before"
        if (signed := self.signature(quote)) is not None:
            return signed, None, "signature"
        if (named := self.colon(quote)) is not None:
            return named, None, "colon"
        if (lead := self.lead_paragraph(i)) is not None:
            return lead
        return self.context(i)

    def before(self, i: int) -> ReportingClause | None:
        """The last reporting clause of the sentence, before the quote."""
        quote = self.quotes[i]
        start = max(self.sentence(quote.start), self.paragraph_starts[self.paragraph(quote.start)])
        clauses = self.between(start, quote.start)
        return clauses[-1] if clauses else None

    def tight(self, clause: ReportingClause, quote: Quote) -> bool:
        """Nothing but a colon, a comma, "that" or whom it was told stands between the clause and the quote."""
        gap = self.text[clause.last : quote.start].strip(_MARKS + " ")
        return gap in {"", ":", ",", "that", ", that", "-", "–", "—"} or (
            gap.endswith((":", ",")) and len(gap) < 90 and "." not in gap
        )

    def after(self, i: int) -> ReportingClause | None:
        """The reporting clause that follows the quote at once."""
        quote = self.quotes[i]
        limit = self.quotes[i + 1].start if i + 1 < len(self.quotes) else len(self.text)
        paragraph_end = self.paragraphs[self.paragraph(quote.start)][1]
        clauses = self.between(quote.end, min(limit, paragraph_end))
        if not clauses:
            return None
        clause = clauses[0]
        gap = self.text[quote.end : clause.first].strip(_MARKS)
        opening = self.text[quote.end : clause.last]
        if re.fullmatch(r"[\s,.–—\-”\"’']*(?:\w+\s+){0,6}?(?:\w+ly\s+)?", gap) is None or "\n" in opening:
            return None
        if len(gap.split()) > 3 and not clause.inverted and not self._leads_to(gap):
            return None
        if quote.text[-1:] in {".", "!", "?"} and not clause.inverted and self.text[clause.first].isupper():
            ends = self.text[clause.last : clause.last + 1] in {".", ""} or self.text[clause.last : clause.last + 2] in {", "}
            follows = self.text[clause.last : limit].strip()
            if not ends or follows[:1] in {":"} or follows.startswith((", “", ', "', ", ‘")):
                return None
        if re.search(r"\.\s", gap):
            return None
        return clause

    @staticmethod
    def _leads_to(gap: str) -> bool:
        """The words before the subject are its title or post, not a clause of their own."""
        return not re.search(r"\b(?:is|are|was|were|has|have|had|and|but|which|that)\b", gap)

    def signature(self, quote: Quote) -> Subject | None:
        match = re.match(rf"[{_MARKS}]?\s*[-–—]\s*", self.text[quote.end : quote.end + 6])
        mention = self.person_at(quote.end + match.end()) if match else None
        return self.named(mention) if mention else None

    def person_at(self, at: int) -> Mention | None:
        return next((m for m in self.doc._.person_mentions if at <= m.start <= at + 8), None)

    def colon(self, quote: Quote) -> Subject | None:
        """`Jane Roe, chair of the board: "…"`: a lead without a verb."""
        start = max(self.sentence(quote.start), self.paragraph_starts[self.paragraph(quote.start)])
        lead = self.text[start : quote.start].rstrip(_MARKS + " ")
        return self.lead_without_verb(start, start + len(lead)) if lead.endswith(":") else None

    def lead_without_verb(self, start: int, end: int) -> Subject | None:
        people = [m for m in self.doc._.person_mentions if start <= m.start and m.end <= end]
        if people:
            return self.named(people[0] if len(people) == 1 else people[-1])
        bodies = [m for m in self.doc._.organisation_mentions if start <= m.start and m.end <= end]
        if bodies:
            body = bodies[-1]
            return Subject(body.start, body.end, body.text, "organisation", organisation=body.organisation)
        return None

    def lead_paragraph(self, i: int) -> tuple[Subject | None, str | None, str] | None:
        """The paragraph before ends in a colon: its last reporting clause, else whom it names."""
        quote = self.quotes[i]
        n = self.paragraph(quote.start)
        if quote.start - self.paragraph_starts[n] > 2 or not n:
            return None
        start, end = self.paragraphs[n - 1]
        if not self.text[:end].endswith(":"):
            if quote.rule in {BLOCK, INTRODUCED} and i and self.quotes[i - 1].end == end and self.done[-1][0] is not None:
                return self.done[-1][0], self.done[-1][1], "continued"
            return None
        start = max(start, self.sentence(end - 1))
        clauses = self.between(start, end)
        if clauses:
            return clauses[-1].subject, clauses[-1].cue, "lead-paragraph"
        subject = self.lead_without_verb(start, end)
        return (subject, None, "lead-paragraph") if subject else None

    def context(self, i: int) -> tuple[Subject | None, str | None, str]:
        """No clause of its own: the speaker of the quote before in the paragraph, or of the paragraph before."""
        quote = self.quotes[i]
        n = self.paragraph(quote.start)
        start, end = self.paragraphs[n]
        if i and self.quotes[i - 1].start >= start and self.done[-1][0] is not None:
            between = self.between(self.quotes[i - 1].end, quote.start)
            subject = between[-1].subject if between else self.done[-1][0]
            cue = between[-1].cue if between else self.done[-1][1]
            return subject, cue, "same-paragraph"
        opens = quote.start - start <= 2
        if quote.form == "direct":
            earlier = self.between(start, quote.start)
            if earlier:
                return earlier[-1].subject, earlier[-1].cue, "same-paragraph"
        if opens and (following := self.between(quote.end, end)):
            return following[0].subject, following[0].cue, "next-sentence"
        if opens and n and quote.form == "direct":
            before_start, before_end = self.paragraphs[n - 1]
            if i and before_start <= self.quotes[i - 1].start and self.quotes[i - 1].end >= before_end - 2 and self.done[-1][0]:
                return self.done[-1][0], self.done[-1][1], "carried"
            clauses = self.between(before_start, before_end)
            if clauses:
                return clauses[-1].subject, clauses[-1].cue, "paragraph-before"
        return None, None, "none"

    def named(self, mention: Mention) -> Subject:
        person = self.people.get(mention.person or "")
        return Subject(mention.start, mention.end, mention.text, "person", person=mention.person, organisation=person.organisation if person else None)  # fmt: skip

    def filled(self, quote: Quote, subject: Subject | None, cue: str | None, rule: str) -> Quote:
        confidence = CONFIDENCE[rule]
        if subject is None:
            return replace(quote, confidence=confidence, rule=rule)
        person = self.people.get(subject.person or "")
        form = quote.form
        if subject.person is None and (subject.kind == "document" or (cue or "").lower() in _DOCUMENT_CUES):
            form = "document"
        organisation = subject.organisation
        if organisation is None and (person is None or person.organisation is None) and subject.kind != "document":
            organisation = self.doc._.context.publisher
        return replace(
            quote,
            form=form,
            cue=cue,
            speaker=subject.person,
            speaker_text=subject.text,
            role=person.role if person else subject.role,
            organisation=organisation,
            confidence=round(confidence * subject.sure, 3),
            rule=rule,
        )
